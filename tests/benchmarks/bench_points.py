"""Eight Gaussians on five seeds: diffusion, flow matching and a GAN with the same network, and torchcfm's flow matching beside them.

Run with `python -m tests.benchmarks.bench_points [--quick]`. Everything is trained for a fixed number of steps; times are
processor seconds of one thread. torchcfm trains equally long by the processor's clock, as its example does (its own network of 64
units, batches of 256, Adam, sigma 0.1) and once more with our width, batches, learning rate and sigma 0, since its sigma blurs what is
learned; without torchcfm that is skipped.

Distances are sliced W2 of 20,000 samples to 20,000 fresh points of the true mixture, above the distance of two fresh sets of real points
with the same seeds ("floor"). "On the data" is the share of samples within three standard deviations of a centre (of real points
98.9 %); a mode counts as covered when it holds a fifth of its share.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from data.datasets import eight_gaussians
from data.discovery import discover
from data.points import PointsConfig
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.generators import DrawRequest, GeneratorMethod
from lightning_modules.options import TrainingOptions
from lightning_modules.quality import mode_shares, modes_covered, sliced_wasserstein
from tests.benchmarks.bench_methods import Report
from tests.conformance import settled
from tests.lightning_modules.training import train

Points = npt.NDArray[np.floating]

METHODS: dict[str, dict[str, Any]] = {
    "edm": {"sampler": "heun", "steps": 20},
    "flow_matching": {"sampler": "euler", "steps": 50},
    "gan": {},
}
"""How each is drawn from: the samplers of the papers, as in the reference that the aims come from."""
STEPS = 1500
SHORT = ("edm", 900, {"optimizer": "muon", "learning_rate": 4e-3})
"""About twelve seconds of one processor: by Muon, which needs fewer steps."""
SAMPLES = 20_000
SEEDS = range(5)
_REACH = 3.0
_EULER_STEPS = 50
_AT_ONCE = 4000


def _real(seed: int, count: int, noise: float) -> Points:
    return eight_gaussians.draw(np.random.default_rng([seed, 8]), count, noise)[0]


def judged(samples: Points, seed: int, noise: float) -> dict[str, float]:
    """Modes covered, share on the data, and sliced W2 above the floor of real points."""
    distances = np.linalg.norm(samples[:, None] - eight_gaussians.centres()[None], axis=2)
    nearest = distances.argmin(axis=1).astype(np.int64)
    near = distances.min(axis=1) <= _REACH * noise
    first, second = _real(1000 + seed, len(samples), noise), _real(2000 + seed, len(samples), noise)
    floor = sliced_wasserstein(second, first, seed=seed)
    return {
        "modes": float(modes_covered(mode_shares(nearest, near, eight_gaussians.MODES))),
        "on_data": float(near.mean()),
        "w2_above_floor": sliced_wasserstein(samples, first, seed=seed) - floor,
    }


def ours(
    method: str, seed: int, steps: int, count: int, changes: dict[str, Any] | None = None
) -> tuple[dict[str, float], float]:
    """One of our methods by its options of preset small, changed so, for so many steps; its figures and processor seconds."""
    card = discover().methods[method]
    settled_options, settled_config = settled(card, "small", "points", "eight_gaussians")
    values = {**settled_options, **settled_config, **(changes or {}), "steps": steps, "seed": seed}
    options = {key: value for key, value in values.items() if key in TrainingOptions.model_fields}
    config = {key: value for key, value in values.items() if key not in options}
    dataset = eight_gaussians.load(PointsConfig())
    began = time.process_time()
    module = train(card, dataset, TrainingOptions(**options), config).module.eval()
    took = time.process_time() - began
    parts = []
    for part in range(count // _AT_ONCE):
        asked = {"count": _AT_ONCE, "seed": seed * 1000 + part, **METHODS[method]}
        with torch.no_grad():
            known = isinstance(module, GeneratorMethod)
            parts.append(module.draw(DrawRequest(**asked) if known else SampleRequest(**asked)))
    return judged(np.concatenate(parts), seed, PointsConfig().noise), took


def theirs(
    network: nn.Module, batch: int, rate: float, sigma: float, seed: int, seconds: float, count: int
) -> dict[str, float]:
    """torchcfm's conditional flow matching on the same points for so many processor seconds, walked by 50 Euler steps."""
    from torchcfm.conditional_flow_matching import ConditionalFlowMatcher

    torch.manual_seed(seed)
    for part in network.modules():
        if isinstance(part, nn.Linear):
            part.reset_parameters()
    x = torch.from_numpy(eight_gaussians.load(PointsConfig()).train.x)
    matcher = ConditionalFlowMatcher(sigma=sigma)
    optimizer = torch.optim.Adam(network.parameters(), rate)
    began = time.process_time()
    while time.process_time() - began < seconds:
        x1 = x[torch.randint(0, len(x), (batch,))]
        t, x_t, u_t = matcher.sample_location_and_conditional_flow(torch.randn_like(x1), x1)
        loss = (network(torch.cat([x_t, t[:, None]], dim=1)) - u_t).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        z = torch.randn(count, 2)
        for step in range(_EULER_STEPS):
            time_now = torch.full((count, 1), step / _EULER_STEPS)
            z = z + network(torch.cat([z, time_now], dim=1)) / _EULER_STEPS
    return judged(z.numpy(), seed, PointsConfig().noise)


def _their_sides() -> dict[str, tuple[Callable[[], nn.Module], int, float, float]]:
    """Network, batch, learning rate and sigma by name."""
    from torchcfm.models import MLP

    return {
        "torchcfm, as its example": (lambda: MLP(dim=2, time_varying=True), 256, 1e-3, 0.1),
        "torchcfm, fitted": (lambda: MLP(dim=2, w=128, time_varying=True), 512, 2e-3, 0.0),
    }


def _line(report: Report, name: str, found: list[dict[str, float]], seconds: list[float]) -> None:
    modes = "/".join(f"{one['modes']:.0f}" for one in found)
    on_data = [one["on_data"] for one in found]
    above = [one["w2_above_floor"] for one in found]
    report.add(
        name,
        f"{np.mean(seconds):5.1f} CPU s; modes {modes}; on the data {min(on_data):.1%} to {max(on_data):.1%}; "
        f"sliced W2 above the floor {np.mean(above):.4f} ({min(above):.4f} to {max(above):.4f})",
        **{name: {"seconds": seconds, "seeds": found}},
    )
    print(report.rows[-1][0], report.rows[-1][1], file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print the table, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed and few steps: the shape of the table")
    quick = parser.parse_args().quick
    steps, seeds = (100, range(1)) if quick else (STEPS, SEEDS)
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    report = Report()
    spent: dict[str, list[float]] = {}
    for name in METHODS:
        each = [ours(name, seed, steps, SAMPLES) for seed in seeds]
        spent[name] = [seconds for _, seconds in each]
        _line(report, name, [found for found, _ in each], spent[name])
    method, short, changes = SHORT
    each = [ours(method, seed, min(short, steps), SAMPLES, changes) for seed in seeds]
    name = f"{method}, Muon, {short} steps"
    _line(report, name, [found for found, _ in each], [seconds for _, seconds in each])
    if find_spec("torchcfm") is None:
        report.add("torchcfm", "skipped: it is not installed (make bench-peers)")
    else:
        for name, (network, batch, rate, sigma) in _their_sides().items():
            found = [
                theirs(network(), batch, rate, sigma, seed, seconds, SAMPLES)
                for seed, seconds in zip(seeds, spent["flow_matching"], strict=True)
            ]
            _line(report, name, found, spent["flow_matching"])
    width = max(len(what) for what, _ in report.rows)
    for what, shown in report.rows:
        print(f"{what:<{width}}  {shown}")
    print(json.dumps({"points": report.figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
