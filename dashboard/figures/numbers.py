"""Numbers, durations and sizes as people read them, in both languages."""

from __future__ import annotations

import math

from data.text import Language, Text

_SECONDS = Text(en="{n} s", hi="{n} सेकंड")
_MINUTES = Text(en="{n} min", hi="{n} मिनट")
_MINUTES_SECONDS = Text(en="{n} min {s} s", hi="{n} मिनट {s} सेकंड")
_HOURS = Text(en="{n} h {m} min", hi="{n} घंटे {m} मिनट")
_DAYS = Text(en="{n} d {h} h", hi="{n} दिन {h} घंटे")


def number(value: float, digits: int = 4) -> str:
    """A value with `digits` significant digits: 0.1424, 12.35, 5.2e-07, NaN, ∞."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}".replace("-", "−")
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits - 2}e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}".replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign; a plain hyphen for less, which `st.metric` reads as a fall."""
    return ("+" if value > 0 else "") + number(value, digits).replace("−", "-")


def duration(seconds: float, language: Language) -> str:
    """A span of time in two units at most."""
    s = max(0, round(seconds))
    if seconds < 10 and seconds != s:
        return _SECONDS.format(n=f"{max(0.0, seconds):.1f}").to(language)
    if s < 60:
        return _SECONDS.format(n=s).to(language)
    if s < 3600:
        text = _MINUTES_SECONDS if s % 60 and s < 600 else _MINUTES
        return text.format(n=s // 60, s=s % 60).to(language)
    if s < 86_400:
        return _HOURS.format(n=s // 3600, m=s % 3600 // 60).to(language)
    return _DAYS.format(n=s // 86_400, h=s % 86_400 // 3600).to(language)


def size(octets: float) -> str:
    """Bytes in binary units, the same in both languages."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if octets < 1024 or unit == "GiB":
            return f"{octets:.0f} {unit}" if unit == "B" or octets >= 100 else f"{octets:.1f} {unit}"
        octets /= 1024
    raise AssertionError("unreachable")
