"""The lab's face "Repair": fill a painted part, enlarge, or colour a picture, and see it beside what was before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, canvas, compare, lab_models, lab_parts, lab_repair_source, links, studio
from dashboard.ui.face import Face
from dashboard.ui.lab_repair_source import Source
from dashboard.ui.language import t
from dashboard.ui.live_names import run_title
from dashboard.ui.quantities import number
from data.text import Text
from lightning_modules.diffusion.asking.tasks import TASKS, Task

FACE = Face(
    name="repair",
    title=Text(en="Repair a picture", hi="तस्वीर सुधारें"),
    about=Text(
        en="Fill a painted part, enlarge, or colour: a model draws what is missing and leaves what is known as it is.",
        hi="रंगा हिस्सा भरें, बड़ा करें, या रंग भरें: मॉडल छूटी चीज़ बनाता है और जानी हुई को वैसा ही छोड़ता है।",
    ),
    order=50,
)

Pixels = npt.NDArray[np.uint8]

_LOOKED_AT = 300
_TO_TRAIN: dict[Task, tuple[str, str]] = {
    "inpaint": ("inpainting", "mnist"),
    "upscale": ("super_resolution", "faces"),
    "colorize": ("colorization", "photos"),
}
_STEPS = (5, 10, 25, 50)
_RESAMPLINGS = (1, 2, 4, 8)
_RESULTS = (1, 2, 4, 8)
_HEIGHT = 320
_MEAN = "mean"


def render() -> None:
    """Draw the face."""
    task: Task = address.choice(  # type: ignore[assignment]  # one of TASKS
        t("lab_repair.task"), TASKS, parameter="task", show=lambda one: t(f"lab_repair.task.{one}")
    )
    if studio.catalogue() is None:
        lab_parts.waiting(t("lab.first"), height=_HEIGHT)
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        run = _model(task)
        source = None if run is None else lab_repair_source.choose(run, task)
        if run is None or source is None:
            return
        mask = canvas.paint(source.pixels, key=source.key) if task == "inpaint" else None
        if task != "inpaint":
            st.image(compare.png(compare.enlarged(source.pixels, 240)), width=240, alt=t("lab_repair.chosen"))
        values = _settings(run, task)
    with right:
        _ask(run, task, source, mask, values)


def _model(task: Task) -> Run | None:
    """The choice of a trained run that can do the task; with none, the way to train one."""
    listed_here = studio.store().runs(RunFilter(limit=_LOOKED_AT))
    tasks = {run.id: lab_models.task_for(run) for run in listed_here}
    runs = {run.id: run for run in listed_here if tasks[run.id] == task}
    asked = st.query_params.get("run")
    if asked and not tasks.get(asked):  # a run that does another task is no mistake: the task was changed
        st.warning(t("lab.model.gone"), icon=":material/search_off:")
    method, dataset = _TO_TRAIN[task]
    if not runs:
        st.info(t(f"lab_repair.none.{task}"), icon=":material/model_training:")
        links.link("new_run", t("lab.model.train"), icon=":material/add_circle:", method=method, dataset=dataset)
        return None
    listed = sorted(runs, key=lambda one: (runs[one].method != method, runs[one].example, -runs[one].created_at))
    chosen = address.pick(
        t("lab.model"), listed, parameter="run", scope=task, default=listed[0], show=lambda one: _named(runs[one])
    )
    return runs[chosen]


def _named(run: Run) -> str:
    """A name that stays the same: with "2 minutes ago" in it Streamlit would lose the choice when the minute is over."""
    return t("lab.model.example", name=run_title(run)) if run.example else f"{run_title(run)} · {run.id[:4]}"


def _settings(run: Run, task: Task) -> dict[str, Any]:
    """What is asked besides the picture."""
    fills_freely = task == "inpaint" and run.method != "inpainting"
    steps = address.level(
        t("lab_repair.steps"), _STEPS, parameter="steps", scope=task, default=25 if fills_freely else 10, show=number
    )
    values: dict[str, Any] = {"steps": steps}
    if fills_freely:
        values["resamplings"] = address.level(
            t("lab_repair.resamplings"),
            _RESAMPLINGS,
            parameter="resamplings",
            default=4,
            show=number,
            help=t("lab_repair.resamplings.help"),
        )
    values["count"] = address.level(
        t("lab_repair.count"),
        _RESULTS,
        parameter="results",
        scope=task,
        default=4 if task == "inpaint" else 1,
        show=number,
    )
    values["seed"] = address.whole(
        t("lab_repair.seed"), 0, 2**31 - 1, parameter="seed", default=0, help=t("lab_repair.seed.help")
    )
    return values


def _ask(run: Run, task: Task, source: Source, mask: npt.NDArray[np.bool_] | None, values: dict[str, Any]) -> None:
    """The button, and the answer to what was asked last."""
    arrays: dict[str, npt.NDArray[Any]] = {"image": source.pixels}
    if mask is not None:
        arrays["mask"] = mask
    if task == "upscale":
        values["reduce"] = source.compare
    held = f"lab_repair.asked.{task}"
    if st.button(t(f"lab_repair.do.{task}"), type="primary", icon=":material/auto_fix_high:"):
        st.session_state[held] = (run.id, source.key, values, arrays)
    asked = st.session_state.get(held)
    if asked is None or asked[:2] != (run.id, source.key):
        st.caption(t(f"lab_repair.hint.{task}"))
        return
    outcome = lab_models.asked(run, task, asked[2], asked[3])
    if outcome is not None and outcome.problem is not None:
        lab_parts.sorry(outcome.problem)
    elif lab_models.settled(outcome, height=_HEIGHT):
        assert outcome is not None and outcome.value is not None
        _result(task, source, outcome.value)


def _result(task: Task, source: Source, answer: Message) -> None:
    """The result beside what was before, with the slider, the figures and the file."""
    after = _chosen(task, answer)
    before = source.pixels if task == "inpaint" else answer.arrays["bicubic" if task == "upscale" else "grey"][0]
    names = t(f"lab_repair.before.{task}"), t("lab_repair.after")
    compare.slider(before, after, names, key=f"lab_repair.slider.{task}")
    if "ours" in answer.values:
        _figures(answer)
    _row(task, source, answer, after)
    for note in answer.values["notes"]:
        st.caption(f":material/info: {t(Text(**note))}")
    st.download_button(
        t("lab_repair.download"), compare.png(after), f"{task}.png", "image/png", icon=":material/download:"
    )


def _chosen(task: Task, answer: Message) -> Pixels:
    """One of the results, or the mean of several where the model tells it."""
    pictures: Pixels = answer.arrays["pictures"]
    ways = [str(k) for k in range(len(pictures))]
    if "mean" in answer.arrays:
        ways.append(_MEAN)
    chosen: Pixels = pictures[0]
    if len(ways) == 1:
        return chosen
    which = address.choice(
        t("lab_repair.which"), ways, parameter="which", scope=task,
        show=lambda k: t("lab_repair.mean") if k == _MEAN else number(int(k) + 1),
    )  # fmt: skip
    if which != _MEAN:
        chosen = pictures[int(which)]
        return chosen
    st.caption(t("lab_repair.mean.help", fillings=number(answer.values["mean_of"])))
    chosen = answer.arrays["mean"][0]
    return chosen


def _figures(answer: Message) -> None:
    """PSNR and SSIM of both against the true picture."""
    ours, usual = answer.values["ours"], answer.values["bicubic"]
    figures = [
        (t("lab_repair.psnr.ours"), f"{ours['psnr']:.1f} dB", t("lab_repair.psnr.help")),
        (t("lab_repair.psnr.bicubic"), f"{usual['psnr']:.1f} dB", None),
        (t("lab_repair.ssim.ours"), f"{ours['ssim']:.3f}", t("lab_repair.ssim.help")),
        (t("lab_repair.ssim.bicubic"), f"{usual['ssim']:.3f}", None),
    ]
    with st.grid(2, min_column_width=140):
        for name, value, help_ in figures:
            st.metric(name, value, help=help_, border=True, height="stretch")


def _row(task: Task, source: Source, answer: Message, after: Pixels) -> None:
    """All pictures of the case side by side, small."""
    shown: list[tuple[str, Pixels]] = []
    if task == "upscale":
        shown = [("small", answer.arrays["small"][0]), ("bicubic", answer.arrays["bicubic"][0])]
    elif task == "colorize":
        shown = [("grey", answer.arrays["grey"][0])]
    else:
        shown = [("given", source.pixels)]
    shown.append(("after", after))
    if task == "colorize" or source.compare:
        shown.append(("true", source.pixels))
    _side_by_side([(t(f"lab_repair.column.{name}"), picture) for name, picture in shown])


def _side_by_side(pictures: Sequence[tuple[str, Pixels]]) -> None:
    with st.grid(len(pictures), min_column_width=95):
        for name, picture in pictures:
            with st.container():
                st.image(compare.png(compare.enlarged(picture, 160)), caption=name, width="stretch", alt=name)
