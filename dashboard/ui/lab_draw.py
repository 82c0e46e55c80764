"""The lab's face "Draw": a distribution drawn by hand, learned by four methods at once as ordinary runs, and watched."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard.contests import entering
from dashboard.contests.entering import Contest, Entered, Entrant
from dashboard.lab.densities import Mixture
from dashboard.lab.pictures import png
from dashboard.tracking.records import Run
from dashboard.ui import address, lab_draw_live, lab_parts, lab_sketch, links, studio
from dashboard.ui.background import Background
from dashboard.ui.face import Face
from dashboard.ui.lab_particles import density_of
from dashboard.ui.language import t
from dashboard.ui.live_names import method_title
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from data.text import Problem, Text
from lightning_modules.diffusion.drawing.gallery import point_view

FACE = Face(
    name="draw",
    title=Text(en="Draw", hi="ड्रॉ करें"),
    about=Text(
        en="Draw a distribution and watch diffusion, flow matching, a GAN and a VAE learn it side by side, from the same points and in as many steps.",
        hi="कोई वितरण बनाएँ और देखें कि डिफ़्यूज़न, फ़्लो मैचिंग, GAN और VAE उसे उन्हीं बिंदुओं से, उतने ही स्टेप में कैसे सीखते हैं।",
    ),
    order=3,
)

DATASET = "drawn_points"
ENTRANTS = ("ddpm", "flow_matching", "gan", "point_vae")
PARAMETER = "contest"
POINTS = 3000
_STEPS = (300, 600, 1200, 2400)
_SEEDS = (1, 3)
_PREVIEWED = 1500
_SHOWN_PX = 320
_DRAFT, _ASKED = "lab.draw.draft", "lab.draw.asked"
_LOOK_EVERY_S = 0.25


def render() -> None:
    """Draw the face: the sheet to draw on, or a contest that was started on it."""
    runs = _runs_in_url()
    if runs is None:
        _sheet()
    else:
        _contest(runs)


def _runs_in_url() -> list[Run] | None:
    """The runs of the contest in the URL; None when there is none."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return None
    try:
        if re.fullmatch("[0-9a-f]{6}", asked):
            return entering.runs_of(studio.store(), asked)
    except Problem as problem:
        if problem.code != "unknown_contest":
            raise
    st.warning(t("lab_draw.gone"), icon=":material/search_off:")
    return None


def _sheet() -> None:
    if studio.catalogue() is None:
        lab_parts.waiting(t("lab.first"), height=360)
        return
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        drawing = lab_sketch.ask()
    with right, st.container(border=True):
        config = {"drawing": drawing, "items": POINTS}
        st.markdown(f"**{t('lab_draw.points', count=POINTS, n=number(POINTS))}**")
        try:
            density = density_of(DATASET, json.dumps(config))
        except Problem as problem:
            lab_parts.sorry(problem)
            return
        assert density is not None
        st.image(_preview(density), width=_SHOWN_PX, alt=t("lab_draw.points", count=POINTS, n=number(POINTS)))
        _order(config)


def _order(config: Mapping[str, Any]) -> None:
    methods = address.several(
        t("lab_draw.methods"),
        _there(),
        parameter="methods",
        default=_there(),
        show=method_title,
        placeholder=t("lab_draw.methods.none"),
    )
    with st.grid(2, min_column_width=150):
        steps = address.level(t("lab_draw.steps"), _STEPS, parameter="dsteps", default=600, show=number)
        seeds = address.level(t("lab_draw.seeds"), _SEEDS, parameter="seeds", default=1, help=t("lab_draw.seeds.help"))
    if len(methods) < 2:
        st.caption(t("lab_draw.methods.two"))
    asked: tuple[str, Contest] | None = st.session_state.get(_ASKED)
    st.button(
        t("lab_draw.train"), key="lab-draw-train", type="primary", icon=":material/play_arrow:", disabled=len(methods) < 2 or asked is not None,
        on_click=_ask, args=(_wanted(methods, steps, seeds, config),),
    )  # fmt: skip
    if asked is not None:
        _enter(*asked)


def _there() -> list[str]:
    """The methods of the contest that this studio has."""
    catalogue = studio.catalogue()
    assert catalogue is not None
    return [name for name in ENTRANTS if name in catalogue.methods]


def _wanted(methods: list[str], steps: int, seeds: int, config: Mapping[str, Any]) -> Contest:
    shared = {f"data.{key}": value for key, value in config.items()}
    entrants = tuple(Entrant(method=name) for name in methods)
    return Contest(dataset=DATASET, entrants=entrants, seeds=seeds, preset="tiny", steps=steps, shared=shared)


def _ask(contest: Contest) -> None:
    """A click is one contest, however often it is pressed: its token is made of draft and order."""
    draft = st.session_state.setdefault(_DRAFT, secrets.token_hex(8))
    token = hashlib.sha256(f"{draft}{contest.model_dump_json()}".encode()).hexdigest()[:32]
    st.session_state[_ASKED] = (token, contest)


def _enter(token: str, contest: Contest) -> None:
    """Order the runs off the script thread, and go to them once they are queued."""
    store, settings, catalogue = studio.store(), studio.settings(), studio.catalogue()
    assert catalogue is not None
    outcome = _entering().ask(token, lambda: entering.enter(store, settings, catalogue, contest, token=token))
    if outcome is None:
        lab_parts.waiting(t("lab_draw.ordering"), height=40)
        st.fragment(guarded(_look_again), run_every=_LOOK_EVERY_S)(token)
        return
    del st.session_state[_ASKED]
    if outcome.value is None:
        _entering().forget(token)
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        return
    st.session_state[_DRAFT] = secrets.token_hex(8)
    st.query_params[PARAMETER] = outcome.value.id
    st.rerun()


def _look_again(token: str) -> None:
    if not _entering().busy:
        st.rerun()


@st.cache_resource(show_spinner=False, max_entries=1)
def _entering() -> Background[Entered]:
    return Background(keep=16, waiting=4)


def _contest(runs: list[Run]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button(
            t("lab_draw.again"),
            icon=":material/draw:",
            key="lab-draw-again",
            on_click=address.put,
            args=(PARAMETER, None),
        )
        links.link(
            "runs", t("lab_draw.runs"), icon=":material/monitoring:", compare=",".join(run.id for run in runs[:8])
        )
    config = runs[0].config["dataset_config"]
    density = density_of(DATASET, json.dumps(config, sort_keys=True))
    assert density is not None
    lab_draw_live.show([run.id for run in runs], str(st.query_params[PARAMETER]), density)


@st.cache_data(
    show_spinner=False, max_entries=32, hash_funcs={Mixture: lambda one: (one.means.tobytes(), one.variance)}
)
def _preview(density: Mixture) -> bytes:
    points = density.draw(_PREVIEWED, np.random.default_rng(0)).astype(np.float32)
    return png(point_view(points, points[:0], float(np.abs(points).max()) * 1.15), width=_SHOWN_PX)
