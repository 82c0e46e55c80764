"""Asking a kept question again and comparing the answers, bit by bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.explain.records import Record, versions
from data.text import Text

_OF_THE_CLOCK = ("seconds",)
_WEIGHTS = Text(en="weights", hi="वज़न")


@dataclass(frozen=True)
class Replay:
    """What a replay found: `differs` names the numbers that are not the same bits, `changed` what is not as it was then."""

    id: str
    differs: tuple[str, ...]
    changed: tuple[str, ...]
    compared: int

    @property
    def identical(self) -> bool:
        """Whether every number is the same to the last bit."""
        return not self.differs

    @property
    def text(self) -> Text:
        """The finding in one sentence."""
        if self.identical:
            return Text(
                en=f"Asked again, all {self.compared} numbers of {self.id} are the same to the last bit.",
                hi=f"दोबारा पूछने पर {self.id} की सभी {self.compared} संख्याएँ आख़िरी बिट तक वही हैं।",
            )
        some, why = ", ".join(self.differs[:4]), ", ".join(self.changed)
        in_hindi = ", ".join(_WEIGHTS.hi if one == _WEIGHTS.en else one for one in self.changed)
        because = Text(en=f"; since then changed: {why}", hi=f"; तब से बदला: {in_hindi}") if why else Text(en="", hi="")
        return Text(
            en=f"Asked again, {len(self.differs)} of {self.compared} numbers of {self.id} differ ({some}){because.en}.",
            hi=f"दोबारा पूछने पर {self.id} की {self.compared} में से {len(self.differs)} संख्याएँ अलग हैं ({some}){because.hi}।",
        )


def request_of(record: Record) -> dict[str, Any]:
    """The question of a record, as it is asked again: nothing new is kept."""
    return {**record.asked, "record": False}


def compared(
    record: Record, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, weights: str | None = None
) -> Replay:
    """What of a new answer differs from the kept one."""
    before, after = _numbers(record.answered, ""), _numbers(values, "")
    differs = [name for name in sorted({*before, *after}) if before.get(name, None) != after.get(name, None)]
    kept, count = record.answered_arrays(), len(before)
    for name in sorted({*kept, *arrays}):
        a, b = kept.get(name), arrays.get(name)
        count += 0 if a is None else a.size
        if (
            a is None
            or b is None
            or a.dtype != b.dtype
            or a.shape != b.shape
            or a.tobytes() != np.ascontiguousarray(b).tobytes()
        ):
            differs.append(name)
    now = versions()
    changed = [
        f"{name} {then} → {now.get(name, '–')}" for name, then in record.versions.items() if now.get(name) != then
    ]
    if weights is not None and weights != record.weights:
        changed.append(_WEIGHTS.en)
    return Replay(record.id, tuple(differs), tuple(changed), count)


def _numbers(value: Any, name: str) -> dict[str, Any]:
    """Every number and word of plain values by its place, without what the clock made."""
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if key not in _OF_THE_CLOCK:
                found |= _numbers(inner, f"{name}/{key}" if name else str(key))
        return found
    if isinstance(value, list | tuple):
        return {place: inner for k, one in enumerate(value) for place, inner in _numbers(one, f"{name}/{k}").items()}
    return {name: repr(value)}
