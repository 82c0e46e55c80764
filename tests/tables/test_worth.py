"""Validation, rivals and intervals against scikit-learn, published numbers and models whose answers are known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, brier_score_loss, confusion_matrix
from sklearn.tree import export_text

from dashboard.compute.judging_tables import table_rival, table_validation
from dashboard.settings import settings
from dashboard.tables.intervals import difference, wilson
from dashboard.tables.judging import CUTS, brier, counts_at_cuts, reliability, residuals, roc
from dashboard.tables.recipe import LEARNERS, READABLE, LearnerName, Recipe
from dashboard.tables.rivals import behind, in_a_sentence, parts_of, reading_of, rival
from dashboard.tables.validation import auc_of
from data.text import Problem
from tests.conformance import check_text
from tests.explain.tables import _folder, trained


def test_intervals_are_the_published_ones() -> None:
    """R. Newcombe, Statistics in Medicine 17, 1998: 81 of 263 (page 861, method 3); 56 of 70 and 48 of 80 (page 877, method 10)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert difference((56, 48), (70, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert wilson(0, 0) == (0, 1) and difference((0, 1), (0, 2)) == (-1, 1)
    assert wilson(0, 10)[0] == 0 and wilson(10, 10)[1] == pytest.approx(1)


def _scored(rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    p = np.round(rng.random(rows), 2)
    return p, rng.random(rows) < p


def test_cut_offs_roc_and_brier_are_those_of_scikit_learn() -> None:
    p, positive = _scored()
    counts = counts_at_cuts(p, positive)
    for cut in (0.0, 0.13, 0.5, 0.57, 1.0):
        tn, fp, fn, tp = confusion_matrix(positive, p >= cut, labels=[False, True]).ravel()
        assert counts[np.flatnonzero(cut == CUTS)[0]].tolist() == [tp, fp, fn, tn]
    x, y = roc(p, positive)
    assert auc(x, y) == pytest.approx(auc_of(p, positive), abs=2e-3) and (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert brier(p, positive) == pytest.approx(brier_score_loss(positive, p))
    assert len(roc(p, np.zeros(len(p), dtype=bool))[0]) == 0


def test_reliability_groups_are_quantiles_and_a_true_model_keeps_within_its_intervals() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(2000)
    positive = rng.random(2000) < p
    groups = reliability(p, positive)
    came, said = calibration_curve(positive, p, n_bins=10, strategy="quantile")
    np.testing.assert_allclose(groups.said, said, atol=2e-3)
    np.testing.assert_allclose(groups.came, came, atol=1e-2)
    assert ((groups.low <= groups.said) & (groups.said <= groups.high)).mean() >= 0.8 and groups.rows.sum() == 2000


def test_residuals_are_thinned_evenly_and_their_quantiles_are_of_all() -> None:
    said, y = np.zeros(5000), np.random.default_rng(0).normal(size=5000)
    shown, quantiles = residuals(said, y)
    assert len(shown) == 1000 and shown[0] == 0 and shown[-1] == 4999
    np.testing.assert_allclose(quantiles, [-1.96, 0, 1.96], atol=0.1)


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_tells_how_much_there_is_to_read(learner: LearnerName) -> None:
    fitted, other = trained("credit_german", "forest"), trained("credit_german", learner)
    one = rival(fitted, learner, _folder(), 1)
    assert one.parts == parts_of(other) > 0 and bool(one.reading) == (learner in READABLE)
    apart, low, high = one.behind
    assert low <= apart <= high
    assert apart == pytest.approx(fitted.figures["accuracy"].value - other.figures["accuracy"].value)
    check_text(in_a_sentence(fitted, one), learner)
    assert learner != "forest" or one.behind == (0, 0, 0)


def test_the_rules_of_a_small_tree_are_all_its_leaves_in_the_table_s_own_units() -> None:
    fitted = trained("diabetes", "tree")
    rules = reading_of(fitted, 0)
    assert sum(one["rows"] for one in rules) == len(fitted.train) and len(rules) == fitted.model.get_n_leaves() <= 8
    names = [one.name for one in fitted.features]
    root = fitted.model.tree_
    first = fitted.design.group[root.feature[0]]
    threshold = root.threshold[0] * fitted.design.scale[root.feature[0]] + fitted.design.mean[root.feature[0]]
    assert all(f"{names[first]} " in one["when"] for one in rules) and f"{threshold:.4g}" in rules[0]["when"]
    assert export_text(fitted.model).count("value") == len(rules)
    x = fitted.data.x[fitted.train]
    means = {round(float(v), 9) for v in np.unique(fitted.scores(x)[:, 0])}
    assert {round(one["value"], 9) for one in rules} == means


def test_the_weights_of_a_regression_are_its_coefficients_and_turn_with_the_class() -> None:
    fitted = trained("breast_cancer", "linear")
    one, two = (reading_of(fitted, target) for target in (0, 1))
    weights = {part["name"]: part["weight"] for part in two}
    assert {part["name"]: -part["weight"] for part in one} == pytest.approx(weights)
    first = fitted.features[0].name
    assert weights[first] == pytest.approx(fitted.model.coef_[0][0])


def test_a_model_that_guesses_is_surely_behind() -> None:
    fitted = trained("breast_cancer", "forest")

    class Guess:
        def predict_proba(self, z: np.ndarray) -> np.ndarray:
            return np.tile([0.0, 1.0], (len(z), 1))

    apart, low, _ = behind(fitted, dataclasses.replace(fitted, model=Guess()))
    assert low > 0.2 and apart > 0.2


def test_the_requests_answer_for_classes_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(_folder()))
    settings.cache_clear()
    recipe = Recipe(table="credit_german", target="credit", learner="linear").model_dump(mode="json")
    said = table_validation({"model": recipe, "target": "bad"}, {})
    assert said.values["target"] == "bad" and said.arrays["counts"].sum(axis=1).tolist() == [250] * 101
    assert said.values["brier"] < said.values["brier_of_rate"]
    number = Recipe(table="diabetes", target="progression", learner="linear").model_dump(mode="json")
    assert table_validation({"model": number}, {}).values["quantiles"][0] < 0
    assert table_rival({"model": number, "rival": "tree"}, {}).values["measure"] == "r2"
    with pytest.raises(Problem) as raised:
        table_rival({"model": number, "rival": "oracle"}, {})
    assert raised.value.code == "unknown_learner"
    settings.cache_clear()
