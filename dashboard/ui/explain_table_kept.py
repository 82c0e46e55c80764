"""Part of Explain, table: models kept under a name; kept, opened again, deleted."""

from __future__ import annotations

import streamlit as st

from dashboard.compute.framing import Message
from dashboard.tables import kept
from dashboard.tables.kept import KeptModel
from dashboard.tables.recipe import NAMES, Recipe
from dashboard.ui import address, studio
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from dashboard.ui.page import guarded
from data.table import ColumnKind

_NAME = "explain_table_kept.name"


def kinds_of(table: str) -> tuple[str, dict[str, ColumnKind]]:
    """The kept model that is open, and what it takes the columns of a table for; nothing of another table's."""
    identity = st.query_params.get("kept", "")
    for one in kept.listed(studio.settings().recipes) if identity else ():
        if one.id == identity and one.recipe.table == table:
            return one.id, one.recipe.kinds
    return "", {}


def shelf(recipe: Recipe, said: Message) -> None:
    """Draw the button that keeps this model, and those that are kept."""
    found = kept.listed(studio.settings().recipes)
    with st.popover(t("explain_table_kept.title", count=len(found)), icon=":material/bookmark:", type="tertiary"):
        st.caption(t("explain_table_kept.about"))
        st.text_input(t("explain_table_kept.name"), key=_NAME, max_chars=80, placeholder=recipe.target)
        st.button(
            t("explain_table_kept.keep"), type="primary", icon=":material/bookmark_add:", on_click=guarded(_keep), args=(recipe, said)
        )  # fmt: skip
        for one in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                told = t("explain_table_kept.one", name=plain(one.name), model=t(NAMES[one.recipe.learner]))
                st.button(told, key=f"kept.open.{one.id}", on_click=guarded(_open), args=(one,), type="tertiary")
                st.button(
                    t("explain_table.delete"), key=f"kept.delete.{one.id}", icon=":material/delete:", type="tertiary",
                    on_click=guarded(kept.delete), args=(one.id, studio.settings().recipes),
                )  # fmt: skip


def _keep(recipe: Recipe, said: Message) -> None:
    figures = {name: float(one["value"]) for name, one in said.values["figures"].items()}
    kept.keep(said.values["id"], st.session_state.get(_NAME, ""), recipe, figures, studio.settings().recipes)


def _open(one: KeptModel) -> None:
    recipe = one.recipe
    address.put("kept", one.id)
    address.put("row", None)
    address.turn("table", recipe.table)
    address.turn("target", recipe.target, scope=recipe.table)
    address.turn("learner", recipe.file or recipe.learner)
    address.turn("seed", recipe.seed)
