"""Denoisers whose loss is known at every pixel, and maps of it, good, starved and broken: what the light of loss maps is calibrated on.

A planted denoiser says gain · x_t + shift, nearly the picture; in none to three patches it is wrong, by a constant or by letting the noise
through, and sometimes in one more whenever the noise lies so that a patch elsewhere looks bright, which few draws tell. Its expected loss is
known at every pixel. A map is *right* when its sentence is: "spread" where no region holds twice its share, else a place that errs by a third of
the greatest at least, a region with half of what the best region holds, and the share that is told within a third of the true one.
"""

from __future__ import annotations

from math import erf, sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.denoiser import loss_map
from dashboard.explain.denoiser.answering import Way
from dashboard.explain.denoiser.subject import DenoiserSubject
from dashboard.explain.denoiser.telling import SPREAD
from dashboard.explain.image.maps import region, softened
from tests.benchmarks.planted_denoisers import Planted, PlantedDenoiser, before, broken, last, spoiled
from tests.benchmarks.planted_pictures import PATCH, SIDE, Map, patch, patched


class Erring(nn.Module):
    """x -> gain · x + shift + size · [look · x > edge]."""

    def __init__(self, gain: Map, shift: Map, look: Map, size: Map, edge: float) -> None:
        super().__init__()
        self.gain, self.shift, self.look, self.size = (
            nn.Parameter(torch.from_numpy(one).float()) for one in (gain, shift, look, size)
        )
        self.edge = edge

    def forward(self, x: Tensor, time: Tensor, y: Tensor | None) -> Tensor:
        lit = (x * self.look).sum(dim=(2, 3), keepdim=True) > self.edge
        return self.gain * x + self.shift + self.size * lit


def planted(seed: int) -> Planted:
    """A picture before a denoiser that errs in known places."""
    rng = np.random.default_rng(seed)
    x, places = patched(rng)
    x = x.clip(-1, 1)
    noise = float(rng.uniform(15, 80))
    empty = PlantedDenoiser(nn.Identity())
    signal, level = empty.noising.factors(round(noise / 100 * 99))
    gain = np.full((SIDE, SIDE), 0.3)
    bias = 0.1 * rng.normal(size=(SIDE, SIDE))
    kinds = rng.random(int(rng.integers(0, 4))) < 0.5
    for place, lets_through in zip(places, kinds, strict=False):
        inside = patch(place)
        gain[inside] += lets_through * rng.uniform(0.4, 1.0)
        bias[inside] += (not lets_through) * rng.choice([-1, 1]) * rng.uniform(0.4, 1.2)
    shift = (1 - gain * signal) * x + bias
    look, size = (np.zeros((SIDE, SIDE)) for _ in range(2))
    edge, chance = 0.0, 0.0
    if rng.random() < 0.4:
        look += patch(places[-1]) / PATCH**2
        size += patch(places[-2]) * rng.uniform(1, 3)
        away = rng.uniform(-0.5, 2)  # in standard deviations of what is looked at
        edge = signal * float((look * x).sum()) + away * level / PATCH
        chance = (1 - erf(away / sqrt(2))) / 2
    model = PlantedDenoiser(Erring(gain, shift, look, size, edge))
    expected = bias**2 + gain**2 * level**2 + chance * (2 * size * bias + size**2)
    return Planted(before(model, x, noise=noise), seed, expected / x.size)


def is_right(one: Explanation, truth: Map) -> bool:
    """Whether what the sentence says is so."""
    where, best = region(one.attributions), region(truth)
    held, most = (float(truth[part].sum() / truth.sum()) for part in (where, best))
    said, area = loss_map.share_of(one.attributions, where), float(where.mean())
    if said <= SPREAD * area:
        return most < 2 * float(best.mean())
    strongest = np.unravel_index(int(softened(one.attributions).argmax()), truth.shape)
    soft = softened(truth)
    near = soft[max(0, strongest[0] - 1) : strongest[0] + 2, max(0, strongest[1] - 1) : strongest[1] + 2].max()
    return bool(near >= soft.max() / 3 and held >= most / 2 and held > area and abs(said - held) <= held / 3)


def _as_loss(way: Way, made: Any) -> Way:
    """A broken map as a loss: nowhere below zero, and adding up to the loss, so that this alone gives nothing away."""

    def spoil(subject: Any, config: Any, rng: np.random.Generator) -> Map:
        found = last(made, subject, config)
        found = found - found.min() if found.min() < 0 else found
        return found * float(last(way, subject, config).sum() / found.sum())

    return spoiled(way, spoil)


def _of_another_model(subject: DenoiserSubject, config: Any, rng: np.random.Generator) -> Map:
    return last(loss_map.WAY, planted(int(subject.seen.sum()) + 1).subject, config)


_BROKEN = {**broken(loss_map.WAY), "of another model": spoiled(loss_map.WAY, _of_another_model)}
_FLAT = spoiled(loss_map.WAY, lambda s, c, r: 1 + 0.05 * r.random((SIDE, SIDE)))
WAYS: dict[str, tuple[Way, Any]] = {
    "loss_map": (loss_map.WAY, loss_map.LossMapConfig()),
    "loss_map starved": (loss_map.WAY, loss_map.LossMapConfig(draws=4)),
    **{name: (_as_loss(loss_map.WAY, way), loss_map.LossMapConfig()) for name, way in _BROKEN.items()},
    "spread, always": (_as_loss(loss_map.WAY, _FLAT), loss_map.LossMapConfig()),
}
"""Each with its settings; `bench_denoiser_evidence` runs all on the same pictures."""
