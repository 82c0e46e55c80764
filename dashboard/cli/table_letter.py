"""The letter about a row of a table, asked of the workers: its reasons, and the change that does turn the outcome."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.cli.table_model import Asked
from dashboard.compute.framing import Message
from dashboard.explain.contract import from_parts
from dashboard.explain.table.letter import Letter, letter
from dashboard.explain.telling import Row
from dashboard.tables.reason_codes import ReasonCode, codes_of, completed
from data.example_tables import EXAMPLES
from data.table import Column
from data.text import Problem


def letter_about(
    here: Asked, fitted: Message, row: int, codes: Sequence[ReasonCode] | None, *, name: str, sender: str
) -> Letter:
    """The letter; `codes` in place of those kept with the table."""
    features = [Column.model_validate(one) for one in fitted.values["features"]]
    words = codes_of(here.about, features) if codes is None else completed(codes, here.about, features)
    found = here.ask("table_row", row=row).arrays
    scores, targets = found["scores"][0], fitted.values["targets"]
    classed = fitted.values["task"] == "classification"
    says = targets[int(scores.argmax())] if classed else ""
    asked = {"kind": "table", "row": row, "target": says or None}
    answer = here.ask("explain", **asked, method="kernel_shap", evidence=True)
    example = EXAMPLES.get(here.about.id)
    kept = {one.column for one in words if one.barred} | set(example.kept_fixed if example else ())
    low, high = np.quantile(fitted.arrays["y"], [0.25, 0.75])
    bound = f"<{low:.4g}" if scores[0] > (low + high) / 2 else f">{high:.4g}"
    ways, wanted = [], ""
    try:
        other = here.ask(
            "explain", **asked, method="counterfactual", limits={one: {"fixed": True} for one in kept}, config={"wanted": "" if classed else bound}
        )  # fmt: skip
    except Problem as problem:
        if problem.code != "no_counterfactual":
            raise
    else:
        details = from_parts(other.values, other.arrays).details
        ways, wanted = details["ways"], str(details["wanted"])
    told = Row(features, found["x"], float(scores.max() if classed else scores[0]), says=says)
    return letter(from_parts(answer.values, answer.arrays), told, words, ways, wanted=wanted, name=name, sender=sender)
