"""A model of some rows is judged on the same held-out rows as that of all; several ways beside each other answer in turns."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from dashboard.compute import explaining
from dashboard.settings import settings
from dashboard.tables.fitting import fit
from dashboard.tables.recipe import Recipe
from data.text import Problem


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path))
    settings.cache_clear()
    return settings().tables


def test_some_rows_are_a_seeded_part_of_all_and_what_is_held_out_stays(home: Path) -> None:
    # a seed that no other test has: a model that is held already would not make the matrix that both share
    every = Recipe(table="diabetes", target="progression", learner="linear", seed=91)
    some = every.model_copy(update={"rows": 60})
    whole, part = fit(every, home), fit(some, home)
    assert part.learnable == whole.learnable == len(whole.train) and len(part.train) == 60
    assert set(part.train) < set(whole.train) and part.data is whole.data
    np.testing.assert_array_equal(part.held_out, whole.held_out)
    assert part.id != whole.id


def test_a_recipe_of_all_rows_has_the_id_it_always_had() -> None:
    recipe = Recipe(table="t", target="y")
    before = '{"table":"t","target":"y","learner":"forest","file":"","kinds":{},"seed":0}'
    assert recipe.id("s") == hashlib.sha256(f"{before}s".encode()).hexdigest()[:16]


def test_rows_without_one_of_the_classes_are_refused_in_words(home: Path) -> None:
    with pytest.raises(Problem) as refused:
        fit(Recipe(table="credit_german", target="credit", learner="tree", rows=1), home)
    assert refused.value.code == "class_left_out" and refused.value.field == "rows"


def test_ways_beside_each_other_answer_in_turns(home: Path) -> None:
    model = Recipe(table="diabetes", target="progression", learner="linear").model_dump(mode="json")
    values = {
        "kind": "table",
        "model": model,
        "row": int(fit(Recipe.model_validate(model), home).data.lines[0]),
        "record": False,
    }
    answers = list(
        explaining.explain_beside({**values, "methods": ["partial_dependence", "permutation_importance"]}, {})
    )
    assert [one.values["method"] for one in answers[:4]] == ["partial_dependence", "permutation_importance"] * 2
    (alone,) = list(explaining.explain({**values, "method": "partial_dependence"}, {}))[-1:]
    last = [one for one in answers if one.values["method"] == "partial_dependence"][-1]
    np.testing.assert_array_equal(last.arrays["attributions"], alone.arrays["attributions"])
    first = next(one for one in answers if one.values["method"] == "permutation_importance")
    assert first.values["details"]["rows"] <= first.values["details"]["of"] and not first.values["converged"]
