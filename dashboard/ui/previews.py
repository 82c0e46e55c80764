"""Small pictures of data sets, made from items as they enter training; off the script thread, bounded, kept."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image, ImageDraw

from dashboard.compute.client import ask
from dashboard.ui import studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.page import guarded
from lightning_modules.diffusion.cloud_pictures import cloud_view
from lightning_modules.diffusion.sound_pictures import sound_grid, tiled

WIDTH_PX = 640
COLUMNS, ROWS = 8, 4
SHOWN_PX = 150
"""About the height of a picture in a card."""
_DOT_PX = 7
_POINTS = 256
_INK = (108, 118, 236)
_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Preview:
    """A picture (PNG) of some items, and what is in the data set."""

    png: bytes
    kind: str
    rate_hz: int
    train: int
    test: int
    shape: tuple[int, ...]
    classes: tuple[str, ...]


def preview(dataset: str, config: Mapping[str, Any] | None = None) -> Outcome[Preview] | None:
    """The preview of a data set; None while it is being made."""
    settings, asked = studio.settings(), {"dataset": dataset, "config": dict(config or {}), "count": _POINTS}

    def make() -> Preview:
        answer = ask(settings, "preview", asked, timeout_s=_TIMEOUT_S)
        facts = answer.values
        return Preview(
            png=_png(_DRAWN[facts["kind"]](answer.arrays["x"])),
            kind=facts["kind"],
            rate_hz=facts["rate_hz"],
            train=facts["train"],
            test=facts["test"],
            shape=tuple(facts["shape"]),
            classes=tuple(facts["classes"]),
        )

    return _background().ask(json.dumps(asked, sort_keys=True), make)


def watch() -> None:
    """Draw the page once more when the last preview that is still being made has come.

    Once, not at each arrival: a redraw that meets a click on a link makes Streamlit forget the click.
    """
    if _background().busy:
        st.fragment(guarded(_complete), run_every=_LOOK_EVERY_S)()


def _complete() -> None:
    if not _background().busy:
        st.rerun()


def mosaic(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, channels, height, width] in [-1, 1] as rows of tiles with a gap between, enlarged without blur."""
    columns = min(COLUMNS, len(items))
    rows = max(1, min(ROWS, len(items) // columns))
    chosen = items[np.linspace(0, len(items) - 1, rows * columns).round().astype(int)]
    pixels = np.clip((chosen + 1) * 127.5, 0, 255).astype(np.uint8)
    pixels = np.pad(pixels, ((0, 0), (0, 0), (0, 1), (0, 1)))
    _, channels, height, width = pixels.shape
    tiles = pixels.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    whole = tiles.reshape(rows * height, columns * width, channels)[:-1, :-1]
    image = Image.fromarray(np.ascontiguousarray(whole[:, :, 0] if channels == 1 else whole))
    factor = max(1, round(WIDTH_PX / image.width))
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def scatter(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, 2] as dots on a clear ground, drawn twice as large and shrunk, for smooth edges."""
    width, height = 2 * WIDTH_PX, 2 * WIDTH_PX * ROWS // COLUMNS
    image = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(image)
    low, high = items.min(axis=0), items.max(axis=0)
    scale = (height - 6 * _DOT_PX) / (float((high - low).max()) or 1.0)
    for x, y in (items - (low + high) / 2) * scale:
        across, down = width / 2 + x, height / 2 - y
        draw.ellipse((across - _DOT_PX, down - _DOT_PX, across + _DOT_PX, down + _DOT_PX), fill=(*_INK, 215))
    return image.resize((width // 2, height // 2), Image.Resampling.LANCZOS)


def sounds(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, 1, samples] as two rows of waveforms above spectrograms."""
    columns = min(COLUMNS, len(items))
    return Image.fromarray(sound_grid(_spread(items, 2 * columns), columns))


def clouds(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, points, 3] as rows of shapes, seen a little from the left and above."""
    columns = min(COLUMNS, len(items))
    views = [cloud_view(cloud, side_px=WIDTH_PX // COLUMNS) for cloud in _spread(items, ROWS * columns)]
    return Image.fromarray(tiled(views, columns, gap=1))


def _spread(items: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """At most `count` of them, evenly from first to last."""
    return items[np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)]


_DRAWN = {"image": mosaic, "points": scatter, "audio": sounds, "cloud": clouds}


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


@st.cache_resource(show_spinner=False, max_entries=1)
def _background() -> Background[Preview]:
    return Background(keep=64, waiting=64)
