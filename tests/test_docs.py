"""The documentation cannot drift: what is generated is compared, what is written names only things that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.cli.declare import HINDI
from dashboard.settings import Settings
from dashboard.ui import page
from data.discovery import discover
from tests import generated_docs
from tests.cli.samajh import Samajh
from tests.import_graph import ROOT

WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "dashboard" / "docs").rglob("*.md"))]


@pytest.fixture(scope="module")
def reference() -> str:
    return generated_docs.REFERENCE.read_text("utf-8")


def test_the_reference_is_what_the_code_says(reference: str) -> None:
    assert generated_docs.reference() == reference, "run `make docs`"


def test_the_generated_parts_of_the_readme_are_what_the_code_says() -> None:
    text = generated_docs.README.read_text("utf-8")
    assert generated_docs.readme(text) == text, "run `make docs`"


def test_every_command_setting_page_method_and_data_set_is_in_the_reference(reference: str) -> None:
    found = discover()
    wanted = [f"### `{name}`" for name, _ in generated_docs.commands()]
    wanted += [f"`SAMAJH_{name.upper()}`" for name in Settings.model_fields]
    wanted += [f"`/{one.page.name}`" for one in page.discover()]
    wanted += [f"## Method `{name}`" for name in found.methods]
    wanted += [f"## Data set `{name}`" for name in found.datasets]
    wanted += [f"## Explanation `{name}`" for name in found.explainers]
    assert len(wanted) > 40
    assert [one for one in wanted if one not in reference] == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_path_in_the_file_tree_exists_and_every_package_is_in_it() -> None:
    text = generated_docs.README.read_text("utf-8")
    tree = set(re.findall(r"^\| `([^`]+)` \|", text.split("## What is where")[1].split("## Licence")[0], re.MULTILINE))
    assert [path for path in tree if not (ROOT / path).exists()] == []
    packages = {
        path.parent
        for name in ("data", "lightning_modules", "dashboard")
        for path in (ROOT / name).glob("*/__init__.py")
    }
    assert {f"{package.relative_to(ROOT)}/" for package in packages} <= tree


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "dashboard" / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    records = [path.name for path in folder.glob("0*.md")]
    assert records
    assert [name for name in records if f"({name})" not in index] == []


def test_every_help_text_of_the_command_line_has_its_hindi() -> None:
    texts = [(name, text) for name, node in generated_docs.commands() for text in _texts(node)]
    assert len(texts) > 80
    assert [(name, text) for name, text in texts if not re.search(r"[ऀ-ॿ]", HINDI.get(text, ""))] == []


def _texts(node: object) -> list[str]:
    parts = [node, *getattr(node, "params", ())]
    return [text for part in parts if (text := getattr(part, "help", None))]


def test_the_ten_lines_of_the_readme_make_a_run(tmp_path: Path) -> None:
    text = generated_docs.README.read_text("utf-8")
    script = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert script is not None
    samajh = Samajh(tmp_path / "home", {"SAMAJH_EXAMPLES": "false"})
    subprocess.run(
        [sys.executable, "-c", script[1]], env=samajh.variables(), cwd=tmp_path, check=True, capture_output=True
    )
    run = samajh("runs", "list", "--json").json["runs"][0]
    assert (run["name"], run["state"], run["external"]) == ("my first run", "finished", True)
    assert (
        samajh("runs", "metrics", run["run_id"], "--metric", "loss", "--json").json["metrics"]["loss"]["points"] == 50
    )
