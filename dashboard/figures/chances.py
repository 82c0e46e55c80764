"""Chances of tokens as lines of text: a bar, a share, and the token last, so that lines stand straight in any script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CELLS = 16
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float) -> str:
    """A share in 0 … 1 as `CELLS` characters, exact to an eighth of one."""
    eighths = round(min(max(share, 0.0), 1.0) * CELLS * 8)
    whole, rest = divmod(eighths, 8)
    drawn = "█" * whole + (_EIGHTHS[rest] if rest else "")
    return drawn.ljust(CELLS)


def bars(expected: Sequence[Mapping[str, Any]]) -> str:
    """A line for each `{"token": …, "chance": …}`, in their order."""
    return "\n".join(f"{bar(one['chance'])} {one['chance']:6.1%}  {one['token']}" for one in expected)
