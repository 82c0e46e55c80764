"""Permutation importance: how much worse the model gets on rows it has not seen when one column is shuffled.

L. Breiman, Random Forests, 2001; A. Fisher, C. Rudin, F. Dominici, arXiv:1801.01489. Worse means more squared error: of the number,
or of the probability (the Brier score). The interval is over rows, since it is the rows that would be others next time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.table import words
from dashboard.explain.table.subject import ROWS_AT_ONCE, Array, Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Problem, Text

_MOST_ROWS = 500
_FIRST_ROWS = 100
"""Rows of the first snapshot."""


class PermutationConfig(Config):
    """How often, and the seed."""

    repeats: int = option(
        5, ge=1, le=100, title=Text(en="Shuffles", hi="फेरबदल"),
        help=Text(en="How often each column is shuffled.", hi="हर कॉलम कितनी बार फेंटा जाए।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"), help=Text(en="Same seed, same numbers.", hi="एक ही सीड, वही संख्याएँ।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: PermutationConfig) -> Iterator[Explanation]:
    """A snapshot from some rows (`details`: `rows` of how many), then one after each shuffle of all columns; `prediction` is the squared error of the model as it is."""
    if subject.held_out is None:
        raise Problem(words.NO_TRUTH, code="no_truth", field="method")
    generator, asked = np.random.default_rng(config.seed), Asked(subject)
    rows, truth = (part[: _MOST_ROWS * 4] for part in subject.held_out)
    chosen = generator.permutation(len(rows))[:_MOST_ROWS]
    rows, truth = rows[chosen], truth[chosen]
    error = (asked(rows) - truth) ** 2
    worse = np.zeros((rows.shape[1], len(rows)))
    for repeat in range(1, config.repeats + 1):
        orders = [generator.permutation(len(rows)) for _ in range(rows.shape[1])]
        some = min(_FIRST_ROWS, len(rows)) if repeat == 1 else 0
        for part in (slice(0, some), slice(some, len(rows))):
            if part.stop > part.start:
                worse[:, part] += _errors(asked, rows, truth, orders, part) - error[part]
                yield _told(
                    worse[:, : part.stop] / repeat,
                    error[: part.stop],
                    asked,
                    subject.target,
                    last=repeat == config.repeats and part.stop == len(rows),
                    of=len(rows),
                )


def _errors(asked: Asked, rows: Array, truth: Array, orders: list[npt.NDArray[np.int64]], part: slice) -> Array:
    """Squared errors of some rows, each column in turn taken from other rows [columns, rows of the part]. As many columns at once as fit
    in memory: a forest spends more on being asked than on a row."""
    kept = rows[part]
    at_once = max(1, ROWS_AT_ONCE // len(kept))
    said = []
    for start in range(0, len(orders), at_once):
        some = range(start, min(start + at_once, len(orders)))
        shuffled = np.repeat(kept[None], len(some), axis=0)
        for place, column in enumerate(some):
            shuffled[place, :, column] = rows[orders[column][part], column]
        said.append(asked(shuffled.reshape(-1, rows.shape[1])).reshape(len(some), len(kept)))
    errors: Array = (np.concatenate(said) - truth[part]) ** 2
    return errors


def _told(worse: Array, error: Array, asked: Asked, target: str, *, last: bool, of: int) -> Explanation:
    count = worse.shape[1]
    return Explanation(
        worse.mean(axis=1), float(error.mean()), target, half_width=1.96 * worse.std(axis=1) / np.sqrt(max(count - 1, 1)),
        seconds=asked.seconds, model_calls=asked.calls, converged=last, details={"rows": count, "of": of},
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="permutation_importance",
    title=Text(en="Permutation importance", hi="फेरबदल से महत्व"),
    summary=Text(
        en="Of the model as a whole: how much larger its error is on unseen rows when a column is shuffled.",
        hi="पूरे मॉडल के बारे में: कोई कॉलम फेंटने पर अनदेखी पंक्तियों पर गलती कितनी बढ़ती है।",
    ),
    source="Breiman 2001; arXiv:1801.01489",
    kind="table",
    config=PermutationConfig,
    explain=explain,
    scope="global",
)
