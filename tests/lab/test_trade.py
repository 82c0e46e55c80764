"""What guidance trades, on clouds where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.trade import trade


def test_samples_like_the_data_agree_and_vary_like_the_data() -> None:
    generator = np.random.default_rng(0)
    classes = np.arange(200) % 2
    real = generator.standard_normal((200, 2)) + 20 * classes[:, None]
    found = trade(generator.standard_normal((200, 2)) + 20 * classes[:, None], classes, real, classes)
    assert found.agreement == 1 and found.variety == pytest.approx(1, abs=0.1)
    assert trade(real, 1 - classes, real, classes).agreement == 0
    same = trade(np.repeat(real[:2], 50, axis=0), np.repeat(classes[:2], 50), real, classes)
    assert same.agreement == 1 and same.variety == pytest.approx(0, abs=1e-6)
