"""One plain sentence: the right reasons in the right order, in both languages, and nothing claimed that is not sure."""

from __future__ import annotations

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.telling import Row, as_a_way, as_whole, figure, grouped, in_a_sentence, percent
from data.table import Column

FEATURES = (
    Column(name="debt", kind="number", rows=9),
    Column(name="account", kind="category", rows=9, levels=("none", "low")),
    Column(name="age", kind="number", rows=9, whole=True),
)
X = np.array([0.61, 1.0, np.nan])


def _said(
    phi: list[float],
    half: list[float] | None = None,
    *,
    says: str = "refused",
    target: str = "refused",
    score: float = 0.71,
) -> tuple[str, str]:
    one = Explanation(np.array(phi), score, target, half_width=None if half is None else np.array(half))
    text = in_a_sentence(one, Row(FEATURES, X, score, says=says, usual=12.0 if not says else None))
    return text.en, text.hi


def test_a_decision_names_its_weightiest_reasons_and_what_speaks_against_it() -> None:
    assert _said([0.3, 0.1, -0.2]) == (
        "The model says “refused” (71 %), mainly because debt is 0.61 and account is “low”; against it: age is empty.",
        "मॉडल का अनुमान “refused” है (71 %), मुख्य वजह: debt = 0.61 और account = “low”; इसके ख़िलाफ़: age खाली है।",
    )


def test_a_reason_whose_interval_holds_zero_is_not_named() -> None:
    assert (
        _said([0.3, 0.1, -0.2], [0.01, 0.11, 0.25])[0]
        == "The model says “refused” (71 %), mainly because debt is 0.61."
    )
    assert "no single column stands out" in _said([0.3, 0.1, -0.2], [1, 1, 1])[0]


def test_a_reason_that_weighs_next_to_nothing_is_not_named() -> None:
    assert _said([0.3, 0.01, -0.02])[0].endswith("because debt is 0.61.")


def test_a_class_that_the_model_does_not_decide_for_is_told_as_such() -> None:
    english, _ = _said([-0.3, 0, 0], says="granted", score=0.2)
    assert english == "The model gives “refused” 20 % and says “granted”, although debt is 0.61."


def test_a_number_is_raised_and_lowered() -> None:
    english, hindi = _said([3.0, 1.0, -2.0], says="", target="price", score=14.2)
    assert (
        english
        == "The model predicts price 14.2 (average: 12); raised by debt (0.61) and account (low); lowered by age (empty)."
    )
    assert hindi.startswith("मॉडल का अनुमान: price 14.2 (औसत: 12); बढ़ाने वाले: debt (0.61) और account (low)")


def test_the_whole_model_is_told_by_what_is_surely_more_than_chance() -> None:
    one = Explanation(np.array([0.2, 0.05, 0.1]), 0.1, "y", half_width=np.array([0.1, 0.06, 0.05]))
    assert as_whole(one, FEATURES).en == "Over all rows the model leans most on debt and age."


def test_a_way_to_another_outcome_is_a_plain_if() -> None:
    changes = [{"column": "debt", "from": "0.61", "to": "0.38"}, {"column": "account", "from": "", "to": "none"}]
    told = as_a_way(changes, "granted")
    assert (
        told.en
        == "If debt were 0.38 instead of 0.61 and account were “none” instead of empty, the model would say “granted”."
    )
    assert (
        told.hi
        == "अगर debt का मान 0.61 की जगह 0.38 होता और account का मान खाली की जगह “none” होता, तो मॉडल का अनुमान “granted” होता।"
    )


def test_a_value_that_begins_with_a_number_is_still_a_word() -> None:
    changes = [{"column": "savings", "from": "100 to 500 DM", "to": "2026-01-31"}]
    assert (
        as_a_way(changes, "> 100").en
        == "If savings were 2026-01-31 instead of “100 to 500 DM”, the model would say > 100."
    )


def test_no_probability_is_called_certain() -> None:
    assert [percent(p) for p in (0.999, 0.5, 0.001)] == ["> 99 %", "50 %", "< 1 %"]


def test_what_is_no_number_stays_as_it_stands() -> None:
    assert [grouped(one, "en") for one in ("²", "--54321", "12345²", "-", "१२३४५")] == [
        "²", "--54321", "12345²", "-", "12,345",
    ]  # fmt: skip


def test_large_numbers_are_grouped_as_each_language_does_and_years_are_not() -> None:
    assert grouped("11816", "en") == "11,816" and grouped("1234567.5", "hi") == "12,34,567.5"
    assert [grouped(one, "en") for one in ("2019", "-54321", "2026-01-31", "no 12345", "")] == [
        "2019",
        "-54,321",
        "2026-01-31",
        "no 12345",
        "",
    ]
    assert figure(1234567.4) == "1,234,567" and figure(1234567.4, "hi") == "12,34,567" and figure(14.25) == "14.25"
    way = as_a_way([{"column": "amount", "from": "1181600", "to": "950000"}], "> 200000")
    assert "950,000 instead of 1,181,600" in way.en and "11,81,600 की जगह 9,50,000" in way.hi and "2,00,000" in way.hi
    rich = (Column(name="income", kind="number", rows=9, whole=True),)
    text = in_a_sentence(
        Explanation(np.array([0.4]), 0.7, "granted"), Row(rich, np.array([1181600.0]), 0.7, says="granted")
    )
    assert "income is 1,181,600" in text.en and "income = 11,81,600" in text.hi
