"""What if, without a browser: a moved control asks the model again, and the sentence says what changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compute import tables as requests
from dashboard.compute.framing import Message
from dashboard.settings import settings
from dashboard.ui import answers
from dashboard.ui.background import Outcome

SCRIPT = """
import streamlit as st
from dashboard.compute.framing import Message
from dashboard.compute.tables import fit_table
from dashboard.settings import settings
from dashboard.tables.recipe import Recipe
from dashboard.ui import explain_table_model, explain_table_whatif
from dashboard.ui.explain_table_row import Chosen
from data import tables

recipe = Recipe(table="diabetes", target="progression", learner="linear")
served = fit_table({"model": recipe.model_dump()}, {})
model = explain_table_model._model(Message(served.values, served.arrays), recipe, tables.find("diabetes", settings().tables))
explain_table_whatif.render(model, Chosen(int(model.lines[0]), 0, 0))
"""


def _answered(request: str, values: Mapping[str, Any], arrays: Mapping[str, Any]) -> Outcome[Message]:
    assert request == "table_scores"
    served = requests.table_scores(dict(values), arrays)
    return Outcome(Message(served.values, served.arrays))


def test_a_moved_control_asks_the_model_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path))
    settings.cache_clear()
    monkeypatch.setattr(answers, "answer", _answered)
    app = AppTest.from_string(SCRIPT, default_timeout=120).run()
    assert not app.exception
    before = app.markdown[0].value
    slider = next(one for one in app.slider if one.label == "body mass index")
    slider.set_value(slider.max).run()
    assert not app.exception
    after, said = app.markdown[0].value, app.caption[0].value
    assert before != after and "progression" in after
    assert said.startswith("body mass index") and "→" in said
    settings.cache_clear()
