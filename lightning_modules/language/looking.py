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


def check_typed(prompt: str) -> None:
    """Refuse a prompt with nothing in it."""
    if not prompt.strip():
        raise Problem(
            Text(en="Type a text to look into.", hi="जिस टेक्स्ट के अंदर देखना है, वह लिखें।"),
            code="empty_prompt", field="prompt",
        )  # fmt: skip


def seen(tokens: Sequence[str], weights: Tensor, *, causal: bool) -> Answer:
    """The answer: `tokens` as they are read, `weights` [layers, heads, tokens, tokens], a row for each token that looks."""
    return Answer({"tokens": list(tokens), "causal": causal}, {"weights": weights.float().cpu().numpy()})
