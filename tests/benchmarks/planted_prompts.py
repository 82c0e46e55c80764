"""Denoisers in which known words change known places, and maps of a word, good and broken: what the light of words is calibrated on.

A planted denoiser is told a prompt of three to five words. Two of them paint: a patch or two, by so much, and sometimes another patch instead
when the noise lies so. Its attention is what a planted network likes it to be: on the places that a word paints, or, of a *deceiver*, on
others. The words that stand in the prompt are told from its vector, which is looked up among those of the prompt and of the prompt
without each word. What a word truly does is the expected |change| of each pixel without it; an explanation is *right* as in
`planted_pictures`, and, where its sentence says that the word hardly counts, when it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.denoiser import word_attention, word_left_out
from dashboard.explain.denoiser.answering import Way
from dashboard.explain.denoiser.subject import DenoiserSubject
from dashboard.explain.denoiser.telling import SLIGHT_WORD
from dashboard.explain.denoiser.words import WordConfig
from lightning_modules.blocks.attention import TextAttention, TextContext
from lightning_modules.diffusion.asking.word_maps import words_of
from lightning_modules.diffusion.parts.prompts import PromptedMethod, PromptedOptions, context, text_encoder
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.options import TrainingOptions
from tests.benchmarks import planted_pictures
from tests.benchmarks.planted_denoisers import before, broken, last, spoiled
from tests.benchmarks.planted_pictures import PATCH, SIDE, Map, patch, patched
from tests.conformance import captioned
from tests.lightning_modules.training import tiny_images

_WORDS = ("red", "blue", "green", "small", "big", "star", "heart", "house", "tree", "sun")
_PLACES = [(7 * row + 1, 7 * column + 1) for row in range(4) for column in range(4)]


class Looking(TextAttention):
    """Attention as `likes` [1 + words, height, width] says, "nothing" first; each word's is shared among its tokens."""

    def __init__(self, likes: Map, member: tuple[int, ...]) -> None:
        nn.Module.__init__(self)
        self.maps: list[Tensor] | None = None
        self.likes, self.member = nn.Parameter(torch.from_numpy(likes).float()), torch.tensor(member)

    def look(self, batch: int) -> None:
        """Tell whoever watches."""
        if self.maps is None:
            return
        shares = self.likes.softmax(dim=0).detach()
        tokens = shares[1 + self.member] / torch.bincount(self.member)[self.member][:, None, None]
        found = torch.cat([shares[:1], tokens]).permute(1, 2, 0)
        self.maps.append(found.expand(batch, 1, *found.shape))


class Painting(nn.Module):
    """x, text -> x / 2 and what each word that stands there paints: `usual`, or `rare` where look · x > edge [words, height, width]."""

    def __init__(self, looking: Looking, keys: Tensor, usual: Map, rare: Map, look: Map, edge: Map) -> None:
        super().__init__()
        self.looking = looking
        self.usual, self.rare, self.look = (nn.Parameter(torch.from_numpy(one).float()) for one in (usual, rare, look))
        self.register_buffer("keys", keys)
        self.register_buffer("edge", torch.from_numpy(edge).float())
        self.keys: Tensor
        self.edge: Tensor

    def forward(self, x: Tensor, time: Tensor, y: Tensor | None, text: TextContext) -> Tensor:
        self.looking.look(len(x))
        words = len(self.usual)
        nearest = torch.cdist(text.pooled, self.keys).argmin(dim=1)  # 0: the whole prompt; k + 1: without word k
        there = (torch.arange(words) != nearest[:, None] - 1).float() * text.mask.any(dim=1, keepdim=True)
        lit = (x.flatten(1) @ self.look.flatten(1).T > self.edge).float()[:, :, None, None]  # [batch, words, 1, 1]
        painted = lit * self.rare + (1 - lit) * self.usual
        return x / 2 + torch.einsum("bw,bwij->bij", there, painted)[:, None]


class PlantedPrompted(PromptedMethod):
    """A method around it that says the clean picture."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(PromptedOptions(), captioned(tiny_images(side=SIDE)), TrainingOptions(ema_decay=0))
        self.objective = OBJECTIVES["x0"]
        self.adopt(network)


@dataclass(frozen=True)
class Planted:
    """A subject, the seed of its noise, the word that is asked about and another that paints, and what the word truly changes [height, width]."""

    subject: DenoiserSubject
    seed: int
    word: str
    other: str
    truth: Map


def planted(seed: int, *, deceiver: bool = False) -> Planted:
    """A picture before a denoiser that is told words."""
    rng = np.random.default_rng(seed)
    x, _ = patched(rng)
    count = int(rng.integers(3, 6))
    prompt = " ".join(_WORDS[int(k)] for k in rng.permutation(len(_WORDS))[:count])
    words, member = words_of(text_encoder().pieces(prompt))
    assert " ".join(words) == prompt
    order = [_PLACES[int(k)] for k in rng.permutation(16)]
    painting = [int(k) for k in rng.permutation(count)[:2]]
    usual, rare, look = (np.zeros((count, SIDE, SIDE)) for _ in range(3))
    edge, chance, likes = np.full(count, 1e9), np.zeros(count), 0.3 * rng.normal(size=(1 + count, SIDE, SIDE))
    noise = float(rng.uniform(15, 80))
    signal, level = PlantedPrompted(nn.Identity()).noising.factors(round(noise / 100 * 999))
    for k in painting:
        own = [order.pop() for _ in range(int(rng.integers(1, 3)))]
        for place in own:
            usual[k][patch(place)] = rng.choice([-1, 1]) * rng.uniform(0.2, 1)
        rare[k] = usual[k]
        if rng.random() < 0.4:
            look[k], away = patch(order.pop()) / PATCH**2, rng.uniform(-1, 2)
            edge[k] = signal * float((look[k] * x.clip(-1, 1)).sum()) + away * level / PATCH
            chance[k] = 1 - _normal(away)
            rare[k] = patch(order.pop()) * rng.uniform(0.4, 1)
        for place in [order.pop() for _ in own] if deceiver else own:
            likes[1 + k][patch(place)] += rng.uniform(1, 3)
    others = [" ".join(word for j, word in enumerate(words) if j != k) for k in range(count)]
    keys = context(text_encoder(), [prompt, *others]).pooled
    network = Painting(Looking(likes, tuple(member)), keys, usual, rare, look, edge)
    subject = before(PlantedPrompted(network), x, noise=noise, prompt=prompt)
    idle = [k for k in range(count) if k not in painting]
    asked = idle[0] if rng.random() < 0.15 else painting[0]
    change = (1 - chance[asked]) * np.abs(usual[asked]) + chance[asked] * np.abs(rare[asked])
    return Planted(subject, seed, words[asked], words[painting[1]], change)


def _normal(x: float) -> float:
    return float(torch.special.ndtr(torch.tensor(x, dtype=torch.float64)))


def is_right(one: Explanation, truth: Map) -> bool:
    """Whether what the sentence says is so."""
    if one.details["moved"] < SLIGHT_WORD:
        return not truth.any()
    return planted_pictures.is_right(one, truth)


def of_another_word(way: Way, other: str) -> Way:
    """The map of a word that is not asked about."""
    return spoiled(way, lambda s, c, r: last(way, s, c.model_copy(update={"word": other})))


_LEFT_OUT, _LOOKED = word_left_out.WAY, word_attention.WAY
DECEIVING, OTHER = "attention of a deceiver", "of another word"
WAYS: dict[str, tuple[str, Way | None]] = {
    "word_attention_map": ("word_attention_map", _LOOKED),
    DECEIVING: ("word_attention_map", _LOOKED),
    **{f"attention, {name}": ("word_attention_map", way) for name, way in broken(_LOOKED).items()},
    f"attention, {OTHER}": ("word_attention_map", None),
    "word_left_out": ("word_left_out", _LEFT_OUT),
    **{f"left out, {name}": ("word_left_out", way) for name, way in broken(_LEFT_OUT).items()},
    f"left out, {OTHER}": ("word_left_out", None),
}


def way_of(name: str, known: Planted) -> tuple[Way, WordConfig]:
    """A way to explain by its name, and its settings for what is planted."""
    good, way = WAYS[name]
    own = of_another_word(_LOOKED if good == "word_attention_map" else _LEFT_OUT, known.other) if way is None else way
    return own, WordConfig(seed=known.seed, word=known.word)
