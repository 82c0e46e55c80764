"""What speaks for and against a map over a picture, whatever it maps: hide what it marks, ask again, and compare with chance.

`Shown` is what a model still says where only some pixels are shown: masks [n, height, width] of those that are -> numbers [n]. The light is
that of `dashboard.explain.evidence.light`; "reasons" stands there for the marked region.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Finding
from dashboard.explain.evidence.removal import removal
from dashboard.explain.games import Coalitions, Worth
from dashboard.explain.image.curves import cells_of
from dashboard.explain.image.maps import Map, Mask, rank_correlation, softened
from data.text import Text

Masks = npt.NDArray[np.bool_]
Shown = Callable[[Masks], Worth]

PLACES: Final = 16
"""Other places where the marked region is hidden."""
ORDERS: Final = 10
STEADY_FROM: Final = 0.6
"""Rank correlation of softened maps, from which two of them are said to be the same; below 0.3 they are not."""
STRONGEST_FROM: Final = 0.9
"""Part of the squares all over the picture that the one around the strongest place is to outweigh; below the next it is a place like others."""
STRONGEST_BELOW: Final = 0.6
_SQUARES: Final = 6
"""Squares along a side of the picture: 5 pixels of 28."""
UNLEARNED_BELOW: Final = 0.5
"""Rank correlation with the map of a model of random weights, below which a map tells of the model."""


def elsewhere(shown: Shown, where: Mask, seed: int) -> Finding | None:
    """Whether hiding the marked region takes more from the answer than hiding the same shape in other places; None where nothing is marked."""
    if not where.any():
        return None
    left = shown(~moved(where, seed))
    beaten = int((left[1:] > left[0]).sum())
    return Finding(
        Text(en="The region matters", hi="यही हिस्सा मायने रखता है"),
        Text(en=f"Hiding the marked region takes more from the answer than hiding the same shape in {beaten} of {PLACES} other places.",
             hi=f"दिखाया गया हिस्सा छिपाने से जवाब, {PLACES} में से {beaten} दूसरी जगह वही आकार छिपाने की तुलना में, ज़्यादा घटता है।"),
        beaten / PLACES, matters(beaten),
    )  # fmt: skip


def moved(where: Mask, seed: int) -> Masks:
    """A region and its shape in other places, over the edges if need be: [1 + PLACES, height, width]."""
    rng = np.random.default_rng(seed)
    height, width = where.shape
    shifts = [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(PLACES)]
    return np.stack([where, *(np.roll(where, shift, axis=(0, 1)) for shift in shifts)])


def matters(beaten: int) -> bool | None:
    """Whether a region that does more than `beaten` of its copies elsewhere is one that matters: nine in ten, less than six in ten."""
    return True if beaten >= 0.9 * PLACES else False if beaten < 0.6 * PLACES else None


def strongest(shown: Shown, attributions: Map) -> Finding:
    """Whether hiding a small square around the strongest place takes more from the answer than hiding squares elsewhere."""
    return _strongest(-shown(~squares(attributions)))


def strongest_of(found: Map, attributions: Map) -> Finding:
    """Likewise of what was found out pixel by pixel: whether there is more of it in the square around the strongest place."""
    return _strongest((squares(attributions) * found).sum(axis=(1, 2)))


def squares(attributions: Map) -> Masks:
    """The square around the strongest place of a map, then squares of that size all over the picture [1 + squares, height, width]."""
    height, width = (max(1, round(side / _SQUARES)) for side in attributions.shape)
    row, column = np.unravel_index(int(softened(attributions).argmax()), attributions.shape)
    corners = [(int(row) - height // 2, int(column) - width // 2)]
    rows, columns = (
        range(0, side - part + 1, part) for side, part in zip(attributions.shape, (height, width), strict=True)
    )
    corners += [(top, left) for top in rows for left in columns]
    masks = np.zeros((len(corners), *attributions.shape), dtype=bool)
    for mask, (top, left) in zip(masks, corners, strict=True):
        mask[max(0, top) : top + height, max(0, left) : left + width] = True
    return masks


def _strongest(worth: Worth) -> Finding:
    share = float((worth[1:] < worth[0]).mean())
    return Finding(
        Text(en="The strongest place matters", hi="सबसे तेज़ जगह मायने रखती है"),
        Text(en=f"The small square around the strongest place weighs more than {share:.0%} of such squares.",
             hi=f"सबसे तेज़ जगह के आसपास का छोटा चौकोर ऐसे {share:.0%} चौकोरों से ज़्यादा मायने रखता है।"),
        share, True if share >= STRONGEST_FROM else False if share < STRONGEST_BELOW else None,
    )  # fmt: skip


def removed(shown: Shown, attributions: Map, seed: int) -> Finding:
    """Whether hiding cells in the order of the map moves the answer more than random orders do, deletion and insertion taken together."""
    cells = cells_of(attributions.shape)
    of_cell = np.bincount(cells.ravel(), weights=attributions.ravel()).astype(np.float64)

    def worth(sets: Coalitions) -> Worth:
        return shown(sets[:, cells])

    beaten = removal(worth, of_cell, np.random.default_rng(seed), orders=ORDERS).beaten
    judged = True if beaten >= 0.95 else False if beaten < 0.75 else None
    some = beaten < 1
    en = f"{beaten:.0%} of random orders do" if some else f"any of {ORDERS} random orders does"
    hi = f"{beaten:.0%} बेतरतीब क्रमों" if some else f"सभी {ORDERS} बेतरतीब क्रमों"
    return Finding(
        Text(en="Removal confirms it", hi="हटाने पर भी यही निकलता है"),
        Text(en=f"Hiding parts in its order moves the answer more than {en}.", hi=f"इसके क्रम में हिस्से छिपाने से जवाब {hi} से ज़्यादा हिलता है।"),
        beaten, judged,
    )  # fmt: skip


def steady(one: Map, other: Map, *, en: str, hi: str) -> Finding:
    """How alike the map made under slightly other circumstances is; `en` and `hi` say which, at the beginning of the sentence."""
    rho = rank_correlation(softened(one), softened(other))
    judged = True if rho >= STEADY_FROM else False if rho < STEADY_FROM / 2 else None
    said_en = "the map stays nearly as it is" if judged else "the map changes"
    said_hi = "मैप लगभग वही रहता है" if judged else "मैप बदल जाता है"
    return Finding(
        Text(en="Stability", hi="स्थिरता"),
        Text(en=f"{en}, {said_en} (rank correlation {rho:.2f}).", hi=f"{hi} {said_hi} (रैंक कोरिलेशन {rho:.2f})।"),
        rho, judged,
    )  # fmt: skip


def learned(one: Map, other: Map) -> Finding:
    """Whether the map tells of what was learned (arXiv:1810.03292); `other` is that of a model of random weights."""
    rho = rank_correlation(softened(one), softened(other))
    differs = rho < UNLEARNED_BELOW
    said = (
        Text(en="A model of random weights gives another map, so this one tells of what was learned", hi="बेतरतीब वेट वाला मॉडल अलग मैप देता है, यानी यह सीखी हुई बात बताता है")
        if differs
        else Text(en="A model of random weights gives nearly the same map, so this one tells of the picture more than of what was learned",
                  hi="बेतरतीब वेट वाला मॉडल लगभग यही मैप देता है, यानी यह सीखी हुई बात से ज़्यादा तस्वीर की बात बताता है")
    )  # fmt: skip
    return Finding(
        Text(en="Random weights", hi="बेतरतीब वेट"),
        Text(en=f"{said.en} (rank correlation {rho:.2f}).", hi=f"{said.hi} (रैंक कोरिलेशन {rho:.2f})।"), rho, True if differs else None,
    )  # fmt: skip


def adds_up(error: float, tolerance: float, *, en: str, hi: str) -> Finding:
    """Whether the parts add up; `en` and `hi` say what is added and to what."""
    shown_error = f"{tolerance:.0e}" if error <= tolerance else f"{error:.2g}"
    less = error <= tolerance
    return Finding(
        Text(en="Adds up", hi="जोड़ सही है"),
        Text(en=f"{en} within {'less than ' if less else ''}{shown_error} of it.", hi=f"{hi}; फ़र्क उसके {shown_error} भाग{' से कम' if less else ''} है।"),
        error, less,
    )  # fmt: skip
