"""Groups of rows and how a model treats them: counts by hand, planted unfairness found, and none seen where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.compute.judging_tables import table_fairness
from dashboard.explain.table import beeswarm
from dashboard.explain.table.beeswarm import BeeswarmConfig
from dashboard.settings import settings
from dashboard.tables.cohorts import Cohort, cohorts, mean_sizes
from dashboard.tables.fairness import errors, rates, told_of_errors, told_of_rates
from dashboard.tables.intervals import difference, wilson
from dashboard.tables.recipe import LearnerName, Recipe
from data.table import Column
from data.text import Problem
from tests.conformance import check_text
from tests.explain.tables import _folder, held_out, made, trained

CITY = Column(name="city", kind="category", rows=40, levels=("Pune", "दिल्ली", "rare"))


def test_groups_are_levels_or_halves_and_small_ones_are_left_out() -> None:
    codes = np.array([0.0] * 10 + [1.0] * 20 + [2.0] * 3 + [np.nan] * 7)
    found = cohorts(CITY, "category", codes)
    assert [(one.name, int(one.rows.sum())) for one in found] == [("दिल्ली", 20), ("Pune", 10)]
    age = Column(name="age", kind="number", rows=9, whole=True)
    low, high = cohorts(age, "number", np.append(np.arange(20.0), np.nan))
    assert (low.name, int(low.rows.sum()), int(high.rows.sum())) == ("≤ 9.5", 10, 10)
    assert cohorts(age, "number", np.full(9, np.nan)) == []


def test_rates_are_counted_and_compared_with_the_first_group() -> None:
    given = np.array([True] * 56 + [False] * 14 + [True] * 48 + [False] * 32)
    owed = np.array([True] * 60 + [False] * 10 + [True] * 80)
    groups = [Cohort("b", np.arange(150) >= 70), Cohort("a", np.arange(150) < 70)]
    first, second = rates(given, owed, groups)
    assert second.selected == (56 / 70, *wilson(56, 70)) and second.found == (56 / 60, *wilson(56, 60))
    assert second.selected_apart == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)  # Newcombe 1998, page 877
    assert second.found_apart[1:] == difference((56, 48), (60, 80)) and first.selected_apart[0] == 0
    [one, two] = told_of_rates([first, second], "loan")
    assert "80 %" in one.en and "60 %" in one.en and "+20" in one.en
    for text in (one, two):
        check_text(text, "fairness")


def test_a_planted_unfairness_is_found_and_an_even_hand_is_not_accused() -> None:
    rng = np.random.default_rng(0)
    accused = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        group, owed = rng.random(600) < 0.5, rng.random(600) < 0.5
        halves = [Cohort("a", group), Cohort("b", ~group)]
        even = rng.random(600) < 0.3 + 0.4 * owed
        accused += (
            len(told_of_rates(rates(even, owed, halves), "x")) > 1
            or "No group" not in told_of_rates(rates(even, owed, halves), "x")[0].en
        )
        unfair = rng.random(600) < 0.3 + 0.4 * owed - 0.25 * group
        assert "surely a difference" in told_of_rates(rates(unfair, owed, halves), "x")[0].en
    assert accused <= 8  # two rates, each 5 % of the time


def test_errors_of_a_number_are_means_with_intervals() -> None:
    rng = np.random.default_rng(0)
    residual = np.concatenate([rng.normal(size=200), rng.normal(size=100) + 2])
    groups = [Cohort("most", np.arange(300) < 200), Cohort("few", np.arange(300) >= 200)]
    first, second = errors(residual, groups)
    assert second.error[0] == pytest.approx(residual[200:].mean()) and first.error_apart == (0, 0, 0)
    assert second.error_apart[1] < 2 < second.error_apart[2]
    [text] = told_of_errors([first, second])
    assert "too little" in text.en
    check_text(text, "errors")


def test_one_group_alone_is_compared_with_nobody() -> None:
    [text] = told_of_rates(rates(np.ones(9, bool), np.ones(9, bool), [Cohort("all", np.ones(9, bool))]), "x")
    assert "only one group" in text.en


def test_the_request_knows_columns_the_model_does_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(_folder()))
    settings.cache_clear()
    recipe = Recipe(table="credit_german", target="credit", learner="linear", kinds={"age": "ignored"})
    said = table_fairness({"model": recipe.model_dump(mode="json"), "column": "age", "target": "good"}, {}).values
    assert said["outcome"] == "good" and sum(one["rows"] for one in said["groups"]) == 250
    for name in ("credit", "nothing"):
        with pytest.raises(Problem) as raised:
            table_fairness({"model": recipe.model_dump(mode="json"), "column": name}, {})
        assert raised.value.code == "unknown_column"
    number = Recipe(table="diabetes", target="progression", learner="linear").model_dump(mode="json")
    assert table_fairness({"model": number, "column": "sex"}, {}).values["task"] == "regression"
    settings.cache_clear()


def test_many_rows_of_a_linear_model_are_its_own_terms_and_so_are_their_means() -> None:
    rng = np.random.default_rng(0)
    background, w = rng.normal(size=(50, 4)), np.array([3.0, -1.0, 0.5, 0.0])
    *first, last = beeswarm.explain(made(lambda z: z @ w, background[0], background), BeeswarmConfig(rows=40))
    expected = w * (last.arrays["x"] - background[:24].mean(axis=0))
    np.testing.assert_allclose(last.arrays["phi"], expected, atol=1e-9)
    np.testing.assert_allclose(last.attributions, np.abs(expected).mean(axis=0), atol=1e-9)
    assert len(first) == 5 and len(set(last.arrays["chosen"].tolist())) == 40 and last.converged
    halves = [Cohort("low", np.arange(40) < 20), Cohort("high", np.arange(40) >= 20)]
    (low, _), (high, _) = mean_sizes(last.arrays["phi"], halves)
    np.testing.assert_allclose((low + high) / 2, last.attributions, atol=1e-12)


@pytest.mark.parametrize("learner", ["forest", "network"])
def test_the_shares_of_many_rows_add_up_to_each_score(learner: LearnerName) -> None:
    subject = held_out("diabetes", learner, 0)
    *_, last = beeswarm.explain(subject, BeeswarmConfig(rows=12))
    base = subject.predict(subject.background[:24]).mean()
    np.testing.assert_allclose(base + last.arrays["phi"].sum(axis=1), last.arrays["scores"], atol=1e-4)
    rows = trained("diabetes", learner)
    np.testing.assert_array_equal(last.arrays["x"], rows.data.x[rows.held_out[last.arrays["chosen"]]])
