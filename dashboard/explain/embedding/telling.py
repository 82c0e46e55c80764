"""The sentence about a likeness, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from data.text import Text

MOVES = 0.02
"""A fall of the cosine, below which hiding a region is said to change little."""
_NEAR_ONE = 0.985


@dataclass(frozen=True)
class Likeness:
    """How alike the two are, more than which share of other pictures; where each map lies; and the cosine with the marked region hidden, and
    with the same shape hidden elsewhere."""

    likeness: float
    more_than: float
    place: Text
    other: Text
    left: float
    elsewhere: float
    marked: bool


def cosine(value: float) -> str:
    """With as many digits as tell it from 1."""
    return f"{value:.{2 if value < _NEAR_ONE else 4}f}"


def alike(told: Likeness) -> Text:
    """The sentence; a map that points at nothing, or at what matters no more than other places, is said to."""
    said_en = f"The model finds the two pictures {cosine(told.likeness)} alike, more than {told.more_than:.0%} of other pictures are to the first"
    said_hi = f"मॉडल को दोनों तस्वीरें {cosine(told.likeness)} एक जैसी लगती हैं, पहली से बाक़ी तस्वीरों की तुलना में {told.more_than:.0%} से ज़्यादा"
    if not told.marked:
        return Text(
            en=f"{said_en}; no part of the first speaks for that.", hi=f"{said_hi}; पहली का कोई हिस्सा इसके पक्ष में नहीं है।"
        )
    if told.elsewhere - told.left < MOVES:
        return Text(
            en=f"{said_en}; this method marks {told.place.en} of the first, but hiding that changes little more than hiding the same shape elsewhere ({cosine(told.left)} and {cosine(told.elsewhere)}): do not rely on it.",
            hi=f"{said_hi}; यह तरीका पहली तस्वीर में {told.place.hi} दिखाता है, पर उसे छिपाने से वही आकार दूसरी जगह छिपाने की तुलना में कुछ ख़ास नहीं बदलता ({cosine(told.left)} और {cosine(told.elsewhere)}): इस पर भरोसा न करें।",
        )
    return Text(
        en=f"{said_en}, mainly because of {told.place.en} of the first and {told.other.en} of the second; with that hidden in the first it falls to {cosine(told.left)} (with the same shape hidden elsewhere {cosine(told.elsewhere)}).",
        hi=f"{said_hi}, मुख्य वजह: पहली में {told.place.hi}, दूसरी में {told.other.hi}; पहली में उसे छिपाने पर समानता {cosine(told.left)} रह जाती है (वही आकार दूसरी जगह छिपाने पर {cosine(told.elsewhere)})।",
    )
