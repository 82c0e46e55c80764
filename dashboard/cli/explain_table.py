"""`samajh explain table FILE`: train on a table, explain one of its rows, and say it in one sentence, with the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.kept import KEPT
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.training import Setting, pairs
from dashboard.compute.client import ask
from dashboard.compute.framing import Message
from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.telling import Row, as_a_way, as_whole, in_a_sentence, order_of
from dashboard.jobs import control
from dashboard.settings import Settings
from dashboard.tables.recipe import Recipe
from data import tables
from data.example_tables import EXAMPLES
from data.table import Column, cell_text
from data.table_reading import LARGEST_FILE
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
    file: Annotated[str, typer.Argument(metavar="FILE", help=told("A CSV, the id of a kept table, or credit_german, breast_cancer, diabetes.", "CSV फ़ाइल, रखी हुई टेबल की id, या credit_german, breast_cancer, diabetes।"))],
    model: Annotated[Literal["forest", "boosting", "linear"], typer.Option(help=told("What is trained on it.", "उस पर किसकी ट्रेनिंग हो।"))] = "forest",
    target: Annotated[str | None, typer.Option(help=told("Column to predict (the last).", "जो कॉलम बताना है (आख़िरी)।"))] = None,
    method: Annotated[str, typer.Option(help=told("How it is explained, such as kernel_shap, lime, counterfactual.", "वजह बताने का तरीका, जैसे kernel_shap, lime, counterfactual।"))] = "kernel_shap",
    line: Annotated[int | None, typer.Option(help=told("Line of the file; its names are line 1 (the first line held out).", "फ़ाइल की लाइन; नाम लाइन 1 हैं (अलग रखी पहली लाइन)।"))] = None,
    klass: Annotated[str | None, typer.Option("--class", help=told("Class to explain (the predicted one).", "किस क्लास की वजह (जो मॉडल कहे)।"))] = None,
    keep: Columns = None,
    only_up: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help=told("May only rise; repeatable.", "सिर्फ़ बढ़ सकता है; दोहरा सकते हैं।"))] = None,
    only_down: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help=told("May only fall; repeatable.", "सिर्फ़ घट सकता है; दोहरा सकते हैं।"))] = None,
    seed: Annotated[int, typer.Option(help=told("Seed of the model and its split.", "मॉडल और उसके बँटवारे का सीड।"))] = 0,
    settings: Setting = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Explain one row of a table by a model trained on it."""
    with house() as home:
        about = _table(file, home.settings)
        recipe = Recipe(table=about.id, target=target or _usual_target(about), learner=model, seed=seed)
        control.ensure_supervisor(home.settings)
        fitted = ask(home.settings, "fit_table", {"model": recipe.model_dump(mode="json")}, timeout_s=timeout)
        row = int(fitted.arrays["lines"][0]) if line is None else line - 2
        request: dict[str, Any] = {
            "kind": "table", "method": method, "config": pairs(settings or ()), "model": recipe.model_dump(mode="json"), "row": row,
            "target": klass, "limits": _limits(about, keep, only_up, only_down), "evidence": evidence,
        }  # fmt: skip
        answer = ask(home.settings, "explain", request, timeout_s=timeout)
        told_row = ask(
            home.settings, "table_row", {"model": recipe.model_dump(mode="json"), "row": row}, timeout_s=timeout
        )
    return _reply(about, recipe, fitted, from_parts(answer.values, answer.arrays), told_row, row, method)


def _table(word: str, settings: Settings) -> TableAbout:
    path = Path(word)
    if word in EXAMPLES or not (path.exists() or path.suffix):
        return tables.find(word, settings.tables)
    try:
        if path.stat().st_size > LARGEST_FILE:
            return tables.accept(
                bytes(LARGEST_FILE + 1), path.name, settings.tables
            )  # refused in words, without reading gigabytes
        return tables.accept(path.read_bytes(), path.name, settings.tables)
    except OSError as error:
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=path, why=error.strerror), code="no_file", field="FILE") from error


def _usual_target(about: TableAbout) -> str:
    return EXAMPLES[about.id].target if about.id in EXAMPLES else about.columns[-1].name


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


def _reply(
    about: TableAbout, recipe: Recipe, fitted: Message, one: Explanation, told_row: Message, row: int, method: str
) -> Reply:
    features = [Column.model_validate(feature) for feature in fitted.values["features"]]
    x, scores, targets = told_row.arrays["x"], told_row.arrays["scores"][0], fitted.values["targets"]
    classed = fitted.values["task"] == "classification"
    said = Row(features, x, float(scores[targets.index(one.target)]), says=targets[int(scores.argmax())] if classed else "",
               usual=None if classed else float(fitted.arrays["scores"][:, 0].mean()))  # fmt: skip
    sentences = _sentences(one, said, features, method)
    cells = [cell_text(feature, feature.kind, float(value)) for feature, value in zip(features, x, strict=True)]
    half = [None] * len(x) if one.half_width is None else [float(v) for v in one.half_width]
    values = {
        "id": one.details["id"],
        "table": about.id, "model": recipe.learner, "target": recipe.target, "model_id": fitted.values["id"], "seed": recipe.seed,
        "figures": fitted.values["figures"], "method": method, "line": row + 2, "class": one.target if classed else None,
        "score": said.score, "says": said.says or None, "sentences": [text.to("en") for text in sentences],
        "sentences_hi": [text.to("hi") for text in sentences],
        "base_value": one.base_value, "prediction": one.prediction, "converged": one.converged, "seconds": one.seconds, "model_calls": one.model_calls,
        "shares": [
            {"column": f.name, "value": c, "share": float(a), "half_width": h}
            for f, c, a, h in zip(features, cells, one.attributions, half, strict=True)
        ],
        "evidence": {name: {"value": f.value, "speaks_for": f.speaks_for, "text": say(f.text)} for name, f in one.evidence.items()},
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
    if one.evidence:
        light = one.evidence["light"]
        lines += [
            "",
            f"{say(light.title)}: {say(light.text)}",
            *(f"  {_mark(f.speaks_for)} {say(f.text)}" for name, f in one.evidence.items() if name != "light"),
        ]
    lines += ["", say(KEPT, id=one.details["id"])]
    return Reply(values, lines)


def _sentences(one: Explanation, row: Row, features: list[Column], method: str) -> list[Text]:
    if method == "counterfactual":
        return [as_a_way(way, str(one.details["wanted"])) for way in one.details["ways"]]
    if method == "permutation_importance":
        return [as_whole(one, features)]
    return [in_a_sentence(one, row)]


def _mark(speaks_for: bool | None) -> str:
    return {True: "+", False: "-", None: "·"}[speaks_for]
