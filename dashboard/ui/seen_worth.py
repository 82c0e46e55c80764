"""The face "What is it worth?": few labels with and without pretraining, measured while one looks, beside the document's table."""

from __future__ import annotations

from collections.abc import Generator

import pandas as pd
import streamlit as st

from dashboard.catalogue import DatasetEntry
from dashboard.figures.label_budgets import label_budgets
from dashboard.tracking.records import Run
from dashboard.ui import address, answers, lab_models, lab_parts, studio
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from dashboard.ui.page import guarded
from dashboard.ui.quantities import duration, number
from dashboard.ui.seen_encoders import choose
from dashboard.ui.snapshots import Snapshots
from dashboard.worth.asking import Measured, from_answer, measured
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from dashboard.worth.telling import ABOUT, CLAIMS, TITLES, budget, sentence, with_interval
from data.text import Text
from lightning_modules.ssl.budgets import ALL, WAYS

FACE = Face(
    name="worth",
    title=Text(en="What is it worth?", hi="इसका क्या मोल?"),
    about=Text(
        en="What an encoder that learned without labels saves when labels are few, against learning from scratch and without learning.",
        hi="बिना लेबल सीखा एनकोडर कम लेबल होने पर कितना बचाता है: शुरू से सीखने और बिना सीखे तरीकों के मुक़ाबले।",
    ),
    order=0,
)

_LOOK_EVERY_S = 0.7
_SECONDS_A_SEED = 70.0
"""About what one seed takes on MNIST; others less."""
_UNDER_WAY = "seen_worth.under_way"


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="seen-model"):
        run = choose("embed", parameter="encoder", none=t("seen_worth.none"), method="simclr")
        if run is None:
            return
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            dataset = _data(run)
        with right:
            seeds = address.slide(
                t("seen_worth.seeds"), 1, 10, parameter="seeds", default=3, help=t("seen_worth.seeds.help")
            )
    request = WorthRequest(run=run.id, dataset=dataset, seeds=seeds)
    if st.session_state.get(_UNDER_WAY) == request:
        _watch(request)
        return
    st.session_state.pop(_UNDER_WAY, None)
    look = request.model_copy(update={"only_known": True}).values()
    outcome = answers.answer("worth", look)
    if not lab_models.settled(outcome, height=420):
        return
    assert outcome is not None and outcome.value is not None
    known = from_answer(outcome.value)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if known.left:
            st.caption(t("seen_worth.about", minutes=duration(_SECONDS_A_SEED * seeds * known.left / known.total)))
            begun = known.left < known.total
            if st.button(
                t("seen_worth.continue" if begun else "seen_worth.start"),
                type="primary",
                icon=":material/balance:",
                key="seen-worth-start",
            ):
                answers.forget("worth", look)
                st.session_state[_UNDER_WAY] = request
                st.rerun()
    _draw(known.results)


def _data(run: Run) -> str:
    """The data it is tried on; empty for its own."""
    catalogue = studio.catalogue()
    assert catalogue is not None
    offered = [run.dataset, *(name for name, one in catalogue.datasets.items() if name != run.dataset and _usable(one))]

    def show(name: str) -> str:
        title = t(catalogue.datasets[name].title) if name in catalogue.datasets else name
        return t("seen_worth.data.own", name=title) if name == run.dataset else title

    chosen = address.pick(
        t("seen_worth.data"), offered, parameter="on", scope=run.id, show=show, help=t("seen_worth.data.help")
    )
    return "" if chosen == run.dataset else chosen


def _usable(one: DatasetEntry) -> bool:
    """Images that need no choice before they can be read."""
    return one.kind == "image" and not any(field.required for field in one.fields)


def _watch(request: WorthRequest) -> None:
    """The figures as they come, with the way to stop."""
    here = studio.settings()

    def open_() -> Generator[Measured, None, None]:
        return measured(here, request)

    def show() -> None:
        latest = _kept().ask(request, open_)
        known = latest.value
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            done, total = (0, 1) if known is None else (known.total - known.left, known.total)
            st.progress(
                done / total, t("seen_worth.progress", done=done, total="…" if known is None else total), width=480
            )
            if st.button(t("seen_worth.stop"), icon=":material/stop:", key="seen-worth-stop"):
                _kept().leave(request)
                _end()
        if latest.problem is not None:
            lab_parts.sorry(latest.problem)
        if known is not None:
            _draw(known.results)
        elif latest.problem is None:
            st.skeleton(height=400)
        if latest.done and latest.problem is None:
            _kept().leave(request)
            _end()
        elif latest.done and running:
            st.rerun()  # the last time without a clock: what failed is not asked again by itself

    running = not _kept().ask(request, open_).done
    st.fragment(guarded(show), run_every=_LOOK_EVERY_S if running else None)()


def _end() -> None:
    st.session_state.pop(_UNDER_WAY, None)
    st.rerun()


def _draw(results: Results) -> None:
    """One sentence, the chart with its table, and the document's table beside what was measured."""
    said = sentence(results)
    if said is not None:
        st.markdown(f"#### {t(said)}")
    facts = results.facts
    told = t(
        "seen_worth.facts", train=number(facts["train"]), classes=facts["classes"], held_out=number(facts["held_out"]),
        guessing=f"{facts['guessing']:.0%}",
    )  # fmt: skip
    if facts["dataset"] != facts["pretrained_on"]:
        told = (
            f"{t('seen_worth.transfer', first=_title(facts['pretrained_on']), second=_title(facts['dataset']))} {told}"
        )
    st.caption(told)
    if not results.cells:
        return
    with st.container(border=True):
        st.markdown(f"**{t('seen_worth.chart')}**")
        lab_parts.chart(label_budgets(results, dark=lab_parts.dark(), language=current()), key="seen-worth")
        with st.expander(t("seen_worth.ways"), icon=":material/school:"):
            st.markdown("\n".join(f"- **{t(TITLES[way])}**: {t(ABOUT[way])}" for way in WAYS))
    with st.container(border=True):
        st.markdown(f"**{t('seen_worth.document')}**")
        _document(results)


def _document(results: Results) -> None:
    """The document's rows, with the figures of the ways that stand for each."""
    shown = [each for each in results.budgets if each in (1, 10, ALL)]
    rows = []
    for claim in CLAIMS:
        for way in claim.ways:
            row = {
                t("seen_worth.document.method"): t(claim.kind), t("seen_worth.document.labels"): t(claim.labels),
                t("seen_worth.document.example"): t(claim.example), " ": t(TITLES[way]),
            }  # fmt: skip
            for each in shown:
                row[t("seen_worth.document.measured", budget=t(budget(each)))] = with_interval(
                    results.spread(way, each)
                )
            rows.append(row)
    table = pd.DataFrame(rows)
    st.table(table.set_index(table.columns[0]))


def _title(dataset: str) -> str:
    catalogue = studio.catalogue()
    return t(catalogue.datasets[dataset].title) if catalogue is not None and dataset in catalogue.datasets else dataset


@st.cache_resource(show_spinner=False, max_entries=1)
def _kept() -> Snapshots[Measured]:
    return Snapshots(keep=8)
