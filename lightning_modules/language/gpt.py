"""GPT: a language model that learns by telling the next token (Radford and others, 2018; GPT-2, 2019).

With tokens t_1 … t_n the loss is the mean of -ln p(t_i | t_1 … t_{i-1}), in nats a token; an even choice among V tokens costs ln V.
Bits per character, (nats of a text) / (ln 2 · its characters), do not depend on what the tokens are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.fields import checked
from data.text import Text
from lightning_modules.base import Answer, Passage
from lightning_modules.language.modelling import LanguageConfig, LanguageMethod, presets_of
from lightning_modules.language.network import LanguageNetwork
from lightning_modules.language.ngrams import bits_per_character
from lightning_modules.language.vocabulary import Vocabulary, held_out_text, told_token, training_text
from lightning_modules.language.writing import Manner, Reader, likeliest, written
from lightning_modules.options import TrainingOptions

PADDING = -100
"""A place that no loss is taken of."""
NGRAM = 5
_SHOWN_CHARACTERS = 320
_WINDOWS = 16
_LONGEST_PROMPT = 2000


class WriteRequest(Config):
    """Go on from a prompt."""

    prompt: str = option(
        "", max_length=_LONGEST_PROMPT,
        title=Text(en="Beginning", hi="शुरुआत"),
        help=Text(en="The text that is continued; empty: a new line.", hi="जिस टेक्स्ट को आगे बढ़ाना है; खाली: नई पंक्ति।"),
    )  # fmt: skip
    count: int = option(
        1,
        ge=1,
        le=16,
        unit="texts",
        title=Text(en="Texts", hi="टेक्स्ट"),
        help=Text(en="How many to write.", hi="कितने लिखने हैं।"),
    )
    length: int = option(
        200, ge=1, le=2000, unit="tokens",
        title=Text(en="Length", hi="लंबाई"),
        help=Text(en="Tokens to write.", hi="कितने टोकन लिखने हैं।"),
    )  # fmt: skip
    temperature: float = option(
        0.8, ge=0, le=5, symbol="τ",
        title=Text(en="Temperature", hi="टेम्परेचर"),
        help=Text(en="0 takes the likeliest token, 1 draws as the model expects, more strays.", hi="0 पर सबसे संभावित टोकन, 1 पर मॉडल के अनुमान के मुताबिक़, ज़्यादा पर भटकाव।"),
    )  # fmt: skip
    most_likely: int = option(
        0, ge=0, le=100_000, unit="tokens", symbol="k",
        title=Text(en="Among the likeliest", hi="सबसे संभावित में से"),
        help=Text(en="Choose among so many tokens only; 0: among all.", hi="सिर्फ़ इतने टोकन में से चुनें; 0: सब में से।"),
        source="arXiv:1805.04833, section 5.4",
    )  # fmt: skip
    expected: int = option(
        8, ge=1, le=50, unit="tokens",
        title=Text(en="Expected tokens shown", hi="दिखाए गए अनुमान"),
        help=Text(en="How many of the likeliest next tokens are told with their chances.", hi="अगले सबसे संभावित टोकन में से कितने दिखाए जाएँ।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same text, one or several at once.", hi="एक ही सीड, वही टेक्स्ट; एक हो या कई साथ।"),
    )  # fmt: skip


class GPT(LanguageMethod):
    """The module that Lightning trains."""

    def __init__(self, config: LanguageConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(config, dataset, options, causal=True)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Mean nats a token: x [batch, characters] -> the loss."""
        tokens, real = self.tokens_of(batch[0], self.context + 1)
        loss = next_token_loss(self.network, tokens, real)
        self.log("loss", loss.detach())
        return loss

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Nats on the beginning of the held-out text, by token and in bits by character."""
        text = held_out_text(dataset, self.config.judged)
        nats, tokens, characters = told(self.best, self.vocabulary, text, self.context)
        return {
            "bits_per_character": nats / math.log(2) / characters,
            "perplexity": math.exp(min(nats / tokens, 100.0)),
        }

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """An even choice, and counting characters."""
        size = self.vocabulary.size
        even = Text(en="guessing, ln V", hi="अंदाज़ा, ln V")
        train, test = training_text(dataset), held_out_text(dataset, self.config.judged)
        order = min(NGRAM, int(63 / math.log2(len(set(train)) + 1)))
        counted = Text(en=f"counting {order}-grams", hi=f"{order}-ग्राम की गिनती")
        return [
            ReferenceLine("loss", math.log(size), even),
            ReferenceLine("perplexity", float(size), Text(en="guessing, V", hi="अंदाज़ा, V")),
            ReferenceLine("bits_per_character", bits_per_character(train, test, order), counted),
        ]

    def pictures(self) -> list[Passage]:
        """A text from an empty line on; always with the same dice."""
        texts = self.write(
            WriteRequest(
                length=_SHOWN_CHARACTERS if self.config.tokenizer == "characters" else 120, seed=self.options.seed
            )
        )
        return [Passage("written", texts[0], Text(en="Written by the model", hi="मॉडल का लिखा"), {"temperature": 0.8})]

    def write(self, request: WriteRequest) -> list[str]:
        """Continuations of the prompt, without it."""
        reader = Reader(self.best, self.context)
        manner = Manner(request.temperature, request.most_likely)
        found = written(
            reader,
            self._begun(request.prompt),
            count=request.count,
            length=request.length,
            manner=manner,
            seed=request.seed,
        )
        return [self.vocabulary.decode(tokens) for tokens in found]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "sample" (see `WriteRequest`) -> texts, and the likeliest tokens after the prompt with their chances."""
        if request != "sample":
            return super().answer(request, values, arrays)
        wanted = checked(WriteRequest, values)
        self.check_script(wanted.prompt)
        logits = Reader(self.best, self.context).read(self.numbers(self._begun(wanted.prompt)))
        expected = [
            {"token": told_token(self.vocabulary.decode([token]), spaced=False), "chance": chance}
            for token, chance in likeliest(logits[0], wanted.expected)
        ]
        read = min(len(self._begun(wanted.prompt)), self.context)
        facts = {"prompt": wanted.prompt, "read": read, "tokens": len(self._begun(wanted.prompt))}
        return Answer({**facts, "texts": self.write(wanted), "expected": expected})

    def _begun(self, prompt: str) -> list[int]:
        return self.vocabulary.encode(prompt or "\n")


def next_token_loss(network: torch.nn.Module, tokens: Tensor, real: Tensor) -> Tensor:
    """Mean nats of each token after the first, tokens [batch, tokens]; filling is not counted."""
    wanted = tokens[:, 1:].masked_fill(~real[:, 1:], PADDING)
    logits: Tensor = network(tokens[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PADDING)


@torch.no_grad()
def told(network: LanguageNetwork, vocabulary: Vocabulary, text: str, context: int) -> tuple[float, int, int]:
    """Nats it takes to tell a text after its first token, and the tokens and characters that were told.

    Each token is told once, from at least half a context where so much stands before it.
    """
    encoded = vocabulary.encode(text)
    tokens = torch.tensor(encoded, device=network.embedding.weight.device)
    last, half = len(tokens) - 1, max(1, context // 2)
    starts, fresh, done = [], [], 0
    while done < last:
        end = min(last, done + half if done else context)
        starts.append(max(0, end - context))
        fresh.append(end - done)
        done = end
    length = min(context, last)
    nats = vocabulary.surprise(encoded[1:])
    for k in range(0, len(starts), _WINDOWS):
        windows = torch.stack([tokens[first : first + length + 1] for first in starts[k : k + _WINDOWS]])
        each = F.cross_entropy(network(windows[:, :-1]).transpose(1, 2), windows[:, 1:], reduction="none")
        new = torch.tensor(fresh[k : k + _WINDOWS], device=each.device)[:, None]
        nats += float(each.double()[torch.arange(length, device=each.device) >= length - new].sum())
    return nats, last, len(text) - len(vocabulary.decode(encoded[:1]))


_SAMPLED: dict[str, Any] = {"evaluate_every": 250, "sample_every": 250}

METHOD = MethodCard(
    name="gpt",
    title=Text(en="GPT (next token)", hi="GPT (अगला टोकन)"),
    summary=Text(
        en="Learns a language by guessing what comes next, letter by letter or piece by piece; then writes by itself.",
        hi="आगे क्या आएगा, यह अक्षर-अक्षर या टुकड़ा-टुकड़ा अनुमान लगाकर भाषा सीखता है; फिर ख़ुद लिखता है।",
    ),
    family="self_supervised",
    source="A. Radford and others: Improving Language Understanding by Generative Pre-Training, 2018; optimiser: arXiv:2502.16982",
    config=LanguageConfig,
    build=GPT,
    accepts=("text",),
    answers=("sample", "attention"),
    presets=(
        Preset("tiny", presets_of(**{**_SAMPLED, "steps": 250, "width": 64, "layers": 2, "heads": 2, "judged": 5000, "evaluate_every": 50, "sample_every": 50})),
        Preset("small", presets_of(**{**_SAMPLED, "steps": 2000})),
        Preset("base", presets_of(**{**_SAMPLED, "steps": 5000, "batch_size": 64, "width": 384, "layers": 6, "heads": 6, "context": 256, "dropout": 0.2, "learning_rate": 2e-3})),
    ),
    metrics=(
        MetricCard(
            "bits_per_character",
            Text(en="Bits per character", hi="प्रति अक्षर बिट"),
            Text(en="What each character of the held-out text costs to tell; comparable whatever the tokens are.",
                 hi="अलग रखे टेक्स्ट का हर अक्षर बताने में कितने बिट लगते हैं; टोकन कोई भी हों, तुलना हो सकती है।"),
            better="lower", headline=True,
        ),
        MetricCard(
            "perplexity",
            Text(en="Perplexity", hi="पर्प्लेक्सिटी"),
            Text(en="Among how many equally likely tokens the model wavers on the held-out text.", hi="अलग रखे टेक्स्ट पर मॉडल कितने बराबर संभावित टोकन के बीच दुविधा में रहता है।"),
            better="lower", headline=True, log_axis=True,
        ),
        MetricCard(
            "loss",
            Text(en="Training loss", hi="ट्रेनिंग लॉस"),
            Text(en="Mean nats a token on the training batch; guessing costs ln V.", hi="ट्रेनिंग के बैच पर हर टोकन के औसत नैट; अंदाज़े से ln V लगते हैं।"),
            better="lower", headline=True, unit="nats",
        ),
    ),
)  # fmt: skip
