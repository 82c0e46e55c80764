"""A scene puts every shape in its own place on the floor, and its animation ends on what is shown."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from dashboard.figures.scenes import SPACING, places, scene


def _walk() -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).uniform(-1, 1, (4, 5, 30, 3)).astype(np.float32)


def test_places_are_a_grid_about_the_middle_and_far_enough_apart() -> None:
    for count in (1, 2, 4, 5, 9, 16):
        found = places(count)
        gaps = np.linalg.norm(found[:, None] - found, axis=2) + np.eye(count) * 99
        assert count == 1 or gaps.min() == SPACING
        assert np.abs(found).max() < SPACING * np.sqrt(count)
    assert np.allclose(places(4).mean(axis=0), 0)


def test_every_shape_stands_on_the_floor_in_the_end() -> None:
    drawing = scene(_walk(), list("abcde"))
    shapes = [trace for trace in drawing.spec["data"] if trace["type"] == "scatter3d"]
    assert [trace["name"] for trace in shapes] == list("abcde")
    assert all(min(trace["z"]) == 0 for trace in shapes)
    assert len(drawing.table) == 5 and "a, b, c, d, e" in drawing.alt


def test_the_animation_has_a_frame_a_stage_and_ends_on_what_is_seen_first() -> None:
    drawing = scene(_walk(), list("abcde"), language="hi")
    frames = drawing.spec["frames"]
    assert len(frames) == 4 and len(frames[0]["data"]) == 5
    for shown, ended in zip(drawing.spec["data"], frames[-1]["data"], strict=False):
        assert shown["x"] == ended["x"] and shown["z"] == ended["z"]
    assert len(drawing.spec["layout"]["sliders"][0]["steps"]) == 4
    assert "frames" not in scene(_walk()[-1:], list("abcde")).spec


def test_it_is_a_figure_that_plotly_accepts_and_that_is_not_too_large() -> None:
    walk = np.random.default_rng(0).normal(size=(8, 8, 256, 3)).astype(np.float32) * 40  # far outliers as well
    drawing = scene(walk, [str(k) for k in range(8)], dark=True)
    assert len(drawing.figure.frames) == 8
    assert len(json.dumps(drawing.spec)) < 600_000
