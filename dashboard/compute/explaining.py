"""The request "explain": a way to explain, applied to a subject, snapshot by snapshot.

`values`: `kind` (one of `data.catalog.SubjectKind`), `method` (name of an explainer), `config` (its settings), and whatever
`dashboard/explain/<kind>/subject.py` needs to find model, item and target: `subject_of(values, arrays)` there makes the subject. With
`evidence` true, `evidence_of(subject, card, config, explanation)` there goes on where the method has ended: it yields the same
explanation again with more and more evidence. `about_model(subject)` there tells what the model is, for the record that is kept of every finished
explanation (`dashboard.explain.records`, not with `record` false); each snapshot bears its id as `details["id"]`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import ValidationError

from dashboard.compute import words
from dashboard.compute.served import Arrays, Served, Several
from dashboard.explain import records
from dashboard.explain.contract import Explanation, to_parts
from dashboard.jobs.workshop import declared
from dashboard.settings import settings
from dashboard.tracking.folder import CHECKPOINTS, is_id
from data.catalog import Config, ExplainerCard, SubjectKind
from data.fields import fields_of
from data.text import Problem
from lightning_modules.checkpoints import newest_whole, step_of

KINDS = get_args(SubjectKind)


def explain(values: dict[str, Any], arrays: Arrays) -> Several:
    """Each snapshot of an explanation as it is ready."""
    kind, name = str(values.get("kind")), str(values.get("method"))
    card = declared(settings().plugins).explainers.get(name)
    if kind not in KINDS or card is None or card.kind != kind:
        raise Problem(words.UNKNOWN_EXPLAINER.format(name=name), code="unknown_explainer", field="method")
    config = _config(card, values.get("config", {}))
    values = pinned(values)
    module = importlib.import_module(f"dashboard.explain.{kind}.subject")
    subject, snapshot = module.subject_of(values, arrays), None
    model = module.about_model(subject)
    id = records.id_of(values, arrays, model["weights"])
    answers: Iterator[Explanation] = card.explain(subject, config)
    if values.get("evidence") and card.scope == "local" and hasattr(module, "evidence_of"):
        answers = _proven(answers, lambda one: module.evidence_of(subject, card, config, one))
    for snapshot in answers:
        yield Served(*to_parts(named(snapshot, id)))
    if snapshot is not None and values.get("record", True):
        one = named(snapshot, id)
        records.keep(settings().explanations, values, arrays, one, weights=model["weights"], model=model)


def explain_beside(values: dict[str, Any], arrays: Arrays) -> Several:
    """Several ways (`methods`) of one subject, each as "explain" with that `method`, in turns: a snapshot of the first, one of the second, …, so
    that each has something to show before any of them is done. `method` of an answer says whose it is."""
    each = {str(name): explain({**values, "method": name}, arrays) for name in values["methods"]}
    while each:
        for name, answers in list(each.items()):
            one = next(answers, None)
            if one is None:
                del each[name]
            else:
                yield Served({**one.values, "method": name}, one.arrays)


def _proven(
    answers: Iterator[Explanation], evidence: Callable[[Explanation], Iterator[Explanation]]
) -> Iterator[Explanation]:
    """The snapshots of a method, then those of the evidence for its last."""
    last = None
    for last in answers:
        yield last
    if last is not None:
        yield from evidence(last)


def named(one: Explanation, id: str) -> Explanation:
    """The explanation with the id that it is kept under."""
    return replace(one, details={**one.details, "id": id})


def pinned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The request with the checkpoint it is about, so that it can be asked again when the run has gone on."""
    run = values.get("model")
    if not isinstance(run, str) or not is_id(run) or values.get("step") is not None:
        return dict(values)
    newest = newest_whole(settings().runs / run / CHECKPOINTS)
    return dict(values) if newest is None else {**values, "step": step_of(newest)}


def _config(card: ExplainerCard, given: Mapping[str, Any]) -> Config:
    """The settings, checked.

    Raises:
        Problem: One of them cannot be used; the sentence says why and `field` which.
    """
    known = {field.name: field for field in fields_of(card.config.model_json_schema())}
    parsed = {}
    for key, value in given.items():
        if key not in known:
            told = words.UNKNOWN_SETTING.format(name=card.name, key=key, known=", ".join(known))
            raise Problem(told, code="unknown_setting", field=key)
        parsed[key] = known[key].parse(value)
    try:
        return card.config.model_validate(parsed)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Problem(words.BAD_SETTING.format(key=where, why=first["msg"]), code="bad_setting", field=where) from error
