"""No text reaches the screen past the catalogues: the pages' own source is read for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dashboard
import pages
from dashboard.ui.language import LOCALES

SOURCES = sorted(
    [*Path(pages.__path__[0]).glob("*.py"), *(Path(dashboard.__path__[0]) / "ui").glob("*.py"), Path(dashboard.__path__[0]) / "app.py"]
)  # fmt: skip
SHOWN = {
    "title", "header", "subheader", "caption", "markdown", "text", "write", "button", "link_button", "download_button",
    "checkbox", "toggle", "radio", "selectbox", "multiselect", "slider", "select_slider", "text_input", "number_input",
    "text_area", "file_uploader", "segmented_control", "pills", "metric", "info", "warning", "error", "success", "toast",
    "expander", "popover", "tabs", "badge", "progress", "spinner", "status", "form_submit_button", "page_link", "dialog",
}  # fmt: skip
"""Streamlit commands whose first argument people read."""
READ = {"label", "help", "placeholder", "caption", "text", "alt", "title", "body"}
"""Arguments that people read, whatever the command."""


def _bare(node: ast.expr) -> Iterator[str]:
    """Words that a node would put on screen by itself; Markdown signs, icons, numbers and separators are no words."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    elif isinstance(node, ast.IfExp):
        yield from _bare(node.body)
        yield from _bare(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from _bare(node.left)
        yield from _bare(node.right)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from _bare(element)


def _is_words(text: str) -> bool:
    plain = re.sub(r":material/\w+:|:(red|orange|green|blue|gray|primary|violet)(-badge|-background)?\[", "", text)
    return re.search("[A-Za-z\u0900-\u097f]{2,}", plain) is not None


def _spoken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "_log":
            continue
        seen = [keyword.value for keyword in call.keywords if keyword.arg in READ]
        if call.func.attr in SHOWN and call.args:
            seen.append(call.args[0])
        for node in seen:
            yield from ((call.lineno, text) for text in _bare(node) if _is_words(text))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_page_says_nothing_past_the_catalogues(source: Path) -> None:
    found = list(_spoken(ast.parse(source.read_text(encoding="utf-8"))))
    assert not found, f"{source.name}: pass these through t(): {found}"


def test_the_reader_sees_bare_literals() -> None:
    spoken = 'st.button("Go on")\nst.metric(t("a.b"), 3, help=f"of {n} runs")\ncolumn.caption(f":material/info: {x}")\nst.error(a if b else "bad")'
    assert [text for _, text in _spoken(ast.parse(spoken))] == ["Go on", "of  runs", "bad"]


def _keys(tree: ast.AST) -> Iterator[str]:
    """Keys given to `t` as they stand."""
    for call in ast.walk(tree):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("t", "translate", "known")
        ):
            for node in [call.args[0], *ast.walk(call.args[0])]:
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and re.fullmatch(r"[a-z_]+(\.[\w]+)+", node.value)
                ):
                    yield node.value


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_key_that_a_page_names_is_in_the_catalogue(source: Path) -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in (LOCALES / "en").glob("*.po"))
    missing = {key for key in _keys(ast.parse(source.read_text(encoding="utf-8"))) if f'msgid "{key}"' not in written}
    assert not missing, source.name


def test_no_key_in_the_catalogues_is_unused() -> None:
    """A key made of parts counts as used when its beginning stands in a source."""
    spoken = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    patterns = [
        re.escape(part).replace(r"\{\}", r"[\w.]+")
        for part in re.findall(r"""f["']([a-z_]+\.[^"']*)["']""", re.sub(r"\{[^{}]*\}", "{}", spoken))
    ]
    made = re.compile("|".join(patterns) or "$^")
    keys = re.findall(
        r'^msgid "(.+)"$', "".join(p.read_text(encoding="utf-8") for p in (LOCALES / "en").glob("*.po")), re.MULTILINE
    )
    unused = [key for key in keys if f'"{key}"' not in spoken and f"'{key}'" not in spoken and not made.fullmatch(key)]
    assert not unused


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_text_that_is_given_a_count_has_forms_for_one_and_many(source: Path) -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in (LOCALES / "en").glob("*.po"))
    counted: list[str] = [
        call.args[0].value
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "t"
        if call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
        and any(keyword.arg == "count" for keyword in call.keywords)
    ]
    assert [key for key in counted if f'msgid_plural "{key}"' not in written] == []
