"""Shares of games with known answers, the axioms, and what the intervals promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.explain.games import Coalitions, Value, Worth
from dashboard.explain.games.exact import all_coalitions, exact, shapley
from dashboard.explain.games.leverage import LeverageShap, _Size, _spread

Array = npt.NDArray[np.float64]


def sampled(value: Value, players: int) -> Worth:
    """By the sampler, everything drawn."""
    game = LeverageShap(value, players, np.random.default_rng(0))
    game.grow(game.all_pairs)
    shares = game.shares()
    assert shares.exact and not shares.half_width.any()
    return shares.phi


WAYS = pytest.mark.parametrize("way", [exact, sampled])


def multi_layer(x: list[float], baseline: list[float]) -> Value:
    """Class 0 of captum's BasicModel_MultiLayer: relu(s - 10) + 3 relu(s + 1) - 1, s the sum of the inputs."""

    def value(coalitions: Coalitions) -> Worth:
        s = np.where(coalitions, x, baseline).sum(axis=1)
        found: Worth = np.maximum(s - 10, 0) + 3 * np.maximum(s + 1, 0) - 1
        return found

    return value


@WAYS
@pytest.mark.parametrize(
    ("x", "baseline", "phi"),
    [
        ([20, 50, 30], [0, 0, 0], [76 + 2 / 3, 196 + 2 / 3, 116 + 2 / 3]),
        ([2, 10, 3], [0, 0, 0], [7, 32.5, 10.5]),
        ([20, 50, 30], [10, 20, 10], [40, 120, 80]),
    ],
)
def test_the_published_shares_of_a_small_network_are_met(
    way: Callable[..., Worth], x: list[float], baseline: list[float], phi: list[float]
) -> None:
    np.testing.assert_allclose(way(multi_layer(x, baseline), 3), phi, atol=1e-9)
    assert sum(phi) == pytest.approx(390 if baseline == [0, 0, 0] and x[0] == 20 else sum(phi))


@WAYS
def test_features_that_are_hidden_together_are_one_player(way: Callable[..., Worth]) -> None:
    value = multi_layer([20, 50, 30], [0, 0, 0])
    np.testing.assert_allclose(way(lambda s: value(s[:, [0, 0, 1]]), 2), [275, 115], atol=1e-9)


@WAYS
def test_pairs_of_features_share_their_interaction(way: Callable[..., Worth]) -> None:
    """shap tests/explainers/test_permutation.py: x0 x2 + x1 + x2 + x2 x3, zero background."""
    x = np.array([1.5, -2.0, 3.0, 0.7])

    def value(s: Coalitions) -> Worth:
        z = np.where(s, x, 0.0)
        found: Worth = z[:, 0] * z[:, 2] + z[:, 1] + z[:, 2] + z[:, 2] * z[:, 3]
        return found

    both, last = x[0] * x[2] / 2, x[2] * x[3] / 2
    np.testing.assert_allclose(way(value, 4), [both, x[1], x[2] + both + last, last], atol=1e-12)


GAMES: dict[str, tuple[Value, int, list[float]]] = {
    "unanimity of the first two": (lambda s: s[:, :2].all(axis=1).astype(float), 5, [0.5, 0.5, 0, 0, 0]),
    "one left glove, two right": (lambda s: (s[:, 0] & s[:, 1:].any(axis=1)).astype(float), 3, [2 / 3, 1 / 6, 1 / 6]),
    "majority of five": (lambda s: (s.sum(axis=1) >= 3).astype(float), 5, [0.2] * 5),
    "a runway as long as the largest plane needs": (
        lambda s: np.where(s, [1.0, 2.0, 4.0], 0).max(axis=1), 3, [1 / 3, 5 / 6, 17 / 6],
    ),
    "one alone": (lambda s: 3.0 * s[:, 0].astype(float), 1, [3.0]),
}  # fmt: skip


@WAYS
@pytest.mark.parametrize("name", GAMES)
def test_games_with_a_closed_form_are_met(way: Callable[..., Worth], name: str) -> None:
    value, players, phi = GAMES[name]
    np.testing.assert_allclose(way(value, players), phi, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 7), st.integers(0, 2**31))
def test_the_axioms_hold_for_any_game(players: int, seed: int) -> None:
    one, other = np.random.default_rng(seed).normal(size=(2, 2**players))
    sets = all_coalitions(players)
    phi = shapley(one, players)
    assert phi.sum() == pytest.approx(one[-1] - one[0], abs=1e-9)  # efficiency
    np.testing.assert_allclose(
        shapley(2 * one - other, players), 2 * phi - shapley(other, players), atol=1e-9
    )  # linearity
    silent = one[np.arange(2**players) & ~1]  # player 0 changes nothing
    assert abs(shapley(silent, players)[0]) < 1e-12
    swapped = sets.copy()
    swapped[:, [0, 1]] = sets[:, [1, 0]]
    symmetric = one + one[swapped @ (1 << np.arange(players))]
    alike = shapley(symmetric, players)
    assert alike[0] == pytest.approx(alike[1], abs=1e-9)
    np.testing.assert_allclose(sampled(lambda s: one[s @ (1 << np.arange(players))], players), phi, atol=1e-8)


def network(seed: int, players: int) -> Value:
    """A small random network on a random row and background: a game that is far from additive."""
    rng = np.random.default_rng(seed)
    first, bias, second = (
        rng.normal(size=(players, 16)) * 1.5 / np.sqrt(players),
        rng.normal(size=16),
        rng.normal(size=16),
    )
    x, background = rng.normal(size=players), rng.normal(size=(8, players))

    def value(s: Coalitions) -> Worth:
        found: Worth = (np.tanh(np.where(s[:, None], x, background) @ first + bias) @ second).mean(axis=1)
        return found

    return value


def test_intervals_hold_what_they_promise_and_shrink() -> None:
    covered, halves = {80: [], 160: []}, {80: [], 160: []}  # type: dict[int, list[float]], dict[int, list[float]]
    for game in range(20):
        value = network(game, 10)
        truth = exact(value, 10)
        for seed in range(6):
            one = LeverageShap(value, 10, np.random.default_rng([game, seed]))
            for pairs in covered:
                one.grow(pairs)
                shares = one.shares()
                covered[pairs] += (np.abs(shares.phi - truth) <= shares.half_width).tolist()
                halves[pairs].append(float(shares.half_width.mean()))
    assert all(0.92 <= np.mean(hits) <= 0.975 for hits in covered.values()), {k: np.mean(v) for k, v in covered.items()}
    assert np.mean(halves[160]) < 0.75 * np.mean(halves[80])


def _by_permutations(value: Value, players: int, calls: int, rng: np.random.Generator) -> Worth:
    phi, count = np.zeros(players), calls // (players + 1)
    for _ in range(count):
        order = rng.permutation(players)
        sets = np.zeros((players + 1, players), dtype=bool)
        for k, player in enumerate(order):
            sets[k + 1 :, player] = True
        phi[order] += np.diff(value(sets))
    return phi / count


def test_at_equal_cost_the_error_is_less_than_half_that_of_permutations() -> None:
    ours, theirs = [], []
    for game in range(16):
        value = network(game, 12)
        truth, rng = exact(value, 12), np.random.default_rng(game)
        one = LeverageShap(value, 12, rng)
        one.grow(8 * 12)
        ours.append(np.linalg.norm(one.shares().phi - truth))
        theirs.append(np.linalg.norm(_by_permutations(value, 12, 16 * 12, rng) - truth))
    assert np.median(ours) < 0.5 * np.median(theirs)


def test_no_coalition_is_asked_twice_and_every_share_adds_up_at_every_stage() -> None:
    asked: list[Coalitions] = []

    def value(s: Coalitions) -> Worth:
        asked.append(s)
        return network(3, 14)(s)

    game = LeverageShap(value, 14, np.random.default_rng(0))
    for pairs in (30, 100, 300, 1000):
        game.grow(pairs)
        assert game.pairs == pairs
        assert game.shares().phi.sum() == pytest.approx(game.full - game.empty, abs=1e-12)
    every = np.concatenate(asked)
    assert len(np.unique(every, axis=0)) == len(every) == 2 + 2 * 1000


def test_few_pairs_say_that_they_know_nothing() -> None:
    game = LeverageShap(network(0, 20), 20, np.random.default_rng(0))
    game.grow(10)
    assert np.isinf(game.shares().half_width).all()


def test_pairs_are_spread_over_sizes_by_leverage_and_none_beyond_what_there_is() -> None:
    assert _spread([4, 100, 50], [2, 2, 1], 29) == [4, 17, 8]
    assert sum(_spread([4, 6, 2], [2, 2, 1], 1000)) == 12
    assert _spread([5, 10, 10], [2, 2, 2], 2) == [1, 1, 0]


def test_many_players_cost_no_more_memory_than_what_is_asked() -> None:
    game = LeverageShap(lambda s: s.sum(axis=1).astype(float), 400, np.random.default_rng(0))
    game.grow(900)
    np.testing.assert_allclose(game.shares().phi, 1.0, atol=1e-8)


@pytest.mark.parametrize("size", [2, 3])
def test_pairs_that_are_drawn_apart_are_all_equally_likely(size: int) -> None:
    runs, drawn = 3000, 4
    counts: Counter[frozenset[bytes]] = Counter()
    for seed in range(runs):
        for side in _Size(6, size, np.random.default_rng(seed)).draw(drawn):
            counts[frozenset((side.tobytes(), (~side).tobytes()))] += 1
    pairs = {2: 15, 3: 10}[size]
    expected = runs * drawn / pairs
    assert len(counts) == pairs and max(abs(one - expected) for one in counts.values()) < 4 * np.sqrt(expected)


@pytest.mark.parametrize(("players", "size", "most"), [(12, 4, 2), (18, 6, 3)])  # 495 pairs are listed, 18,564 are not
def test_the_first_pairs_of_a_size_share_few_members_and_none_comes_twice(players: int, size: int, most: int) -> None:
    one = _Size(players, size, np.random.default_rng(0))
    sides = np.concatenate([one.draw(4), one.draw(9)]).astype(int)
    shared = sides @ sides.T
    assert len(sides) == 9 and (sides.sum(axis=1) == size).all()
    assert (shared - np.diag(np.diag(shared))).max() <= most < size
    rest = np.concatenate([sides, one.draw(400)])
    assert len(np.unique(rest, axis=0)) == len(rest) == 400
