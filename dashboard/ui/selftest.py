"""The self-test badge: how many of the exact truths hold on this installation, checked by a worker when somebody asks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.ui import answers, lab_parts
from dashboard.ui.language import t
from dashboard.ui.quantities import number
from data.text import Text

_ASKED = "selftest.asked"
_TABLE_PX = 380


def badge() -> None:
    """A small button that opens the self-test; once it has run it says in itself what came of it."""
    outcome = answers.answer("selftest", {}) if st.session_state.get(_ASKED) else None
    checks: list[dict[str, Any]] = outcome.value.values["checks"] if outcome and outcome.value else []
    held = sum(check["holds"] for check in checks)
    words = t("selftest.held", held=number(held), all=number(len(checks))) if checks else t("selftest.title")
    icon = ":material/verified:" if held == len(checks) else ":material/error:"
    with st.popover(words, icon=icon, type="tertiary", help=t("selftest.help")):
        st.caption(t("selftest.about"))
        if not st.session_state.get(_ASKED):
            st.button(t("selftest.run"), key="selftest.run", icon=":material/play_arrow:", on_click=_ask)
        elif outcome is None:
            lab_parts.waiting(t("selftest.running"), height=_TABLE_PX)
        elif outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        else:
            _table(checks)


def _ask() -> None:
    st.session_state[_ASKED] = True


def _table(checks: list[dict[str, Any]]) -> None:
    """What does not hold first."""
    ordered = sorted(checks, key=lambda check: bool(check["holds"]))
    rows = [
        {
            t("selftest.holds"): "✓" if check["holds"] else "✗",
            t("selftest.claim"): t(Text(**check["claim"])),
            t("selftest.got"): check["trouble"] or f"{check['got']:.6g}",
            t("selftest.expected"): f"{check['expected']:.6g} ± {check['tolerance']:.2g}",
            t("selftest.source"): check["source"],
        }
        for check in ordered
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=_TABLE_PX, alt=t("selftest.about"))
