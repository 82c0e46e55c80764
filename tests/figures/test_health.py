"""Signs of trouble are told when there is trouble, in both languages, and not otherwise."""

from __future__ import annotations

import pytest

from dashboard.figures.health import memorising

HEALTHY = {"nn_ratio": 1.02, "copied": 0.01, "eps_mse": 0.14, "train_eps_mse": 0.12}


@pytest.mark.parametrize(
    ("newest", "says"),
    [
        ({**HEALTHY, "nn_ratio": 0.4}, "40%"),
        ({**HEALTHY, "copied": 0.35}, "35% are copies"),
        ({**HEALTHY, "train_eps_mse": 0.05}, "less than half"),
        ({"eps_mse": 0.14, "train_eps_mse": 0.05}, "less than half"),
    ],
)
def test_learning_by_heart_is_told_with_its_numbers(newest: dict[str, float], says: str) -> None:
    concern = memorising(newest, {"copied": 0.02})
    assert concern is not None and concern.sign == "memorising" and says in concern.text.en
    assert any("\u0900" <= c <= "\u097f" for c in concern.text.hi)


def test_a_healthy_run_is_left_alone() -> None:
    assert memorising(HEALTHY, {"copied": 0.02}) is None
    assert memorising({"loss": 0.1}, {}) is None
    assert memorising({**HEALTHY, "copied": 0.35}, {"copied": 0.3}) is None, "real data seems as much of a copy"
