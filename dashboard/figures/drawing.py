"""What every figure function returns: the figure, the same in words, and the same as a table.

A figure is kept as the plain dictionary that Plotly's library reads. Plotly's Python objects check each property as it is
set, which costs more than all the rest of a refresh; so they are made only where somebody wants one (`figure`), in the
tests above all, where they prove that the dictionary is a valid figure.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True)
class Drawing:
    """A figure with its twins: `alt` for those who hear the page, `table` for those who want the numbers.

    `spec` holds "data" (traces), "layout" and, when it moves, "frames"; `notes` are sentences on what the figure cannot show (values without a
    logarithm, points that are no numbers).
    """

    spec: dict[str, Any]
    alt: str
    make_table: Callable[[], pd.DataFrame]
    notes: tuple[str, ...] = ()

    @cached_property
    def figure(self) -> go.Figure:
        """The figure as a Plotly object, every property checked."""
        return go.Figure(self.spec)

    @cached_property
    def table(self) -> pd.DataFrame:
        """What is drawn, as rows."""
        return self.make_table()

    def json(self) -> str:
        """The figure as Plotly's library reads it; arrays as base64 of 4 bytes a value."""
        return json.dumps(_on_the_wire(self.spec), ensure_ascii=False, separators=(",", ":"))


def _on_the_wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _on_the_wire(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, np.ndarray):
        return _packed(value)
    if isinstance(value, list | tuple):
        return [_on_the_wire(inner) for inner in value]
    return value.item() if isinstance(value, np.generic) else value


def _packed(array: npt.NDArray[Any]) -> dict[str, str] | list[Any]:
    """Whole numbers exact in 32 bits, others with the 7 digits of a 32-bit float: more than a screen can show."""
    if array.dtype.kind not in "fiu" or array.ndim != 1:
        return list(array.tolist())
    with np.errstate(over="ignore", invalid="ignore"):
        whole, short = array.astype(np.int32), array.astype(np.float32)
    if np.array_equal(whole, array):
        return _encoded("i4", whole.tobytes())
    if np.array_equal(np.isfinite(short), np.isfinite(array)):
        return _encoded("f4", short.tobytes())
    return _encoded("f8", array.astype(np.float64).tobytes())  # 1e300 does not fit into a short float


def _encoded(kind: str, content: bytes) -> dict[str, str]:
    return {"dtype": kind, "bdata": base64.b64encode(content).decode("ascii")}


def trace_values(trace: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The x and y values of a trace, however they are held."""
    return np.asarray(trace.x, dtype=np.float64), np.asarray(trace.y, dtype=np.float64)


def size_in_bytes(drawing: Drawing) -> int:
    """What the figure costs on the wire, before compression."""
    return len(json.dumps(drawing.json()).encode())
