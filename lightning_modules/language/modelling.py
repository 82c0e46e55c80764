"""What language models share: how text becomes batches of tokens, the size of the network, and the optimiser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Config, Dataset, option
from data.fields import checked
from data.text import Problem, Text
from data.texts import text_of
from lightning_modules.base import Answer, Method
from lightning_modules.blocks.relevance import drawn_on
from lightning_modules.language.looking import AttentionRequest, check_typed, likeliest_score, seen
from lightning_modules.language.network import LanguageNetwork, Shape
from lightning_modules.language.vocabulary import (
    FEWEST_BYTE_PAIRS,
    Characters,
    told_token,
    training_text,
    vocabulary_of,
)
from lightning_modules.muon import Muon, matrices_within
from lightning_modules.options import TrainingOptions

TokenizerName = Literal["characters", "bpe"]


def tokenizer_option(default: TokenizerName) -> Any:
    """What the tokens of a language model are."""
    return option(
        default,
        title=Text(en="Tokens", hi="टोकन"),
        help=Text(en="What the model reads one by one: characters, or frequent pieces of words learned from the text (byte pairs).",
                  hi="मॉडल एक-एक करके क्या पढ़े: अक्षर, या टेक्स्ट से सीखे शब्दों के आम टुकड़े (बाइट पेयर)।"),
        labels={"characters": Text(en="Characters", hi="अक्षर"), "bpe": Text(en="Byte pairs (BPE)", hi="बाइट पेयर (BPE)")},
        source="arXiv:1508.07909",
    )  # fmt: skip


class LanguageConfig(Config):
    """What a person chooses about any language model."""

    tokenizer: TokenizerName = tokenizer_option("characters")
    vocabulary_size: int = option(
        2000, ge=FEWEST_BYTE_PAIRS, le=50_000, unit="tokens", symbol="V",
        title=Text(en="Byte pairs", hi="बाइट पेयर की संख्या"),
        help=Text(en="Tokens of the byte-pair vocabulary at most; characters have as many as the text holds.",
                  hi="बाइट पेयर में ज़्यादा से ज़्यादा इतने टोकन; अक्षर उतने ही होते हैं जितने टेक्स्ट में हैं।"),
    )  # fmt: skip
    context: int = option(
        64, ge=8, le=4096, unit="tokens", symbol="T",
        title=Text(en="Context", hi="कॉन्टेक्स्ट"),
        help=Text(en="Tokens the model sees at a time; no more than a window of the data holds.", hi="मॉडल एक बार में कितने टोकन देखता है; डेटा के एक खंड से ज़्यादा नहीं।"),
    )  # fmt: skip
    width: int = option(
        128, ge=8, le=4096, unit="numbers",
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Numbers that stand for a token inside the network.", hi="नेटवर्क के अंदर एक टोकन कितनी संख्याओं से बताया जाए।"),
    )  # fmt: skip
    layers: int = option(
        4, ge=1, le=48, unit="layers",
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Attention layers, one after the other.", hi="एक के बाद एक अटेंशन परतें।"),
    )  # fmt: skip
    heads: int = option(
        4, ge=1, le=64, advanced=True,
        title=Text(en="Heads", hi="हेड"),
        help=Text(en="Attentions side by side in a layer; the width must be divisible by twice their number.",
                  hi="एक परत में साथ-साथ चलते अटेंशन; चौड़ाई इनकी दुगुनी संख्या से विभाजित होनी चाहिए।"),
    )  # fmt: skip
    dropout: float = option(
        0.0, ge=0, lt=1, advanced=True,
        title=Text(en="Dropout", hi="ड्रॉपआउट"),
        help=Text(en="Share of numbers hidden while training; helps when a text is read many times over.",
                  hi="ट्रेनिंग में छिपाई गई संख्याओं का हिस्सा; टेक्स्ट कई बार पढ़ा जाए तो मदद करता है।"),
    )  # fmt: skip
    judged: int = option(
        20_000, ge=200, le=10_000_000, unit="characters", advanced=True,
        title=Text(en="Held-out characters judged", hi="जाँच के अक्षर"),
        help=Text(en="How much of the held-out text each evaluation reads.", hi="हर जाँच में अलग रखे टेक्स्ट का कितना हिस्सा पढ़ा जाए।"),
    )  # fmt: skip


class LanguageMethod(Method):
    """A `Method` that learns from text. Its `network` says something of each token; `extra` tokens stand after those of the text."""

    network: LanguageNetwork

    def __init__(
        self, config: LanguageConfig, dataset: Dataset, options: TrainingOptions, *, causal: bool, extra: int = 0
    ) -> None:
        super().__init__(options)
        self.config = config
        if config.width % (2 * config.heads):
            raise Problem(
                Text(en=f"A width of {config.width} cannot be shared among {config.heads} heads: choose a multiple of {2 * config.heads}.",
                     hi=f"चौड़ाई {config.width} को {config.heads} हेड में नहीं बाँटा जा सकता: {2 * config.heads} का गुणज चुनें।"),
                code="heads_mismatch", field="width",
            )  # fmt: skip
        self.vocabulary = vocabulary_of(dataset, config.tokenizer, config.vocabulary_size)
        self.letters = frozenset(training_text(dataset))
        self.context = min(config.context, dataset.shape[0] - 1)
        shape = Shape(
            self.vocabulary.size + extra,
            config.width,
            config.heads,
            config.layers,
            causal=causal,
            dropout=config.dropout,
        )
        self.adopt(LanguageNetwork(shape))

    @property
    def best(self) -> LanguageNetwork:
        """The network that is shown: the average."""
        network = self.best_network
        assert isinstance(network, LanguageNetwork)
        return network

    def tokens_of(self, x: Tensor, length: int) -> tuple[Tensor, Tensor]:
        """A random part of each window x [batch, characters] -> tokens [batch, at most `length`], and a mask of those that are no filling."""
        if isinstance(self.vocabulary, Characters):  # as many tokens as characters: all windows at once
            length = min(length, x.shape[1])
            first = torch.randint(x.shape[1] - length + 1, (len(x), 1))
            part = x.cpu().gather(1, first + torch.arange(length))
            tokens = torch.tensor(self.vocabulary.encode(text_of(part.reshape(-1).numpy()))).view(len(x), length)
            return tokens.to(x.device), torch.ones_like(tokens, dtype=torch.bool).to(x.device)
        rows = []
        for window in x.cpu().numpy():
            found = self.vocabulary.encode(text_of(window))
            start = int(torch.randint(max(1, len(found) - length + 1), ()))
            rows.append(torch.tensor(found[start : start + length]))
        tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        real = torch.arange(tokens.shape[1]) < torch.tensor([len(row) for row in rows])[:, None]
        return tokens.to(x.device), real.to(x.device)

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "attention" (see `AttentionRequest`) -> the tokens of a text, and who looks where in every layer and head."""
        if request != "attention":
            return super().answer(request, values, arrays)
        wanted = checked(AttentionRequest, values)
        check_typed(wanted.prompt)
        self.check_script(wanted.prompt)
        tokens = self.vocabulary.encode(wanted.prompt)
        names = [told_token(self.vocabulary.decode([one]), spaced=False) for one in tokens]
        return self.look(tokens, names, by_gradient=wanted.by_gradient)

    def look(self, tokens: list[int], names: Sequence[str], *, by_gradient: bool) -> Answer:
        """Who looks where among tokens that are called so, and `by_gradient` also what their answers drew on."""
        self.check_length(len(tokens))
        numbers = self.numbers(tokens)
        with torch.no_grad():
            _, weights = self.best.watch(numbers)
        drawn = None
        if by_gradient:
            drawn = drawn_on(
                lambda copies: likeliest_score(self.best(numbers.expand(copies, -1))[..., : self.vocabulary.size]),
                len(tokens),
            )
        return seen(names, weights[:, 0], causal=self.best.shape.causal, drawn=drawn)

    def numbers(self, tokens: list[int]) -> Tensor:
        """Tokens as a batch of one, [1, tokens]."""
        return torch.tensor([tokens], dtype=torch.long, device=self.device)

    def check_script(self, prompt: str) -> None:
        """Refuse a prompt most of whose letters the training text does not have: nothing can have been learned about them."""
        letters = [one for one in prompt if one.isalpha()]
        strange = [one for one in dict.fromkeys(letters) if one not in self.letters]
        if 2 * sum(one in strange for one in letters) > len(letters):
            some = " ".join(strange[:8])
            raise Problem(
                Text(en=f"The text this model learned from has no such letters ({some}); write in a script it has read.",
                     hi=f"जिस टेक्स्ट से मॉडल ने सीखा उसमें ये अक्षर नहीं हैं ({some}); उस लिपि में लिखें जो उसने पढ़ी है।"),
                code="unknown_script", field="prompt",
            )  # fmt: skip

    def check_length(self, tokens: int) -> None:
        """Refuse what the model cannot see at once."""
        if tokens > self.context:
            raise Problem(
                Text(en=f"That is {tokens} tokens, and the model sees {self.context} at a time: shorten the text.",
                     hi=f"ये {tokens} टोकन हैं, और मॉडल एक बार में {self.context} देखता है: टेक्स्ट छोटा करें।"),
                code="too_long", field="prompt",
            )  # fmt: skip

    def optimizer(self) -> torch.optim.Optimizer:
        """Muon for the matrices of the layers, AdamW for the rest."""
        return Muon.of(self.moved(), matrices_within(self.network.layers), self.options.learning_rate)


def presets_of(**changes: Any) -> dict[str, Any]:
    """Values that all presets of language models share, with changes."""
    return {
        "schedule": "linear",
        "warmup_steps": 20,
        "ema_decay": 0.98,
        "batch_size": 12,
        "learning_rate": 1e-2,
        **changes,
    }
