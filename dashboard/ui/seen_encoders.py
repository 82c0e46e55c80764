"""The trained encoders of images that the lab can look into, and the moments of their training that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, answers, lab_parts, links, studio
from dashboard.ui.language import t
from dashboard.ui.live_names import run_title
from dashboard.ui.quantities import number
from data.catalog import Kind

_LOOKED_AT = 300


def can_be_asked(run: Run, request: str, kinds: Sequence[Kind] = ("image",)) -> bool:
    """Whether the model of this run answers a request about its data, and that is of one of these kinds."""
    catalogue = studio.catalogue()
    method = None if catalogue is None else catalogue.methods.get(run.method)
    if method is None or run.external or run.step == 0 or run.deleted_at is not None:
        return False
    return request in method.answers and not set(kinds).isdisjoint(method.accepts)


def choose(request: str, *, parameter: str, none: str, method: str, kinds: Sequence[Kind] = ("image",)) -> Run | None:
    """Draw the choice of a run whose model answers `request`; with none, say `none` and show the way to train `method`."""
    if studio.catalogue() is None:
        lab_parts.waiting(t("lab.first"), height=320)
        return None
    runs = {
        run.id: run for run in studio.store().runs(RunFilter(limit=_LOOKED_AT)) if can_be_asked(run, request, kinds)
    }
    wanted = st.query_params.get(parameter)
    if wanted and wanted not in runs:
        st.warning(t("lab.model.gone"), icon=":material/search_off:")
    if not runs:
        st.caption(none)
        links.link("new_run", t("lab.model.train"), icon=":material/add_circle:", method=method, dataset="mnist")
        return None
    chosen = address.pick(
        t("lab.model"), list(runs), parameter=parameter, show=lambda one: f"{run_title(runs[one])} · {one}"
    )
    return runs[chosen]


def at_a_step(run: Run) -> dict[str, Any]:
    """The checkpoint that is chosen among those that are kept, as values of a request."""
    steps = [one.step for one in studio.store().checkpoints(run.id)]
    if len(steps) < 2:
        return {"step": steps[-1]} if steps and not run.example else {}
    step = address.level(
        t("seen_encoders.step"), steps, parameter="step", scope=run.id, default=steps[-1], show=number,
        help=t("seen_encoders.step.help"),
    )  # fmt: skip
    return {"step": step}


@dataclass(frozen=True)
class DataFacts:
    """The shape of a run's items, how many are held out, and the classes they fall into."""

    shape: tuple[int, ...]
    held_out: int
    classes: tuple[str, ...] = ()


def data_of(run: Run) -> DataFacts | None:
    """What is to be known of a run's data; None while that is asked."""
    asked = {"dataset": run.dataset, "config": run.config["dataset_config"], "count": 1, "split": "test"}
    outcome = answers.answer("preview", asked)
    if outcome is None or outcome.value is None:
        return None
    told = outcome.value.values
    return DataFacts(tuple(told["shape"]), int(told["test"]), tuple(told["classes"]))


def held_out(run: Run) -> int:
    """How many held-out items the run's data has; 1 until that is known."""
    known = data_of(run)
    return 1 if known is None else known.held_out
