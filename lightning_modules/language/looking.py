"""Who looks where in a text: the attention of a language model on a sentence that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from data.catalog import Config, option
from data.text import Problem, Text
from lightning_modules.base import Answer

LONGEST_TEXT = 2000


class AttentionRequest(Config):
    """Look into a text."""

    prompt: str = option(
        ..., max_length=LONGEST_TEXT,
        title=Text(en="Text", hi="टेक्स्ट"),
        help=Text(en="The text that is looked into.", hi="जिस टेक्स्ट के अंदर देखना है।"),
    )  # fmt: skip
    by_gradient: bool = option(
        False,
        title=Text(en="Weighted by gradient", hi="ग्रेडिएंट के वज़न से"),
        help=Text(en="Also what the answer at each token drew on: attention, counted where more of it would raise the chance of that answer.",
                  hi="साथ में यह भी कि हर टोकन का जवाब किससे बना: अटेंशन, जहाँ और ज़्यादा होने से उस जवाब की संभावना बढ़ती।"),
        source="arXiv:2103.15679",
    )  # fmt: skip


def check_typed(prompt: str) -> None:
    """Refuse a prompt with nothing in it."""
    if not prompt.strip():
        raise Problem(
            Text(en="Type a text to look into.", hi="जिस टेक्स्ट के अंदर देखना है, वह लिखें।"),
            code="empty_prompt", field="prompt",
        )  # fmt: skip


def seen(tokens: Sequence[str], weights: Tensor, *, causal: bool, drawn: Tensor | None = None) -> Answer:
    """The answer: `tokens` as they are read, `weights` [layers, heads, tokens, tokens], a row for each token that looks, and if it is known
    `drawn` [tokens, tokens], what each token's answer drew on.
    """
    found = {"weights": weights.float().cpu().numpy()}
    if drawn is not None:
        found["drawn"] = drawn.float().cpu().numpy()
    return Answer({"tokens": list(tokens), "causal": causal}, found)


def likeliest_score(logits: Tensor) -> Tensor:
    """ln of the chance of the likeliest answer at each token: logits [..., vocabulary] -> [...]."""
    return logits.log_softmax(dim=-1).amax(dim=-1)
