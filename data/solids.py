"""Shapes with a name: bodies of geometry, plain furniture, letters and digits; proportions vary from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from data.surfaces import Band, Floats, Glyph, Quad, Solid, Sphere, Torus, box

FILE = Path(__file__).parent / "bundled" / "glyphs.npz"

Build = Callable[[np.random.Generator], Solid]
"""A random generator -> one shape, of any size and place."""


def cube(generator: np.random.Generator) -> Solid:
    """A box with almost equal edges."""
    a, b, c = generator.uniform(0.85, 1.0, 3)
    return box((-a / 2, -b / 2, -c / 2), (a / 2, b / 2, c / 2))


def ball(generator: np.random.Generator) -> Solid:
    """A sphere."""
    return [Sphere(1.0)]


def cone(generator: np.random.Generator) -> Solid:
    """A cone on its base."""
    height = generator.uniform(1.4, 2.2)
    return [Band(1.0, 0.0, 0.0, height), Band(0.0, 1.0, 0.0, 0.0)]


def cylinder(generator: np.random.Generator) -> Solid:
    """An upright cylinder."""
    height = generator.uniform(1.6, 2.6)
    return [Band(1.0, 1.0, 0.0, height), Band(0.0, 1.0, 0.0, 0.0), Band(0.0, 1.0, height, height)]


def torus(generator: np.random.Generator) -> Solid:
    """A ring that lies flat."""
    return [Torus(1.0, generator.uniform(0.25, 0.4))]


def pyramid(generator: np.random.Generator) -> Solid:
    """Four triangles on a square."""
    height = generator.uniform(1.0, 1.5)
    corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
    sides = [
        Quad((x, y, 0.0), (a - x, b - y, 0.0), (-x, -y, height), half=True)
        for (x, y), (a, b) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    return [*sides, Quad((-1.0, -1.0, 0.0), (2.0, 0.0, 0.0), (0.0, 2.0, 0.0))]


def table(generator: np.random.Generator) -> Solid:
    """A top on four legs."""
    wide, deep, tall = generator.uniform(0.9, 1.2), generator.uniform(0.6, 0.8), generator.uniform(0.9, 1.2)
    top = box((-wide, -deep, tall - 0.08), (wide, deep, tall))
    return [*top, *_legs(wide, deep, tall - 0.08, 0.07)]


def chair(generator: np.random.Generator) -> Solid:
    """A seat on four legs, and a back."""
    half, seat, back = generator.uniform(0.45, 0.55), generator.uniform(0.8, 0.95), generator.uniform(1.7, 2.0)
    plate = box((-half, -half, seat - 0.1), (half, half, seat))
    rest = box((-half, half - 0.1, seat), (half, half, back))
    return [*plate, *rest, *_legs(half, half, seat - 0.1, 0.06)]


def lamp(generator: np.random.Generator) -> Solid:
    """A foot, a pole and a shade."""
    tall, shade = generator.uniform(1.9, 2.3), generator.uniform(0.55, 0.7)
    foot = [Band(0.4, 0.4, 0.0, 0.08), Band(0.0, 0.4, 0.08, 0.08)]
    return [*foot, Band(0.06, 0.06, 0.08, tall), Band(shade, 0.3, tall - 0.65, tall)]


def shelf(generator: np.random.Generator) -> Solid:
    """Two sides and four boards."""
    half, tall, deep = generator.uniform(0.5, 0.65), generator.uniform(1.8, 2.1), 0.25
    sides = [*box((-half, -deep, 0.0), (-half + 0.06, deep, tall)), *box((half - 0.06, -deep, 0.0), (half, deep, tall))]
    boards = [
        face for k in range(4) for face in box((-half, -deep, k * tall / 3.2), (half, deep, k * tall / 3.2 + 0.06))
    ]
    return [*sides, *boards]


def glyph(sign: str) -> Build:
    """A letter or digit, cut out of a board."""

    def cut(generator: np.random.Generator) -> Solid:
        return [Glyph(_glyphs()[sign], generator.uniform(0.15, 0.25))]

    return cut


def _legs(wide: float, deep: float, tall: float, thick: float) -> Solid:
    return [
        face
        for x in (-wide, wide - 2 * thick)
        for y in (-deep, deep - 2 * thick)
        for face in box((x, y, 0.0), (x + 2 * thick, y + 2 * thick, tall))
    ]


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, Floats]:
    """The ink of each sign [64, 64], 0..1."""
    with np.load(FILE) as arrays:
        return dict(zip(arrays["names"].tolist(), arrays["glyphs"] / 255.0, strict=True))
