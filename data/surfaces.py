"""Surfaces that points are drawn on evenly by area: flat quadrilaterals, lathed bands, spheres, tori, extruded glyphs.

Right-handed axes: x to the right, y away from the viewer, z up. A `Solid` is a list of surfaces. Drawing is exact: each
surface is chosen in proportion to its area, and on each the density is constant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Vector = tuple[float, float, float]


class Surface(Protocol):
    """Something with an area that points [count, 3] can be drawn on."""

    @property
    def area(self) -> float:
        """The area."""
        ...

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """Points [count, 3], evenly by area."""
        ...


Solid = Sequence[Surface]


@dataclass(frozen=True)
class Quad:
    """The parallelogram corner + u first + v second, or half of it: the triangle u + v <= 1."""

    corner: Vector
    first: Vector
    second: Vector
    half: bool = False

    @property
    def area(self) -> float:
        """|first × second|, or half."""
        (a, b, c), (d, e, f) = self.first, self.second
        return math.hypot(b * f - c * e, c * d - a * f, a * e - b * d) * (0.5 if self.half else 1.0)

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """Even in (u, v); for the triangle the upper half is folded onto the lower."""
        u, v = generator.random((2, count, 1))
        if self.half:
            over = u + v > 1
            u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
        drawn: Floats = np.array(self.corner) + u * np.array(self.first) + v * np.array(self.second)
        return drawn


@dataclass(frozen=True)
class Band:
    """Turned on a lathe about the vertical through (x, y): radius `below` at z `low` to radius `above` at z `high`.

    With equal heights it is a disc or ring, with equal radii the side of a cylinder, else the side of a cone.
    """

    below: float
    above: float
    low: float
    high: float
    x: float = 0.0
    y: float = 0.0

    @property
    def area(self) -> float:
        """Pi (r + R) times the slant height."""
        slant = float(np.hypot(self.high - self.low, self.above - self.below))
        return float(np.pi) * (self.below + self.above) * slant

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """The share of the way up has a density proportional to the radius: r² is even between the two squares."""
        u, turn = generator.random(count), 2 * np.pi * generator.random(count)
        if self.below == self.above:
            share, radius = u, np.full(count, self.below)
        else:
            radius = np.sqrt(self.below**2 + u * (self.above**2 - self.below**2))
            share = (radius - self.below) / (self.above - self.below)
        z = self.low + share * (self.high - self.low)
        return np.stack([self.x + radius * np.cos(turn), self.y + radius * np.sin(turn), z], axis=1)


@dataclass(frozen=True)
class Sphere:
    """About the origin."""

    radius: float

    @property
    def area(self) -> float:
        """4 pi r²."""
        return float(4 * np.pi * self.radius**2)

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """Archimedes: the height is even."""
        z, turn = generator.uniform(-1, 1, count), 2 * np.pi * generator.random(count)
        flat = np.sqrt(1 - z**2)
        return self.radius * np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)


@dataclass(frozen=True)
class Torus:
    """Lying flat about the origin: a tube of radius `tube` around a circle of radius `ring`."""

    ring: float
    tube: float

    @property
    def area(self) -> float:
        """4 pi² R r (Pappus)."""
        return float(4 * np.pi**2 * self.ring * self.tube)

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """The angle around the tube has density (R + r cos a) / (2 pi R), drawn by inverting its distribution."""
        grid = np.linspace(0, 2 * np.pi, 2049)
        around = np.interp(generator.random(count), (grid + self.tube / self.ring * np.sin(grid)) / (2 * np.pi), grid)
        turn = 2 * np.pi * generator.random(count)
        reach = self.ring + self.tube * np.cos(around)
        return np.stack([reach * np.cos(turn), reach * np.sin(turn), self.tube * np.sin(around)], axis=1)


@dataclass(frozen=True)
class Glyph:
    """A drawn sign `ink` [rows, columns] in 0..1, standing upright, one unit wide and high, extruded by `depth` along y.

    Front and back are where the ink is; the rim has the length of the outline, which is the integral of the slope
    of the ink (coarea formula).
    """

    ink: Floats
    depth: float

    @property
    def area(self) -> float:
        """Both faces and the rim."""
        return float(2 * self._face + self.depth * self._slope.sum())

    @cached_property
    def _face(self) -> float:
        return float(self.ink.sum()) / self.ink.size

    @cached_property
    def _slope(self) -> Floats:
        down, across = np.gradient(self.ink)
        slope: Floats = np.hypot(down, across) / len(self.ink)
        return slope

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """Pixels in proportion to ink or slope, and anywhere in the pixel."""
        on_face = generator.random(count) < 2 * self._face / self.area
        side = np.where(generator.random(count) < 0.5, -0.5, 0.5)
        away = np.where(on_face, side, generator.uniform(-0.5, 0.5, count)) * self.depth
        place = np.where(on_face, _chosen(generator, self.ink, count), _chosen(generator, self._slope, count))
        row, column = np.divmod(place, self.ink.shape[1])
        x = (column + generator.random(count)) / self.ink.shape[1] - 0.5
        z = 0.5 - (row + generator.random(count)) / self.ink.shape[0]
        return np.stack([x, away, z], axis=1)


def _chosen(generator: np.random.Generator, weight: Floats, count: int) -> npt.NDArray[np.int64]:
    whole = np.cumsum(weight.ravel())
    found: npt.NDArray[np.int64] = np.searchsorted(whole, generator.random(count) * whole[-1], side="right")
    return found


def box(low: Vector, high: Vector) -> list[Surface]:
    """The six faces of an upright box."""
    (x, y, z), (a, b, c) = low, [top - bottom for bottom, top in zip(low, high, strict=True)]
    wide, deep, tall = (a, 0.0, 0.0), (0.0, b, 0.0), (0.0, 0.0, c)
    return [
        Quad(low, wide, deep), Quad((x, y, z + c), wide, deep), Quad(low, wide, tall), Quad((x, y + b, z), wide, tall),
        Quad(low, deep, tall), Quad((x + a, y, z), deep, tall),
    ]  # fmt: skip


def drawn_on(solid: Solid, generator: np.random.Generator, count: int) -> Floats:
    """`count` points [count, 3] on all surfaces of a solid, evenly by area."""
    areas = np.array([surface.area for surface in solid])
    shares = generator.multinomial(count, areas / areas.sum())
    return np.concatenate([surface.draw(generator, int(share)) for surface, share in zip(solid, shares, strict=True)])
