"""Training steps a second against the loops of diffusers and of denoising-diffusion-pytorch, with one and the same network.

Run with `python -m tests.benchmarks.bench_training [--quick]`; what is not installed is skipped. The network is our U-Net with
one number of groups, which diffusers' `UNet2DModel` equals weight for weight; denoising-diffusion-pytorch's loop is given
ours. Ours is the studio's whole loop: Lightning, exact batches, clipping, average, journal left out. Theirs are written as
their own training scripts are, without logging and without Accelerate, which would only add:

* diffusers, examples/unconditional_image_generation/train_unconditional.py: `add_noise`, AdamW, clipping, `EMAModel`.
* denoising-diffusion-pytorch, `Trainer.train`: `GaussianDiffusion`, Adam, clipping, `.item()` of the loss, `EMA` of ema-pytorch.

Processor seconds of one thread; blocks of steps of all sides take turns.

Where our step goes (profile, 28×28, batch 16): convolutions 64 %, attention 11 %, group norms 9 %, SiLU 4 %; clipping, AdamW and the average
1.5 % together, the average 0.15 %. So what makes ours faster than a loop as shipped is the memory format of the convolutions; two
loops around one and the same network in one format cannot differ by 5 %, and moving the average every ten steps would win
nothing. Attention written out is slower than the fused one (196 tokens, forward and backward: 16 to 20 ms against 14).
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lightning_modules.blocks.diffusers_layout import unet_config
from lightning_modules.blocks.unet import UNet
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.exact import ExactSteps, StepStream, loop_arguments, step_loader
from lightning_modules.options import TrainingOptions
from tests.benchmarks.bench_methods import Report, _Clock
from tests.lightning_modules.training import tiny_images

Block = Callable[[], list[float]]
LEFT_OUT = 3
"""First steps of a block, in which caches fill."""


def _config(side: int) -> DDPMConfig:
    return DDPMConfig(
        channels=32, norm_groups=8, attention=str(side // 2), objective="eps", noise_schedule="linear", use_labels=False
    )


def _ours(side: int, batch: int, steps: int) -> list[float]:
    data = tiny_images(items=4 * batch, side=side)
    options = TrainingOptions(steps=steps, batch_size=batch, learning_rate=1e-4)
    module, stream, clock = DDPM(_config(side), data, options), StepStream(len(data.train), batch, 0), _Clock()
    trainer = pl.Trainer(
        accelerator="cpu", **loop_arguments(module, options), logger=False, callbacks=[ExactSteps(stream), clock],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, step_loader(data.train, stream))
    return [b - a for a, b in zip(clock.marks, clock.marks[1:], strict=False)][LEFT_OUT:]


def _loader(side: int, batch: int) -> DataLoader[Any]:
    x = torch.from_numpy(tiny_images(items=4 * batch, side=side).train.x)
    return DataLoader(TensorDataset(x), batch_size=batch, shuffle=True, drop_last=True)


def _timed(step: Callable[[Tensor], None], loader: DataLoader[Any], steps: int, *, wide: bool) -> list[float]:
    times: list[float] = []
    while len(times) < steps:
        for (items,) in loader:
            x = items.to(memory_format=torch.channels_last) if wide else items
            began = time.process_time()
            step(x)
            times.append(time.process_time() - began)
    return times[LEFT_OUT:steps]


def _of_diffusers(side: int, batch: int, steps: int, *, wide: bool) -> list[float]:
    from diffusers import DDPMScheduler, UNet2DModel  # type: ignore[import-not-found]  # in the peers' environment
    from diffusers.training_utils import EMAModel  # type: ignore[import-not-found]

    equal = DDPM(_config(side), tiny_images(side=side), TrainingOptions()).network
    assert isinstance(equal, UNet)
    model = UNet2DModel(**unet_config(equal))
    if wide:
        model.to(memory_format=torch.channels_last)
    ema = EMAModel(
        model.parameters(), decay=0.9999, use_ema_warmup=True, model_cls=UNet2DModel, model_config=model.config
    )
    scheduler = DDPMScheduler(num_train_timesteps=1000, beta_schedule="linear")
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, betas=(0.95, 0.999), weight_decay=1e-6, eps=1e-8)

    def step(clean: Tensor) -> None:
        noise = torch.randn_like(clean)
        t = torch.randint(0, 1000, (len(clean),)).long()
        loss = F.mse_loss(model(scheduler.add_noise(clean, noise, t), t).sample.float(), noise.float())
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.step(model.parameters())

    return _timed(step, _loader(side, batch), steps, wide=wide)


class _Lent(nn.Module):
    """Our U-Net as `GaussianDiffusion` calls its own."""

    random_or_learned_sinusoidal_cond = False
    self_condition = False

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.channels = self.out_dim = 1

    def forward(self, x: Tensor, t: Tensor, _: Tensor | None = None) -> Tensor:
        out: Tensor = self.network(x, t)
        return out


def _of_lucidrains(side: int, batch: int, steps: int, *, wide: bool) -> list[float]:
    from denoising_diffusion_pytorch import GaussianDiffusion  # type: ignore[import-not-found]
    from ema_pytorch import EMA  # type: ignore[import-not-found]

    network = DDPM(_config(side), tiny_images(side=side), TrainingOptions()).network
    network.to(memory_format=torch.channels_last if wide else torch.contiguous_format)  # type: ignore[call-overload]
    diffusion = GaussianDiffusion(
        _Lent(network),
        image_size=side,
        timesteps=1000,
        objective="pred_noise",
        beta_schedule="linear",
        auto_normalize=False,
    )
    optimizer = torch.optim.Adam(diffusion.parameters(), 1e-4, betas=(0.9, 0.99))
    ema = EMA(diffusion, beta=0.995, update_every=10)

    def step(clean: Tensor) -> None:
        loss = diffusion(clean)
        loss.item()
        loss.backward()
        nn.utils.clip_grad_norm_(diffusion.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.update()

    return _timed(step, _loader(side, batch), steps, wide=wide)


def sides(side: int, batch: int, steps: int) -> dict[str, Block]:
    """One block of steps of each loop that is installed."""
    found: dict[str, Block] = {"ours": lambda: _ours(side, batch, steps)}
    peers = {"diffusers": _of_diffusers, "denoising_diffusion_pytorch": _of_lucidrains}
    for package, loop in peers.items():
        if find_spec(package) is None:
            continue
        for wide in (False, True):
            name = f"{package}{', channels_last' if wide else ''}"
            found[name] = lambda loop=loop, wide=wide: loop(side, batch, steps, wide=wide)  # type: ignore[misc]
    return found


def measure(report: Report, side: int, batch: int, *, steps: int, rounds: int) -> None:
    """Median step of each side, and how many times as long as ours."""
    blocks = sides(side, batch, steps)
    times: dict[str, list[float]] = {name: [] for name in blocks}
    names = list(blocks)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            times[name] += blocks[name]()
    took = {name: statistics.median(found) for name, found in times.items()}
    ratios = {name: seconds / took["ours"] for name, seconds in took.items() if name != "ours"}
    report.add(
        f"training step {side}×{side}, batch {batch}", f"{took['ours'] * 1e3:.1f} ms",
        **{f"training_{side}": {"ms": took["ours"] * 1e3, "ratios": ratios}},
    )  # fmt: skip
    for name, ratio in ratios.items():
        report.add(f"  {name}", f"{ratio:.2f}× as long (aim {'1.05' if 'channels_last' in name else '1.25'}×)")
    if not ratios:
        report.add("  peers", "skipped: none is installed (make bench-peers)")


def main() -> int:
    """Measure, print the table, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the shape of the table, not its figures")
    quick = parser.parse_args().quick
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    report = Report()
    for side, batch in ((8, 64), (28, 16)):
        measure(report, side, batch, steps=6 if quick else 15, rounds=1 if quick else 7)
    width = max(len(what) for what, _ in report.rows)
    for what, shown in report.rows:
        print(f"{what:<{width}}  {shown}")
    print(json.dumps({"training": report.figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
