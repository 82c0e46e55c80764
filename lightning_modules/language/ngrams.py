"""The level a language model has to beat: counting which characters follow which.

Witten-Bell smoothing (T. Bell, J. Cleary, I. Witten: Text Compression, 1990; method C). With h the last n - 1 characters, N(h)
how often they stood in the training text and T(h) how many different characters followed,
  P_n(c | h) = (N(hc) + T(h) P_{n-1}(c | h')) / (N(h) + T(h)),
where h' is h without its first character and P_0 = 1 / V. What was never seen costs what an even choice among all of Unicode does.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from data.texts import LAST_CODE_POINT

Numbers = npt.NDArray[np.int64]


def bits_per_character(train: str, test: str, order: int) -> float:
    """Mean bits that the n-gram model of `train` needs for each character of `test`; n is `order`, 0: an even choice.

    The first characters of `test` are told from what little stands before them.
    """
    letters, trained = np.unique(_points(train), return_inverse=True)
    points = _points(test)
    place = np.searchsorted(letters, points).clip(max=len(letters) - 1)
    known = letters[place] == points
    tested = np.where(known, place, len(letters)).astype(np.int64)
    size = len(letters) + 1  # one more for all that was never seen
    chance = np.full(len(tested), 1 / size)
    for n in range(1, order + 1):
        chance[n - 1 :] = _sharpened(trained.astype(np.int64), tested, n, size, chance[n - 1 :])
    bits = -np.log2(chance) + np.where(known, 0, math.log2(LAST_CODE_POINT + 1 - len(letters)))
    return float(bits.mean())


def _sharpened(
    trained: Numbers, tested: Numbers, n: int, size: int, shorter: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """P_n at each place of `tested` from the n-th on, made of P_{n-1} at the same places."""
    grams, counts = np.unique(_grams(trained, n, size), return_counts=True)
    histories, kinds = np.unique(grams // size, return_counts=True)  # T(h)
    totals = np.bincount(np.searchsorted(histories, grams // size), weights=counts)  # N(h)
    wanted = _grams(tested, n, size)
    seen = _looked_up(histories, wanted // size)
    exact = _looked_up(grams, wanted)
    followed = np.where(seen < 0, 0, kinds[seen])
    stood = np.where(seen < 0, 0, totals[seen])
    hits = np.where(exact < 0, 0, counts[exact])
    found: npt.NDArray[np.float64] = np.where(
        seen < 0, shorter, (hits + followed * shorter) / np.maximum(stood + followed, 1)
    )
    return found


def _grams(numbers: Numbers, n: int, size: int) -> Numbers:
    """The n-grams as numbers in base `size`, one a place from the n-th on."""
    if n * math.log2(size) > 63:
        raise ValueError(f"{n}-grams of {size} characters do not fit 64 bits")
    found = np.zeros(len(numbers) - n + 1, dtype=np.int64)
    for k in range(n):
        found = found * size + numbers[k : len(numbers) - n + 1 + k]
    return found


def _looked_up(keys: Numbers, wanted: Numbers) -> Numbers:
    """The place of each wanted number among sorted keys; -1 where there is none."""
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    found: Numbers = np.where(keys[place] == wanted, place, -1)
    return found


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
