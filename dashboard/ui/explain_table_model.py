"""Part of Explain, table: which table, which target, which learner; and what the model is worth on rows it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.compute.framing import Message
from dashboard.explain import records
from dashboard.explain.telling import percent
from dashboard.tables.recipe import Recipe
from dashboard.ui import address, answers, explain_table_brought, explain_table_kept, explaining, lab_parts, studio
from dashboard.ui.background import Outcome
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from data import tables
from data.example_tables import EXAMPLES, ExampleTable
from data.table import Column
from data.table_reading import LARGEST_FILE
from data.tables import TableAbout
from data.text import Problem

_ROUND, _REFUSED = "explain_table.round", "explain_table.refused"
_USUAL = "credit_german"
_BIG = 20_000
"""Rows of a table from which on a model of some rows is shown first."""
_FIRST_ROWS = 2_000
_LEARNING_S = 600.0
"""Seconds for learning from all rows, on a slow or busy machine too; a refused one would be asked again at every click."""
_KINDS = ("number", "category", "date", "ignored")
_MIB = 2**20


@dataclass(frozen=True)
class Model:
    """A trained model as the page knows it: its recipe, its features, and rows it has not seen with what it says of them."""

    recipe: Recipe
    about: TableAbout
    example: ExampleTable | None
    task: str
    targets: tuple[str, ...]
    features: tuple[Column, ...]
    lines: npt.NDArray[np.int64]
    x: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    usual: npt.NDArray[np.float64]

    @property
    def request(self) -> dict[str, Any]:
        """The model as requests name it."""
        return self.recipe.model_dump(mode="json")

    @property
    def unwanted(self) -> int:
        """The class a person most likely asks about: not the one an example calls wanted."""
        wanted = self.example.wanted if self.example else ""
        others = [k for k, name in enumerate(self.targets) if name != wanted]
        return others[0] if wanted and others else len(self.targets) - 1


def choose() -> Model | None:
    """Draw the choices; None, with a place held or the reason on screen, while there is no model."""
    with st.container(border=True, key="passage-table-model"):
        about = _table()
        if about is None:
            return None
        recipe = _recipe(about)
        recipe, outcome = _trained(recipe, about)
        if outcome is None:
            lab_parts.waiting(t("explain_table.training"), height=90)
            return None
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        if outcome.value is None:
            return None
        _worth(outcome.value, recipe)
        if recipe.rows:
            learned, every = number(outcome.value.values["train"]), number(outcome.value.values["learnable"])
            st.info(t("explain_table.some_rows", rows=learned, all=every), icon=":material/hourglass_top:")
        else:
            explain_table_kept.shelf(recipe, outcome.value)
    return _model(outcome.value, recipe, about)


def _trained(recipe: Recipe, about: TableAbout) -> tuple[Recipe, Outcome[Message] | None]:
    """The model, and what it is worth. Of a big table one that learned from some rows, until that of all rows is there (`learn_from_all`)."""
    if recipe.learner == "foreign" or about.rows <= _BIG:
        return recipe, answers.answer("fit_table", {"model": recipe.model_dump(mode="json")})
    whole = answers.known("fit_table", {"model": recipe.model_dump(mode="json")})
    if whole is not None:
        return recipe, whole
    some = recipe.model_copy(update={"rows": _FIRST_ROWS})
    outcome = answers.answer("fit_table", {"model": some.model_dump(mode="json")})
    if outcome is not None and outcome.problem is not None:  # some rows may not do; all may
        return recipe, answers.answer("fit_table", {"model": recipe.model_dump(mode="json")})
    return some, outcome


def learn_from_all(model: Model) -> None:
    """Once all that a page shows of a model that learned from some rows is there: have it learn from all; the page is then drawn anew."""
    if not model.recipe.rows:
        return
    if _idle():
        whole = {"model": model.recipe.model_copy(update={"rows": 0}).model_dump(mode="json")}
        outcome = answers.answer("fit_table", whole, timeout_s=_LEARNING_S)
        if outcome is not None and outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
    else:
        answers.wake_when(_idle)


def _idle() -> bool:
    return not answers.background().busy and not explaining.busy()


def _model(said: Message, recipe: Recipe, about: TableAbout) -> Model:
    told, arrays = said.values, said.arrays
    return Model(
        recipe, about, EXAMPLES.get(about.id), told["task"], tuple(told["targets"]),
        tuple(Column.model_validate(one) for one in told["features"]),
        arrays["lines"], arrays["x"], arrays["scores"], arrays["y"], arrays["usual"],
    )  # fmt: skip


def _table() -> TableAbout | None:
    folder = studio.settings().tables
    own = {one.id: one for one in tables.listed(folder)}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = address.pick(
            t("explain_table.table"),
            [*own, *EXAMPLES],
            parameter="table",
            default=_USUAL,
            show=lambda one: own[one].name if one in own else t(EXAMPLES[one].title),
        )
    with (
        right,
        st.popover(
            t("explain_table.upload"),
            icon=":material/upload_file:",
            width="stretch",
            key=f"explain_table.uploader.{st.session_state.get(_ROUND, 0)}",  # after an upload a new one, closed
        ),
    ):
        _upload()
        explain_table_brought.bring()
    refused: Problem | None = st.session_state.get(_REFUSED)
    if refused is not None:
        st.error(plain(t(refused.text)), icon=":material/error:")
    about = own.get(chosen) or tables.find(chosen, folder)
    if chosen in EXAMPLES:
        example = EXAMPLES[chosen]
        st.caption(
            t(example.summary), help=t("explain_table.source", source=example.source, licence=t(example.licence))
        )
    else:
        _facts(about)
    return about


def _facts(about: TableAbout) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t("explain_table.size", rows=number(about.rows), columns=number(len(about.columns))), width="content"
        )
        with st.popover(t("explain_table.delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(t("explain_table.delete.sure", name=plain(about.name)))
            st.button(t("explain_table.delete.yes"), type="primary", on_click=guarded(_delete), args=(about.id,))


def _delete(identity: str) -> None:
    tables.delete(identity, studio.settings().tables)
    records.delete_of_table(studio.settings().explanations, identity)  # all that was made from it
    address.turn("table", _USUAL)


def _upload() -> None:
    sent = st.file_uploader(
        t("explain_table.upload.rule", limit=LARGEST_FILE // _MIB),
        type=["csv", "tsv", "txt", "parquet", "xlsx"],
        max_upload_size=LARGEST_FILE // _MIB,
        key=f"{_ROUND}.{st.session_state.setdefault(_ROUND, 0)}",
    )
    st.caption(t("explain_table.upload.where", folder=studio.settings().tables))
    if sent is not None:
        _accept(sent)


def _accept(sent: UploadedFile) -> None:
    """Check what was sent; either way the uploader is emptied, which frees the memory it holds."""
    try:
        with st.spinner(t("explain_table.checking")):
            about = tables.accept(sent.getvalue(), sent.name, studio.settings().tables)
    except Problem as problem:
        st.session_state[_REFUSED] = problem
    else:
        st.session_state.pop(_REFUSED, None)
        for name in ("target", "row"):  # of another table: they are kept apart by it
            address.put(name, None)
        address.turn("view", "why")
        address.turn("table", about.id)
    st.session_state[_ROUND] += 1
    st.rerun()


def _recipe(about: TableAbout) -> Recipe:
    example = EXAMPLES.get(about.id)
    names = [one.name for one in about.columns]
    usual = example.target if example else names[-1]
    with st.grid(3, min_column_width=200):
        target = address.pick(t("explain_table.target"), names, parameter="target", scope=about.id, default=usual)
        learner, file = explain_table_brought.choose()
        seed = address.whole(
            t("explain_table.seed"), 0, 9999, parameter="seed", default=0, help=t("explain_table.seed.help")
        )
    return Recipe(table=about.id, target=target, learner=learner, file=file, seed=seed, kinds=_kinds(about, target))


def _kinds(about: TableAbout, target: str) -> dict[str, Any]:
    """What a person changed about the columns' kinds."""
    opened, taken = explain_table_kept.kinds_of(about.id)
    key = f"explain_table.kinds.{about.id}.{opened}"
    with st.expander(t("explain_table.columns", count=len(about.columns)), icon=":material/view_column:"):
        st.caption(t("explain_table.columns.about"))
        names = {kind: t(f"explain_table.kind.{kind}") for kind in _KINDS}
        name, kind, facts = (t(f"explain_table.columns.{one}") for one in ("name", "kind", "facts"))
        edited = st.data_editor(
            pd.DataFrame(
                {
                    name: [one.name for one in about.columns],
                    kind: [names[taken.get(one.name, one.kind)] for one in about.columns],
                    facts: [_fact(one) for one in about.columns],
                }
            ),
            column_config={kind: st.column_config.SelectboxColumn(options=list(names.values()), required=True)},
            disabled=[name, facts],
            hide_index=True,
            key=key,
            height=260,
        )
    words = {word: one for one, word in names.items()}
    given = zip(about.columns, edited[kind], strict=True)
    return {one.name: words[said] for one, said in given if words.get(said, one.kind) != one.kind}


def _fact(column: Column) -> str:
    parts = []
    if column.kind == "category" or not column.numeric:
        parts.append(", ".join(column.levels[:4]) + ("…" if len(column.levels) > 4 else ""))
    elif column.low is not None and column.high is not None:
        parts.append(f"{column.low:g} … {column.high:g}")
    if column.missing:
        parts.append(t("explain_table.columns.missing", count=column.missing))
    return " · ".join(parts)


def _worth(said: Message, recipe: Recipe) -> None:
    """Each figure with its interval and what the simplest guess reaches."""
    facts = []
    for name, one in said.values["figures"].items():
        whole = name == "accuracy"
        value, low, high, guess = (
            percent(one[k]) if whole else f"{one[k]:.3g}" for k in ("value", "low", "high", "guess")
        )
        about = t("explain_table.figure.help", low=low, high=high, guess=guess)
        facts.append(
            (t(f"explain_table.figure.{name}"), t("explain_table.figure.value", value=value, low=low, high=high), about)
        )
    rows = t("explain_table.rows.value", train=number(said.values["train"]), held_out=number(said.values["held_out"]))
    facts.append((t("explain_table.rows"), rows, t("explain_table.rows.help")))
    lab_parts.facts(facts)
    if recipe.learner == "foreign":
        st.caption(t("explain_table_brought.flattering"))
