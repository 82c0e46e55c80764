"""Pictures before networks whose reasons are known, and ways to explain them, good, starved and broken: what the light of pictures is
calibrated on.

A picture has 4 to 7 bright patches on a dim, grainy ground; a planted network looks at 1 to 3 of the places by a linear layer, a bend and another
linear layer, some speaking against. What a patch truly adds is what its unit gives less what it gives for the blurred picture. An explanation is
*right* when its strongest place lies in a patch that adds at least a third of what the greatest adds, and the region that its
sentence hides holds half of all that speaks for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from dashboard.explain.contract import Explanation
from dashboard.explain.image import (
    integrated_gradients,
    occlusion,
    rise,
    saliency,
    smoothgrad,
    superpixel_lime,
    superpixel_shap,
)
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.maps import region, softened
from dashboard.explain.image.subject import ImageSubject
from tests.explain.image.planted import subject_before

Map = npt.NDArray[np.float64]
SIDE, PATCH = 28, 5


@dataclass(frozen=True)
class PlantedPicture:
    """A subject, and what each pixel's patch truly adds [height, width]: the same number all over a patch, 0 elsewhere."""

    subject: ImageSubject
    truth: Map


Place = tuple[int, int]


def patched(rng: np.random.Generator) -> tuple[Map, list[Place]]:
    """A dim, grainy picture with 4 to 7 bright patches, and the upper left corner of each."""
    x = np.full((SIDE, SIDE), -0.7) + 0.1 * rng.normal(size=(SIDE, SIDE))
    places = [
        (int(r) * 7 + 1, int(c) * 7 + 1)
        for r, c in (divmod(int(k), 4) for k in rng.permutation(16)[: int(rng.integers(4, 8))])
    ]
    for row, column in places:
        x[row : row + PATCH, column : column + PATCH] += rng.uniform(0.8, 1.4)
    return x, places


def patch(place: Place) -> npt.NDArray[np.bool_]:
    """Its pixels [height, width]."""
    found = np.zeros((SIDE, SIDE), dtype=bool)
    found[place[0] : place[0] + PATCH, place[1] : place[1] + PATCH] = True
    return found


def planted(seed: int) -> PlantedPicture:
    """A picture and a network with known reasons."""
    rng = np.random.default_rng(seed)
    x, places = patched(rng)
    looked = places[: int(rng.integers(1, 4))]
    sizes = rng.uniform(0.6, 2.0, len(looked)) * np.where(
        np.arange(len(looked)) == 0, 1.0, rng.choice([-1.0, 1.0], len(looked))
    )
    units = np.zeros((len(looked), SIDE, SIDE))
    for k, (row, column) in enumerate(looked):
        units[k, row : row + PATCH, column : column + PATCH] = 1 / PATCH**2
    network = nn.Sequential(nn.Flatten(), nn.Linear(SIDE**2, len(looked)), nn.ReLU(), nn.Linear(len(looked), 2))
    with torch.no_grad():
        first, last = network[1], network[3]
        assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
        first.weight.copy_(torch.from_numpy(units.reshape(len(looked), -1)))
        first.bias.fill_(0.7)
        last.weight.copy_(torch.from_numpy(np.stack([np.zeros_like(sizes), 2 * sizes])))
        last.bias.copy_(torch.tensor([0.0, -float(sizes.max())]))
    picture = torch.from_numpy(x[None]).float().clamp(-1, 1)
    subject = subject_before(network.requires_grad_(False), picture, target=1)
    subject.seen = np.repeat(((picture[0].numpy()[..., None] + 1) * 127.5).astype(np.uint8), 3, axis=2)
    subject.model = replace(subject.model, batch=256)
    with torch.no_grad():
        pair = torch.stack([picture, blank_of(picture, "blur")])
        seen, blank = network[2](network[1](pair.flatten(1))).double().numpy()
    truth = np.einsum("k,khw->hw", 2 * sizes * (seen - blank), units * PATCH**2)
    return PlantedPicture(subject, truth)


def is_right(one: Explanation, truth: Map) -> bool:
    """Whether the place it points at, and the region it hides, are the true ones."""
    where = region(one.attributions)
    speaks = np.maximum(truth, 0)
    if not where.any() or not speaks.any():
        return False
    strongest = np.unravel_index(int(softened(one.attributions).argmax()), truth.shape)
    near = speaks[max(0, strongest[0] - 1) : strongest[0] + 2, max(0, strongest[1] - 1) : strongest[1] + 2].max()
    return bool(near >= speaks.max() / 3 and speaks[where].sum() >= speaks.sum() / 2)


Spoil = Callable[[ImageSubject, np.random.Generator], Map]


def spoiled(spoil: Spoil) -> Callable[[ImageSubject, Any], Iterator[Explanation]]:
    """A way that gives a map of its own making; with the same seed the same."""

    def explain(subject: ImageSubject, config: ImageConfig) -> Iterator[Explanation]:
        rng = np.random.default_rng([config.seed, int(subject.seen.sum())])
        yield Explanation(np.asarray(spoil(subject, rng), dtype=np.float64), 0.5, "class 1")

    return explain


def _good(subject: ImageSubject) -> Map:
    *_, one = occlusion.EXPLAINER.explain(subject, occlusion.EXPLAINER.config())
    found: Map = one.attributions
    return found


def bumps(rng: np.random.Generator) -> Map:
    """Softened noise: what a map looks like that knows nothing."""
    return softened(rng.normal(size=(SIDE, SIDE)), 1 / 14)


def noised(good: Map, share: float, rng: np.random.Generator) -> Map:
    """A map with so much softened noise on it, as a share of its greatest."""
    noise = bumps(rng)
    return good + share * noise * float(np.abs(good).max() / np.abs(noise).max())


def _noisy(share: float) -> Spoil:
    def spoil(subject: ImageSubject, rng: np.random.Generator) -> Map:
        return noised(_good(subject), share, rng)

    return spoil


def _fixed(subject: ImageSubject) -> np.random.Generator:
    return np.random.default_rng(int(subject.seen.sum()))


def centre() -> Map:
    """Always the middle."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    found: Map = np.exp(-(rows**2 + columns**2) / 50)
    return found


_TRUE_WAYS = (saliency, smoothgrad, integrated_gradients, occlusion, rise, superpixel_lime, superpixel_shap)
WAYS: dict[str, tuple[Callable[[ImageSubject, Any], Iterator[Explanation]], Any]] = {
    **{module.EXPLAINER.name: (module.EXPLAINER.explain, module.EXPLAINER.config()) for module in _TRUE_WAYS},
    "rise starved": (rise.EXPLAINER.explain, rise.RiseConfig(masks=32)),
    "superpixel_lime starved": (superpixel_lime.EXPLAINER.explain, superpixel_lime.SuperpixelLimeConfig(samples=32)),
    "half noise": (spoiled(_noisy(0.5)), ImageConfig()),
    "as much noise": (spoiled(_noisy(1.0)), ImageConfig()),
    "nothing but noise": (spoiled(lambda s, r: bumps(r)), ImageConfig()),
    "stable, nothing but noise": (spoiled(lambda s, r: bumps(_fixed(s))), ImageConfig()),
    "signs turned": (spoiled(lambda s, r: -_good(s)), ImageConfig()),
    "mirrored": (spoiled(lambda s, r: _good(s)[:, ::-1].copy()), ImageConfig()),
    "the picture itself": (spoiled(lambda s, r: s.x[0].double().numpy()), ImageConfig()),
    "always the middle": (spoiled(lambda s, r: centre()), ImageConfig()),
}  # fmt: skip
"""Each with its settings; `bench_picture_evidence` runs all on the same pictures."""
