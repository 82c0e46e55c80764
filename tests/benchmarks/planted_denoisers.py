"""Denoisers whose reasons are known, and ways to say which pixels drive them, good and broken: what the light of denoisers is calibrated on.

A picture is that of `planted_pictures`. A planted denoiser is of one of two kinds. One looks at one to three patches and paints what it found
there somewhere else, by a linear layer, a bend and another linear layer, sometimes with a product of two. The other is the best there is for two or
three pictures under noise, D(x) = sum of p_k m_k with p the posterior (arXiv:2206.00364, equation 57): it can look only where the pictures differ. What a patch truly
adds is its Shapley value in the game whose worth is F of `driving_pixels`, with the patch out of the noise or in it; all other pixels add
nothing. An explanation is *right* as in `planted_pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.denoiser import driving_pixels
from dashboard.explain.denoiser.answering import Way
from dashboard.explain.denoiser.subject import DenoiserSubject, subject_for
from dashboard.explain.denoiser.telling import SLIGHT
from dashboard.explain.games.exact import exact
from dashboard.explain.image.fitting import shown
from dashboard.explain.trained import Item
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from tests.benchmarks.planted_pictures import PATCH, SIDE, Map, Place, bumps, centre, noised, patch, patched
from tests.lightning_modules.training import tiny_images

_PAINTED = 10
"""Side of what a unit paints."""
_PLACES = [(7 * row + 1, 7 * column + 1) for row in range(4) for column in range(4)]


class PlantedDenoiser(DenoisingMethod):
    """A method around a network that says the clean picture."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(
            tiny_images(side=SIDE),
            TrainingOptions(ema_decay=0),
            objective=OBJECTIVES["x0"],
            noising=noise_schedule("cosine", 100),
            use_labels=False,
        )
        self.adopt(network)


class Painting(nn.Module):
    """x -> paint · (u, u_1 u_2), u = relu(look · x + 0.2)."""

    def __init__(self, look: Map, paint: Map) -> None:
        super().__init__()
        self.look, self.paint = (nn.Parameter(torch.from_numpy(one).float()) for one in (look, paint))

    def forward(self, x: Tensor, time: Tensor, y: Tensor | None) -> Tensor:
        units = (x.flatten(1) @ self.look.T + 0.2).relu()
        both = units[:, :1] * units[:, -1:]
        return (torch.cat([units, both], dim=1) @ self.paint.T).view_as(x)


class Posterior(nn.Module):
    """x -> the mean of some pictures [pictures, pixels], each as likely as x_t makes it; `spread` is their own variance."""

    def __init__(self, pictures: Map, signal: float, level: float, spread: float) -> None:
        super().__init__()
        self.pictures = nn.Parameter(torch.from_numpy(pictures).float())
        self.signal, self.variance = signal, level**2 + signal**2 * spread

    def forward(self, x: Tensor, time: Tensor, y: Tensor | None) -> Tensor:
        means = self.signal * self.pictures
        score = (x.flatten(1) @ means.T - means.square().sum(dim=1) / 2) / self.variance
        return (score.softmax(dim=1) @ self.pictures).view_as(x)


@dataclass(frozen=True)
class Planted:
    """A subject, the seed of its noise, and the truth of each pixel [height, width]: what its patch adds, or its expected loss."""

    subject: DenoiserSubject
    seed: int
    truth: Map


def planted(seed: int) -> Planted:
    """A picture before a denoiser that it moves."""
    rng = np.random.default_rng(seed)
    while True:
        x, places = patched(rng)
        model, noise, looked = (_painter if rng.random() < 0.5 else _chooser)(x, places, rng)
        subject = before(model, x, noise=noise)
        whole, truth = _truth(subject, seed, looked)
        if whole >= SLIGHT and truth.max() > 0:
            return Planted(subject, seed, truth)


def before(model: DenoisingMethod, x: Map, **values: Any) -> DenoiserSubject:
    """A picture [height, width] before a denoiser."""
    picture = torch.from_numpy(x[None, None]).float().clamp(-1, 1)
    return subject_for(model.eval(), Item(shown(picture[0]), picture), values)


Made = tuple[DenoisingMethod, float, list[Place]]


def _painter(x: Map, places: list[Place], rng: np.random.Generator) -> Made:
    looked = places[: int(rng.integers(1, 4))]
    dim = [place for place in _PLACES if place not in places]
    signs = np.ones(len(looked))
    if rng.random() < 0.3:  # one that looks for a dark place
        looked, signs = [*looked, dim[int(rng.integers(len(dim)))]], np.append(signs, -1)
    look = np.stack([sign * patch(place).ravel() / PATCH**2 for sign, place in zip(signs, looked, strict=True)])
    paint = np.zeros((SIDE, SIDE, len(looked) + 1))
    product = rng.random() < 0.4 and len(looked) > 1
    for unit in range(len(looked) + product):
        row, column = rng.integers(0, SIDE - _PAINTED, 2)
        paint[row : row + _PAINTED, column : column + _PAINTED, unit] = rng.choice([-1, 1]) * rng.uniform(0.8, 2)
    return PlantedDenoiser(Painting(look, paint.reshape(SIDE**2, -1))), float(rng.uniform(10, 60)), looked


def _chooser(x: Map, places: list[Place], rng: np.random.Generator) -> Made:
    """The pictures are this one and others with some patches put out or lit."""
    noise = float(rng.uniform(50, 85))
    pool = [_PLACES[int(k)] for k in rng.permutation(16)[: int(rng.integers(1, 4))]]
    pictures = [x]
    for _ in range(int(rng.integers(1, 3))):
        other = x.copy()
        for place in pool if len(pictures) == 1 else pool[:1]:
            inside = patch(place)
            other[inside] += -1.1 if place in places else 1.1
        pictures.append(other)
    noising = noise_schedule("cosine", 100)
    signal, level = noising.factors(round(noise / 100 * 99))
    network = Posterior(np.stack([one.ravel() for one in pictures]), signal, level, float(rng.uniform(0.1, 1)))
    return PlantedDenoiser(network), noise, pool


def _truth(subject: DenoiserSubject, seed: int, looked: list[Place]) -> tuple[float, Map]:
    """F of all the picture, and what each patch adds."""
    ground, clean = (one[0, 0].double().numpy() for one in (subject.noise(seed), subject.clean))
    patches = np.stack([patch(place) for place in looked])

    def says(masks: npt.NDArray[np.bool_]) -> Map:
        x = torch.from_numpy(ground + masks * clean).float()[:, None]
        with torch.no_grad():
            found: Map = subject.model.best_network(x, subject.t, None).flatten(1).double().numpy()
        return found

    without, answer = says(np.stack([np.zeros_like(clean, dtype=bool), np.ones_like(clean, dtype=bool)]))
    added = answer - without
    scale = np.linalg.norm(added) * SIDE
    if scale == 0:
        return 0.0, np.zeros_like(clean)

    def worth(sets: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = (
            (says(np.asarray((sets[:, :, None, None] & patches).any(axis=1))) - without) @ added / scale
        )
        return found

    truth = np.einsum("k,khw->hw", exact(worth, len(looked)), patches)
    return float(np.linalg.norm(added) / SIDE), truth


Spoil = Callable[[Any, Any, np.random.Generator], Map]
"""Subject, config and a generator of its seed -> a map."""


def spoiled(way: Way, spoil: Spoil) -> Way:
    """A way whose map is of its own making; with the same seed the same. All else is that of the good one."""

    def attribute(subject: DenoiserSubject, config: Any) -> Iterator[Explanation]:
        *_, good = way.attribute(subject, config)
        rng = np.random.default_rng([config.seed, int(subject.seen.sum())])
        yield replace(
            good, attributions=np.asarray(spoil(subject, config, rng), dtype=np.float64), half_width=None, evidence={}
        )

    return replace(way, attribute=attribute)


def last(way: Way, subject: DenoiserSubject, config: Any) -> Map:
    """The map alone."""
    *_, one = way.attribute(subject, config)
    return one.attributions


def broken(way: Way) -> dict[str, Way]:
    """What can be wrong with any map of a picture before a denoiser."""

    def good(subject: Any, config: Any) -> Map:
        return last(way, subject, config)

    def fixed(subject: Any) -> np.random.Generator:
        return np.random.default_rng(int(subject.seen.sum()))

    return {
        "half noise": spoiled(way, lambda s, c, r: noised(good(s, c), 0.5, r)),
        "as much noise": spoiled(way, lambda s, c, r: noised(good(s, c), 1.0, r)),
        "nothing but noise": spoiled(way, lambda s, c, r: bumps(r)),
        "stable, nothing but noise": spoiled(way, lambda s, c, r: bumps(fixed(s))),
        "mirrored": spoiled(way, lambda s, c, r: good(s, c)[:, ::-1].copy()),
        "the picture itself": spoiled(way, lambda s, c, r: s.x0[0, 0].double().numpy()),
        "always the middle": spoiled(way, lambda s, c, r: centre()),
    }


def _of_another_model(subject: DenoiserSubject, config: Any, rng: np.random.Generator) -> Map:
    """That of the first other planted denoiser, before this picture."""
    other = planted(int(subject.seen.sum()) + 1).subject
    return last(
        driving_pixels.WAY, before(other.model, subject.x0[0, 0].double().numpy(), noise=_noise_of(other)), config
    )


def _noise_of(subject: DenoiserSubject) -> float:
    return 100 * int(subject.t) / (subject.model.noising.steps - 1)


def _slope_of_all(subject: DenoiserSubject, config: Any, rng: np.random.Generator) -> Map:
    """|d |D(x_t)|² / dx|: the obvious choice, which mixes in the noise."""
    xt = subject.clean + subject.noise(config.seed)
    found: Map = subject.slope(xt, subject.denoised(xt))[0].abs().sum(dim=0).double().numpy()
    return found


WAYS: dict[str, tuple[Way, Any]] = {
    "driving_pixels": (driving_pixels.WAY, driving_pixels.DrivingConfig()),
    "driving_pixels starved": (driving_pixels.WAY, driving_pixels.DrivingConfig(steps=10)),
    **{name: (way, driving_pixels.DrivingConfig()) for name, way in broken(driving_pixels.WAY).items()},
    "signs turned": (
        spoiled(driving_pixels.WAY, lambda s, c, r: -last(driving_pixels.WAY, s, c)),
        driving_pixels.DrivingConfig(),
    ),
    "of another model": (spoiled(driving_pixels.WAY, _of_another_model), driving_pixels.DrivingConfig()),
    "slope of the answer": (spoiled(driving_pixels.WAY, _slope_of_all), driving_pixels.DrivingConfig()),
}
"""Each with its settings; `bench_denoiser_evidence` runs all on the same pictures."""
