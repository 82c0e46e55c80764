"""Shapley values of any game: d players, and a function that gives what each coalition is worth.

Notation: d players, S a coalition, v(S) its worth, phi_i the share of player i; the shares add up to v(all) - v(none).
`Value` takes coalitions [coalitions, d] of true and false and returns their worth [coalitions]. A player may be a feature, a
superpixel or a word.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Coalitions = npt.NDArray[np.bool_]
Worth = npt.NDArray[np.float64]
Value = Callable[[Coalitions], Worth]

NORMAL_95 = 1.959964
"""Standard errors to each side of an interval that holds 95 % of a normal distribution."""
