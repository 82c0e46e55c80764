"""Encoders whose reasons are known, and ways to say why two pictures are alike, good and broken: what the light of likeness is calibrated on.

Both pictures have textured patches (stripes, checks) in the same 4 to 7 places, most of them with the same texture in both. A planted encoder looks at
one to three of the places for each of four textures, by a linear layer and a bend, beside a constant; its vector keeps the places apart, or is a mean over them,
as that of a residual network. What a patch truly adds to the likeness is its Shapley value in the game whose worth is the cosine with patches hidden by
the blurred picture; all other pixels add nothing. An explanation is *right* as in `planted_pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.embedding import alike_gradients, alike_hiding, alike_parts
from dashboard.explain.embedding.answering import Way
from dashboard.explain.embedding.subject import EmbeddingSubject, subject_for
from dashboard.explain.embedding.telling import MOVES
from dashboard.explain.games.exact import exact
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.fitting import shown
from dashboard.explain.image.integrated_gradients import IntegratedGradientsConfig
from dashboard.explain.image.occlusion import OcclusionConfig
from dashboard.explain.trained import Item
from data.catalog import Dataset
from lightning_modules.blocks.resnet import SmallResNet
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.learner import RepresentationMethod
from tests.benchmarks.planted_pictures import PATCH, SIDE, Map, Place, bumps, centre, noised, patch
from tests.lightning_modules.training import tiny_images

_PLACES = [(7 * row + 1, 7 * column + 1) for row in range(4) for column in range(4)]


def _textures() -> Map:
    """Stripes down, stripes across, checks, a ring [4, 5, 5]: of mean 0 and mean square 1."""
    rows, columns = np.mgrid[:PATCH, :PATCH]
    ring = np.maximum(abs(rows - 2), abs(columns - 2)) == 1
    drawn = np.stack([columns % 2, rows % 2, (rows + columns) % 2, ring]).astype(np.float64)
    centred = drawn - drawn.mean(axis=(1, 2), keepdims=True)
    found: Map = centred / np.sqrt((centred**2).mean(axis=(1, 2), keepdims=True))
    return found


TEXTURES = _textures()


class Looking(SmallResNet):
    """x -> of every place and texture relu(its correlation) · how much that place counts, and a constant; a vector of them all, or their mean over places."""

    def __init__(self, sizes: Map, constant: float, *, mean: bool) -> None:
        nn.Module.__init__(self)
        look = np.zeros((16, len(TEXTURES), SIDE, SIDE))
        for place, size, of_place in zip(_PLACES, sizes, look, strict=True):
            of_place[:, patch(place)] = size * TEXTURES.reshape(len(TEXTURES), -1) / PATCH**2
        self.look = nn.Parameter(torch.from_numpy(look.reshape(-1, SIDE**2)).float())
        self.constant, self.mean = constant, mean

    def maps(self, x: Tensor) -> Tensor:
        """[batch, textures + 1, 4, 4]."""
        found = (x.flatten(1) @ self.look.T).relu().view(len(x), 16, -1)
        found = torch.cat([found, torch.full((len(x), 16, 1), self.constant)], dim=2)
        return found.transpose(1, 2).reshape(len(x), -1, 4, 4)

    def forward(self, x: Tensor) -> Tensor:
        places = self.maps(x)
        return places.mean(dim=(2, 3)) if self.mean else places.flatten(1)


@cache
def _others() -> Dataset:
    return tiny_images(side=SIDE)


class PlantedEncoder(RepresentationMethod):
    """A method around it."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__(TrainingOptions(ema_decay=0))
        self.shape = (1, SIDE, SIDE)
        self.adopt(nn.ModuleDict({"encoder": encoder}))
        self.watch(_others(), 10)


@dataclass(frozen=True)
class Planted:
    """A subject, a third picture of the same places, and what each pixel's patch truly adds [height, width]."""

    subject: EmbeddingSubject
    third: Tensor
    truth: Map


def planted(seed: int, *, mean: bool) -> Planted:
    """Two pictures before an encoder that finds them alike."""
    rng = np.random.default_rng(seed)
    while True:
        places = rng.permutation(16)[: int(rng.integers(4, 8))]
        textures = rng.integers(len(TEXTURES), size=len(places))
        same = rng.random((2, len(places))) < 0.6
        same[0, 0] = True
        x, other, third = (
            _picture(places, np.where(kept, textures, (textures + rng.integers(1, 4, len(places))) % 4), rng)
            for kept in (np.ones_like(same[0]), *same)
        )
        looked = places[: int(rng.integers(1, 4))]
        sizes = np.zeros(16)
        sizes[looked] = rng.uniform(0.6, 2, len(looked))
        encoder = Looking(sizes, float(rng.uniform(0.02, 0.1)), mean=mean)
        items = [Item(shown(one[0]), one) for one in (x, other)]
        subject = subject_for(PlantedEncoder(encoder).eval(), *items)
        truth = _truth(subject, [_PLACES[int(k)] for k in looked])
        if truth.max() >= MOVES:
            return Planted(subject, third, truth)


def _picture(places: npt.NDArray[np.int64], textures: npt.NDArray[np.int64], rng: np.random.Generator) -> Tensor:
    x = np.full((SIDE, SIDE), -0.5) + 0.1 * rng.normal(size=(SIDE, SIDE))
    for place, texture in zip(places, textures, strict=True):
        x[patch(_PLACES[int(place)])] += (0.4 + rng.uniform(0.3, 0.6) * TEXTURES[texture]).ravel()
    return torch.from_numpy(x[None, None]).float().clamp(-1, 1)


def _truth(subject: EmbeddingSubject, looked: list[Place]) -> Map:
    """What each patch adds."""
    patches = np.stack([patch(place) for place in looked])
    blank = blank_of(subject.x[0], "blur")
    encoder = subject.model.best_network.get_submodule("encoder")

    def worth(sets: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        gone = torch.from_numpy((~sets[:, :, None, None] & patches).any(axis=1))[:, None]
        with torch.no_grad():
            mine = encoder(torch.where(gone, blank, subject.x)).double().numpy()
            theirs = encoder(subject.other).double().numpy()[0]
        found: npt.NDArray[np.float64] = mine @ theirs / np.linalg.norm(mine, axis=1) / np.linalg.norm(theirs)
        return found

    truth: Map = np.einsum("k,khw->hw", exact(worth, len(looked)), patches)
    return truth


Spoil = Callable[[EmbeddingSubject, Any, np.random.Generator], Map]


def spoiled(spoil: Spoil) -> Way:
    """A way whose map is of its own making; with the same seed the same."""

    def attribute(subject: EmbeddingSubject, config: Any) -> Iterator[Explanation]:
        rng = np.random.default_rng([config.seed, int(subject.seen.sum())])
        found = np.asarray(spoil(subject, config, rng), dtype=np.float64)
        yield Explanation(found, float(subject.likeness(subject.x)[0]), "likeness")

    return Way(attribute)


def _good(subject: EmbeddingSubject, config: Any) -> Map:
    *_, one = alike_hiding.alike_hiding(subject, config)
    return one.attributions


def _fixed(subject: EmbeddingSubject) -> np.random.Generator:
    return np.random.default_rng(int(subject.seen.sum()))


def to_the_third(known: Planted) -> Way:
    """Why the first picture is like another one than was asked about."""
    return spoiled(lambda s, c, r: _good(replace(s, other=known.third), c))


_HIDING = OcclusionConfig()
OTHER_PAIR = "of another pair"
WAYS: dict[str, tuple[Way | None, Any]] = {
    "alike_parts": (Way(alike_parts.alike_parts), HidingConfig()),
    "alike_hiding": (Way(alike_hiding.alike_hiding), _HIDING),
    "alike_gradients": (Way(alike_gradients.alike_gradients), IntegratedGradientsConfig()),
    "alike_hiding coarse": (Way(alike_hiding.alike_hiding), OcclusionConfig(window=0.5)),
    "half noise": (spoiled(lambda s, c, r: noised(_good(s, c), 0.5, r)), _HIDING),
    "as much noise": (spoiled(lambda s, c, r: noised(_good(s, c), 1.0, r)), _HIDING),
    "nothing but noise": (spoiled(lambda s, c, r: bumps(r)), _HIDING),
    "stable, nothing but noise": (spoiled(lambda s, c, r: bumps(_fixed(s))), _HIDING),
    "signs turned": (spoiled(lambda s, c, r: -_good(s, c)), _HIDING),
    "mirrored": (spoiled(lambda s, c, r: _good(s, c)[:, ::-1].copy()), _HIDING),
    "of the other picture": (spoiled(lambda s, c, r: _good(s.turned(), c)), _HIDING),
    OTHER_PAIR: (None, _HIDING),
    "the picture itself": (spoiled(lambda s, c, r: s.x[0, 0].double().numpy()), _HIDING),
    "always the middle": (spoiled(lambda s, c, r: centre()), _HIDING),
}
"""Each with its settings; `bench_embedding_evidence` runs all on the same pairs, alike_parts before encoders that end in a mean."""
