"""What a request's function hands back to the worker that called it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Served:
    """An answer. `fresh` False asks for a new worker: a person's code has run here, or memory was measured."""

    values: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    fresh: bool = True


Several = Generator[Served, None, None]

Handler = Callable[[dict[str, Any], Arrays], Served | Several]
"""From plain values and arrays to an answer, or to several, each sent as soon as it is there."""
