"""Declaring once: how declarations are found, and which preset wins."""

from __future__ import annotations

import importlib.metadata
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from data.catalog import Preset
from data.datasets import digits
from data.discovery import discover
from data.text import Problem, Text
from lightning_modules.diffusion import ddpm


class _Entry:
    """An entry point of somebody's package."""

    def __init__(self, name: str, loaded: object) -> None:
        self.name = name
        self.value = f"package:{name}"
        self._loaded = loaded

    def load(self) -> object:
        if isinstance(self._loaded, BaseException):
            raise self._loaded
        return self._loaded


def _with_entries(monkeypatch: pytest.MonkeyPatch, **groups: list[_Entry]) -> None:
    found = {f"samajh.{name}": entries for name, entries in groups.items()}
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: found.get(group, []))


def test_cards_of_other_packages_join_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = replace(digits.DATASET, name="theirs")
    method = replace(ddpm.METHOD, name="their_method")
    _with_entries(monkeypatch, datasets=[_Entry("theirs", theirs)], models=[_Entry("m", method)])
    found = discover()
    assert found.datasets["theirs"] is theirs and found.methods["their_method"] is method and not found.broken


@pytest.mark.parametrize(
    ("loaded", "word"),
    [(ImportError("no such package"), "no such package"), (SystemExit(3), "SystemExit"), ("a string", "expected a MethodCard"),
     (digits.DATASET, "taken")],
)  # fmt: skip
def test_an_entry_point_that_cannot_be_used_takes_nothing_down(
    monkeypatch: pytest.MonkeyPatch, loaded: object, word: str
) -> None:
    _with_entries(monkeypatch, datasets=[_Entry("odd", loaded)])
    found = discover()
    assert found.datasets["digits"] is digits.DATASET
    assert [broken.name for broken in found.broken] == ["odd"] and word in found.broken[0].reason


def test_one_file_may_declare_several_cards(tmp_path: Path) -> None:
    (tmp_path / "two.py").write_text(
        "from dataclasses import replace\nfrom data.datasets.digits import DATASET as base\n"
        "DATASET = [replace(base, name='one'), replace(base, name='two')]\n"
    )
    assert {"one", "two"} <= discover(tmp_path).datasets.keys()


def test_a_plug_in_cannot_take_the_place_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("DATASET = ()")
    discover(tmp_path)
    assert sys.modules["json"].__name__ == "json" and "samajh_plugin_json" in sys.modules


def test_the_most_specific_preset_wins() -> None:
    card = replace(
        ddpm.METHOD,
        presets=(
            Preset("tiny", {"steps": 3}, datasets=("digits",)),
            Preset("tiny", {"steps": 2, "batch_size": 2}, kinds=("image",)),
            Preset("tiny", {"steps": 1, "batch_size": 1, "channels": 8}),
            Preset("base", {"steps": 9}),
        ),
    )
    assert card.preset_values("tiny", kind="image", dataset="digits") == {"steps": 3, "batch_size": 2, "channels": 8}
    assert card.preset_values("tiny", kind="points", dataset="x") == {"steps": 1, "batch_size": 1, "channels": 8}


def test_a_problem_survives_the_way_between_processes() -> None:
    problem = Problem(Text(en="No.", hi="नहीं।"), code="no", field="steps")
    back = pickle.loads(pickle.dumps(problem))
    assert (back.text, back.code, back.field) == (problem.text, "no", "steps")
