"""Numbers, times and sizes in the words of the language on screen. Digits stay plain; grouping follows the language."""

from __future__ import annotations

import math
import time

from babel.numbers import format_decimal

from dashboard.ui.language import current, known, t

LOCALE = {"en": "en", "hi": "hi_IN"}
_UNITS = ("B", "KiB", "MiB", "GiB")
_STEPS = ((60.0, 1.0, "seconds"), (3600.0, 60.0, "minutes"), (86_400.0, 3600.0, "hours"), (math.inf, 86_400.0, "days"))


def number(value: float, digits: int = 3) -> str:
    """A number in prose: whole numbers grouped (12,34,567 in Hindi), others to `digits` significant figures."""
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return str(format_decimal(int(value), locale=LOCALE[current()]))
    shown = f"{value:.{digits}g}"
    return shown if "e" in shown else str(format_decimal(float(shown), "#,##0.##########", locale=LOCALE[current()]))


def duration(seconds: float) -> str:
    """A span of time in its two largest units: "3 min 20 s"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return t("frame.duration.s", s=whole)
    if whole < 3600:
        return t("frame.duration.min", min=whole // 60, s=whole % 60)
    if whole < 86_400:
        return t("frame.duration.h", h=whole // 3600, min=whole % 3600 // 60)
    return t("frame.duration.d", d=whole // 86_400, h=whole % 86_400 // 3600)


def ago(moment: float, *, now: float | None = None) -> str:
    """How long ago a Unix time was: "2 minutes ago"."""
    passed = max(0.0, (time.time() if now is None else now) - moment)
    if passed < 5:
        return t("frame.ago.now")
    limit_unit = next((size, name) for limit, size, name in _STEPS if passed < limit)
    return t(f"frame.ago.{limit_unit[1]}", count=int(passed // limit_unit[0]))


def size(bytes_: float) -> str:
    """A size on disk or in memory: "3.4 MiB"."""
    exponent = next((power for power in range(3) if bytes_ < 1024 ** (power + 1)), 3)
    return f"{number(bytes_ / 1024**exponent, 3)} {_UNITS[exponent]}"


def unit(name: str) -> str:
    """A declaration's unit in the language on screen; symbols and unknown units stand as they are."""
    key = f"frame.unit.{name}"
    return t(key) if name and known(key) else name
