"""The order that a form gives: fields of data, training and method, checked, each message at its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import streamlit as st

from dashboard.catalogue import Catalogue
from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run
from dashboard.ui import estimate, extras, form, studio
from dashboard.ui.choosing import OWN_IMAGES, OWN_TEXTS, Choice, fitting_method, preselect
from dashboard.ui.form import Question
from dashboard.ui.language import t
from dashboard.ui.page import tell
from dashboard.ui.quantities import number
from data import text_uploads, uploads
from data.fields import Field
from data.text import Problem, Text

LINKED = ("like", "weights", "method", "dataset", "preset", "images", "text")
"""What a link into the form may say."""

_IMAGES, _TEXT, _EARLY_STOP = "data.images", "data.file", "training.early_stop"
_UPLOADED = {OWN_IMAGES: _IMAGES, OWN_TEXTS: _TEXT}
"""The field of an own data set that an upload goes into."""
_LINKED_UPLOAD = "new_run.upload"


@dataclass
class Linked:
    """An upload that a link named: it goes into its field once for each choice of method and preset that is made."""

    field: str
    upload: str
    put: set[str] = dataclass_field(default_factory=set)


@dataclass(frozen=True)
class Ordered:
    """What the form asks for: the complete order, or None with the number of messages at its fields."""

    spec: RunSpec | None
    wrong: int


def ask(catalogue: Catalogue, choice: Choice) -> Ordered:
    """Draw the fields and check what is in them.

    A message stands at its field, so the check comes before the drawing: it reads what the widgets hold already.
    """
    questions = _questions(catalogue, choice)
    _put_linked_upload(questions, choice)
    given = {question.name: form.held(question, key=choice.key) for question in questions}
    changes = {question.name: given[question.name] for question in questions if given[question.name] != question.shown}
    spec, problems = catalogue.examine(choice.method, choice.dataset, choice.preset, changes)
    errors = {_qualified(problem.field or "", questions): problem.text for problem in problems}
    if spec is not None:
        errors = _errors_where_torch_is(spec, questions)
    with st.container(border=True):
        _head(choice, changed=len(changes))
        form.draw([one for one in questions if not one.field.advanced], key=choice.key, errors=errors)
        drawer = [one for one in questions if one.field.advanced]
        wrong_inside = any(one.name in errors for one in drawer)
        with st.expander(t("new_run.advanced"), expanded=wrong_inside, icon=":material/tune:"):
            form.draw(drawer, key=choice.key, errors=errors)
    return Ordered(None if errors else spec, len(errors))


def from_link(catalogue: Catalogue) -> None:
    """Follow a link into the form once: the parameters of `LINKED` in the URL."""
    asked = {name: st.query_params[name] for name in LINKED if name in st.query_params}
    for name in asked:
        del st.query_params[name]
    try:
        if "like" in asked:
            _fill_like(catalogue, studio.store().run(asked["like"]))
        if "weights" in asked:
            run = studio.store().run(asked["weights"])
            _fill_like(catalogue, run)
            st.session_state[extras.START_FROM] = run.id
    except Problem as problem:
        tell(problem)  # the run is gone; the form is not
    preselect(asked.get("method"), asked.get("dataset"), asked.get("preset"))
    if "method" not in asked and asked.get("dataset") in catalogue.datasets:
        preselect(method=fitting_method(catalogue, asked["dataset"]))
    for name, dataset in (("images", OWN_IMAGES), ("text", OWN_TEXTS)):
        if name in asked:
            preselect(dataset=dataset)
            st.session_state[_LINKED_UPLOAD] = Linked(_UPLOADED[dataset], asked[name])


def _fill_like(catalogue: Catalogue, run: Run) -> None:
    """Choices and values of a run; what the catalogue no longer knows is left out."""
    spec = RunSpec.model_validate(run.config)
    if spec.method not in catalogue.methods or spec.dataset not in catalogue.datasets:
        return
    preselect(spec.method, spec.dataset, spec.preset)
    choice = Choice(spec.method, spec.dataset, spec.preset)
    values = {"training": spec.training, "method": spec.method_config, "data": spec.dataset_config}
    for question in _questions(catalogue, choice):
        if question.field.name in values[question.section]:
            form.put(question, values[question.section][question.field.name], key=choice.key)


def _head(choice: Choice, *, changed: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{t('new_run.options')}**")
        if changed:
            st.button(
                t("new_run.reset", count=changed),
                key="new_run.reset",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=form.clear,
                args=(choice.key,),
            )


def _questions(catalogue: Catalogue, choice: Choice) -> list[Question]:
    """Every field, in the order of the form, with the value it has when nobody changes it."""
    dataset = catalogue.datasets[choice.dataset]
    preset = catalogue.preset_values(choice.method, choice.dataset, choice.preset)
    sections: dict[str, tuple[Field, ...]] = {
        "data": dataset.fields,
        "training": catalogue.training,
        "method": catalogue.methods[choice.method].fields_for(dataset.kind),
    }
    metrics = catalogue.methods[choice.method].metrics
    offered = {_EARLY_STOP: {metric.name: t(metric.title) for metric in metrics}}
    if choice.dataset == OWN_IMAGES:
        offered[_IMAGES] = _own_images()
    if choice.dataset == OWN_TEXTS:
        offered[_TEXT] = _own_texts()
    return [
        Question(
            section,
            field,
            field.default if section == "data" else preset.get(field.name, field.default),
            offered.get(f"{section}.{field.name}", {}),
        )
        for section, fields in sections.items()
        for field in fields
    ]


def _own_images() -> dict[str, str]:
    return {
        one.id: t("new_run.own_images", name=one.name, count=one.images)
        for one in uploads.listed(studio.settings().uploads)
    }


def _own_texts() -> dict[str, str]:
    return {
        one.id: t("new_run.own_text", name=one.name, n=number(one.characters))
        for one in text_uploads.listed(studio.settings().uploads)
    }


def _put_linked_upload(questions: Sequence[Question], choice: Choice) -> None:
    """The upload that a link named goes into the field of whichever preset is chosen."""
    linked: Linked | None = st.session_state.get(_LINKED_UPLOAD)
    if linked is None or choice.key in linked.put or linked.field != _UPLOADED.get(choice.dataset):
        return
    for one in questions:
        if one.name == linked.field:
            form.put(one, linked.upload, key=choice.key)
            linked.put.add(choice.key)


def _errors_where_torch_is(spec: RunSpec, questions: Sequence[Question]) -> dict[str, Text]:
    """Messages of the full validation, once it has answered, by qualified name."""
    outcome = estimate.prepared(spec)
    if outcome is None:
        return {}
    if outcome.value is not None:
        return {_qualified(name, questions): text for name, text in outcome.value.errors.items()}
    problem = outcome.problem
    named: Any = problem.field if problem is not None else None
    return {_qualified(named, questions): problem.text} if problem is not None and named else {}


def _qualified(name: str, questions: Sequence[Question]) -> str:
    """`steps` as `training.steps`; a name that no question has stays as it is."""
    return next((one.name for one in questions if name in (one.name, one.field.name)), name)
