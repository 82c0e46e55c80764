"""`samajh tables …`: the tables that are kept, and what models of them are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli.declare import command, group, told
from dashboard.cli.reply import Reply, face, say, table
from dashboard.cli.table_letter import letter_about
from dashboard.cli.table_model import File, Klass, Learner, Line, Seed, Target, Timeout, asked
from dashboard.cli.words import moment
from dashboard.explain.telling import percent
from dashboard.settings import settings
from dashboard.tables import kept
from dashboard.tables.reason_codes import ReasonCode, parsed
from dashboard.tables.recipe import LEARNERS, NAMES
from data import model_files, tables
from data.text import LANGUAGES, Problem, Text

_CUTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    under = group(
        "tables", told("Your tables, and what models of them are worth.", "आपकी टेबल, और उनके मॉडल कितने काम के हैं।")
    )
    command(under, "list", told("List your tables, newest first.", "आपकी टेबल की सूची, सबसे नई पहले।"))(list_tables)
    command(under, "delete", told("Remove a table and all that was made of it.", "टेबल और उससे बना सब कुछ हटाएँ।"))(delete)
    command(
        under, "worth", told("What a model is worth on rows it has not seen.", "अनदेखी पंक्तियों पर मॉडल कितना अच्छा है।")
    )(worth)
    command(under, "rivals", told("What a simpler model would cost.", "सरल मॉडल लेने की क्या कीमत होगी।"))(rivals)
    command(
        under, "fairness", told("Whether groups of rows are treated alike.", "क्या पंक्तियों के समूहों से एक जैसा बर्ताव होता है।")
    )(fairness)
    command(
        under, "letter", told("A decision as a letter to the person it is about.", "फ़ैसला, उस व्यक्ति के नाम पत्र के रूप में।")
    )(write_letter)
    command(under, "keep", told("Keep a model under a name.", "मॉडल को नाम देकर रखें।"))(keep_model)
    command(
        under,
        "models",
        told("List the models you brought or kept, newest first.", "लाए या रखे मॉडल की सूची, सबसे नए पहले।"),
    )(list_models)
    command(under, "forget", told("Remove a model you brought or kept.", "लाया या रखा हुआ मॉडल हटाएँ।"))(forget)
    app.add_typer(under)


def list_tables() -> Reply:
    """Kept tables."""
    found = tables.listed(settings().tables)
    if not found:
        return Reply({"tables": []}, [say(Text(en="No tables.", hi="कोई टेबल नहीं।"))])
    head = [say(text) for text in (_ID, _NAME, _ROWS, _COLUMNS, _TIME)]
    rows = [[one.id, one.name, f"{one.rows:,}", f"{len(one.columns):,}", moment(one.kept_at)] for one in found]
    objects = [
        {"id": one.id, "name": one.name, "rows": one.rows, "columns": len(one.columns), "kept_at": one.kept_at}
        for one in found
    ]
    return Reply({"tables": objects}, table(head, rows))


def delete(
    table_id: Annotated[str, typer.Argument(metavar="ID", help=told("Id of the table.", "टेबल की id।"))],
) -> Reply:
    """Remove a table."""
    tables.delete(table_id, settings().tables)
    return Reply({"deleted": table_id}, [say(Text(en="Removed: {name}", hi="हटाया गया: {name}"), name=table_id)])


def list_models() -> Reply:
    """Models that were brought, and those kept by their recipe."""
    brought, own = model_files.listed(settings().models), kept.listed(settings().recipes)
    if not brought and not own:
        return Reply({"models": [], "kept": []}, [say(Text(en="No models.", hi="कोई मॉडल नहीं।"))])
    head = [say(text) for text in (_ID, _NAME, _MODEL, _TIME)]
    rows = [[one.id, one.name, f"{one.kind} · {one.about}", moment(one.kept_at)] for one in brought]
    rows += [
        [one.id, one.name, f"{say(NAMES[one.recipe.learner])} · {one.recipe.target}", moment(one.kept_at)]
        for one in own
    ]
    values = {
        "models": [one.model_dump(mode="json", exclude={"folder"}) for one in brought],
        "kept": [one.model_dump(mode="json") for one in own],
    }
    return Reply(values, table(head, rows))


def keep_model(
    file: File, model: Learner = "forest", target: Target = None, seed: Seed = 0,
    name: Annotated[str, typer.Option(help=told("What it is called.", "उसका नाम।"))] = "", timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """Keep a model by its recipe."""
    here = asked(file, model, target, seed, timeout)
    fitted = here.ask("fit_table").values
    figures = {key: float(one["value"]) for key, one in fitted["figures"].items()}
    one = kept.keep(fitted["id"], name, here.recipe, figures, here.settings.recipes)
    text = Text(en="Kept as {id}. Use it as: --model {id}", hi="{id} नाम से रखा गया। ऐसे इस्तेमाल करें: --model {id}")
    return Reply({"kept": one.model_dump(mode="json")}, [say(text, id=one.id)])


def forget(
    model_id: Annotated[str, typer.Argument(metavar="ID", help=told("Id of the model.", "मॉडल की id।"))],
) -> Reply:
    """Remove a model that was brought or kept."""
    here = settings()
    own = model_id in {one.id for one in kept.listed(here.recipes)}
    if own:
        kept.delete(model_id, here.recipes)
    else:
        model_files.delete(model_id, here.models)
    return Reply({"deleted": model_id}, [say(Text(en="Removed: {name}", hi="हटाया गया: {name}"), name=model_id)])


def worth(
    file: File, model: Learner = "forest", target: Target = None, klass: Klass = None, seed: Seed = 0,
    timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """Figures with intervals; of classes every tenth cut-off, chances against what came, and the confusion matrix."""
    here = asked(file, model, target, seed, timeout)
    fitted, said = here.ask("fit_table"), here.ask("table_validation", target=klass)
    values: dict[str, Any] = {**said.values, **here.facts(), "figures": fitted.values["figures"]}
    values["class"] = said.values.get("target")
    lines = [
        f"{say(_FIGURES[name])}: {one['value']:.3f} ({one['low']:.3f} … {one['high']:.3f}; {say(_GUESS)} {one['guess']:.3f})"
        for name, one in fitted.values["figures"].items()
    ]
    if said.values["task"] == "regression":
        low, middle, high = said.values["quantiles"]
        text = Text(
            en="Truth less prediction: {low} to {high} in 95 % of {n} unseen rows, {middle} in the middle.",
            hi="सच घटा अनुमान: {n} अनदेखी पंक्तियों में से 95 % पर {low} से {high}, बीच में {middle}।",
        )
        numbers = {"low": f"{low:.4g}", "high": f"{high:.4g}", "middle": f"{middle:.4g}"}
        return Reply(values, [*lines, say(text, n=said.values["rows"], **numbers)])
    arrays = said.arrays
    values["confusion"] = arrays["confusion"].tolist()
    values["cut_offs"] = [
        dict(zip(("cut", "true_positive", "false_positive", "false_negative", "true_negative"), (cut, *counts), strict=True))
        for cut, counts in zip(arrays["cuts"].tolist(), arrays["counts"].tolist(), strict=True)
    ]  # fmt: skip
    names = ("said", "came", "low", "high", "in_group")
    values["reliability"] = [
        dict(zip(names, row, strict=True)) for row in zip(*(arrays[name].tolist() for name in names), strict=True)
    ]
    text = Text(
        en="Mean squared error of the chances of “{name}” (Brier): {brier}; of the usual rate {rate}.",
        hi="“{name}” की संभावनाओं की औसत वर्ग-गलती (Brier): {brier}; सामान्य दर की {rate}।",
    )
    told_ = said.values
    lines.append(say(text, name=told_["target"], brier=f"{told_['brier']:.3f}", rate=f"{told_['brier_of_rate']:.3f}"))
    rows = [
        [percent(one["cut"]), *(str(one[name]) for name in ("true_positive", "false_positive", "false_negative", "true_negative"))]
        for one in values["cut_offs"]
        if one["cut"] in _CUTS
    ]  # fmt: skip
    head = [say(text) for text in (_CUT, _HIT, _ALARM, _MISSED, _LEFT)]
    return Reply(values, [*lines, "", *table(head, rows)])


def rivals(
    file: File, model: Learner = "forest", target: Target = None, klass: Klass = None, seed: Seed = 0,
    timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """Every learner on the same rows; the readable ones in full."""
    here = asked(file, model, target, seed, timeout)
    found = [here.ask("table_rival", rival=learner, target=klass).values for learner in LEARNERS]
    measure = found[0]["measure"]
    head = [say(text) for text in (_MODEL, _PARTS, _FIGURES[measure], _INTERVAL)]
    rows = []
    for one in found:
        figure = one["figures"][measure]
        name = say(LEARNERS[one["learner"]])
        rows.append(
            [name, f"{one['parts']:,}", f"{figure['value']:.3f}", f"{figure['low']:.3f} … {figure['high']:.3f}"]
        )
    lines = [say(Text(**one["sentence"])) for one in found if one["reading"] and one["learner"] != model]
    return Reply({**here.facts(), "rivals": found}, [*lines, "", *table(head, rows)])


def fairness(
    file: File,
    by: Annotated[str, typer.Option("--by", metavar="COLUMN", help=told("Column that makes the groups, seen by the model or not.", "समूह बनाने वाला कॉलम, मॉडल उसे देखे या न देखे।"))],
    model: Learner = "forest", target: Target = None, klass: Klass = None, seed: Seed = 0, timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """Rates of each group with intervals, and the differences from the largest."""
    here = asked(file, model, target, seed, timeout)
    said = here.ask("table_fairness", column=by, target=klass).values
    keys = ("selected", "found") if said["task"] == "classification" else ("error",)
    head = [say(_GROUP), say(_ROWS), *(say(_RATES[key]) for key in keys), *(say(_APART) for _ in keys)]
    rows = [
        [
            one["name"],
            f"{one['rows']:,}",
            *(_span(one[key]) for key in keys),
            *(_span(one[f"{key}_apart"]) for key in keys),
        ]
        for one in said["groups"]
    ]
    lines = [say(Text(**sentence)) for sentence in said["sentences"]]
    return Reply({**said, **here.facts(), "by": by}, [*lines, "", *table(head, rows)])


def write_letter(
    file: File, model: Learner = "forest", target: Target = None, line: Line = None,
    codes: Annotated[Path | None, typer.Option(metavar="JSON", help=told("Words for each column (those kept with the table).", "हर कॉलम के शब्द (टेबल के साथ रखे हुए)।"))] = None,
    name: Annotated[str, typer.Option(help=told("Whom it is to.", "किसके नाम।"))] = "",
    sender: Annotated[str, typer.Option(help=told("Who signs.", "किसकी ओर से।"))] = "",
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=told("Write it there, as a page when it ends in .html.", "यहाँ लिखें; .html हो तो पेज के रूप में।"))] = None,
    seed: Seed = 0, timeout: Timeout = 300.0,
) -> Reply:  # fmt: skip
    """The letter about one row, in the language of the words."""
    here = asked(file, model, target, seed, timeout)
    fitted = here.ask("fit_table")
    row = int(fitted.arrays["lines"][0]) if line is None else line - 2
    written = letter_about(here, fitted, row, _given(codes), name=name, sender=sender)
    language = face().language
    if out is not None:
        out.write_text(written.page(language) if out.suffix == ".html" else written.plain(language), "utf-8")
    values = {
        **here.facts(), "line": row + 2, "letter": {one: written.plain(one) for one in LANGUAGES},
        "warnings": [say(one) for one in written.warnings], "out": None if out is None else str(out),
    }  # fmt: skip
    return Reply(values, [*(f"! {say(one)}" for one in written.warnings), written.plain(language)])


def _given(path: Path | None) -> list[ReasonCode] | None:
    if path is None:
        return None
    try:
        return parsed(path.read_bytes())
    except OSError as error:
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=path, why=error.strerror), code="no_file", field="--codes") from error


def _span(found: list[float]) -> str:
    value, low, high = found
    return f"{value:.3g} ({low:.3g} … {high:.3g})"


_GROUP, _APART = Text(en="group", hi="समूह"), Text(en="less the first", hi="पहले से अंतर")
_RATES = {
    "selected": Text(en="given it", hi="मिला"), "found": Text(en="given it of those owed it", hi="हक़ वालों में से मिला"),
    "error": Text(en="truth less prediction", hi="सच घटा अनुमान"),
}  # fmt: skip
_ID, _NAME, _ROWS = Text(en="id", hi="id"), Text(en="name", hi="नाम"), Text(en="rows", hi="पंक्तियाँ")
_COLUMNS, _TIME = Text(en="columns", hi="कॉलम"), Text(en="kept", hi="कब रखी")
_MODEL, _PARTS = Text(en="model", hi="मॉडल"), Text(en="rules or weights", hi="नियम या वज़न")
_INTERVAL, _GUESS = Text(en="95 % interval", hi="95 % अंतराल"), Text(en="by guessing", hi="अंदाज़े से")
_CUT, _HIT = Text(en="cut-off", hi="कट-ऑफ़"), Text(en="rightly given", hi="सही दी गई")
_ALARM, _MISSED = Text(en="wrongly given", hi="ग़लत दी गई"), Text(en="missed", hi="छूटी")
_LEFT = Text(en="rightly not given", hi="सही नहीं दी गई")
_FIGURES = {
    "accuracy": Text(en="right", hi="सही"), "auc": Text(en="AUC", hi="AUC"), "r2": Text(en="R²", hi="R²"),
    "mae": Text(en="mean error", hi="औसत गलती"),
}  # fmt: skip
