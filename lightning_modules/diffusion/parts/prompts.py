"""A denoiser that is told what to draw in words: captions while it learns, a prompt in English or Hindi afterwards.

The text encoder is frozen and no part of the model: the captions are encoded once when the model is built and kept beside the
weights, not among them. While training each caption is told in English or Hindi, as a coin says, so both are learned, and
hidden now and then for guidance (arXiv:2207.12598).

Notation: tokens [batch, tokens, width] and pooled [batch, width] of `TextContext`, both scaled to about unit variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import field_validator
from torch import Tensor, nn

from data.catalog import Config, Dataset, FloatArray, ReferenceLine, option
from data.fields import checked
from data.text import Text
from lightning_modules.base import Answer
from lightning_modules.blocks.attention import TextContext
from lightning_modules.diffusion.asking import answers
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.asking.word_maps import word_maps
from lightning_modules.diffusion.denoising import Arrays, DenoisingMethod
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.measures.caption_match import CaptionMatch
from lightning_modules.diffusion.parts.networks import Optimizer, optimizer_choice
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from lightning_modules.text.encoded import PromptEncoder
from lightning_modules.text.encoder import TextEncoder

ROUND, NEW_OF_ROUND = 48, 16
"""Previews go through rounds of captions: 32 of trained ones, then 16 that were never trained on."""


class PromptRequest(SampleRequest):
    """Draw what the words say."""

    prompt: str = option(
        "", max_length=2000,
        title=Text(en="Prompt", hi="प्रॉम्प्ट"),
        help=Text(en="What the picture should show, in English or Hindi, such as “red heart” or “लाल दिल”.",
                  hi="तस्वीर में क्या हो, हिंदी या अंग्रेज़ी में, जैसे “लाल दिल” या “red heart”।"),
    )  # fmt: skip
    guidance: float = option(
        2.0, ge=0, le=20, symbol="s",
        title=Text(en="Guidance", hi="गाइडेंस"),
        help=Text(en="How strongly the prompt is followed: 0 ignores it, 1 follows it, more exaggerates it and costs variety.",
                  hi="प्रॉम्प्ट का कितना पालन हो: 0 अनदेखा, 1 पालन, ज़्यादा से बढ़ा-चढ़ाकर, और विविधता घटती है।"),
        source="arXiv:2207.12598",
    )  # fmt: skip

    @field_validator("prompt", mode="before")
    @classmethod
    def _words(cls, prompt: object) -> object:
        """A number typed at a command line is a word here: “7” asks for a seven."""
        return str(prompt) if isinstance(prompt, int | float) else prompt


class PromptedOptions(Config):
    """Network, captions and how the run is looked at."""

    channels: int = option(
        48, ge=8, le=512, unit="channels",
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Width of the U-Net at its highest resolution; the level below has twice as many.",
                  hi="सबसे ऊँचे रिज़ॉल्यूशन पर U-Net की चौड़ाई; नीचे के स्तर पर दोगुनी।"),
    )  # fmt: skip
    blocks: int = option(
        1, ge=1, le=4, unit="blocks", advanced=True,
        title=Text(en="Blocks a level", hi="हर स्तर पर ब्लॉक"),
        help=Text(en="Residual blocks at each level on the way down.", hi="नीचे जाते समय हर स्तर पर कितने रेज़िड्युअल ब्लॉक।"),
    )  # fmt: skip
    caption_dropout: float = option(
        0.1, ge=0, le=1, advanced=True,
        title=Text(en="Hidden captions", hi="छिपे कैप्शन"),
        help=Text(en="Share of the captions hidden while training, so that samples can be guided later.",
                  hi="ट्रेनिंग में कितने कैप्शन छिपाए जाएँ, ताकि बाद में सैंपल को दिशा दी जा सके।"),
        source="arXiv:2207.12598, algorithm 1",
    )  # fmt: skip
    optimizer: Optimizer = optimizer_choice()
    quality_samples: int = option(
        192, ge=0, le=50_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Samples drawn at every evaluation to measure quality, a third of them for captions never trained on; 0 leaves it out.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने सैंपल, एक तिहाई उन कैप्शन के जो ट्रेनिंग में नहीं थे; 0 से यह जाँच बंद।"),
    )  # fmt: skip
    preview_steps: int = option(
        20, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="Sampler steps for the pictures and the quality measures of this run.",
                  hi="इस रन की तस्वीरों और जाँच के लिए सैंपलर के स्टेप।"),
        source="arXiv:2010.02502, table 1",
    )  # fmt: skip


def text_encoder() -> PromptEncoder:
    """The encoder of all prompts and captions."""
    return TextEncoder.load()


@lru_cache(maxsize=4)
def _known(captions: tuple[Text, ...]) -> TextContext:
    """Captions as a network is told them: caption k in English at 2k, in Hindi at 2k + 1."""
    return context(text_encoder(), [words for one in captions for words in (one.en, one.hi)])


def context(encoder: PromptEncoder, prompts: Sequence[str]) -> TextContext:
    """Prompts as a network is told them.

    Raises:
        Problem: A prompt cannot be read; the field is `prompt`.
    """
    said = encoder.encode(prompts)
    tokens = F.layer_norm(said.tokens.float(), said.tokens.shape[-1:]) * said.mask[..., None]
    return TextContext(tokens, said.mask, said.pooled.float() * said.pooled.shape[-1] ** 0.5)


class PromptedMethod(DenoisingMethod):
    """A `DenoisingMethod` whose network is called as `network(x, time, None, text)`."""

    request: ClassVar[type[SampleRequest]] = PromptRequest
    words: ClassVar[tuple[str, ...]] = ("tokens", "mask", "pooled")
    """The parts of a condition that guidance hides."""
    reads_words: ClassVar[bool] = True
    """Whether pixels attend to the single words of the prompt."""
    known_tokens: Tensor
    known_mask: Tensor
    known_pooled: Tensor

    def __init__(
        self,
        config: PromptedOptions,
        dataset: Dataset,
        options: TrainingOptions,
        *,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__(
            dataset,
            options,
            objective=OBJECTIVES["v"],
            noising=noise_schedule("cosine", 1000),
            label_dropout=config.caption_dropout,
            preview_steps=config.preview_steps,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
            shape=shape,
        )
        self.captions = dataset.captions
        known = _known(dataset.captions)
        for name in ("tokens", "mask", "pooled"):
            self.register_buffer(f"known_{name}", getattr(known, name).clone(), persistent=False)
        self.text_width = known.tokens.shape[-1]
        trained, held_out = (
            {int(k) for k in np.unique(np.asarray(split.y))} for split in (dataset.train, dataset.test)
        )
        self.trained_captions = _class_by_class(sorted(trained), dataset.caption_class)
        self.new_captions = _class_by_class(sorted(held_out - trained), dataset.caption_class)
        self._match: CaptionMatch | None = None

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The network's output for x and a text; nothing told is a text without tokens."""
        output: Tensor = network(x, time, None, self.text_of(condition, len(x)))
        return output

    def text_of(self, condition: Condition, count: int) -> TextContext:
        """The text in a condition."""
        if "tokens" in condition.more:
            return TextContext(*(condition.more[name] for name in ("tokens", "mask", "pooled")))
        empty = torch.zeros(count, 1, self.text_width, device=self.device)
        return TextContext(empty, torch.zeros(count, 1, dtype=torch.bool, device=self.device), empty[:, 0])

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The captions numbered y [batch]: in either language by chance while training, else in turn."""
        hindi = (
            torch.rand(len(y), device=y.device) < 0.5 if self.training else torch.arange(len(y), device=y.device) % 2
        )
        return self._caption(y, hindi.long())

    def untold(self, condition: Condition) -> Condition:
        """The same without the text."""
        return self._hidden(condition, None)

    def partly_hidden(self, condition: Condition) -> Condition:
        """The condition with the text of some items hidden."""
        one = next(value for name, value in condition.more.items() if name in self.words)
        return self._hidden(condition, torch.rand(len(one), device=one.device) < self.label_dropout)

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        """The prompt for all samples; without one, captions in turn (as `in_turn`)."""
        answers.wanted_class(self, request.label, first, count)
        prompt = request.prompt if isinstance(request, PromptRequest) else ""
        if prompt:
            one = context(text_encoder(), [prompt])
            more = {name: getattr(one, name).to(self.device) for name in ("tokens", "mask", "pooled")}
            return Condition(None, {name: value.expand(count, *value.shape[1:]) for name, value in more.items()})
        turns = [self.in_turn(k) for k in range(first, first + count)]
        caption, hindi = torch.tensor(turns, device=self.device).unbind(1)
        return self._caption(caption, hindi)

    def in_turn(self, k: int) -> tuple[int, int]:
        """Caption and language (1: Hindi) of preview sample k; the last third of each round is new captions."""
        number, place = divmod(k, ROUND)
        new = place >= ROUND - NEW_OF_ROUND and bool(self.new_captions)
        within = number * NEW_OF_ROUND + place - (ROUND - NEW_OF_ROUND) if new else number * ROUND + place
        pool = self.new_captions if new else self.trained_captions
        return pool[within % len(pool)], (place + number) % 2

    def answer(self, request: str, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """As every denoiser, where samples need a prompt; "words" says which pixels each word drove (see `word_maps`)."""
        if request in ("sample", "trace"):
            own = {key: value for key, value in values.items() if key != "stages"}
            self.check(checked(self.request, own), arrays)
        if request == "words":
            self.check(checked(self.request, values), arrays)
            pieces = text_encoder().pieces(str(values.get("prompt", "")))
            return word_maps(self, pieces, values, arrays)
        return super().answer(request, values, arrays)

    def check(self, wanted: SampleRequest, arrays: Arrays) -> None:
        """Refuse a request that says nothing.

        Raises:
            Problem: There is no prompt, or it cannot be read; the field is `prompt`.
        """
        if isinstance(wanted, PromptRequest):
            text_encoder().check_prompt(wanted.prompt)

    def sample_quality(self, samples: FloatArray, ruler: evaluation.Ruler) -> dict[str, float]:
        """The usual measures, and whether the pictures are what their captions say."""
        found = super().sample_quality(samples, ruler)
        asked = np.array([self.in_turn(k)[0] for k in range(len(samples))])
        new = np.isin(asked, self.new_captions)
        right = self.match(ruler).right(samples, asked)
        found["caption_match"] = float(right[~new].mean())
        if new.any():
            found["new_caption_match"] = float(right[new].mean())
        return found

    def match(self, ruler: evaluation.Ruler) -> CaptionMatch:
        """What says whether a picture is what its caption says."""
        if self._match is None:
            self._match = CaptionMatch(ruler.dataset, ruler.judge)
        return self._match

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The usual lines, and chance and real pictures for the captions."""
        return [*super().reference_lines(dataset), *self.match(self._ruler(dataset)).lines()]

    def _caption(self, number: Tensor, hindi: Tensor) -> Condition:
        place = 2 * number + hindi
        known: dict[str, Tensor] = {name: getattr(self, f"known_{name}") for name in ("tokens", "mask", "pooled")}
        return Condition(None, {name: value[place] for name, value in known.items()})

    def _hidden(self, condition: Condition, which: Tensor | None) -> Condition:
        """The condition with the text gone, for all items or where `which` [batch] is true."""
        more = dict(condition.more)
        for name in self.words:
            if name in more:
                value = more[name]
                shown = 0 if which is None else (~which).view(-1, *[1] * (value.ndim - 1))
                more[name] = (value * shown).to(value.dtype)
        return Condition(condition.y, more)


def _class_by_class(captions: list[int], classes: Sequence[int]) -> list[int]:
    """Captions with their classes in turn, so that the first ten of digits are ten digits."""
    if not classes:
        return captions
    rank: dict[int, int] = {}
    order = []
    for k in captions:
        rank[classes[k]] = rank.get(classes[k], -1) + 1
        order.append((rank[classes[k]], classes[k], k))
    return [k for _, _, k in sorted(order)]
