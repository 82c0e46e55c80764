"""Part of the lab's face "Draw": the runs of a contest while they learn, what they reach, and the document's claims beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from dashboard.contests.claims import VERDICTS, beside
from dashboard.contests.standings import standings
from dashboard.figures.score_error import Words as ErrorWords
from dashboard.figures.score_error import score_error
from dashboard.lab import field
from dashboard.lab.coverage import Shape, reached, shape_of
from dashboard.lab.densities import Mixture
from dashboard.lab.field import Array, Stages
from dashboard.lab.pictures import png
from dashboard.tracking.records import Run, State
from dashboard.ui import answers, lab_models, lab_parts, links, studio
from dashboard.ui.language import t
from dashboard.ui.live_names import method_title
from dashboard.ui.live_state import badge
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from lightning_modules.diffusion.drawing.gallery import point_view

REFRESH_S = 1.0
_SAMPLES = 600
_SHOWN_PX = 320
_TRIED_STEPS = 14
_SMALLEST_SIGMA, _LARGEST_SIGMA = 5e-3, 50.0
_LAST = "lab.draw.last"


@dataclass(frozen=True)
class Seen:
    """The newest samples of a run that have come: a picture, how many spots they reach, and after which step."""

    picture: bytes
    reached: int
    spots: int
    step: int


def show(ids: list[str], contest: str, density: Mixture) -> None:
    """Draw the runs; again every second while one is at work."""
    working = any(studio.store().run(one).state.active for one in ids)
    st.fragment(guarded(_runs), run_every=REFRESH_S if working else None)(ids, density, working)
    if not working:
        _after(ids, contest, density)
    st.caption(t("lab_draw.meter.about", n=_SAMPLES))


def _runs(ids: list[str], density: Mixture, working: bool) -> None:
    runs = [studio.store().run(one) for one in ids]
    shape = shape_of(density)
    grid = st.grid(4, min_column_width=190, border=True)
    newer = False
    for run in runs:
        with grid.cell():
            newer = _card(run, shape) or newer
    if working and not newer and not any(run.state.active for run in runs):
        st.rerun()  # the last one has ended and its samples are there: the timer goes with it, the comparison comes


def _card(run: Run, shape: Shape) -> bool:
    """One run; True while newer samples are on their way."""
    seen, newer = _seen(run, shape)
    if seen is None:
        st.skeleton(height=_SHOWN_PX // 2)
    else:
        st.image(
            seen.picture, width="stretch", alt=t("lab_draw.alt", name=method_title(run.method), step=number(seen.step))
        )
    links.link("run", f"**{short_title(run.method)}**", run=run.id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        badge(run.state)
        st.caption(t("lab_draw.step", step=number(run.step), total=number(run.total_steps)))
    if seen is None:
        st.progress(0.0, text=t("lab_draw.meter.waiting"))
    else:
        st.progress(seen.reached / seen.spots, text=t("lab_draw.meter", reached=seen.reached, spots=seen.spots))
    return newer


def _seen(run: Run, shape: Shape) -> tuple[Seen | None, bool]:
    """The newest samples that have come; a newer question is asked without waiting for it."""
    held: dict[str, Seen] = st.session_state.setdefault(_LAST, {})
    last = held.get(run.id)
    checkpoints = studio.store().checkpoints(run.id)
    if not checkpoints or (last is not None and last.step == checkpoints[-1].step):
        return last, False
    step = checkpoints[-1].step
    outcome = answers.answer("sample", {"run": run.id, "step": step, "count": _SAMPLES, "seed": 0})
    if outcome is None or outcome.value is None:
        return last, outcome is None
    x = outcome.value.arrays["x"]
    hit = reached(shape, x)
    reach = float(np.abs(shape.clean).max()) * 1.3
    ground = shape.clean[:: max(1, len(shape.clean) // 1500)].astype(np.float32)
    picture = png(point_view(x.astype(np.float32), ground, reach), width=_SHOWN_PX)
    held[run.id] = Seen(picture, int(hit.sum()), len(hit), step)
    return held[run.id], False


def _after(ids: list[str], contest: str, density: Mixture) -> None:
    """When all is over: errors of the learned scores, and what the document says beside what was measured."""
    runs = [studio.store().run(one) for one in ids]
    with st.container(border=True):
        st.markdown(f"**{t('lab_draw.claims')}**")
        _claims(contest)
    with st.container(border=True):
        st.markdown(f"**{t('lab_draw.score')}**")
        _scores(runs, density)


def _scores(runs: list[Run], density: Mixture) -> None:
    curves: dict[str, tuple[Array, Array]] = {}
    waiting, alone = False, len({one.seed for one in runs}) == 1
    for run in runs:
        if not lab_models.can_be_traced(run) or run.state is not State.FINISHED:
            continue
        walked = lab_models.asked(run, "trace", {"count": 1, "steps": _TRIED_STEPS, "stages": _TRIED_STEPS})
        if walked is None or walked.value is None:
            waiting = waiting or walked is None
            continue
        stages = Stages(*(walked.value.arrays[name].astype(np.float64) for name in ("t", "signal", "level")))
        points = field.noisy_points(stages, density)
        told = lab_models.asked(run, "predict", {"add_noise": False}, field.noisy_request(stages, points))
        if told is None or told.value is None:
            waiting = waiting or told is None
            continue
        sigma = stages.level / stages.signal
        shown: npt.NDArray[np.bool_] = (sigma > _SMALLEST_SIGMA) & (sigma < _LARGEST_SIGMA)
        name = short_title(run.method) if alone else f"{short_title(run.method)} · {run.seed}"
        curves[name] = (sigma[shown], field.errors(stages, points, told.value.arrays["eps"], density)[shown])
    if not curves:
        if waiting:
            lab_parts.waiting(t("lab.asking"), height=260)
        else:
            st.caption(t("lab_draw.score.none"))
        return
    words = ErrorWords(
        sigma=t("lab_particles.sigma"),
        error=t("lab_particles.relative"),
        blind=t("lab_particles.blind"),
        alt=t("lab_draw.score.alt"),
    )
    lab_parts.chart(score_error(curves, words, dark=lab_parts.dark()), key="draw-score")
    st.caption(t("lab_draw.score.about"))


def _claims(contest: str) -> None:
    """The document's table with a measured column for each method."""
    entrants = standings(studio.store(), contest)
    titles = {one.label: short_title(one.method) for one in entrants}
    catalogue = studio.catalogue()
    families = {} if catalogue is None else {name: method.family for name, method in catalogue.methods.items()}
    rows = []
    for row in beside(entrants, families):
        said = {
            t("lab_draw.claims.feature"): t(row.claim.feature),
            t("lab_draw.claims.gan"): t(row.claim.gan),
            t("lab_draw.claims.diffusion"): t(row.claim.diffusion),
        }
        measured = {t("lab_draw.claims.measured", name=titles[label]): t(text) for label, text in row.measured.items()}
        rows.append({**said, **measured, t("lab_draw.claims.verdict"): t(VERDICTS[row.verdict])})
    table = pd.DataFrame(rows)
    st.table(table.set_index(table.columns[0]))
    st.caption(t("lab_draw.claims.about", count=len({run.run.seed for one in entrants for run in one.results})))


def short_title(method: str) -> str:
    """What a method is called, without what it says of itself after a colon."""
    return method_title(method).partition(":")[0]
