"""Models of tables: columns become numbers honestly, validation is held out, the same recipe gives the same model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dashboard.tables.design import Design
from dashboard.tables.encoding import encode
from dashboard.tables.fitting import _fit, fit, split
from dashboard.tables.recipe import LEARNERS, LearnerName, Recipe
from dashboard.tables.validation import auc_of
from data import tables
from data.table_reading import read_table
from data.text import Problem
from tests.explain.tables import trained


def _table(rows: int = 200, seed: int = 0) -> str:
    """Age, city (sometimes empty) and a number; the target is 1 where age is above 40 or the city is Pune."""
    rng = np.random.default_rng(seed)
    lines = ["age,शहर,noise,yes,salary"]
    for _ in range(rows):
        age, city = int(rng.integers(18, 70)), rng.choice(["Pune", "दिल्ली", ""])
        lines.append(
            f"{age},{city},{rng.normal():.3f},{'हाँ' if age > 40 or city == 'Pune' else 'नहीं'},{1000 * age + 5000 * (city == 'Pune')}"
        )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("tables")
    return tables.accept(_table().encode(), "people.csv", folder).id, folder


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_rule_in_the_table_is_learned_with_empty_cells_and_hindi_values(
    learner: LearnerName, kept: tuple[str, Path]
) -> None:
    table, folder = kept
    fitted = fit(Recipe(table=table, target="yes", learner=learner, kinds={"salary": "ignored"}), folder)
    assert set(fitted.targets) == {"हाँ", "नहीं"} and [one.name for one in fitted.features] == ["age", "शहर", "noise"]
    assert fitted.figures["accuracy"].low > fitted.figures["accuracy"].guess
    assert fitted.figures["auc"].value > 0.9
    assert fitted.confusion is not None and fitted.confusion.sum() == len(fitted.held_out)


def test_a_number_is_predicted_as_a_number(kept: tuple[str, Path]) -> None:
    table, folder = kept
    fitted = fit(Recipe(table=table, target="salary", learner="linear", kinds={"yes": "ignored"}), folder)
    assert fitted.task == "regression" and fitted.targets == ("salary",)
    assert fitted.figures["r2"].value > 0.999 and fitted.figures["mae"].value < fitted.figures["mae"].guess / 50


def test_the_same_recipe_gives_the_same_model_and_another_seed_another_split() -> None:
    table = read_table(_table().encode(), "t.csv")
    recipe = Recipe(table="x", target="yes", learner="forest")
    data = encode(table, recipe)
    one, two = (_fit(recipe, "", data) for _ in range(2))
    np.testing.assert_array_equal(one.scores(data.x), two.scores(data.x))
    other = _fit(recipe.model_copy(update={"seed": 1}), "", data)
    assert not np.array_equal(one.held_out, other.held_out)


def test_held_out_rows_are_a_quarter_of_each_class_and_never_trained_on() -> None:
    data = encode(read_table(_table().encode(), "t.csv"), Recipe(table="x", target="yes"))
    train, held_out = split(data, np.random.default_rng(0))
    assert not set(train) & set(held_out) and len(train) + len(held_out) == len(data.y)
    for k in range(2):
        assert abs((data.y[held_out] == k).sum() - 0.25 * (data.y == k).sum()) <= 0.5


def test_noise_is_not_praised() -> None:
    rng = np.random.default_rng(0)
    rows = "\n".join(f"{rng.normal():.3f},{rng.normal():.3f},{rng.choice(['a', 'b'])}" for _ in range(400))
    recipe = Recipe(table="x", target="y", learner="forest")
    fitted = _fit(recipe, "", encode(read_table(f"p,q,y\n{rows}".encode(), "t.csv"), recipe))
    assert fitted.figures["auc"].low < 0.5 < fitted.figures["auc"].high


def test_a_target_as_a_feature_gives_everything_away_and_is_never_among_them() -> None:
    assert "credit" not in [one.name for one in trained("credit_german", "linear").features]


def test_the_area_under_the_curve_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, scores = rng.random(200) < 0.3, rng.integers(0, 9, 200) / 9  # with ties
    assert auc_of(scores, truth) == pytest.approx(roc_auc_score(truth, scores))


def test_the_design_fills_empty_cells_by_what_it_learned_and_names_its_columns() -> None:
    table = read_table(b"n,c,y\n" + b"1,a,0\n,b,1\n3,,0\n" * 10, "t.csv")
    data = encode(table, Recipe(table="x", target="y"))
    design = Design.of(data.x, data.features)
    assert design.group.tolist() == [0, 1, 1, 1]
    z = design(np.array([[np.nan, np.nan], [3.0, 1.0]]))
    np.testing.assert_allclose(z[:, 1:], [[0, 0, 1], [0, 1, 0]])
    assert z[0, 0] == pytest.approx((2.0 - design.mean[0]) / design.scale[0]) and design.median[0] == 2.0


@pytest.mark.parametrize(
    ("rows", "recipe", "code"),
    [
        ("1,a,7\n2,b,7\n" * 15, {"target": "y"}, "constant_target"),
        ("1,a,7\n2,b,8\n" * 15, {"target": "z"}, "unknown_target"),
        ("1,a,7\n2,b,8\n" * 15 + "3,a,9\n", {"target": "y", "kinds": {"y": "category"}}, "rare_class"),
        ("".join(f"{k},a{k % 2},p{k // 4}\n" for k in range(200)), {"target": "y"}, "too_many_classes"),
        ("".join(f"{k % 3},a{k % 2},name {k}\n" for k in range(30)), {"target": "y"}, "too_many_classes"),
        ("1,a,7\n2,b,8\n" * 15, {"target": "y", "kinds": {"x": "ignored", "c": "ignored"}}, "no_features"),
        ("1,a,7\n2,b,8\n" * 15, {"target": "y", "kinds": {"c": "number"}}, "bad_kind"),
    ],
)
def test_what_cannot_be_learned_is_told_in_one_sentence(rows: str, recipe: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as raised:
        encode(read_table(f"x,c,y\n{rows}".encode(), "t.csv"), Recipe.model_validate({"table": "x", **recipe}))
    assert raised.value.code == code and raised.value.text.hi.endswith("।")
