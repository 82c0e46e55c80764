"""`samajh models|datasets`: what can be trained and on what, read from the catalogue without torch."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated, Any

import typer

from dashboard.catalogue import Catalogue, MethodEntry, read
from dashboard.cli.declare import command, told
from dashboard.cli.reply import Reply, note, say, table
from dashboard.settings import Settings, settings
from dashboard.shadows import ROOT
from data.fields import Field
from data.text import Problem, Text

PUBLISH_LIMIT_S = 180


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "models", told("List methods, or the settings of one.", "मेथड की सूची, या एक की सेटिंग।"))(models)
    command(app, "datasets", told("List data sets, or the settings of one.", "डेटा सेट की सूची, या एक की सेटिंग।"))(datasets)


def the_catalogue(here: Settings) -> Catalogue:
    """The catalogue of this home; made in a process of its own (it needs torch) if the files have changed since."""
    found = read(here)
    if found is not None:
        return found
    note(
        Text(
            en="Reading methods and data sets; this takes some seconds once.",
            hi="मेथड और डेटा सेट पढ़े जा रहे हैं; सिर्फ़ एक बार कुछ सेकंड लगते हैं।",
        )
    )
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", "from dashboard.publishing import publish as p;"
             "from dashboard.settings import settings; p(settings())"],
            cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=PUBLISH_LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        text = Text(
            en="Reading the methods took more than {seconds} s; this computer is very busy. Try again.",
            hi="मेथड पढ़ने में {seconds} सेकंड से ज़्यादा लगे; यह कंप्यूटर बहुत व्यस्त है। फिर से कोशिश करें।",
        )
        raise Problem(text.format(seconds=PUBLISH_LIMIT_S), code="no_catalogue") from error
    found = read(here)
    if found is None:
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        text = Text(
            en="The methods could not be read ({why}). samajh doctor tells more.",
            hi="मेथड पढ़े नहीं जा सके ({why})। samajh doctor और बताएगा।",
        )
        raise Problem(text.format(why=why), code="no_catalogue")
    return found


def models(
    name: Annotated[str | None, typer.Argument(metavar="[MODEL]", help=told("Show the settings of this method.", "इस मेथड की सेटिंग दिखाएँ।"))] = None,
) -> Reply:  # fmt: skip
    """The methods, or all that can be set for one."""
    catalogue = the_catalogue(settings())
    if name is None:
        rows = [[m.name, say(m.title), _taken(m), say(m.summary)] for m in catalogue.methods.values()]
        values = [m.model_dump(exclude={"fields", "json_schema"}) for m in catalogue.methods.values()]
        lines = [*table([say(text) for text in (_NAME, _TITLE, _DATA, _SUMMARY)], rows), *_broken(catalogue)]
        return Reply({"models": values, "broken": [b.model_dump() for b in catalogue.broken]}, lines)
    if name not in catalogue.methods:
        raise _unknown(name, list(catalogue.methods), _NO_METHOD, "unknown_method", "MODEL")
    method = catalogue.methods[name]
    lines = [f"{method.name}  {say(method.title)}", say(method.summary), method.source, ""]
    lines += ["--set …", *_settings((*method.fields, *catalogue.training))]
    presets = {p.name: p.values for p in method.presets}
    values_of: dict[str, Any] = method.model_dump(exclude={"fields"})
    values_of["training_schema"] = catalogue.training_schema
    return Reply({"model": {**values_of, "preset_names": list(presets)}}, lines)


def datasets(
    name: Annotated[str | None, typer.Argument(metavar="[DATASET]", help=told("Show the settings of this data set.", "इस डेटा सेट की सेटिंग दिखाएँ।"))] = None,
) -> Reply:  # fmt: skip
    """The data sets, or all that can be set for one."""
    catalogue = the_catalogue(settings())
    if name is None:
        rows = [
            [d.name, say(d.title), _told(d.kind, captioned=d.captioned), say(d.licence), say(d.summary)]
            for d in catalogue.datasets.values()
        ]
        values = [d.model_dump(exclude={"fields", "json_schema"}) for d in catalogue.datasets.values()]
        lines = table([say(text) for text in (_NAME, _TITLE, _KIND, _LICENCE, _SUMMARY)], rows)
        return Reply({"datasets": values, "broken": [b.model_dump() for b in catalogue.broken]}, lines)
    if name not in catalogue.datasets:
        raise _unknown(name, list(catalogue.datasets), _NO_DATASET, "unknown_dataset", "DATASET")
    dataset = catalogue.datasets[name]
    lines = [f"{dataset.name}  {say(dataset.title)}", say(dataset.summary), f"{say(dataset.licence)}  {dataset.source}"]
    lines += ["", "--set …", *_settings(dataset.fields)] if dataset.fields else []
    return Reply({"dataset": dataset.model_dump(exclude={"fields"})}, lines)


_NAME = Text(en="name", hi="नाम")
_TITLE = Text(en="title", hi="शीर्षक")
_DATA = Text(en="data", hi="डेटा")
_KIND = Text(en="kind", hi="प्रकार")
_LICENCE = Text(en="licence", hi="लाइसेंस")
_SUMMARY = Text(en="what it is", hi="क्या है")
_SETTING = Text(en="setting", hi="सेटिंग")
_DEFAULT = Text(en="default", hi="सामान्य मान")
_RANGE = Text(en="values", hi="मान")
_NO_METHOD = Text(en="There is no method “{n}”; there are: {known}.", hi="“{n}” नाम का कोई मेथड नहीं है; ये हैं: {known}।")
_NO_DATASET = Text(
    en="There is no data set “{n}”; there are: {known}.", hi="“{n}” नाम का कोई डेटा सेट नहीं है; ये हैं: {known}।"
)


def _taken(method: MethodEntry) -> str:
    """The data a method takes, in a word or two."""
    return _told(", ".join(method.accepts), captioned=method.needs_captions)


def _told(kinds: str, *, captioned: bool) -> str:
    return say(Text(en="{kinds} with captions", hi="{kinds}, कैप्शन के साथ"), kinds=kinds) if captioned else kinds


def _unknown(name: str, known: list[str], text: Text, code: str, field: str) -> Problem:
    return Problem(text.format(n=name, known=", ".join(sorted(known))), code=code, field=field)


def _settings(fields: tuple[Field, ...]) -> list[str]:
    head = [say(text) for text in (_SETTING, _DEFAULT, _RANGE, _TITLE)]
    return table(head, [[f.name, str(f.default), _values_of(f), say(f.title)] for f in fields])


def _values_of(field: Field) -> str:
    """What a field may be, as a mathematician writes an interval, with its unit."""
    if field.choices:
        return " | ".join(str(choice.value) for choice in field.choices)
    if field.low is None and field.high is None:
        return field.type
    low = "(-∞" if field.low is None else f"{'(' if field.low_exclusive else '['}{field.low:g}"
    high = "∞)" if field.high is None else f"{field.high:g}{')' if field.high_exclusive else ']'}"
    return f"{low}, {high} {field.unit}".rstrip()


def _broken(catalogue: Catalogue) -> list[str]:
    text = Text(en="cannot be loaded: {name} ({why})", hi="लोड नहीं होता: {name} ({why})")
    return [say(text, name=broken.name, why=broken.reason) for broken in catalogue.broken]
