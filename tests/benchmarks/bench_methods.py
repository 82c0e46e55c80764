"""How good the digits get, and how fast a training step is: against diffusers' U-Net and against a bare torch loop.

Run with `python -m tests.benchmarks.bench_methods [--quick]`. Times are processor seconds of one thread; the sides of a
ratio take turns in this one process, so that a busy machine slows them alike. Without diffusers its part is skipped.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from sklearn.svm import SVC
from torch import Tensor, nn

from dashboard.jobs.spec import RunSpec
from dashboard.jobs.workshop import Checked, build, check, trainer_for
from data.catalog import Dataset
from data.datasets import digits
from lightning_modules import quality
from lightning_modules.averages import Paired, decay_at
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.ddpm import DDPM, METHOD
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.exact import ExactSteps
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import train

SAMPLES = 1200
"""Samples behind the Fréchet distance of the quality line."""
GUIDANCES = (0.0, 1.0, 1.5, 2.0, 3.0)
_SVC_GAMMA, _SVC_C = 0.05, 10.0

Step = Callable[[], None]


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    preset: str = "small"
    rounds: int = 15
    loop_rounds: int = 5
    loop_steps: int = 20


@dataclass
class Report:
    """Lines of the table and the figures behind them."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, what: str, shown: str, **figures: Any) -> None:
        """One line, with its figures."""
        self.rows.append((what, shown))
        self.figures |= figures


def digits_quality(report: Report, scale: Scale) -> None:
    """Train a preset on the digits for real and measure it with 1,200 samples."""
    dataset = digits.load(digits.DigitsConfig())
    options, config = settled(METHOD, scale.preset, "image", "digits")
    began = time.process_time()
    module = train(METHOD, dataset, TrainingOptions(**options), config).module.eval()
    trained = time.process_time() - began
    ruler = evaluation.Ruler(dataset, module)
    with torch.no_grad():
        found = evaluation.denoising_metrics(module, ruler)
        found |= evaluation.sample_metrics(module, module.draw(SampleRequest(count=SAMPLES, steps=25)), ruler)
        floor = {line.metric: line.value for line in evaluation.reference_lines(module, ruler)}
    steps = options["steps"]
    report.add("digits, preset", f"{scale.preset}: {steps} steps in {trained:.0f} CPU s", digits_cpu_s=trained)
    report.add(
        "Fréchet distance, 16 components",
        f"{found['fd_pca16']:.3f} (n = {SAMPLES}; real {floor['fd_pca16']:.3f}; aim 0.40)",
    )
    report.add("held-out eps error / best linear", f"{found['eps_mse_ratio']:.3f} (aim 0.70)")
    report.add("nearest-neighbour ratio", f"{found['nn_ratio']:.3f} (aim 0.95 to 1.20)")
    report.add("classes seen", f"{found['classes']:.0%}; {found['class_accuracy']:.1%} as asked", digits=found)
    guided(report, module, dataset, ruler)


def guided(report: Report, module: DDPM, dataset: Dataset, ruler: evaluation.Ruler) -> None:
    """What guidance buys and costs, told by a support vector machine that knows nothing of the studio's own judge."""
    train_y, held_out_y = dataset.train.y, dataset.test.y
    assert train_y is not None and held_out_y is not None
    stranger = SVC(gamma=_SVC_GAMMA, C=_SVC_C).fit(quality.flat(dataset.train.x), train_y)
    on_real = float(stranger.score(quality.flat(dataset.test.x), held_out_y))
    report.add("support vector machine on real held-out digits", f"{on_real:.1%}", svc_on_real=on_real)
    asked = np.arange(SAMPLES) % len(module.classes)
    rows: dict[str, dict[str, float]] = {}
    for guidance in GUIDANCES:
        with torch.no_grad():
            drawn = module.draw(SampleRequest(count=SAMPLES, steps=25, guidance=guidance))
            found = evaluation.sample_metrics(module, drawn, ruler)
        agreed = float(np.mean(stranger.predict(quality.flat(drawn)) == asked))
        rows[f"{guidance:g}"] = {"svc": agreed, **{name: found[name] for name in ("fd_pca16", "nn_ratio", "coverage")}}
        told = rows[f"{guidance:g}"]
        report.add(
            f"guidance {guidance:g}",
            f"{agreed:.1%} as asked (aim 99 % at 1); distance {told['fd_pca16']:.3f} (aim 0.28 at 1); "
            f"neighbours {told['nn_ratio']:.2f}; coverage {told['coverage']:.2f}",
        )
    report.figures["guidance"] = rows


def _taking_turns(sides: dict[str, Step], rounds: int) -> dict[str, float]:
    """Median processor seconds of one call of each side; every round runs them all, in changing order."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for turn in range(rounds + 2):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            began = time.process_time()
            sides[name]()
            if turn >= 2:
                times[name].append(time.process_time() - began)
    return {name: statistics.median(found) for name, found in times.items()}


def _step(network: nn.Module, x: Tensor, t: Tensor, call: Callable[[nn.Module, Tensor, Tensor], Tensor]) -> Step:
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)

    def once() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.mse_loss(call(network, x, t), x).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return once


def _plain(network: nn.Module, x: Tensor, t: Tensor) -> Tensor:
    out: Tensor = network(x, t)
    return out


def _sample_of(network: nn.Module, x: Tensor, t: Tensor) -> Tensor:
    out: Tensor = network(x, t).sample
    return out


def against_diffusers(report: Report, scale: Scale) -> None:
    """One training step of our U-Net and of diffusers' at equal architecture."""
    if find_spec("diffusers") is None:
        report.add("U-Net step against diffusers", "skipped: diffusers is not installed (make bench-peers)")
        return
    from diffusers import UNet2DModel  # type: ignore[import-not-found]  # only in the peers' environment

    for side, batch in ((8, 64), (28, 16)):
        x, t = torch.randn(batch, 1, side, side), torch.randint(0, 1000, (batch,))
        wide = x.to(memory_format=torch.channels_last)
        shape = UNetShape((1, side, side), channels=32, multipliers=(1, 2), attention=(side // 2,))
        peers: list[nn.Module] = [
            UNet2DModel(
                sample_size=side, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=(32, 64),
                down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"),
                norm_num_groups=4, resnet_time_scale_shift="scale_shift", attention_head_dim=32,
            )
            for _ in range(2)
        ]  # fmt: skip
        own = UNet(shape)
        for network in (own, peers[1]):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        took = _taking_turns(
            {
                "own": _step(own, wide, t.float(), _plain),
                "plain": _step(peers[0], x, t, _sample_of),
                "channels_last": _step(peers[1], wide, t, _sample_of),
            },
            scale.rounds,
        )
        sizes = [sum(p.numel() for p in network.parameters()) for network in (own, peers[0])]
        ratios = {name: took[name] / took["own"] for name in ("plain", "channels_last")}
        report.add(
            f"U-Net step {side}×{side}, batch {batch}",
            f"{took['own'] * 1e3:.0f} ms; diffusers {ratios['plain']:.2f}× as long, with channels_last "
            f"{ratios['channels_last']:.2f}× ({sizes[0]:,} and {sizes[1]:,} weights)",
            **{f"unet_{side}": {"ms": took["own"] * 1e3, "ratios": ratios, "weights": sizes}},
        )


class _Clock(pl.Callback):
    """Processor time from one batch to the next."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_train_batch_start(self, *_: Any) -> None:
        self.marks.append(time.process_time())


def _lightning_steps(checked: Checked) -> list[float]:
    """Seconds of each step in the studio's own loop, logging left out."""
    piece, clock = build(checked), _Clock()
    trainer_for(piece, [ExactSteps(piece.stream), clock]).fit(piece.module, piece.loader)
    return [b - a for a, b in zip(clock.marks[2:], clock.marks[3:], strict=False)]


def _bare_steps(checked: Checked) -> list[float]:
    """Seconds of each step in a loop written by hand, with the same network, clipping and average, but no exact resume."""
    piece = build(checked)
    module, options, labelled = piece.module, checked.options, piece.data.train.y
    assert isinstance(module, DDPM) and module.average is not None and labelled is not None
    x, y = torch.from_numpy(piece.data.train.x), torch.from_numpy(labelled)
    optimizer = torch.optim.AdamW(module.network.parameters(), options.learning_rate, weight_decay=0.0, fused=True)
    paired = Paired.of(module.average, module.network)
    module.train()
    times = []
    for step in range(options.steps):
        began = time.process_time()
        chosen = torch.randint(0, len(x), (options.batch_size,))
        x0, labels = x[chosen], y[chosen]
        t = torch.randint(0, module.noising.steps, (len(x0),))
        noise = torch.randn_like(x0)
        signal, level = module.noising.signal_and_noise(t, x0)
        hidden = torch.where(torch.rand(len(labels)) < 0.1, len(module.classes), labels)
        output = module.network(signal * x0 + level * noise, module.time_of(t), hidden)
        loss = F.mse_loss(output, module.objective.target(x0, noise, signal, level))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.network.parameters(), options.gradient_clip)
        optimizer.step()
        paired.update(decay_at(step, options.ema_decay))
        times.append(time.process_time() - began)
    return times[2:]


def against_a_bare_loop(report: Report, scale: Scale) -> None:
    """The studio's Lightning loop beside the same steps written by hand, on the U-Net of preset small."""
    options, config = settled(METHOD, "small", "image", "digits")
    spec = RunSpec(
        method="ddpm", dataset="digits", method_config=config, training={**options, "steps": scale.loop_steps}
    )
    checked = check(spec)
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(scale.loop_rounds):
        bare += _bare_steps(checked)
        ours += _lightning_steps(checked)
    by_hand, lightning = statistics.median(bare), statistics.median(ours)
    report.add(
        "Lightning loop against a bare one",
        f"{lightning / by_hand:.3f}× ({lightning * 1e3:.1f} against {by_hand * 1e3:.1f} ms a step; aim 1.02×)",
        lightning_over_bare=lightning / by_hand,
    )


def main() -> int:
    """Measure, print the table, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the work: the shape of the table, not its figures"
    )
    scale = Scale("tiny", 3, 1, 10) if parser.parse_args().quick else Scale()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    report = Report()
    with tempfile.TemporaryDirectory() as home:
        os.environ["SAMAJH_HOME"] = home
        against_a_bare_loop(report, scale)
        against_diffusers(report, scale)
        digits_quality(report, scale)
    width = max(len(what) for what, _ in report.rows)
    for what, shown in report.rows:
        print(f"{what:<{width}}  {shown}")
    print(json.dumps({"methods": report.figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
