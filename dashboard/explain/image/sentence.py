"""The one sentence a person reads first: what the model says, where it looks, and what it says without that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.explain.image.maps import Map, Mask
from dashboard.explain.image.places import PLACES, by_place
from data.text import Text

_GATHERED = 0.4
"""From this share of a region in one of the nine places on, it is said to be there; below, to be mostly there."""
_UNMOVED = 0.5
"""A fall of the log-odds, below which hiding a region is said to change little: 0.36 to 0.30 is 0.27, 0.99 to 0.81 is 3.1."""
_SURE = 1e-6


@dataclass(frozen=True)
class Told:
    """What the sentence is made of: names of classes with their probabilities, before and after hiding."""

    asked: str
    probability: float
    top: str
    top_probability: float
    hidden_probability: float
    hidden_top: str
    hidden_top_probability: float
    place: Text
    share: float

    @property
    def fall(self) -> float:
        """How far the log-odds of the class fall when the region is hidden."""
        return _log_odds(self.probability) - _log_odds(self.hidden_probability)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, _SURE), 1 - _SURE)
    return math.log(inside / (1 - inside))


def place(shown: Map, where: Mask) -> Text:
    """In which of nine places of the picture most of the map inside the region lies."""
    weight = np.where(where, np.maximum(shown, 0), 0)
    cells = by_place(weight if weight.sum() else where.astype(np.float64))
    row, column = np.unravel_index(int(cells.argmax()), cells.shape)
    found = PLACES[row][column]
    if cells.max() >= _GATHERED * cells.sum():
        return found
    return Text(en=f"several parts, most of all {found.en}", hi=f"कई हिस्से, सबसे ज़्यादा {found.hi}")


def sentence(told: Told) -> Text:
    """The sentence; a map that points at nothing, or at what does not matter, is said to."""
    return Text(en=_english(told), hi=_hindi(told))


def _english(told: Told) -> str:
    said = f"The model says “{told.asked}” ({told.probability:.2f})"
    if told.asked != told.top:
        said = (
            f"The model gives “{told.asked}” {told.probability:.2f} and says “{told.top}” ({told.top_probability:.2f})"
        )
    if told.share == 0:
        return f"{said}; this method marks nothing that speaks for “{told.asked}”."
    why = f"mainly because of {told.place.en} of the picture"
    if told.asked != told.top:
        why = f"for “{told.asked}” speaks mainly {told.place.en} of the picture"
    if told.fall < _UNMOVED:
        return f"{said}; this method marks {told.place.en} of the picture, but with that hidden, “{told.asked}” stays at {told.hidden_probability:.2f}: do not rely on it."
    after = f"it says “{told.hidden_top}” ({told.hidden_top_probability:.2f})"
    if told.hidden_top == told.asked:
        after = f"“{told.asked}” falls to {told.hidden_probability:.2f}"
    return f"{said}, {why}; with that hidden, {after}."


def _hindi(told: Told) -> str:
    said = f"मॉडल का अनुमान है “{told.asked}” ({told.probability:.2f})"
    if told.asked != told.top:
        said = f"मॉडल “{told.asked}” को {told.probability:.2f} देता है और उसका अनुमान है “{told.top}” ({told.top_probability:.2f})"
    if told.share == 0:
        return f"{said}; यह तरीका “{told.asked}” के पक्ष में कुछ नहीं दिखाता।"
    why = f"मुख्य वजह: तस्वीर का {told.place.hi}"
    if told.fall < _UNMOVED:
        return f"{said}; यह तरीका तस्वीर में {told.place.hi} दिखाता है, पर उसे छिपाने पर भी “{told.asked}” {told.hidden_probability:.2f} रहता है: इस पर भरोसा न करें।"
    after = f"मॉडल कहता है “{told.hidden_top}” ({told.hidden_top_probability:.2f})"
    if told.hidden_top == told.asked:
        after = f"“{told.asked}” घटकर {told.hidden_probability:.2f} रह जाता है"
    return f"{said}, {why}; उसे छिपाने पर {after}।"
