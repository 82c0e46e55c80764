"""BERT: a language model that learns by filling in hidden tokens from both sides (arXiv:1810.04805, section 3.1, task 1).

The loss is the mean of -ln p(token | what is shown) over the chosen tokens alone (`hiding`), in nats; an even choice among V tokens costs
ln V. When the model is judged, every chosen token is shown as [MASK]: nothing is given away, and always saying the commonest token is
right as often as that stands in the text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.fields import checked
from data.text import Text
from lightning_modules.base import Answer, Passage
from lightning_modules.language.filling import Blanks, FillRequest, answers, blanks_of, without_blanks
from lightning_modules.language.hiding import SHARE, choose, hide
from lightning_modules.language.looking import AttentionRequest
from lightning_modules.language.modelling import (
    LanguageConfig,
    LanguageMethod,
    TokenizerName,
    presets_of,
    tokenizer_option,
)
from lightning_modules.language.network import LanguageNetwork
from lightning_modules.language.vocabulary import held_out_text, told_token, training_text
from lightning_modules.language.writing import likeliest
from lightning_modules.options import TrainingOptions

_WINDOWS = 32
_SHOWN_LINES, _LONGEST_LINE, _SHORTEST_LINE = 6, 160, 24


class BertConfig(LanguageConfig):
    """What a person chooses about BERT."""

    tokenizer: TokenizerName = tokenizer_option("bpe")
    hidden_share: float = option(
        SHARE, gt=0, le=0.9, advanced=True,
        title=Text(en="Hidden share", hi="छिपा हिस्सा"),
        help=Text(en="Share of the tokens that the model has to fill in; of these 80 % are shown as [MASK], 10 % as another token, 10 % as they are.",
                  hi="कितने टोकन मॉडल को भरने हैं; इनमें से 80 % [MASK] दिखते हैं, 10 % कोई और टोकन, 10 % जैसे थे वैसे।"),
        source="arXiv:1810.04805, section 3.1; more is often better: arXiv:2202.08005",
    )  # fmt: skip


class BERT(LanguageMethod):
    """The module that Lightning trains."""

    config: BertConfig

    def __init__(self, config: BertConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(config, dataset, options, causal=False, extra=1)
        self.mask = self.vocabulary.size
        self.lines = lines_of(held_out_text(dataset, config.judged))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Mean nats a hidden token: x [batch, characters] -> the loss."""
        tokens, real = self.tokens_of(batch[0], self.context)
        hidden = hide(tokens, real, self.config.hidden_share, mask=self.mask)
        loss = hidden_token_loss(self.network, hidden.shown, real, tokens, hidden.chosen)
        self.log("loss", loss.detach())
        return loss

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """How many hidden tokens of the beginning of the held-out text are told rightly, and what they cost; the same ones each time."""
        tokens, chosen = self.judged(dataset)
        nats, right = told(self.best, tokens, chosen, self.mask)
        count = int(chosen.sum())
        return {
            "masked_accuracy": right / count,
            "masked_perplexity": math.exp(min(nats / count, 100.0)),
        }

    def judged(self, dataset: Dataset) -> tuple[Tensor, Tensor]:
        """Held-out tokens in windows [windows, context], and those to tell: the same share whatever the model learned with."""
        encoded = torch.tensor(self.vocabulary.encode(held_out_text(dataset, self.config.judged)))
        length = min(self.context, len(encoded))
        starts = [*range(0, len(encoded) - length + 1, length)]
        tokens = torch.stack([encoded[first : first + length] for first in starts])
        dice = torch.Generator().manual_seed(0)
        chosen = choose(torch.ones_like(tokens, dtype=torch.bool), SHARE, dice)
        return tokens.to(self.device), chosen.to(self.device)

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """An even choice, and always expecting tokens as often as they stand in the training text."""
        size = self.vocabulary.size
        counts = np.bincount(self.vocabulary.encode(training_text(dataset)), minlength=size)
        tokens, chosen = self.judged(dataset)
        wanted = tokens[chosen].cpu().numpy()
        chances = (counts + 1) / (counts.sum() + size)  # Laplace: what was never seen costs something finite
        shown = told_token(self.vocabulary.decode([int(counts.argmax())]), spaced=False)
        even = Text(en="guessing, ln V", hi="अंदाज़ा, ln V")
        commonest = Text(en=f"always the commonest token, “{shown}”", hi=f"हर बार सबसे आम टोकन, “{shown}”")
        counted = Text(en="counting tokens", hi="टोकन की गिनती")
        return [
            ReferenceLine("loss", math.log(size), even),
            ReferenceLine("masked_accuracy", float((wanted == counts.argmax()).mean()), commonest),
            ReferenceLine("masked_perplexity", float(np.exp(-np.log(chances[wanted]).mean())), counted),
            ReferenceLine("masked_perplexity", float(size), Text(en="guessing, V", hi="अंदाज़ा, V")),
        ]

    def pictures(self) -> list[Passage]:
        """Held-out lines with a few tokens hidden and filled in; always the same ones."""
        text = "\n".join(self._filled_in(line, number) for number, line in enumerate(self.lines))
        caption = Text(
            en="Filled in: [right], [said ≠ what stood there]; each hidden token for itself",
            hi="भरे गए टोकन: [सही], [भरा ≠ जो था]; हर छिपा टोकन अलग से",
        )
        return [Passage("filled", text, caption)] if text else []

    def _filled_in(self, line: str, number: int) -> str:
        tokens = self.vocabulary.encode(line)[: self.context]
        dice = torch.Generator().manual_seed(number)
        places = choose(torch.ones(1, len(tokens), dtype=torch.bool), SHARE, dice)[0].nonzero()[:, 0].tolist()
        shown = [self.mask if k in places else token for k, token in enumerate(tokens)]
        said = answers(self.best, self.numbers(shown), places, self.mask).argmax(-1).tolist()
        pieces: list[list[int] | str] = [[]]
        for k, token in enumerate(tokens):
            if k in places:
                pieces += [marked(*(self.vocabulary.decode([one]) for one in (said[places.index(k)], token))), []]
            else:
                last = pieces[-1]
                assert isinstance(last, list)
                last.append(token)
        return "".join(one if isinstance(one, str) else self.vocabulary.decode(one) for one in pieces)

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "fill" (see `FillRequest`) -> for each blank the likeliest tokens with their chances, and the sentence with the first of each."""
        if request == "attention" and without_blanks(prompt := str(values.get("prompt", ""))) != prompt:
            asked = checked(AttentionRequest, values)
            blanks = self._blanks(asked.prompt)
            names = [self._name(token) for token in blanks.tokens]
            return self.look(blanks.tokens, names, by_gradient=asked.by_gradient)
        if request != "fill":
            return super().answer(request, values, arrays)
        wanted = checked(FillRequest, values)
        blanks = self._blanks(wanted.prompt)
        self.check_length(len(blanks.tokens))
        chances = answers(self.best, self.numbers(blanks.tokens), blanks.places, self.mask)
        chances = self._among_beginnings(chances, blanks.spaced)
        found = [likeliest(row.log(), wanted.expected) for row in chances]
        tokens = list(blanks.tokens)
        for place, best in zip(blanks.places, found, strict=True):
            tokens[place] = best[0][0]
        return Answer(
            {
                "prompt": wanted.prompt,
                "filled": self.vocabulary.decode(tokens),
                "blanks": [
                    [
                        {"token": told_token(self.vocabulary.decode([token]), spaced), "chance": chance}
                        for token, chance in row
                    ]
                    for row, spaced in zip(found, blanks.spaced, strict=True)
                ],
            }
        )

    def _blanks(self, prompt: str) -> Blanks:
        self.check_script(without_blanks(prompt))
        return blanks_of(prompt, self.vocabulary, self.mask)

    @cached_property
    def _begins(self) -> Tensor:
        """Which tokens begin a word, with the space before it, [vocabulary]."""
        words = (self.vocabulary.decode([token]) for token in range(self.mask))
        return torch.tensor([word.startswith(" ") and not word.isspace() for word in words])

    def _among_beginnings(self, chances: Tensor, spaced: Sequence[bool]) -> Tensor:
        """Chances [blanks, vocabulary]; where a space was typed before the blank, among tokens that begin a word."""
        asked = torch.tensor(spaced)[:, None] & self._begins.any()
        left = chances.masked_fill(asked.to(chances.device) & ~self._begins.to(chances.device), 0.0)
        return left / left.sum(-1, keepdim=True)

    def _name(self, token: int) -> str:
        return "[MASK]" if token == self.mask else told_token(self.vocabulary.decode([token]), spaced=False)


def hidden_token_loss(network: LanguageNetwork, shown: Tensor, real: Tensor, tokens: Tensor, chosen: Tensor) -> Tensor:
    """Mean nats of the chosen tokens [batch, tokens]; the head looks at no others, and never says [MASK]."""
    vectors = network.vectors(shown, None if bool(real.all()) else real)[chosen]
    return F.cross_entropy(network.head(vectors)[:, :-1], tokens[chosen])


@torch.no_grad()
def told(network: LanguageNetwork, tokens: Tensor, chosen: Tensor, mask: int) -> tuple[float, int]:
    """Nats it takes to tell the chosen ones of tokens [windows, tokens], all shown as [MASK], and how many are told rightly."""
    nats, right = 0.0, 0
    for k in range(0, len(tokens), _WINDOWS):
        wanted, hidden = tokens[k : k + _WINDOWS], chosen[k : k + _WINDOWS]
        logits = network.head(network.vectors(wanted.masked_fill(hidden, mask))[hidden])[:, :mask]
        nats += float(F.cross_entropy(logits, wanted[hidden], reduction="sum").double())
        right += int((logits.argmax(-1) == wanted[hidden]).sum())
    return nats, right


def lines_of(text: str) -> list[str]:
    """A few lines of a text to show fill-ins with, spread evenly: such as are neither very short nor very long, once each."""
    lines = [line.strip()[:_LONGEST_LINE] for line in text.split("\n")]
    fitting = [line for line in dict.fromkeys(lines) if len(line) >= _SHORTEST_LINE]
    found = fitting or [line for line in lines if line]
    return found[:: max(1, len(found) // _SHOWN_LINES)][:_SHOWN_LINES]


def marked(said: str, truth: str) -> str:
    """A token that was filled in, in brackets, with what stood there where it is another; a space before it stays outside."""
    space = " " if truth.startswith(" ") and truth.strip() else ""
    words = [
        one[1:] if space and one.startswith(" ") else one.replace(" ", "␣").replace("\n", "↵") for one in (said, truth)
    ]
    return f"{space}[{words[0]}]" if said == truth else f"{space}[{words[0]} ≠ {words[1]}]"


_SAMPLED: dict[str, Any] = {"evaluate_every": 250, "sample_every": 250}

METHOD = MethodCard(
    name="bert",
    title=Text(en="BERT (hidden tokens)", hi="BERT (छिपे टोकन)"),
    summary=Text(
        en="Learns a language by filling in hidden pieces of a sentence from what stands before and after; then fills in yours.",
        hi="वाक्य के छिपे टुकड़े आगे-पीछे के शब्दों से भरकर भाषा सीखता है; फिर आपके वाक्य की खाली जगह भरता है।",
    ),
    family="self_supervised",
    source="arXiv:1810.04805; optimiser: arXiv:2502.16982",
    config=BertConfig,
    build=BERT,
    accepts=("text",),
    answers=("fill", "attention"),
    presets=(
        Preset("tiny", presets_of(**{**_SAMPLED, "steps": 700, "width": 64, "layers": 2, "heads": 2, "judged": 10_000, "evaluate_every": 50, "sample_every": 50, "batch_size": 16, "vocabulary_size": 1000, "hidden_share": 0.3})),
        Preset("small", presets_of(**{**_SAMPLED, "steps": 1500, "batch_size": 24, "hidden_share": 0.3})),
        Preset("base", presets_of(**{**_SAMPLED, "steps": 10_000, "batch_size": 64, "width": 384, "layers": 6, "heads": 6, "context": 128, "dropout": 0.1, "learning_rate": 2e-3, "vocabulary_size": 8000, "hidden_share": 0.3})),
    ),
    metrics=(
        MetricCard(
            "masked_accuracy",
            Text(en="Hidden tokens told rightly", hi="सही भरे छिपे टोकन"),
            Text(en="Share of the hidden tokens of the held-out text whose likeliest answer is right; all of them are shown as [MASK].",
                 hi="अलग रखे टेक्स्ट के छिपे टोकन में से कितनों का सबसे संभावित जवाब सही है; सब [MASK] दिखाए जाते हैं।"),
            better="higher", headline=True,
        ),
        MetricCard(
            "masked_perplexity",
            Text(en="Perplexity of hidden tokens", hi="छिपे टोकन की पर्प्लेक्सिटी"),
            Text(en="Among how many equally likely tokens the model wavers at a hidden place; compares within one vocabulary only.",
                 hi="छिपी जगह पर मॉडल कितने बराबर संभावित टोकन के बीच दुविधा में रहता है; तुलना एक ही शब्दावली के भीतर।"),
            better="lower", headline=True, log_axis=True,
        ),
        MetricCard(
            "loss",
            Text(en="Training loss", hi="ट्रेनिंग लॉस"),
            Text(en="Mean nats a hidden token of the training batch; guessing costs ln V.", hi="ट्रेनिंग के बैच के हर छिपे टोकन के औसत नैट; अंदाज़े से ln V लगते हैं।"),
            better="lower", headline=True, unit="nats",
        ),
    ),
)  # fmt: skip
