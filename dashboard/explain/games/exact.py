"""Shapley values by their definition: every coalition is asked once.

L. Shapley, A Value for n-Person Games, 1953: phi_i = sum over S without i of |S|! (d - |S| - 1)! / d! (v(S + i) - v(S)).
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.explain.games import Coalitions, Value, Worth

MOST_PLAYERS = 20


def all_coalitions(players: int) -> Coalitions:
    """Every coalition [2^players, players]; row k holds the players whose bits are set in k."""
    members: Coalitions = (np.arange(2**players)[:, None] >> np.arange(players)) % 2 == 1
    return members


def shapley(worth: Worth, players: int) -> Worth:
    """The shares [players].

    Args:
        worth: Of every coalition, in the order of `all_coalitions` [2^players].
        players: At most `MOST_PLAYERS`.
    """
    numbers = np.arange(2**players)
    sizes = all_coalitions(players).sum(axis=1)
    factor = np.array([1 / (players * math.comb(players - 1, size)) for size in range(players)])
    shares = np.empty(players)
    for player in range(players):
        without = numbers[(numbers >> player) % 2 == 0]
        shares[player] = factor[sizes[without]] @ (worth[without | (1 << player)] - worth[without])
    return shares


def exact(value: Value, players: int) -> Worth:
    """The shares [players] of a game, from all its 2^players coalitions."""
    if players > MOST_PLAYERS:
        raise ValueError(f"{players} players have too many coalitions")
    return shapley(value(all_coalitions(players)), players)
