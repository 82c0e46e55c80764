"""Part of Explain, diffusion and likeness: which trained run is asked, and about which picture: one held out of its data, or a person's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.catalogue import MethodEntry
from dashboard.explain.entry import ExplainerEntry
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, lab_parts, links, studio
from dashboard.ui.language import t
from dashboard.ui.live_names import run_title
from dashboard.ui.seen_encoders import DataFacts, data_of
from dashboard.ui.seen_picture import own_picture

Pixels = npt.NDArray[np.uint8]

_LOOKED_AT, _MOST_ITEMS = 300, 200
_SOURCES = ("item", "own")


@dataclass(frozen=True)
class Chosen:
    """A picture as a request names it, and its arrays."""

    values: dict[str, Any]
    arrays: dict[str, Pixels]


def choose_run(
    fits: Callable[[MethodEntry], bool], *, none: str, method: str, dataset: str
) -> tuple[Run, DataFacts] | None:
    """Draw the choice of a run of pictures whose method fits -> the run and what is known of its data; None while either is missing.

    Without such a run it says `none` and shows the way to train `method`.
    """
    catalogue = studio.catalogue()
    if catalogue is None:
        lab_parts.waiting(t("lab.first"), height=320)
        return None

    def known(run: Run) -> bool:
        entry, data = catalogue.methods.get(run.method), catalogue.datasets.get(run.dataset)
        there = not run.external and run.step > 0 and run.deleted_at is None
        return there and entry is not None and data is not None and data.kind == "image" and fits(entry)

    runs = {run.id: run for run in studio.store().runs(RunFilter(limit=_LOOKED_AT)) if known(run)}
    wanted = st.query_params.get("model")
    if wanted and wanted not in runs:
        st.warning(t("lab.model.gone"), icon=":material/search_off:")
    if not runs:
        st.info(none, icon=":material/model_training:")
        links.link("new_run", t("lab.model.train"), icon=":material/add_circle:", method=method, dataset=dataset)
        return None
    listed = sorted(runs, key=lambda one: runs[one].example)
    chosen = address.pick(t("lab.model"), listed, parameter="model", show=lambda one: f"{run_title(runs[one])} · {one}")
    data = data_of(runs[chosen])
    if data is None:
        lab_parts.waiting(t("lab.asking"), height=200)
        return None
    return runs[chosen], data


def picture(
    run: Run,
    data: DataFacts,
    *,
    parameter: str,
    label: str,
    default: int = 1,
    array: str = "picture",
    number: str = "item",
) -> Chosen | None:
    """Draw the choice of a picture; None while there is none.

    Args:
        run: Whose data it is.
        data: What is known of that.
        parameter: Of the item's number in the address; that of the source is `<parameter>_from`.
        label: Of the item's number.
        default: The item's number at first, counted from 1.
        array: What a picture of one's own is called in the request.
        number: What the number of a held-out item is called there.
    """
    source = address.choice(
        label, _SOURCES, parameter=f"{parameter}_from", show=lambda one: t(f"explain_trained.source.{one}")
    )
    if source == "own":
        own = own_picture(data.shape, key=f"explain-{parameter}")
        if own is None:
            st.caption(t("explain_trained.own"))
            return None
        pixels = ((own.transpose(1, 2, 0) + 1) * 127.5).round().astype(np.uint8)
        return Chosen({}, {array: pixels})
    last = min(data.held_out, _MOST_ITEMS)
    item = (
        address.slide(label, 1, last, parameter=parameter, scope=run.id, default=min(default, last)) if last > 1 else 1
    )
    return Chosen({number: item - 1}, {})


def way(ways: dict[str, ExplainerEntry], *, usual: str) -> ExplainerEntry:
    """Draw the choice of a way to explain, with what it does below."""
    chosen = address.pick(
        t("explain_trained.method"),
        list(ways),
        parameter="method",
        default=usual,
        show=lambda name: t(ways[name].title),
    )
    st.caption(t(ways[chosen].summary))
    return ways[chosen]
