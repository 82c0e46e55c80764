"""Part of the lab's face "Step through": the same noise under growing guidance, and what it buys and costs in figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.lab.pictures import pixels_of, png
from dashboard.lab.trade import Trade, trade
from dashboard.ui import address, answers, lab_models
from dashboard.ui.lab_models import Facts
from dashboard.ui.language import t

_STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0)
_MEASURED, _SHOWN = 60, 10
_STEPS = 15
_REAL = 256
_SHOWN_PX = 700


def render(found: Facts) -> None:
    """Draw a row for each strength of guidance."""
    if not found.classes:
        st.info(t("lab_guidance.no_classes"), icon=":material/label_off:")
        return
    scope = found.run.id
    with st.container(border=True, key="lab-way"), st.grid(2, min_column_width=170):
        label = lab_models.class_choice(found, t("lab_guidance.class"), parameter="class", scope=scope)
        seed = address.whole(t("lab_guidance.seed"), 0, 2**31 - 1, parameter="seed", scope=scope, default=0)
    measured: dict[float, Trade | None] = {}
    for strength in _STRENGTHS:
        values = {
            "sampler": "ddim",
            "steps": _STEPS,
            "label": label,
            "seed": seed,
            "count": _MEASURED,
            "guidance": strength,
        }
        outcome = lab_models.asked(found.run, "sample", values)
        with st.container(border=True):
            st.markdown(f"**{t(f'lab_guidance.strength.{_word(strength)}', s=f'{strength:g}')}**")
            if not lab_models.settled(outcome, height=80):
                continue
            assert outcome is not None and outcome.value is not None
            x = outcome.value.arrays["x"]
            pixels = pixels_of(x[:_SHOWN] if found.kind != "points" else x, found.kind, columns=_SHOWN)
            st.image(
                png(pixels, width=_SHOWN_PX),
                width="stretch" if found.kind == "image" else 320,
                alt=t("lab_guidance.alt", s=f"{strength:g}"),
            )
            measured[strength] = _measure(found, x, label)
    _table(measured)


def _word(strength: float) -> str:
    return "none" if strength == 0 else "plain" if strength == 1 else "more"


def _measure(found: Facts, x: np.ndarray, label: int) -> Trade | None:
    """The figures of one row, against real items; None while those are on their way."""
    real = answers.answer(
        "preview", {"dataset": found.run.dataset, "config": found.run.config["dataset_config"], "count": _REAL}
    )
    if real is None or real.value is None or "y" not in real.value.arrays:
        return None
    known = real.value.arrays
    wanted = np.arange(len(x)) % len(found.classes) if label < 0 else np.full(len(x), label)
    return trade(x, wanted, known["x"], known["y"])


def _table(measured: dict[float, Trade | None]) -> None:
    rows = [(strength, one) for strength, one in measured.items() if one is not None]
    if not rows:
        return
    table = pd.DataFrame(
        {
            t("lab_guidance.s"): [f"{strength:g}" for strength, _ in rows],
            t("lab_guidance.agreement"): [f"{one.agreement:.0%}" for _, one in rows],
            t("lab_guidance.variety"): [f"{one.variety:.0%}" for _, one in rows],
        }
    )
    st.dataframe(table, hide_index=True, alt=t("lab_guidance.table.alt"))
    st.caption(t("lab_guidance.table.about", n=_MEASURED, real=_REAL))
