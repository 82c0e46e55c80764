"""Names of notes and their frequencies: equal temperament with A4 at 440 Hz (ISO 16).

A class of sounds whose name ends in a note, such as "flute A4", says at which pitch it should be heard.
"""

from __future__ import annotations

import re

A4_HZ = 440.0
_SEMITONES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
_NOTE = re.compile(r"(?:^|\s)([A-G])(#|b)?(-?\d)$")


def frequency_hz(name: str) -> float | None:
    """The frequency of the note that `name` ends in; None when it ends in none."""
    found = _NOTE.search(name)
    if found is None:
        return None
    letter, accidental, octave = found.groups()
    shift = {"#": 1, "b": -1, None: 0}[accidental]
    return float(A4_HZ * 2 ** ((_SEMITONES[letter] + shift) / 12 + int(octave) - 4))
