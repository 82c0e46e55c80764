"""The request "explanation_report": a kept explanation as a file to take along, "html" or "pdf", in a language."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.compute.served import Arrays, Served
from dashboard.explain import records
from dashboard.explain.contract import from_parts
from dashboard.explain.records import Record
from dashboard.explain.telling import Row, in_a_sentence
from dashboard.figures.explanation_pdf import as_pdf
from dashboard.figures.explanation_report import as_html, contents
from dashboard.settings import settings
from dashboard.tables.fitting import fit, row_of
from dashboard.tables.recipe import Recipe
from data.table import cell_text
from data.text import LANGUAGES, Problem, Text

FORMATS = ("html", "pdf")


def explanation_report(values: dict[str, Any], arrays: Arrays) -> Served:
    """The bytes of the file as `file`."""
    kind, language = str(values.get("format", "html")), values.get("language", "en")
    if kind not in FORMATS or language not in LANGUAGES:
        raise Problem(
            Text(en="A report is html or pdf, in en or hi.", hi="रिपोर्ट html या pdf में होती है, en या hi में।"),
            code="unknown_format", field="format",
        )  # fmt: skip
    record = records.find(settings().explanations, str(values.get("id")))
    sentence, features = _of_a_row(record) if record.kind == "table" else (None, [])
    found = contents(record, sentence, features, language)
    content = as_pdf(found) if kind == "pdf" else as_html(found).encode()
    records.log(settings().explanations, f"reported_{kind}", record)
    return Served({"id": record.id}, {"file": np.frombuffer(content, dtype=np.uint8)})


def _of_a_row(record: Record) -> tuple[Text | None, list[tuple[str, str]]]:
    """The sentence about a row, and its columns with their values; the model is trained again from its recipe if need be."""
    fitted = fit(Recipe.model_validate(record.asked["model"]), settings().tables)
    given = record.asked_arrays().get("x")
    x = row_of(fitted, int(record.asked.get("row", 0))) if given is None else given
    one, scores, classed = (
        from_parts(record.answered, record.answered_arrays()),
        fitted.scores(x[None])[0],
        fitted.task == "classification",
    )
    cells = [(one.name, cell_text(one, one.kind, float(value))) for one, value in zip(fitted.features, x, strict=True)]
    if one.attributions.shape != x.shape:
        return None, cells
    row = Row(
        fitted.features, x, float(scores[fitted.targets.index(one.target)]),
        says=fitted.targets[int(scores.argmax())] if classed else "",
        usual=None if classed else float(fitted.scores(fitted.background)[:, 0].mean()),
    )  # fmt: skip
    return in_a_sentence(one, row), cells
