"""Evidence tells right from wrong: on models whose reasons are known, good ways get green, spoiled ones red."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.evidence.light import light
from dashboard.explain.evidence.likeness import cosine, overlap
from dashboard.explain.evidence.removal import alone, removal
from dashboard.explain.games import Coalitions, Worth
from dashboard.explain.table import counterfactual, kernel_shap, lime
from dashboard.explain.table.evidence import evidence_of
from data.text import Text
from tests.benchmarks import bench_text_evidence
from tests.benchmarks.planted import WAYS, is_right, planted
from tests.conformance import check_text
from tests.explain.tables import held_out, last

WEIGHTS = np.array([3.0, -2.0, 1.0, 0.0, 0.0, 0.0, 0.5, -1.0])


def additive(s: Coalitions) -> Worth:
    worth: Worth = s @ WEIGHTS
    return worth


def test_the_perfect_order_of_an_additive_game_beats_every_random_one_and_its_reverse_none() -> None:
    rng = np.random.default_rng(0)
    right, wrong = removal(additive, WEIGHTS, rng), removal(additive, -WEIGHTS, rng)
    assert right.beaten == 1 and wrong.beaten == 0
    assert right.score > right.random.max() > right.random.min() > right.reversed
    assert right.reversed == pytest.approx(-right.score) and wrong.score == pytest.approx(-right.score)


def test_deletion_begins_with_everything_and_insertion_with_nothing() -> None:
    found = removal(additive, WEIGHTS, np.random.default_rng(0))
    total = WEIGHTS.sum()
    np.testing.assert_allclose(found.deletion, total - np.append(0, np.cumsum(np.sort(WEIGHTS)[::-1])), atol=1e-12)
    np.testing.assert_allclose(found.insertion, np.append(0, np.cumsum(np.sort(WEIGHTS)[::-1])), atol=1e-12)


def test_orders_of_a_constant_model_are_all_the_same() -> None:
    found = removal(lambda s: np.full(len(s), 7.0), WEIGHTS, np.random.default_rng(0))
    assert found.beaten == 0.5 and found.score == 0 == found.reversed


def test_many_parts_are_taken_away_in_steps() -> None:
    asked: list[int] = []

    def value(s: Coalitions) -> Worth:
        asked.append(len(s))
        worth: Worth = s.mean(axis=1)
        return worth

    removal(value, np.arange(500.0), np.random.default_rng(0), orders=10)
    assert asked == [2 * 12 * 17]


def test_each_part_alone_adds_what_it_is_worth() -> None:
    looked_at = np.array([1, 0, 3])
    np.testing.assert_allclose(alone(additive, looked_at, 8, np.random.default_rng(0)), WEIGHTS[looked_at], atol=1e-12)


def test_likeness_knows_the_same_the_opposite_and_nothing_in_common() -> None:
    assert cosine(WEIGHTS, 2 * WEIGHTS) == pytest.approx(1) and cosine(WEIGHTS, -WEIGHTS) == pytest.approx(-1)
    assert cosine(WEIGHTS, np.zeros(8)) == 0
    assert overlap(WEIGHTS, WEIGHTS) == 1 and overlap(WEIGHTS, -WEIGHTS) == 0
    assert overlap(WEIGHTS, np.array([1.0, 0, 0, 0, 0, 0, 0, 0])) == pytest.approx(1 / 3)


def _finding(speaks_for: bool | None) -> Finding:
    return Finding(Text(en="A check", hi="जाँच"), Text(en="Found.", hi="मिला।"), 0.5, speaks_for)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"removal": True, "reasons": True, "noise": True}, True),
        ({"removal": True, "reasons": True}, None),  # too little to go by
        ({"removal": True, "reasons": True, "noise": True, "seeds": None}, None),
        ({"removal": None, "reasons": True, "noise": True, "certainty": True}, None),
        ({"removal": True, "reasons": True, "noise": False}, None),
        ({"removal": True, "reasons": True, "noise": False, "seeds": False}, False),
        ({"removal": False, "reasons": True, "noise": True, "seeds": True}, False),
        ({"additivity": False, "removal": True, "reasons": True, "noise": True}, False),
    ],
)
def test_the_light_is_what_its_rule_says(found: dict[str, bool | None], expected: bool | None) -> None:
    told = light({name: _finding(one) for name, one in found.items()})
    assert told.speaks_for is expected
    check_text(told.title, "light")
    check_text(told.text, "light")


def test_on_planted_reasons_green_is_right_and_red_is_wrong() -> None:
    counts: Counter[tuple[bool | None, bool]] = Counter()
    for seed in range(1000, 1008):
        truth = planted(seed)
        for card, values in WAYS.values():
            config = card.config(**values)
            one = last(card, truth.subject, config)
            *_, proven = evidence_of(truth.subject, card, config, one)
            counts[proven.evidence["light"].speaks_for, is_right(one, truth.truth)] += 1
    green, red = counts[True, True] + counts[True, False], counts[False, True] + counts[False, False]
    assert green >= 8 and counts[True, True] >= 0.9 * green, counts
    assert red >= 40 and counts[False, False] >= 0.8 * red, counts


def test_of_texts_too_green_is_right_and_red_is_wrong() -> None:
    ways = ("word_shap", "leave_one_out", "words mixed up", "signs turned")
    found = [(one.evidence["light"].speaks_for, right) for _, one, right in bench_text_evidence.tried(2, 1000, ways)]
    assert found.count((True, True)) >= 3 and found.count((False, False)) >= 3
    assert (True, False) not in found and (False, True) not in found


def test_evidence_comes_piece_by_piece_in_both_languages_and_leaves_the_explanation_as_it_is() -> None:
    subject = held_out("diabetes", "forest", 1)
    one = last(kernel_shap.EXPLAINER, subject)
    stages = list(evidence_of(subject, kernel_shap.EXPLAINER, kernel_shap.EXPLAINER.config(), one))
    assert [len(stage.evidence) for stage in stages] == sorted({len(stage.evidence) for stage in stages})
    assert set(stages[-1].evidence) == {
        "additivity", "certainty", "reasons", "removal", "seeds", "noise", "agreement", "light"
    }  # fmt: skip
    for name, finding in stages[-1].evidence.items():
        check_text(finding.title, name)
        check_text(finding.text, name)
    np.testing.assert_array_equal(stages[-1].attributions, one.attributions)


def test_shares_that_do_not_add_up_turn_the_light_red() -> None:
    subject = held_out("diabetes", "linear", 1)
    good = last(kernel_shap.EXPLAINER, subject)
    bad = Explanation(good.attributions * 1.1, good.prediction, good.target, base_value=good.base_value)
    *_, proven = evidence_of(subject, kernel_shap.EXPLAINER, kernel_shap.EXPLAINER.config(), bad)
    assert proven.evidence["additivity"].speaks_for is False and proven.evidence["light"].speaks_for is False


def test_lime_of_a_linear_model_is_confirmed_by_what_its_weights_come_to() -> None:
    subject = held_out("diabetes", "linear", 0)
    *_, proven = evidence_of(subject, lime.EXPLAINER, lime.EXPLAINER.config(), last(lime.EXPLAINER, subject))
    assert proven.evidence["removal"].speaks_for and proven.evidence["agreement"].value == 1


def test_a_counterfactual_proves_itself_and_has_no_other_evidence() -> None:
    subject = held_out("credit_german", "linear", 0)
    one = last(kernel_shap.EXPLAINER, subject)
    assert list(evidence_of(subject, counterfactual.EXPLAINER, counterfactual.EXPLAINER.config(), one)) == []
