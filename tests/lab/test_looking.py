"""What attention weights say: rollout by hand, the figures of a head, all heads as one picture."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.looking import head_grid, manner, rollout


def _weights(layers: int, heads: int, tokens: int, *, causal: bool = False) -> np.ndarray:
    raw = np.random.default_rng(0).random((layers, heads, tokens, tokens)) ** 3
    raw = np.tril(raw) if causal else raw
    return np.asarray(raw / raw.sum(-1, keepdims=True), dtype=np.float32)


def test_rollout_by_hand() -> None:
    first, second = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.2, 0.8], [1.0, 0.0]])
    # half of each layer is its residual path: [[1, 0], [.25, .75]], then [[.6, .4], [.5, .5]]
    by_hand = np.array([[0.6 + 0.4 * 0.25, 0.4 * 0.75], [0.5 + 0.5 * 0.25, 0.5 * 0.75]])
    assert np.allclose(rollout(np.stack([first, second])[:, None]), by_hand)
    twice = np.stack([np.stack([first, second])] * 2)  # two heads: their mean counts
    mean = 0.5 * ((first + second) / 2 + np.eye(2))
    assert np.allclose(rollout(twice), mean @ mean)


@pytest.mark.parametrize("causal", [True, False])
def test_rollout_shares_out_everything_and_never_looks_ahead_where_no_layer_does(causal: bool) -> None:
    found = rollout(_weights(4, 3, 7, causal=causal))
    assert np.allclose(found.sum(-1), 1, atol=1e-6) and found.min() >= 0
    assert np.triu(found, 1).any() != causal


def test_the_figures_of_a_head() -> None:
    even = manner(np.full((4, 4), 0.25))
    assert (even.itself, even.before, even.first) == pytest.approx((0.25, 0.25, 0.25)) and even.spread == pytest.approx(
        4
    )
    before = manner(np.eye(5, k=-1) + np.diag([1, 0, 0, 0, 0]))
    assert (before.itself, before.before, before.first) == pytest.approx((0.2, 1.0, 0.4))
    assert before.spread == pytest.approx(1)
    assert manner(np.ones((1, 1))).before == 0


def test_every_head_has_its_place_in_the_picture() -> None:
    weights = np.zeros((2, 3, 4, 4), dtype=np.float32)
    weights[..., 0] = 1  # all look at the first token, but for one head
    weights[1, 2] = np.eye(4)
    picture = head_grid(weights, (0, 0, 0), (255, 255, 255), side_px=8)
    assert picture.shape == (2 * 8 + 2, 3 * 8 + 4, 3)
    plain, other = picture[:8, :8, 0], picture[10:18, 20:28, 0]
    assert (plain[:, :2] == 0).all() and (plain[:, 2:] == 255).all()
    assert np.array_equal(other == 0, np.kron(np.eye(4), np.ones((2, 2))) == 1)
