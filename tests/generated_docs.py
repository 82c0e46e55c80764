"""The parts of the documentation that are made from the code: `python -m tests.generated_docs --write` writes them.

`dashboard/docs/reference.md` is generated whole; in the README, what stands between `<!-- begin: name -->` and
`<!-- end: name -->`. `tests/test_docs.py` fails when they do not match the code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from dashboard.catalogue import Catalogue
from dashboard.cli.app import assemble
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.ui import page
from data.discovery import discover
from data.fields import Field
from tests.import_graph import ROOT

REFERENCE = ROOT / "dashboard" / "docs" / "reference.md"
README = ROOT / "README.md"
WIDTH = 100


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups before their members."""
    yield from _under("samajh", typer.main.get_command(assemble()))


def _under(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, node in getattr(command, "commands", {}).items():
        yield from _under(f"{name} {child}", node)


def help_of(name: str, command: Any) -> str:
    """The help a person sees, at a fixed width."""
    context = command.make_context(
        name, ["--help"], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def reference() -> str:
    """The whole reference page."""
    found = catalogue_of(discover())
    parts = ["# Reference", "", "Made from the code by `make docs`; do not edit.", ""]
    parts += ["## Commands", ""]
    for name, command in commands():
        parts += [f"### `{name}`", "", "```text", help_of(name, command), "```", ""]
    parts += ["## Settings", "", "Each is an environment variable.", "", *settings_table(), ""]
    parts += ["## Pages", "", *_pages(), ""]
    parts += ["## Training options", "", "Common to all methods; `--set NAME=VALUE`.", "", *_fields(found.training), ""]
    parts += [*_methods(found), *_datasets(found), *_explainers(found)]
    return "\n".join(parts).rstrip() + "\n"


def settings_table() -> list[str]:
    """Every setting with its default."""
    rows = [
        (
            f"`SAMAJH_{name.upper()}`",
            f"`{_plain(field.default)}`" if field.default != "" else "",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pages() -> list[str]:
    rows = [(f"`/{one.page.name}`", one.page.title.en, one.page.title.hi) for one in page.discover()]
    return _table(("address", "page", "पेज"), rows)


def _methods(found: Catalogue) -> Iterator[str]:
    for method in found.methods.values():
        yield from (f"## Method `{method.name}`: {method.title.en}", "", f"{method.summary.en} {method.source}.", "")
        yield from (f"Takes: {', '.join(method.accepts)}.", "", *_fields(method.fields), "")
        rows = [(f"`{m.name}`", m.title.en, m.better or "", m.help.en) for m in method.metrics]
        yield from ("Metrics:", "", *_table(("metric", "title", "better", "meaning"), rows), "")


def _datasets(found: Catalogue) -> Iterator[str]:
    for dataset in found.datasets.values():
        yield from (f"## Data set `{dataset.name}`: {dataset.title.en}", "", dataset.summary.en, "")
        yield from (f"Kind: {dataset.kind}. Licence: {dataset.licence.en} Source: {dataset.source}", "")
        if dataset.fields:
            yield from (*_fields(dataset.fields), "")


def _explainers(found: Catalogue) -> Iterator[str]:
    for one in found.explainers.values():
        yield from (f"## Explanation `{one.name}`: {one.title.en}", "", f"{one.summary.en} {one.source}.", "")
        yield from (f"Explains: {one.kind}, {one.scope}.", "")
        if one.fields:
            yield from (*_fields(one.fields), "")


def _fields(fields: Sequence[Field]) -> list[str]:
    rows = [
        (f"`{f.name}`", "" if f.default is None else f"`{_plain(f.default)}`", _range(f), f.unit, f"{f.title.en}. {f.help.en}", f.source)
        for f in fields
    ]  # fmt: skip
    return _table(("setting", "default", "values", "unit", "meaning", "source"), rows)


def _range(field: Field) -> str:
    if field.choices:
        return ", ".join(f"`{choice.value}`" for choice in field.choices)
    low = "" if field.low is None else f"{'>' if field.low_exclusive else '≥'} {field.low:g}"
    high = "" if field.high is None else f"{'<' if field.high_exclusive else '≤'} {field.high:g}"
    return ", ".join(bound for bound in (low, high) if bound)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    cells = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return lines + [f"| {' | '.join(row)} |" for row in cells]


def readme_parts() -> dict[str, str]:
    """What stands between each pair of markers in the README."""
    tree = dict(commands())
    overview = [f"{name:24} {(node.help or '').splitlines()[0]}" for name, node in tree.items() if name != "samajh"]
    return {"commands": "\n".join(["```text", *overview, "```"]), "settings": "\n".join(settings_table())}


def readme(text: str) -> str:
    """`text` with its generated parts made anew."""
    for name, part in readme_parts().items():
        begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"the README must have one place for {name!r}")
        before, _, rest = text.partition(begin)
        text = before + begin + part + "\n" + rest[rest.index(end) :]
    return text


def main(arguments: list[str]) -> int:
    """Write the documents, or say whether they match the code."""
    os.environ.setdefault("SAMAJH_STRICT_TEXTS", "1")
    wanted = {REFERENCE: reference(), README: readme(README.read_text("utf-8"))}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(path.relative_to(ROOT))
        if "--write" in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
    return 0 if "--write" in arguments else int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
