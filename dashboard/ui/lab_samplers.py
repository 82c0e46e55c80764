"""Part of the lab's face "Step through": every sampler at the same number of network evaluations, from the same noise."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.pictures import pixels_of, png
from dashboard.ui import address, lab_models
from dashboard.ui.lab_models import Facts
from dashboard.ui.language import t
from lightning_modules.diffusion.samplers import SAMPLERS

_BUDGETS = (2, 4, 6, 8, 10, 15, 20, 30, 50)
_COUNTS = {"image": 10, "points": 500, "audio": 4, "cloud": 4}
_SHOWN_PX = 700


def render(found: Facts) -> None:
    """Draw a row for each sampler."""
    scope = found.run.id
    with st.container(border=True, key="lab-way"), st.grid(3, min_column_width=170):
        budget = address.level(
            t("lab_samplers.budget"),
            _BUDGETS,
            parameter="budget",
            scope=scope,
            default=10,
            help=t("lab_samplers.budget.help"),
        )
        label = lab_models.class_choice(found, t("lab_samplers.class"), parameter="class", scope=scope)
        seed = address.whole(t("lab_samplers.seed"), 0, 2**31 - 1, parameter="seed", scope=scope, default=0)
    fitting = {name: one for name, one in SAMPLERS.items() if not one.every_level}
    for name, sampler in fitting.items():
        steps = sampler.steps_within(budget)
        values = {"sampler": name, "steps": steps, "label": label, "seed": seed, "count": _COUNTS[found.kind]}
        outcome = lab_models.asked(found.run, "sample", values)
        with st.container(border=True):
            st.markdown(f"**{t(sampler.title)}**", help=t(sampler.help))
            st.caption(t("lab_samplers.cost", steps=steps, count=sampler.evaluations(steps)))
            if lab_models.settled(outcome, height=90):
                assert outcome is not None and outcome.value is not None
                columns = _COUNTS[found.kind] if found.kind == "image" else 4
                pixels = pixels_of(outcome.value.arrays["x"], found.kind, columns=columns)
                width = _SHOWN_PX if found.kind != "points" else 320
                st.image(
                    png(pixels, width=width),
                    width="stretch" if found.kind == "image" else width,
                    alt=t("lab_samplers.alt", name=t(sampler.title), n=budget),
                )
    left_out = [t(one.title) for name, one in SAMPLERS.items() if name not in fitting]
    if left_out:
        st.caption(t("lab_samplers.left_out", names=", ".join(left_out), levels=found.levels))
