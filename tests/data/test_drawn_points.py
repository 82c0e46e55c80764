"""What a person draws stays what it is when it becomes points, and what is no drawing is refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from data import drawings
from data.datasets.drawn_points import DrawnPointsConfig, load
from data.text import Problem

GENERATOR = np.random.default_rng(0)
SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]


def _config(strokes: object, **more: object) -> DrawnPointsConfig:
    return DrawnPointsConfig(drawing=json.dumps(strokes), **more)


def test_a_ring_stays_a_ring() -> None:
    angles = np.linspace(0, 2 * np.pi, 200)
    ring = [(np.stack([300 + 90 * np.cos(angles), 120 + 90 * np.sin(angles)], axis=1)).tolist()]
    found = load(_config(ring, noise=0.01))
    radius = np.linalg.norm(found.train.x, axis=1)
    assert radius.mean() == pytest.approx(np.sqrt(2), rel=0.01) and radius.std() < 0.03  # std 1 along each axis
    sectors = np.bincount(((np.arctan2(*found.train.x.T) + np.pi) / (2 * np.pi) * 16).astype(int) % 16, minlength=16)
    assert sectors.min() > 0.9 * len(found.train) / 16
    assert (len(found.train), len(found.test)) == (4000, 2000) and found.classes == ()


def test_points_lie_along_a_stroke_by_its_length() -> None:
    points, _ = drawings.along([np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0]])], 400, GENERATOR)
    on_first = points[:, 1] == 0
    assert np.mean(on_first) == pytest.approx(0.75, abs=0.01)
    assert np.all(points[~on_first, 0] == 3) and points.min() >= 0 and points.max() <= 3


def test_points_inside_a_square_fill_it_evenly_and_those_along_it_leave_it_empty() -> None:
    filled, line = load(_config([SQUARE], where="inside")).train.x, load(_config([SQUARE])).train.x
    reach = np.abs(filled).max()
    middle = [np.mean(np.abs(x).max(axis=1) < reach / 2) for x in (filled, line)]
    assert middle[0] == pytest.approx(0.25, abs=0.05) and middle[1] == 0


def test_what_is_drawn_at_the_top_of_the_screen_is_up() -> None:
    points = load(_config([[[0, 0], [10, 0]], [[5, 100], [5, 100], [6, 100]]])).train.x
    assert np.median(points[:, 1]) > 0 > points[:, 1].min()


def test_strokes_are_modes_where_none_is_tiny() -> None:
    two = load(_config([SQUARE, [[300, 0], [400, 0]]]))
    assert two.classes == ("1", "2") and two.train.y is not None
    assert np.mean(two.train.y == 1) == pytest.approx(0.2, abs=0.01)
    assert two.train.x[two.train.y == 1][:, 0].min() > two.train.x[two.train.y == 0][:, 0].max()
    assert load(_config([SQUARE, [[300, 0], [301, 0]]])).classes == ()


def test_where_shapes_overlap_the_later_one_owns_the_place() -> None:
    inner = [[25, 25], [75, 25], [75, 75], [25, 75]]
    _, owners = drawings.inside([np.array(SQUARE, float), np.array(inner, float)], 4000, GENERATOR)
    assert np.mean(owners == 1) == pytest.approx(0.25, abs=0.03)
    hidden = load(_config([inner, SQUARE], where="inside"))
    assert hidden.classes == ()


def test_the_same_drawing_is_the_same_data_and_another_is_not() -> None:
    assert load(_config([SQUARE])).fingerprint == load(_config([SQUARE])).fingerprint
    assert load(_config([SQUARE])).fingerprint != load(_config([SQUARE[:3]])).fingerprint


def test_points_of_a_mask_fall_on_painted_pixels() -> None:
    mask = np.zeros((20, 30), dtype=bool)
    mask[3:5, 7:9] = True
    points, places = drawings.within(mask, 500, GENERATOR)
    assert mask[places[:, 1], places[:, 0]].all() and len(np.unique(places, axis=0)) == 4
    assert points[:, 0].min() >= 6.5 and points[:, 1].max() <= 4.5
    with pytest.raises(Problem, match="is empty"):
        drawings.within(np.zeros((4, 4), dtype=bool), 5, GENERATOR)


def test_a_drawing_is_kept_once_and_found_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path))
    text = drawings.as_text([np.array(SQUARE, float)])
    folder = drawings.default_folder()
    identity = drawings.keep(text, folder)
    assert drawings.keep(text, folder) == identity and len(list(folder.iterdir())) == 1
    assert load(DrawnPointsConfig(drawing=identity)).fingerprint == load(DrawnPointsConfig(drawing=text)).fingerprint
    with pytest.raises(Problem, match="not there any more"):
        load(DrawnPointsConfig(drawing="0" * 16))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_drawing"),
        ("a ring please", "not_a_drawing"),
        ("{}", "not_a_drawing"),
        ("[1, 2, 3]", "not_a_drawing"),
        ("[[1, 2], [3, 4]]", "not_a_drawing"),
        ('[[["0", 1], [2, 3], [4, 5]]]', "not_a_drawing"),
        ("[[[true, 1], [2, 3], [4, 5]]]", "not_a_drawing"),
        ("[[[1, 2, 3], [2, 3, 4], [4, 5, 6]]]", "not_a_drawing"),
        ("[" * 50_000, "not_a_drawing"),
        ("[[[" + "9" * 6000 + ", 0]]]", "not_a_drawing"),
        ("[[[" + "9" * 400 + ", 0], [1, 1], [2, 2]]]", "drawing_not_finite"),
        ("[[[NaN, 0], [1, 1], [2, 2]]]", "drawing_not_finite"),
        ("[[[1e999, 0], [1, 1], [2, 2]]]", "drawing_not_finite"),
        ("[[[1e7, 0], [1, 1], [2, 2]]]", "drawing_not_finite"),
        ("[]", "drawing_too_small"),
        ("[[]]", "drawing_too_small"),
        ("[[[5, 5], [5, 5], [5, 5]]]", "drawing_too_small"),
        ("[[" + "[0,1]," * 5001 + "[1,1]]]", "drawing_too_large"),
        (" " * 60_001, "drawing_too_large"),
        ("../../etc/passwd", "not_a_drawing"),
    ],
)
def test_what_is_no_drawing_is_refused_in_a_sentence(text: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        drawings.fetch(text, Path("nowhere"))
    assert (caught.value.code, caught.value.field) == (code, "drawing")
    assert caught.value.text.en.endswith(".") and caught.value.text.hi.endswith("।")


@pytest.mark.parametrize("where", ["along", "inside"])
def test_a_drawing_without_length_or_area_still_gives_finite_points(where: str) -> None:
    for strokes in ([[[0, 0]], [[5, 0]], [[0, 5]]], [[[0, 0], [1, 0], [2, 0]]]):
        found = load(_config(strokes, where=where))
        assert np.isfinite(found.train.x).all() and found.train.x.std() < 5
