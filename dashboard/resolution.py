"""From flat keys to a complete training order: which section a key belongs to, what its value is, what is wrong.

Used through `Catalogue.resolve` and `Catalogue.examine`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.jobs.spec import RunSpec
from data.fields import Field
from data.text import Problem, Text

Sections = Mapping[str, tuple[Field, ...]]


@dataclass(frozen=True)
class Order:
    """What is to be resolved: names, the fields of the sections "training", "method", "data", the preset's values."""

    method: str
    dataset: str
    preset: str
    sections: Sections
    preset_values: Mapping[str, Any]


def resolve(order: Order, changes: Mapping[str, Any]) -> tuple[RunSpec | None, list[Problem]]:
    """The order with `changes` applied, or None and everything that is wrong with them."""
    problems: list[Problem] = []
    values = {
        section: {field.name: field.default for field in fields if not field.required}
        for section, fields in order.sections.items()
    }
    for name, value in order.preset_values.items():
        section = "training" if name in values["training"] else "method"
        values[section][name] = value
    for key, given in changes.items():
        try:
            section, field = find(order.sections, key)
            values[section][field.name] = field.parse(given, key=key)
        except Problem as problem:
            problems.append(problem)
    given_under = {problem.field for problem in problems}
    for section, fields in order.sections.items():
        missing = [field for field in fields if field.required and field.name not in values[section]]
        problems += [_missing(field) for field in missing if field.name not in given_under]
    if problems:
        return None, problems
    spec = RunSpec(
        method=order.method,
        dataset=order.dataset,
        preset=order.preset,
        method_config=values["method"],
        dataset_config=values["data"],
        training=values["training"],
    )
    return spec, []


def find(sections: Sections, key: str) -> tuple[str, Field]:
    """The section and field that a flat key names.

    Raises:
        Problem: No field has this name (the nearest is suggested), or several sections have it.
    """
    wanted, _, name = key.rpartition(".")
    matches = [
        (section, field)
        for section, fields in sections.items()
        for field in fields
        if field.name == name and wanted in ("", section)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        spellings = ", ".join(f"{section}.{name}" for section, _ in matches)
        raise Problem(
            Text(
                en=f"“{key}” is ambiguous; write one of: {spellings}.",
                hi=f"“{key}” के कई अर्थ हैं; इनमें से एक लिखें: {spellings}।",
            ),
            code="ambiguous_key",
            field=key,
        )
    raise _unknown(sections, key)


def _unknown(sections: Sections, key: str) -> Problem:
    names = sorted({field.name for fields in sections.values() for field in fields})
    near = difflib.get_close_matches(key.rpartition(".")[2], names, n=1, cutoff=0.5)
    if near:
        text = Text(
            en=f"There is no setting “{key}”; did you mean “{near[0]}”?",
            hi=f"“{key}” नाम की कोई सेटिंग नहीं है; क्या आपका मतलब “{near[0]}” था?",
        )
    else:
        listed = ", ".join(names)
        text = Text(
            en=f"There is no setting “{key}”; there are: {listed}.", hi=f"“{key}” नाम की कोई सेटिंग नहीं है; ये हैं: {listed}।"
        )
    return Problem(text, code="unknown_key", field=key)


def _missing(field: Field) -> Problem:
    return Problem(
        Text(en=f"{field.title.en} is needed.", hi=f"{field.title.hi} ज़रूरी है।"), code="missing_value", field=field.name
    )
