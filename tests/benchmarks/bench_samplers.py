"""Samplers at equal numbers of network evaluations: quality where the score is known and on trained digits, and speed.

Run with `python -m tests.benchmarks.bench_samplers [--quick]`. The trained models are the shipped examples. Times are processor
seconds of one thread; the sides of a ratio take turns in this one process. Without diffusers its part is skipped.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dashboard.jobs.folder import read_order
from dashboard.jobs.workshop import build, check
from dashboard.tracking.examples import BUNDLED
from lightning_modules import quality
from lightning_modules.blocks.diffusers_layout import unet_config, unet_weights
from lightning_modules.blocks.unet import UNet
from lightning_modules.checkpoints import load_newest
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.process.closed_form import MixtureDenoiser
from lightning_modules.diffusion.process.schedule import edm_sigmas, exploding
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.options import TrainingOptions
from tests.benchmarks.bench_methods import Report, _taking_turns
from tests.lightning_modules.training import tiny_images

_MODES, _RADIUS, _SPREAD = 8, 2.0, 0.3
_EXACT_STEPS = 1000


@cache
def _ring() -> Tensor:
    angles = torch.arange(_MODES, dtype=torch.float64) * (2 * math.pi / _MODES)
    return _RADIUS * torch.stack([angles.cos(), angles.sin()], dim=1)


def _noise(seed: int, count: int) -> Tensor:
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@cache
def _walked(name: str, steps: int, count: int) -> Tensor:
    """Samples of the ring by its exact score, from one and the same noise, over the ladder of EDM from sigma 80 to 0.002."""
    schedule = exploding(edm_sigmas(steps))
    denoise = MixtureDenoiser(schedule, _ring(), _SPREAD**2)
    dice = torch.Generator().manual_seed(1)

    def fresh() -> Tensor:
        return torch.randn(count, 2, generator=dice, dtype=torch.float64)

    grid = SAMPLERS[name].grid(steps, steps)
    return last(SAMPLERS[name].walk(Walk(denoise, schedule, 80 * _noise(3, count), grid, fresh)))


def known_score(report: Report, budgets: tuple[int, ...], count: int) -> None:
    """Distance to the exact end of the path, and sliced Wasserstein distance to exact samples, by evaluations."""
    dice = np.random.default_rng(0)
    exact = _ring().numpy()[dice.integers(0, _MODES, 2 * count)] + _SPREAD * dice.normal(size=(2 * count, 2))
    floor = quality.sliced_wasserstein(exact[:count], exact[count:])
    report.add(
        "8 Gaussians, exact score",
        f"evaluations {', '.join(map(str, budgets))}; n = {count:,}; exact against exact {floor:.3f}",
    )
    truth = _walked("heun", _EXACT_STEPS, count)
    for name, sampler in SAMPLERS.items():
        far, spread = [], []
        for budget in budgets:
            drawn = _walked(name, sampler.steps_within(budget), count)
            far.append(float((drawn - truth).norm(dim=1).mean()))
            spread.append(quality.sliced_wasserstein(drawn.numpy(), exact[:count]))
        shown = "random, so no path" if name == "ancestral" else "path off by " + ", ".join(f"{one:.4f}" for one in far)
        report.add(
            f"  {name}", f"{shown}; sliced W2 " + ", ".join(f"{one:.3f}" for one in spread),
            **{f"ring_{name}": {"evaluations": budgets, "off": far, "sliced_w2": spread, "floor": floor}},
        )  # fmt: skip


def _example(name: str) -> tuple[DenoisingMethod, Any]:
    """A shipped model and its data."""
    folder = BUNDLED / name
    piece = build(check(read_order(folder).spec))
    found, _ = load_newest(folder / "checkpoints")
    assert found is not None and isinstance(piece.module, DenoisingMethod)
    piece.module.load_state_dict(found.content["state_dict"])
    return piece.module.eval(), piece.data


def trained_digits(report: Report, budgets: tuple[int, ...], count: int) -> None:
    """Fréchet distance and classes as asked of the shipped digits, by sampler and evaluations."""
    model, data = _example("example-digits-v")
    ruler = evaluation.Ruler(data, model)
    floor = {line.metric: line.value for line in evaluation.sample_lines(model, ruler)}["fd_pca16"]
    report.add(
        "digits, shipped model",
        f"evaluations {', '.join(map(str, budgets))}; n = {count:,}; real against real {floor:.2f}",
    )
    for name, sampler in SAMPLERS.items():
        if sampler.every_level:
            continue
        rows = []
        for budget in budgets:
            request = SampleRequest(count=count, sampler=name, steps=sampler.steps_within(budget))
            rows.append(evaluation.sample_metrics(model, model.draw(request), ruler))
        far, right = [row["fd_pca16"] for row in rows], [row["class_accuracy"] for row in rows]
        report.add(
            f"  {name}", "Fréchet " + ", ".join(f"{one:.2f}" for one in far) + "; as asked " + ", ".join(f"{one:.1%}" for one in right),
            **{f"digits_{name}": {"evaluations": budgets, "fd_pca16": far, "class_accuracy": right, "floor": floor}},
        )  # fmt: skip


def waiting(report: Report, rounds: int) -> None:
    """How long a person waits for a page of samples."""
    digits, _ = _example("example-digits-v")
    mnist, _ = _example("example-mnist")
    sides = {
        "64 digits, DDIM 15": lambda: _no(digits.draw(SampleRequest(count=64, steps=15))),
        "16 MNIST, DPM++ 15": lambda: _no(
            mnist.draw(SampleRequest(count=16, steps=15, sampler="dpmpp_2m", guidance=1))
        ),
    }
    took = _taking_turns(sides, rounds)
    aims = dict(zip(sides, (0.5, 0.6), strict=True))
    for name, seconds in took.items():
        report.add(name, f"{seconds:.2f} s (aim {aims[name]} s)", **{name.replace(" ", "_"): seconds})


def against_diffusers(report: Report, rounds: int) -> None:
    """Samples a second with one U-Net, one set of weights and DDIM 15: ours, and diffusers' in its own loop."""
    if find_spec("diffusers") is None:
        report.add("sampling against diffusers", "skipped: diffusers is not installed (make bench-peers)")
        return
    from diffusers import DDIMScheduler, UNet2DModel  # type: ignore[import-not-found]  # in the peers' environment

    for side, count in ((8, 64), (28, 16)):
        torch.manual_seed(0)
        shaped = DDPMConfig(channels=32, norm_groups=8, attention=str(side // 2), objective="eps", use_labels=False)
        model = DDPM(shaped, tiny_images(side=side), TrainingOptions()).eval()
        network = model.best_network
        assert isinstance(network, UNet)
        theirs = [UNet2DModel(**unet_config(network)).eval() for _ in range(2)]
        for one in theirs:
            one.load_state_dict(unet_weights(network))
        theirs[1].to(memory_format=torch.channels_last)
        scheduler = DDIMScheduler(trained_betas=model.noising.betas.tolist(), timestep_spacing="trailing")

        def their_loop(unet: Any, wide: bool, count: int = count, side: int = side, scheduler: Any = scheduler) -> None:
            scheduler.set_timesteps(15)
            x = torch.randn(count, 1, side, side)
            x = x.to(memory_format=torch.channels_last) if wide else x
            for t in scheduler.timesteps:
                x = scheduler.step(unet(x, t).sample, t, x).prev_sample

        took = _taking_turns(
            {
                "ours": lambda model=model, count=count: _no(model.draw(SampleRequest(count=count, steps=15))),  # type: ignore[misc]
                "plain": lambda loop=their_loop, unet=theirs[0]: loop(unet, False),  # type: ignore[misc]
                "channels_last": lambda loop=their_loop, unet=theirs[1]: loop(unet, True),  # type: ignore[misc]
            },
            rounds,
        )  # fmt: skip
        rates = {name: count / seconds for name, seconds in took.items()}
        report.add(
            f"samples a second, {side}×{side}",
            f"{rates['ours']:.1f}; diffusers {rates['plain']:.1f} ({rates['ours'] / rates['plain']:.2f}×), "
            f"with channels_last {rates['channels_last']:.1f} ({rates['ours'] / rates['channels_last']:.2f}×)",
            **{f"samples_a_second_{side}": rates},
        )


def _no(_: Any) -> None:
    """Only the time counts."""


def main() -> int:
    """Measure, print the table, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the shape of the table, not its figures")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    report = Report()
    with torch.no_grad():
        known_score(report, (5, 10) if quick else (5, 10, 20, 40, 80), 500 if quick else 4000)
        waiting(report, 1 if quick else 7)
        against_diffusers(report, 1 if quick else 9)
        trained_digits(report, (5,) if quick else (5, 10, 15, 25, 50), 100 if quick else 600)
    width = max(len(what) for what, _ in report.rows)
    for what, shown in report.rows:
        print(f"{what:<{width}}  {shown}")
    print(json.dumps({"samplers": report.figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
