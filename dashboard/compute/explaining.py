"""The request "explain": a way to explain, applied to a subject, snapshot by snapshot.

`values`: `kind` ("image", "table", "text"), `method` (name of an explainer), `config` (its settings), and whatever
`dashboard/explain/<kind>/subject.py` needs to find model, item and target: `subject_of(values, arrays)` there makes the subject. With
`evidence` true, `evidence_of(subject, card, config, explanation)` there goes on where the method has ended: it yields the same
explanation again with more and more evidence.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from dashboard.compute import words
from dashboard.compute.served import Arrays, Served, Several
from dashboard.explain.contract import to_parts
from dashboard.jobs.workshop import declared
from dashboard.settings import settings
from data.catalog import Config, ExplainerCard
from data.fields import fields_of
from data.text import Problem

KINDS = ("image", "table", "text")


def explain(values: dict[str, Any], arrays: Arrays) -> Several:
    """Each snapshot of an explanation as it is ready."""
    kind, name = str(values.get("kind")), str(values.get("method"))
    card = declared(settings().plugins).explainers.get(name)
    if kind not in KINDS or card is None or card.kind != kind:
        raise Problem(words.UNKNOWN_EXPLAINER.format(name=name), code="unknown_explainer", field="method")
    config = _config(card, values.get("config", {}))
    module = importlib.import_module(f"dashboard.explain.{kind}.subject")
    subject, snapshot = module.subject_of(values, arrays), None
    for snapshot in card.explain(subject, config):
        yield Served(*to_parts(snapshot))
    if values.get("evidence") and snapshot is not None and card.scope == "local" and hasattr(module, "evidence_of"):
        for proven in module.evidence_of(subject, card, config, snapshot):
            yield Served(*to_parts(proven))


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
