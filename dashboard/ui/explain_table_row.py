"""Part of Explain, table: which of the rows the model has not seen, and for which class it is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.explain.telling import Row, figure, percent
from dashboard.ui import address
from dashboard.ui.explain_table_model import Model
from dashboard.ui.language import t
from data.table import cell_text

_OFFERED = 300


@dataclass(frozen=True)
class Chosen:
    """A row of the table: its number there, where it stands among the model's unseen rows, and the class it is explained for."""

    line: int
    at: int
    target: int

    def told(self, model: Model, *, x: np.ndarray | None = None, scores: np.ndarray | None = None) -> Row:
        """What sentences need to know of it; of changed values `x` with their `scores`, when given."""
        own = model.scores[self.at] if scores is None else scores
        classed = model.task == "classification"
        return Row(
            model.features, model.x[self.at] if x is None else x, float(own[self.target]),
            says=model.targets[int(own.argmax())] if classed else "",
            usual=None if classed else float(model.scores[:, 0].mean()),
        )  # fmt: skip

    def request(self, model: Model) -> dict[str, Any]:
        """The subject as requests name it."""
        return {"kind": "table", "model": model.request, "row": self.line, "target": model.targets[self.target]}


def choose(model: Model) -> Chosen | None:
    """Draw the choice of a row and a class."""
    order = _interesting(model)
    at_of = {str(model.lines[at]): at for at in order}
    with st.container(border=True, key="passage-table-row"):
        with st.grid(2, min_column_width=230):
            chosen = address.pick(
                t("explain_table.row"), list(at_of), parameter="row", scope=_scope(model),
                show=lambda line: _named(model, at_of[line]), help=t("explain_table.row.help"),
            )  # fmt: skip
            at = at_of[chosen]
            target = _target(model, at)
        with st.expander(t("explain_table.row.values"), icon=":material/list:"):
            st.dataframe(_values(model, at), hide_index=True, height=240, alt=t("explain_table.row.values"))
    return Chosen(int(chosen), at, target)


def turn_to(model: Model, line: str) -> None:
    """Choose another row, and ask why: what a click on its point does. For callbacks, before the page is drawn."""
    address.turn("row", line, scope=_scope(model))
    address.turn("view", "why")


def _scope(model: Model) -> str:
    return f"{model.about.id}.{model.recipe.target}.{model.recipe.seed}"


def _interesting(model: Model) -> list[int]:
    """Rows in the order they are offered: those of the unwanted class first, the closest decisions first; of numbers, as they stand."""
    if model.task != "classification":
        return list(range(len(model.lines)))[:_OFFERED]
    score = model.scores[:, model.unwanted]
    said = model.scores.argmax(axis=1) == model.unwanted
    order = np.lexsort((np.abs(score - 0.65), ~said))
    return [int(k) for k in order[:_OFFERED]]


def _named(model: Model, at: int) -> str:
    line = int(model.lines[at]) + 2  # as a spreadsheet counts, the names being line 1
    if model.task != "classification":
        return t("explain_table.row.number", line=line, value=figure(model.scores[at, 0]))
    best = int(model.scores[at].argmax())
    return t("explain_table.row.class", line=line, name=model.targets[best], p=percent(model.scores[at, best]))


def _target(model: Model, at: int) -> int:
    if model.task != "classification":
        return 0
    options = [str(k) for k in range(len(model.targets))]
    best = str(int(model.scores[at].argmax()))
    chosen = address.pick(
        t("explain_table.class"), options, parameter="class", scope=f"{model.about.id}.{model.recipe.target}.{at}", default=best,
        show=lambda word: model.targets[int(word)], help=t("explain_table.class.help"),
    )  # fmt: skip
    return int(chosen)


def _values(model: Model, at: int) -> pd.DataFrame:
    truth = model.y[at]
    cells = [cell_text(one, one.kind, float(value)) for one, value in zip(model.features, model.x[at], strict=True)]
    said = model.targets[int(truth)] if model.task == "classification" else figure(truth)
    names = [one.name for one in model.features]
    return pd.DataFrame(
        {
            t("explain_table.columns.name"): [t("explain_table.row.truth", name=model.recipe.target), *names],
            t("explain_table.columns.value"): [said, *cells],
        }
    )
