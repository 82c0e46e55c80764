"""`samajh explain table FILE`: train on a table, explain one of its rows, and say it in one sentence, with the evidence."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dashboard.cli import explained
from dashboard.cli.declare import command, told
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.table_model import Asked, File, Klass, Learner, Line, Rows, Seed, Target, Timeout, asked
from dashboard.cli.training import Setting, pairs
from dashboard.compute.framing import Message
from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.table.same_code import Told, same_code
from dashboard.explain.telling import Row, as_a_way, as_whole, in_a_sentence, order_of
from data.table import Column, cell_text
from data.tables import TableAbout
from data.text import Problem, Text

_SHOWN = 10
_COLUMN, _VALUE, _SHARE, _HALF = (
    Text(en="column", hi="कॉलम"),
    Text(en="value", hi="मान"),
    Text(en="share", hi="हिस्सा"),
    Text(en="±", hi="±"),
)
Columns = Annotated[list[str] | None, typer.Option(metavar="COLUMN", help=told("May not change (counterfactual); repeatable.", "नहीं बदल सकता (counterfactual); दोहरा सकते हैं।"))]  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Explain a row of a table.", "टेबल की एक पंक्ति की वजह बताएँ।")
    command(app, "table", about)(explain_table)


def explain_table(
    file: File,
    model: Learner = "forest",
    target: Target = None,
    method: Annotated[str, typer.Option(help=told("How it is explained, such as kernel_shap, lime, counterfactual.", "वजह बताने का तरीका, जैसे kernel_shap, lime, counterfactual।"))] = "kernel_shap",
    line: Line = None,
    klass: Klass = None,
    keep: Columns = None,
    only_up: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help=told("May only rise; repeatable.", "सिर्फ़ बढ़ सकता है; दोहरा सकते हैं।"))] = None,
    only_down: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help=told("May only fall; repeatable.", "सिर्फ़ घट सकता है; दोहरा सकते हैं।"))] = None,
    seed: Seed = 0,
    rows: Rows = 0,
    settings: Setting = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    code: explained.Code = False,
    timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """Explain one row of a table by a model trained on it."""
    here = asked(file, model, target, seed, timeout, rows)
    fitted = here.ask("fit_table")
    row = int(fitted.arrays["lines"][0]) if line is None else line - 2
    limits = _limits(here.about, keep, only_up, only_down)
    answer = here.ask(
        "explain", kind="table", method=method, config=pairs(settings or ()), row=row, target=klass, limits=limits, evidence=evidence
    )  # fmt: skip
    told_row = here.ask("table_row", row=row)
    one = from_parts(answer.values, answer.arrays)
    reply = _reply(here, fitted, one, told_row, row, method)
    return _with_code(reply, here, fitted, one.target, row, method) if code else reply


def _with_code(reply: Reply, here: Asked, fitted: Message, klass: str, row: int, method: str) -> Reply:
    """The reply with the lines that give its number elsewhere."""
    features = [Column.model_validate(feature) for feature in fitted.values["features"]]
    targets = fitted.values["targets"]
    told_of = Told(here.recipe, here.about.name, fitted.values["task"], features, targets, row, targets.index(klass))
    return explained.coded(reply, same_code(method, told_of))


def _limits(about: TableAbout, *given: list[str] | None) -> dict[str, dict[str, Any]]:
    """The limits of a counterfactual, by column."""
    limits: tuple[tuple[str, dict[str, Any]], ...] = (
        ("--keep", {"fixed": True}),
        ("--only-up", {"direction": "up"}),
        ("--only-down", {"direction": "down"}),
    )
    found: dict[str, dict[str, Any]] = {}
    for names, (option, limit) in zip(given, limits, strict=True):
        for name in names or ():
            if about.column(name) is None:
                text = Text(en="The table has no column “{name}”.", hi="टेबल में “{name}” नाम का कॉलम नहीं है।")
                raise Problem(text.format(name=name), code="unknown_column", field=option)
            found[name] = limit
    return found


def _reply(here: Asked, fitted: Message, one: Explanation, told_row: Message, row: int, method: str) -> Reply:
    features = [Column.model_validate(feature) for feature in fitted.values["features"]]
    x, scores, targets = told_row.arrays["x"], told_row.arrays["scores"][0], fitted.values["targets"]
    classed = fitted.values["task"] == "classification"
    said = Row(features, x, float(scores[targets.index(one.target)]), says=targets[int(scores.argmax())] if classed else "",
               usual=None if classed else float(fitted.arrays["scores"][:, 0].mean()))  # fmt: skip
    sentences = _sentences(one, said, features, method)
    cells = [cell_text(feature, feature.kind, float(value)) for feature, value in zip(features, x, strict=True)]
    half = [None] * len(x) if one.half_width is None else [float(v) for v in one.half_width]
    values = {
        **explained.common(one), **here.facts(), "model_id": fitted.values["id"],
        "figures": fitted.values["figures"], "method": method, "line": row + 2, "class": one.target if classed else None,
        "score": said.score, "says": said.says or None, "sentences": [text.to("en") for text in sentences],
        "sentences_hi": [text.to("hi") for text in sentences],
        "shares": [
            {"column": f.name, "value": c, "share": float(a), "half_width": h}
            for f, c, a, h in zip(features, cells, one.attributions, half, strict=True)
        ],
        "details": dict(one.details),
    }  # fmt: skip
    lines = [say(text) for text in sentences]
    if method != "counterfactual":
        order = order_of(one)[:_SHOWN]
        rows = [
            [features[j].name, cells[j], f"{one.attributions[j]:+.4g}", "" if half[j] is None else f"{half[j]:.2g}"]
            for j in order
        ]
        lines += ["", *table([say(text) for text in (_COLUMN, _VALUE, _SHARE, _HALF)], rows)]
    return Reply(values, [*lines, *explained.proof(one), *explained.ending(one)])


def _sentences(one: Explanation, row: Row, features: list[Column], method: str) -> list[Text]:
    if method == "counterfactual":
        return [as_a_way(way, str(one.details["wanted"])) for way in one.details["ways"]]
    if method in ("permutation_importance", "beeswarm"):
        return [as_whole(one, features)]
    return [in_a_sentence(one, row)]
