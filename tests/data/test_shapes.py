"""Points lie on the surfaces they are drawn on, evenly by area."""

from __future__ import annotations

import numpy as np
import pytest

from data import solids
from data.datasets import shapes
from data.surfaces import Band, Glyph, Quad, Sphere, Torus, box, drawn_on


def test_areas_are_those_of_geometry() -> None:
    assert sum(face.area for face in box((0, 0, 0), (1, 2, 3))) == pytest.approx(22)
    assert Quad((0, 0, 0), (3, 0, 0), (0, 4, 0), half=True).area == pytest.approx(6)
    assert Band(2, 2, 0, 5).area == pytest.approx(20 * np.pi)
    assert Band(0, 2, 1, 1).area == pytest.approx(4 * np.pi)
    assert Band(3, 0, 0, 4).area == pytest.approx(15 * np.pi)
    assert Sphere(2).area == pytest.approx(16 * np.pi)
    assert Torus(3, 1).area == pytest.approx(12 * np.pi**2)


def test_points_are_even_by_area() -> None:
    generator = np.random.default_rng(0)
    ball = Sphere(1).draw(generator, 40_000)
    assert np.allclose(np.linalg.norm(ball, axis=1), 1)
    assert (ball**2).mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.01)
    ring = Torus(1, 0.5).draw(generator, 40_000)
    across = np.hypot(ring[:, 0], ring[:, 1])
    assert np.allclose(np.hypot(across - 1, ring[:, 2]), 0.5)
    assert across.mean() == pytest.approx(1 + 0.5**2 / 2, abs=0.01)  # the outer half has more area
    cone = Band(1, 0, 0, 1).draw(generator, 40_000)
    assert np.allclose(np.hypot(cone[:, 0], cone[:, 1]), 1 - cone[:, 2])
    assert cone[:, 2].mean() == pytest.approx(1 / 3, abs=0.01)
    triangle = Quad((0, 0, 0), (1, 0, 0), (0, 1, 0), half=True).draw(generator, 40_000)
    assert triangle.sum(axis=1).max() <= 1 and triangle.mean(axis=0) == pytest.approx([1 / 3, 1 / 3, 0], abs=0.01)


def test_surfaces_get_points_in_proportion_to_their_areas() -> None:
    points = drawn_on(box((0, 0, 0), (1, 1, 4)), np.random.default_rng(0), 36_000)
    ends = (points[:, 2] == 0) | (points[:, 2] == 4)
    assert ends.mean() == pytest.approx(2 / 18, abs=0.01)


def test_an_extruded_square_has_the_faces_and_the_rim_of_a_plate() -> None:
    ink = np.zeros((64, 64))
    ink[16:48, 16:48] = 1
    plate = Glyph(ink, 0.25)
    assert plate.area == pytest.approx(2 * 0.25 + 0.25 * 2.0, rel=0.03)
    points = plate.draw(np.random.default_rng(0), 20_000)
    assert np.abs(points[:, [0, 2]]).max() <= 0.25 + 1.5 / 64
    assert (np.abs(points[:, 1]) == 0.125).mean() == pytest.approx(0.5, abs=0.03)


def test_letters_stand_upright_and_read_from_the_front() -> None:
    (glyph,) = solids.glyph("K")(np.random.default_rng(0))
    points = glyph.draw(np.random.default_rng(0), 5000)
    left = (points[:, 0] < -0.15).mean()
    assert left > 0.3 and (points[:, 0] > 0.15).mean() < left  # the stem of a K is on the left
    (glyph,) = solids.glyph("4")(np.random.default_rng(0))
    points = glyph.draw(np.random.default_rng(0), 5000)
    assert np.ptp(points[points[:, 2] > 0.35][:, 0]) < np.ptp(points[np.abs(points[:, 2] + 0.15) < 0.1][:, 0])


def test_shapes_fill_the_cube_and_are_turned_as_asked() -> None:
    found = shapes.load(shapes.ShapesConfig(group="furniture", items=4, points=200, turn=0))
    assert found.classes == ("table", "chair", "lamp", "shelf") and found.shape == (200, 3)
    extent = found.train.x.max(axis=1) - found.train.x.min(axis=1)
    assert np.allclose(extent.max(axis=1), 2, atol=1e-5)
    assert extent[1, 2] == pytest.approx(2, abs=1e-5)  # a chair is taller than wide
    assert set(shapes.DATASET.class_titles) >= set(found.classes)
