"""Explanations of tables against what is known: linear models, additive ones, games, and one another."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from dashboard.compute.framing import receive, send
from dashboard.explain.contract import Explanation, from_parts, to_parts
from dashboard.explain.table import (
    counterfactual,
    exact_shapley,
    kernel_shap,
    lime,
    partial_dependence,
    permutation_importance,
    tree_shap,
)
from dashboard.explain.table.counterfactual import CounterfactualConfig
from dashboard.explain.table.kernel_shap import KernelShapConfig
from dashboard.explain.table.lime import LimeConfig
from dashboard.explain.table.permutation_importance import PermutationConfig
from dashboard.explain.table.subject import Limits
from dashboard.tables.design import Design
from dashboard.tables.recipe import LearnerName
from dashboard.tables.trees import Tree, leaves_of
from data.catalog import ExplainerCard
from data.discovery import discover
from data.text import Problem
from tests.conformance import check_config, check_text
from tests.explain.tables import gaussian, held_out, last, made, trained, with_limits

Array = npt.NDArray[np.float64]


def _half(one: Explanation) -> Array:
    assert one.half_width is not None
    return one.half_width


ADDITIVE = (exact_shapley.EXPLAINER, kernel_shap.EXPLAINER)
CARDS = {name: card for name, card in discover().explainers.items() if card.kind == "table"}


def test_every_shipped_way_is_found() -> None:
    assert set(CARDS) >= {
        "exact_shapley", "kernel_shap", "tree_shap", "lime", "permutation_importance", "partial_dependence", "counterfactual",
        "gradient_shap", "path_gradients", "beeswarm",
    }  # fmt: skip


@pytest.mark.parametrize("name", CARDS)
def test_a_way_to_explain_a_table_conforms(name: str) -> None:
    """Told in both languages; snapshots are whole and travel; the same seed gives the same numbers to the last bit."""
    card = CARDS[name]
    for what in (card.title, card.summary):
        check_text(what, name)
    assert card.source
    check_config(card.config, name)
    learner: LearnerName = "network" if "gradient" in name else "forest"
    subject = held_out("diabetes" if name == "exact_shapley" else "credit_german", learner, 2)
    config = card.config(**({"repeats": 2} if "repeats" in card.config.model_fields else {}))
    runs = [list(card.explain(subject, config)) for _ in range(2)]
    for one in runs[0]:
        assert one.attributions.shape == subject.x.shape and np.isfinite(one.attributions).all()
        assert one.model_calls > 0 and one.seconds > 0 and one.target == subject.target
        assert _sent(one).prediction == one.prediction
        for finding in one.evidence.values():
            check_text(finding.title, name)
            check_text(finding.text, name)
    first, second = (run[-1] for run in runs)
    np.testing.assert_array_equal(first.attributions, second.attributions)
    if card.scope == "local" and "scale" not in first.details:
        assert first.prediction == pytest.approx(subject.predict(subject.x[None])[0], abs=1e-12)


def _sent(one: Explanation) -> Explanation:
    """As it comes out of a worker's line."""
    here, there = socket.socketpair()
    with here, there:
        Thread(target=send, args=(here, *to_parts(one))).start()
        came = receive(there)
    assert came is not None
    return from_parts(came.values, came.arrays)


@pytest.mark.parametrize("card", ADDITIVE, ids=lambda card: card.name)
def test_shares_add_up_in_a_thousand_random_cases(card: ExplainerCard) -> None:
    worst = 0.0
    for case in range(1000):
        rng = np.random.default_rng(case)
        d = int(rng.integers(1, 8))
        w, v = rng.normal(size=(d, 5)), rng.normal(size=5) * 10
        found = last(card, made(lambda z, w=w, v=v: np.tanh(z @ w) @ v, rng.normal(size=d), rng.normal(size=(4, d))))  # type: ignore[misc]
        assert found.additivity_error is not None
        worst = max(worst, found.additivity_error)
    assert worst <= 1e-5


@pytest.mark.parametrize("table", ["diabetes", "credit_german"])
@pytest.mark.parametrize("learner", ["forest", "boosting", "tree"])
def test_the_shares_of_trees_add_up_for_every_row(table: str, learner: str) -> None:
    for row in range(4):
        found = last(tree_shap.EXPLAINER, held_out(table, learner, row))  # type: ignore[arg-type]
        assert found.additivity_error is not None and found.additivity_error <= 1e-10


def _stump_forest(rng: np.random.Generator, d: int) -> list[Tree]:
    """Trees of a fork whose right side forks again."""
    trees = []
    for _ in range(3):
        cut, other = rng.normal(size=2)
        one, two = rng.integers(d, size=2)
        left, right = np.array([1, -1, 3, -1, -1]), np.array([2, -1, 4, -1, -1])
        column, threshold = np.array([one, 0, two, 0, 0]), np.array([cut, 0.0, other, 0.0, 0.0])
        trees.append(Tree(left, right, column, threshold, rng.normal(size=5)))
    return trees


def _sum_of(trees: list[Tree], rows: Array) -> Array:
    leaves = [leaves_of(tree, rows.shape[1]) for tree in trees]
    inside = [((rows[:, None] > t.low) & (rows[:, None] <= t.high)).all(axis=2) for t in leaves]
    total: Array = np.sum([one @ t.value for one, t in zip(inside, leaves, strict=True)], axis=0)
    return total


def test_the_shares_of_trees_add_up_and_are_those_of_the_definition_in_a_thousand_random_cases() -> None:
    worst = error = 0.0
    for case in range(1000):
        rng = np.random.default_rng(case)
        d = int(rng.integers(1, 6))
        trees, x, z = _stump_forest(rng, d), rng.normal(size=d), rng.normal(size=(4, d))
        design = Design((), tuple(range(d)), (), np.zeros(d), np.zeros(d), np.ones(d))
        phi = np.sum([tree_shap.of_tree(tree, x, z, design).shares for tree in trees], axis=0)
        worst = max(worst, abs(phi.sum() + _sum_of(trees, z).mean() - _sum_of(trees, x[None])[0]))
        if case % 10 == 0:
            truth = last(exact_shapley.EXPLAINER, made(lambda rows, trees=trees: _sum_of(trees, rows), x, z))  # type: ignore[misc]
            error = max(error, float(np.abs(phi - truth.attributions).max()))
    assert worst <= 1e-10 and error <= 1e-10


@pytest.mark.parametrize("learner", ["forest", "boosting", "tree"])
def test_the_shares_of_trees_are_the_exact_ones(learner: str) -> None:
    for row in range(2):
        subject = held_out("diabetes", learner, row)  # type: ignore[arg-type]
        ours, truth = last(tree_shap.EXPLAINER, subject), last(exact_shapley.EXPLAINER, subject)
        np.testing.assert_allclose(ours.attributions, truth.attributions, atol=1e-9)
        assert ours.prediction == pytest.approx(truth.prediction) and ours.base_value == pytest.approx(truth.base_value)


def test_boosting_that_tells_classes_is_explained_in_log_odds_of_either_class() -> None:
    bad, good = (last(tree_shap.EXPLAINER, held_out("credit_german", "boosting", 1, target)) for target in (1, 0))
    subject = held_out("credit_german", "boosting", 1, 1)
    p = subject.predict(subject.x[None])[0]
    assert bad.details["scale"] == "log_odds" and bad.prediction == pytest.approx(np.log(p / (1 - p)))
    np.testing.assert_allclose(bad.attributions, -good.attributions, atol=1e-12)


def test_a_model_without_trees_says_so() -> None:
    with pytest.raises(Problem, match="has none") as raised:
        last(tree_shap.EXPLAINER, held_out("diabetes", "linear", 0))
    assert raised.value.code == "no_trees"


@pytest.mark.parametrize("d", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("card", ADDITIVE, ids=lambda card: card.name)
def test_a_linear_model_is_shared_out_by_its_own_weights(card: ExplainerCard, d: int) -> None:
    x, background = gaussian(d, seed=d)
    w = np.random.default_rng(d).normal(size=d)
    found = last(card, made(lambda z: z @ w + 3, x, background))
    np.testing.assert_allclose(found.attributions, w * (x - background.mean(axis=0)), atol=1e-9)


def test_kernel_shap_meets_the_exact_shares_within_its_intervals() -> None:
    inside = []
    for row in range(8):
        subject = held_out("diabetes", "forest", row)
        truth = last(exact_shapley.EXPLAINER, subject).attributions
        stages = list(kernel_shap.EXPLAINER.explain(subject, KernelShapConfig(precision=0.02, seed=row)))
        assert stages[-1].converged and (np.diff([one.model_calls for one in stages]) > 0).all()
        inside += (np.abs(stages[0].attributions - truth) <= _half(stages[0])).tolist()
        assert _half(stages[-1]).max() <= 0.02 * np.abs(stages[-1].attributions).max()
    assert 0.88 <= np.mean(inside) <= 1


def test_kernel_shap_stops_at_its_budget_and_says_that_it_is_not_sure() -> None:
    stages = list(
        kernel_shap.EXPLAINER.explain(
            held_out("credit_german", "forest", 0), KernelShapConfig(precision=1e-6, most_coalitions=300)
        )
    )
    assert not stages[-1].converged and stages[-1].model_calls == (300 + 2) * 64


def test_lime_gives_a_linear_model_its_own_weights() -> None:
    x, background = gaussian(5)
    w = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    found = last(lime.EXPLAINER, made(lambda z: z @ w, x, background), LimeConfig(samples=256))
    np.testing.assert_allclose(found.attributions, w * background.std(axis=0), atol=1e-9)
    assert found.evidence["local_fit"].value == pytest.approx(1.0) and _half(found).max() < 1e-9


def test_lime_tells_what_the_row_s_own_category_adds() -> None:
    background = np.array([[0.0, 1], [1, 2], [2, 3], [0, 4]])
    subject = made(lambda z: 5.0 * (z[:, 0] == 1) + z[:, 1], np.array([1.0, 2.5]), background, kinds="cn")
    found = last(lime.EXPLAINER, subject, LimeConfig(samples=512))
    np.testing.assert_allclose(found.attributions, [5.0, background[:, 1].std()], atol=1e-9)


def test_lime_s_two_seeds_agree_within_their_intervals() -> None:
    subject = held_out("credit_german", "forest", 4)
    one, two = (last(lime.EXPLAINER, subject, LimeConfig(samples=2048, seed=seed)) for seed in (0, 1))
    apart = np.abs(one.attributions - two.attributions) / np.hypot(_half(one), _half(two))
    assert np.mean(apart <= 1) >= 0.85 and not np.array_equal(one.attributions, two.attributions)


def test_lime_agrees_with_the_library_of_that_name() -> None:
    lime_tabular = pytest.importorskip("lime.lime_tabular")
    x, background = gaussian(4, rows=200)

    def predict(z: Array) -> Array:
        found: Array = np.tanh(z @ np.array([0.5, -0.3, 0.1, 0.0])) + 0.1 * z[:, 3] ** 2 / 16
        return found

    theirs = lime_tabular.LimeTabularExplainer(
        background,
        mode="regression",
        discretize_continuous=False,
        sample_around_instance=True,
        feature_selection="none",
        random_state=0,
    ).explain_instance(x, predict, num_samples=20_000, num_features=4)
    weights = np.array([weight for _, weight in sorted(theirs.local_exp[1 if 1 in theirs.local_exp else 0])])
    ours = last(lime.EXPLAINER, made(predict, x, background), LimeConfig(samples=20_000, ridge=1))
    np.testing.assert_allclose(ours.attributions, weights, atol=0.03)


def test_an_unused_column_has_no_importance_and_two_alike_share_it() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3))
    rows[:, 1] = rows[:, 0]
    one = last(
        permutation_importance.EXPLAINER, made(lambda z: 2 * z[:, 0], rows[0], rows), PermutationConfig(repeats=20)
    )
    both = last(
        permutation_importance.EXPLAINER,
        made(lambda z: z[:, 0] + z[:, 1], rows[0], rows),
        PermutationConfig(repeats=20),
    )
    assert one.attributions[1] == 0 == one.attributions[2]
    assert one.attributions[0] == pytest.approx(
        8 * rows[:, 0].var(), rel=0.05
    )  # 4 · 2 var: a shuffled value is independent
    np.testing.assert_allclose(both.attributions[:2], 2 * rows[:, 0].var(), rtol=0.08)
    assert both.attributions[0] < 0.3 * one.attributions[0]


def test_the_partial_dependence_of_an_additive_model_is_its_own_term() -> None:
    x, background = gaussian(3, rows=30)
    subject = made(lambda z: np.sin(z[:, 0]) + z[:, 1] ** 2 - 3 * z[:, 2], x, background)
    found = last(partial_dependence.EXPLAINER, subject)
    terms: list[Callable[[Any], Any]] = [np.sin, np.square, lambda v: -3 * v]
    for j, term in enumerate(terms):
        grid, curve = found.arrays["grid"][j], found.arrays["curve"][j]
        known = ~np.isnan(grid)
        centred = curve[known] - term(grid[known])
        np.testing.assert_allclose(centred, centred[0], atol=1e-9)
        assert found.attributions[j] == pytest.approx(term(x[j]) - term(background[:, j]).mean(), abs=1e-9)
    np.testing.assert_allclose(np.nanmean(found.arrays["ice"], axis=1)[~np.isnan(found.arrays["curve"])],
                               found.arrays["curve"][~np.isnan(found.arrays["curve"])], atol=1e-12)  # fmt: skip


LIMITS = {
    "age": Limits(fixed=True),
    "personal status": Limits(fixed=True),
    "amount in DM": Limits(direction="down", low=500),
    "duration in months": Limits(low=6, high=36),
}


@pytest.mark.parametrize("learner", ["linear", "forest", "boosting"])
def test_a_counterfactual_flips_the_model_and_keeps_to_its_limits(learner: str) -> None:
    fitted = trained("credit_german", learner)
    names = [one.name for one in fitted.features]
    bad = np.flatnonzero(fitted.scores(fitted.data.x[fitted.held_out])[:, 1] > 0.5)[:12]
    reached = 0
    for row in bad:
        subject = with_limits(held_out("credit_german", learner, int(row)), **LIMITS)  # type: ignore[arg-type]
        try:
            found = last(counterfactual.EXPLAINER, subject, CounterfactualConfig(wanted="good", most_changes=4))
        except Problem as problem:
            assert problem.code == "no_counterfactual"
            continue
        reached += 1
        for changed in found.arrays["rows"]:
            assert fitted.class_of(changed) == "good"
            moved = {name: (subject.x[j], changed[j]) for j, name in enumerate(names) if changed[j] != subject.x[j]}
            assert 1 <= len(moved) <= 4 and not moved.keys() & {"age", "personal status"}
            if "amount in DM" in moved:
                assert 500 <= moved["amount in DM"][1] < moved["amount in DM"][0]
            if "duration in months" in moved:
                assert 6 <= moved["duration in months"][1] <= 36
        ways = [tuple(one["column"] for one in way) for way in found.details["ways"]]
        assert len(set(ways)) == len(ways)
    assert reached >= 8


def test_a_counterfactual_of_a_number_goes_no_further_than_it_must() -> None:
    x, background = np.array([0.0, 0.0]), np.random.default_rng(0).normal(size=(60, 2)) * 3
    subject = made(lambda z: z[:, 0] + 0.1 * z[:, 1], x, background)
    found = last(counterfactual.EXPLAINER, subject, CounterfactualConfig(wanted=">2", count=1))
    [changed] = found.arrays["rows"]
    assert changed[1] == 0 and 2 < changed[0] < 2.11
    assert found.details["ways"] == [[{"column": "f0", "from": "0", "to": f"{changed[0]:g}"}]]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("bad", "already_so"), ("excellent", "bad_wanted")],
)
def test_what_cannot_be_wanted_is_told(wanted: str, code: str) -> None:
    fitted = trained("credit_german", "forest")
    row = int(np.flatnonzero(fitted.scores(fitted.data.x[fitted.held_out])[:, 1] > 0.6)[0])
    with pytest.raises(Problem) as raised:
        last(counterfactual.EXPLAINER, held_out("credit_german", "forest", row), CounterfactualConfig(wanted=wanted))
    assert raised.value.code == code


def test_when_nothing_may_change_nothing_is_made_up() -> None:
    fitted = trained("credit_german", "forest")
    fixed = {one.name: Limits(fixed=True) for one in fitted.features}
    with pytest.raises(Problem, match="No change of up to 3"):
        last(counterfactual.EXPLAINER, with_limits(held_out("credit_german", "forest", 0), **fixed))


@pytest.mark.slow
def test_trees_agree_with_the_shap_library_where_that_adds_up() -> None:
    """shap 0.51 compares 64-bit numbers with a forest's 32-bit thresholds, so it is given numbers of 32 bits."""
    shap = pytest.importorskip("shap")
    for learner in ("boosting", "forest"):
        fitted = trained("diabetes", learner)
        subject = held_out("diabetes", learner, 3)
        x, z = (fitted.design(rows).astype(np.float32) for rows in (subject.x[None], subject.background))
        theirs = shap.TreeExplainer(fitted.model, z, feature_perturbation="interventional").shap_values(x)[0]
        theirs = np.bincount(fitted.design.group, weights=theirs, minlength=len(subject.x))
        ours = last(tree_shap.EXPLAINER, subject)
        agree = np.abs(theirs - ours.attributions).max() / np.abs(ours.attributions).max()
        assert agree < 0.02, (learner, agree)
