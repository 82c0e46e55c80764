"""Maps over pictures: colours mean what the legend says, and the words say the same."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from dashboard.figures.overlay import alt, coloured, is_signed, overlay, places_table
from dashboard.figures.removal import removal

SEEN = np.random.default_rng(0).integers(0, 255, (30, 30, 3), dtype=np.uint8)


def _pixels(png: bytes) -> np.ndarray:
    large = np.asarray(Image.open(io.BytesIO(png)))
    factor = large.shape[0] // 30
    return large[::factor, ::factor].astype(int)


def test_without_opacity_the_picture_stands_as_it_was_and_small_ones_are_enlarged() -> None:
    png = overlay(SEEN, np.ones((30, 30)), opacity=0)
    assert Image.open(io.BytesIO(png)).size == (450, 450)
    assert (_pixels(png) == SEEN).all()


def test_the_strongest_place_is_yellow_and_an_outline_is_white() -> None:
    shown, region = np.zeros((30, 30)), np.zeros((30, 30), dtype=np.uint8)
    shown[10:20, 10:20], region[10:20, 10:20] = 1, 1
    drawn = _pixels(overlay(SEEN, shown, opacity=1, outline=region))
    assert drawn[15, 15].tolist() == [253, 231, 37] and drawn[10, 15].tolist() == [255, 255, 255]
    assert np.ptp(drawn[2, 2]) == 0  # where nothing matters the picture is grey


def test_what_speaks_against_is_blue_what_speaks_for_red_and_both_on_one_scale() -> None:
    shown = np.zeros((30, 30))
    shown[:10], shown[20:] = 2.0, -2.0
    strength, colours = coloured(shown)
    assert is_signed(shown) and not is_signed(np.abs(shown))
    assert (
        colours[0, 0].tolist() == [178, 24, 43]
        and colours[29, 0].tolist() == [33, 102, 172]
        and strength[0, 0] == strength[29, 0] == 1
    )
    assert coloured(np.zeros((4, 4)))[0].max() == 0  # a map of nothing is no error


def test_the_table_and_the_words_say_where_the_map_is() -> None:
    shown = np.zeros((30, 30))
    shown[:10, 20:], shown[20:, :10] = 3, -1
    table = places_table(shown, "en")
    assert (
        table.iloc[0].tolist() == ["the upper right", 1.0, 0.0]
        and table.set_index("Place").loc["the lower left"].iloc[1] == 1
    )
    assert list(places_table(np.abs(shown), "en").columns) == ["Place", "Speaks for (share)"]
    assert alt(shown, "cat", "en").endswith("most of it in the upper right.") and "ऊपर का दायाँ" in alt(
        shown, "cat", "hi"
    )
    assert "nothing" in alt(-np.abs(shown), "cat", "en")


def test_the_curves_of_hiding_are_a_valid_figure_with_a_twin() -> None:
    curves = np.array([[0.9, 0.2, 0.1], [0.9, 0.5, 0.1], [0.9, 0.8, 0.1]])
    drawing = removal(curves, name="cat", language="hi", dark=True)
    assert len(drawing.figure.data) == 3 and drawing.table.shape == (3, 4) and "0.20" in drawing.alt
