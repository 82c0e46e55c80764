"""Whether attention finds the object, over many pictures: the pointing game (J. Zhang and others, 2016, arXiv:1608.00507, section 4.1).

A picture counts as a hit when its most attended patch shows some of the object; the object is what stands out from the edge of the picture,
which needs one shade all around (emoji, digits, drawings). Objects stand in the middle, so beside chance (any patch) stands a blind rule: always
the middle. Pictures are [colours, height, width] in [-1, 1]; patches at their right and lower edge may reach beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FEWEST = 10
"""Pictures with an object, without which nothing is said."""
_STANDS_OUT = 0.25
_EVEN_EDGE = 0.8
_COVERS = 0.9


@dataclass(frozen=True)
class Cut:
    """How a picture is cut: rows and columns of patches of `patch` pixels."""

    rows: int
    columns: int
    patch: int

    def laid(self, weights: npt.NDArray[np.floating]) -> Array:
        """Weights of the patches [rows * columns] as a map [rows, columns]."""
        return np.asarray(weights, dtype=np.float64).reshape(self.rows, self.columns)

    def middle(self) -> list[int]:
        """Numbers of the one, two or four patches in the middle."""
        rows, columns = ({(count - 1) // 2, count // 2} for count in (self.rows, self.columns))
        return [row * self.columns + column for row in sorted(rows) for column in sorted(columns)]


def standing_out(x: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """The pixels [height, width] that differ from the picture's edge, its background."""
    edge = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)
    found: npt.NDArray[np.bool_] = np.abs(x - np.median(edge, axis=1)[:, None, None]).max(axis=0) > _STANDS_OUT
    return found


def foreground(x: npt.NDArray[np.floating], cut: Cut) -> Array:
    """Share of each patch [rows, columns] that stands out."""
    _, height, width = x.shape
    out = np.zeros((cut.rows * cut.patch, cut.columns * cut.patch))
    out[:height, :width] = standing_out(x)
    inside = np.zeros_like(out)
    inside[:height, :width] = 1
    shape = (cut.rows, cut.patch, cut.columns, cut.patch)
    share: Array = out.reshape(shape).sum(axis=(1, 3)) / np.maximum(inside.reshape(shape).sum(axis=(1, 3)), 1)
    return share


def has_object(x: npt.NDArray[np.floating]) -> bool:
    """Whether something stands out from an edge of one shade, without filling the picture."""
    out = standing_out(x)
    edge = np.concatenate([out[0], out[-1], out[:, 0], out[:, -1]])
    return bool(out.any() and edge.mean() <= 1 - _EVEN_EDGE and out.mean() <= _COVERS)


@dataclass(frozen=True)
class Score:
    """Hits, shares of `pictures`: `attention` [...] for each way of looking, of any patch, and of the middle."""

    attention: Array
    chance: float
    middle: float
    pictures: int


def pointing(x: npt.NDArray[np.floating], looked: npt.NDArray[np.floating], cut: Cut) -> Score | None:
    """The pointing game of pictures [items, …] with weights of their patches [items, ..., patches]; None with too few objects."""
    chosen = [k for k in range(len(x)) if has_object(x[k])]
    if len(chosen) < FEWEST:
        return None
    shows = np.stack([foreground(x[k], cut).ravel() > 0 for k in chosen])  # [pictures, patches]
    most = looked[chosen].argmax(axis=-1)  # [pictures, ...]
    hit = np.take_along_axis(shows, most.reshape(len(chosen), -1), axis=1).reshape(most.shape)
    return Score(hit.mean(axis=0), float(shows.mean()), float(shows[:, cut.middle()].mean()), len(chosen))


def on_object(x: npt.NDArray[np.floating], weights: Array, cut: Cut) -> tuple[float, float]:
    """Share of weights [rows, columns] that falls on what stands out of one picture, and the same of evenly shared ones."""
    share = foreground(x, cut)
    return float((weights * share).sum() / max(float(weights.sum()), 1e-12)), float(share.mean())
