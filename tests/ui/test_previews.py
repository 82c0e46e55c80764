"""Pictures of data sets: the right tiles in the right places, dots where the points are."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
import pytest

from dashboard.ui import sketches
from dashboard.ui.previews import COLUMNS, ROWS, SAID, WIDTH_PX, filmstrips, made, mosaic, scatter
from data.texts import windows


def test_tiles_stand_in_reading_order_with_a_gap_between() -> None:
    shades = np.linspace(-1, 1, ROWS * COLUMNS, dtype=np.float32)
    picture = mosaic(np.broadcast_to(shades[:, None, None, None], (len(shades), 1, 4, 4)))
    pixels = np.asarray(picture)
    factor = round(WIDTH_PX / (COLUMNS * 5 - 1))
    assert pixels.shape == ((ROWS * 5 - 1) * factor, (COLUMNS * 5 - 1) * factor)
    expected = ((shades + 1) * 127.5).astype(np.uint8).reshape(ROWS, COLUMNS)
    assert np.array_equal(pixels[:: 5 * factor, :: 5 * factor], expected)
    assert not pixels[4 * factor : 5 * factor].any() and not pixels[:, 4 * factor : 5 * factor].any()


@pytest.mark.parametrize("count", [1, 3, 8, 11, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_images_makes_a_picture(count: int, channels: int) -> None:
    picture = mosaic(np.zeros((count, channels, 6, 9), dtype=np.float32))
    assert picture.mode == ("L" if channels == 1 else "RGB")
    assert picture.width >= picture.height / 10 and picture.width <= 2 * WIDTH_PX


def test_points_keep_their_shape_and_fill_the_picture() -> None:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)
    ink = np.asarray(scatter(corners))[:, :, 3] > 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    height, width = rows[-1] - rows[0], columns[-1] - columns[0]
    assert abs(height - width) <= 2
    assert height > 0.85 * ink.shape[0]


def test_one_point_many_times_is_no_division_by_zero() -> None:
    assert np.asarray(scatter(np.ones((5, 2), dtype=np.float32)))[:, :, 3].any()


def _facts(kind: str, items: np.ndarray[Any, Any], **more: Any) -> dict[str, Any]:
    plain = {"kind": kind, "train": 9, "test": 3, "shape": items.shape[1:], "classes": [], "captions": 0, "rate_hz": 0}
    return {**plain, **more}


def test_pictures_on_white_are_parted_by_white() -> None:
    pixels = np.asarray(mosaic(np.ones((4, 3, 8, 8), dtype=np.float32)))
    assert (pixels == 255).all()


def test_the_captions_under_a_picture_are_those_of_its_first_tiles() -> None:
    shades = np.linspace(-1, 1, 100, dtype=np.float32)
    said = [{"en": f"shade {k}", "hi": f"रंग {k}"} for k in range(100)]
    items = np.broadcast_to(shades[:, None, None, None], (100, 1, 4, 4))
    found = made(_facts("image", items, captions=100, said=said), items)
    first = np.linspace(0, 99, ROWS * COLUMNS).round().astype(int)[:SAID]
    assert [one.hi for one in found.said] == [f"रंग {k}" for k in first] and found.captions == 100


def test_a_pure_tone_is_one_line_at_its_frequency() -> None:
    rate_hz, tone_hz = 8000, 1000
    samples = np.sin(2 * np.pi * tone_hz * np.arange(rate_hz) / rate_hz)
    levels = sketches.spectrogram_db(samples)
    step_hz = rate_hz / 256
    assert (levels.argmax(axis=0) * step_hz == tone_hz).all() and levels.max() == 0
    far = np.abs(np.arange(len(levels)) * step_hz - tone_hz) > 200
    assert (levels[far] <= -60 + 1e-9).all()
    assert (sketches.spectrogram_db(np.zeros(300)) == -60).all()


def test_sounds_are_played_as_they_are_one_after_the_other() -> None:
    items = np.stack([np.full((1, 800), 0.5), np.full((1, 800), -0.25)]).astype(np.float32)
    found = made(_facts("audio", items, rate_hz=8000), items)
    assert found.wav is not None
    with wave.open(io.BytesIO(found.wav)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32767
    assert np.allclose(samples[:800], 0.5, atol=1e-4) and not samples[800:2800].any()
    assert np.allclose(samples[2800:3600], -0.25, atol=1e-4)


@pytest.mark.parametrize("count", [1, 4, 5, 20])
def test_sounds_and_clouds_fill_their_tiles(count: int) -> None:
    generator = np.random.default_rng(0)
    for picture in (
        sketches.sounds(generator.uniform(-1, 1, (count, 1, 1000)).astype(np.float32)),
        sketches.clouds(generator.normal(size=(count, 100, 3)).astype(np.float32)),
    ):
        ink = np.asarray(picture)[:, :, 3]
        assert picture.width <= 700 and ink[:, :160].any()
        assert bool(ink[-160:, :160].any())


def test_a_cloud_of_one_place_and_silence_are_no_division_by_zero() -> None:
    assert np.asarray(sketches.clouds(np.ones((1, 5, 3), dtype=np.float32)))[:, :, 3].any()
    assert np.asarray(sketches.sounds(np.zeros((1, 1, 900), dtype=np.float32)))[:, :, 3].any()


def test_what_is_high_in_a_cloud_is_high_in_its_picture() -> None:
    rod = np.stack([np.zeros(50), np.zeros(50), np.linspace(0, 1, 50)], axis=1).astype(np.float32)
    ink = np.asarray(sketches.clouds(rod[None]))[:, :, 3] > 0
    assert np.ptp(np.flatnonzero(ink.any(axis=1))) > 8 * np.ptp(np.flatnonzero(ink.any(axis=0)))


def test_a_text_shows_its_first_characters_instead_of_a_picture() -> None:
    items = windows("समझ\n" * 400, 512)
    found = made(_facts("text", items), items)
    assert found.png == b"" and found.passage == ("समझ\n" * 400)[:240]


def test_a_film_is_a_row_of_its_frames_from_first_to_last() -> None:
    shades = np.linspace(-1, 1, 15, dtype=np.float32)
    items = np.broadcast_to(shades[None, :, None, None, None], (6, 15, 1, 4, 4))
    pixels = np.asarray(filmstrips(items))
    factor = round(WIDTH_PX / (COLUMNS * 5 - 1))
    assert pixels.shape == ((ROWS * 5 - 1) * factor, (COLUMNS * 5 - 1) * factor)
    expected = ((shades[::2] + 1) * 127.5).astype(np.uint8)
    assert np.array_equal(pixels[:: 5 * factor, :: 5 * factor], np.tile(expected, (ROWS, 1)))
    assert (pixels[4 * factor : 5 * factor] == 96).all()  # an edge that is seen, also of a black frame
    assert made(_facts("video", items), items).png
