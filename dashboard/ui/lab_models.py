"""The trained models that can be looked into: which runs, what they know, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import streamlit as st

from dashboard.catalogue import MethodEntry
from dashboard.compute.framing import Message
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, answers, lab_parts, links, studio
from dashboard.ui.background import Outcome
from dashboard.ui.language import t
from dashboard.ui.live_names import run_title
from data.catalog import Kind
from lightning_modules.diffusion.asking.tasks import TASKS, Task, task_of

_TRACED = "diffusion"
"""The family of methods whose steps can be looked into."""
_LOOKED_AT = 300


@dataclass(frozen=True)
class Facts:
    """What a model says of itself: its classes, the shape it denoises, with how many noise levels it was trained, how it is guided."""

    run: Run
    kind: Kind
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    levels: int
    guidance: float


def can_be_traced(run: Run) -> bool:
    """Whether the lab can look into this run's model."""
    method = _looked_into(run)
    return method is not None and method.family == _TRACED


def task_for(run: Run) -> Task | None:
    """What this run's model does to a picture: what its method is trained for, else filling, if it draws pictures; None: nothing."""
    method = _looked_into(run)
    if method is None or kind_of(run) != "image":
        return None
    draws, trained_for = method.family == _TRACED, not set(TASKS).isdisjoint(method.answers)
    return task_of(method.answers) if draws or trained_for else None


def _looked_into(run: Run) -> MethodEntry | None:
    """The method of a run whose model can be asked here; None if it cannot."""
    catalogue = studio.catalogue()
    if catalogue is None or run.external or run.step == 0 or run.deleted_at is not None:
        return None
    method = catalogue.methods.get(run.method)
    if method is None or method.needs_captions:  # the lab's controls know classes, not words
        return None
    return method if run.dataset in catalogue.datasets else None


def address_of(run: Run) -> dict[str, str] | None:
    """Where in the lab this run's model is looked into or put to work, as parameters of the page; None: nowhere."""
    if can_be_traced(run):
        of_points = kind_of(run) == "points"
        return {"face": "particles", "points": run.id} if of_points else {"face": "steps", "model": run.id}
    task = task_for(run)
    return {"face": "repair", "task": task, "run": run.id} if task else None


def kind_of(run: Run) -> Kind:
    """The kind of data a run is trained on."""
    catalogue = studio.catalogue()
    assert catalogue is not None
    return catalogue.datasets[run.dataset].kind


def choose(kinds: Sequence[Kind], *, parameter: str, usual: str) -> Run | None:
    """Draw the choice of a model; with none to choose from, the way to train one."""
    if studio.catalogue() is None:
        lab_parts.waiting(t("lab.first"), height=320)
        return None
    runs = {
        run.id: run
        for run in studio.store().runs(RunFilter(limit=_LOOKED_AT))
        if can_be_traced(run) and kind_of(run) in kinds
    }
    asked = st.query_params.get(parameter)
    if asked and asked not in runs:
        st.warning(t("lab.model.gone"), icon=":material/search_off:")
    if not runs:
        st.info(t("lab.model.none"), icon=":material/model_training:")
        dataset = "digits" if "image" in kinds else "eight_gaussians"
        links.link("new_run", t("lab.model.train"), icon=":material/add_circle:", method="ddpm", dataset=dataset)
        return None
    own = [run.id for run in runs.values() if not run.example]
    listed = [*own, *(one for one in runs if one not in own)]
    first = usual if usual in runs else listed[0]
    chosen = address.pick(
        t("lab.model"), listed, parameter=parameter, default=first, show=lambda one: _named(runs[one])
    )
    return runs[chosen]


def facts(run: Run) -> Facts | None:
    """What the model of a run says of itself; None, with the reason on screen, while or where it does not answer."""
    outcome = asked(run, "trace", {"count": 1, "steps": 1, "stages": 1})
    if not settled(outcome, height=320):
        return None
    assert outcome is not None and outcome.value is not None
    told = outcome.value
    shape, levels = told.arrays["xt"].shape[2:], int(told.values["levels"])
    return Facts(run, kind_of(run), tuple(told.values["classes"]), shape, levels, float(told.values["guidance"]))


def asked(
    run: Run, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]] | None = None
) -> Outcome[Message] | None:
    """What the newest model of a run answers; asked anew when the run has trained further."""
    newest = studio.store().checkpoints(run.id)
    step = {"step": newest[-1].step} if newest and not run.example else {}
    return answers.answer(request, {"run": run.id, **step, **values}, arrays)


def settled(outcome: Outcome[Message] | None, *, height: int) -> bool:
    """Whether there is an answer; if not, its place is filled with a skeleton or with what went wrong."""
    if outcome is None:
        lab_parts.waiting(t("lab.asking"), height=height)
        return False
    if outcome.value is None:
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        return False
    return True


def class_name(classes: Sequence[str], label: int) -> str:
    """What a class is called; -1 is all of them in turn."""
    return t("lab.class.each") if label < 0 else t("lab.class.one", name=classes[label])


def class_choice(facts_: Facts, label: str, *, parameter: str, scope: str, default: int = -1) -> int:
    """Draw the choice of a class, where the model knows classes."""
    if not facts_.classes:
        return -1
    options = [str(k) for k in range(-1, len(facts_.classes))]
    chosen = address.pick(
        label,
        options,
        parameter=parameter,
        scope=scope,
        default=str(default),
        show=lambda word: class_name(facts_.classes, int(word)),
    )
    return int(chosen)


def _named(run: Run) -> str:
    """Never with a time: a label that changes by the minute would choose anew."""
    return t("lab.model.example", name=run_title(run)) if run.example else f"{run_title(run)} · {run.id}"
