"""Small pictures of data sets, and sounds to play, made from items as they enter training; off the script thread, bounded, kept."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image, ImageDraw

from dashboard.compute.client import ask
from dashboard.ui import sketches, studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.page import guarded
from data.catalog import Kind
from data.text import Text
from data.texts import text_of

WIDTH_PX = 640
COLUMNS, ROWS = 8, 4
SHOWN_PX = 150
"""About the height of a picture in a card."""
PASSAGE = 240
"""Characters shown of a text."""
SAID = 4
"""Captions shown with a picture."""
_BRIGHT = 200
_FILM_GAP = 96
"""Grey, so that the edge at which something turns back is seen."""
_DOT_PX = 7
_POINTS = 256
_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Preview:
    """A picture (PNG) of some items with the captions of the first of them, and what is in the data set.

    `wav` are the sounds of the picture, one after the other; None for other kinds of data. A text has no picture (`png` is
    empty) and shows its first characters, `passage`.
    """

    png: bytes
    kind: Kind
    train: int
    test: int
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    captions: int = 0
    said: tuple[Text, ...] = ()
    rate_hz: int = 0
    wav: bytes | None = None
    passage: str = ""


def preview(dataset: str, config: Mapping[str, Any] | None = None) -> Outcome[Preview] | None:
    """The preview of a data set; None while it is being made."""
    settings, asked = studio.settings(), {"dataset": dataset, "config": dict(config or {}), "count": _POINTS}

    def make() -> Preview:
        answer = ask(settings, "preview", asked, timeout_s=_TIMEOUT_S)
        return made(answer.values, answer.arrays["x"])

    return _background().ask(json.dumps(asked, sort_keys=True), make)


def made(facts: Mapping[str, Any], items: npt.NDArray[np.float32]) -> Preview:
    """The preview of `items` [items, ...], drawn as their kind asks for."""
    kind: Kind = facts["kind"]
    said = [Text.model_validate(one) for one in facts.get("said", ())]
    first = [said[k] for k in (_tiles(len(said)) if kind == "image" else range(len(said)))]
    return Preview(
        png=_png(_PICTURE[kind](items)) if kind in _PICTURE else b"",
        kind=kind,
        train=facts["train"],
        test=facts["test"],
        shape=tuple(facts["shape"]),
        classes=tuple(facts["classes"]),
        captions=facts["captions"],
        said=tuple(first[:SAID]),
        rate_hz=facts["rate_hz"],
        wav=sketches.playable(items, facts["rate_hz"]) if kind == "audio" else None,
        passage=_passage(text_of(items[0])) if kind == "text" else "",
    )


def watch() -> None:
    """Draw the page once more when the last preview that is still being made has come.

    Once, not at each arrival: a redraw that meets a click on a link makes Streamlit forget the click.
    """
    if _background().busy:
        st.fragment(guarded(_complete), run_every=_LOOK_EVERY_S)()


def _complete() -> None:
    if not _background().busy:
        st.rerun()


def _passage(text: str) -> str:
    """The beginning of a text; of one that was cut in the middle of a line, from the next line on."""
    first, _, rest = text.partition("\n")
    return (rest if rest and len(first) < PASSAGE else text)[:PASSAGE]


def mosaic(items: npt.NDArray[np.float32], gap: int | None = None) -> Image.Image:
    """[items, channels, height, width] in [-1, 1] as rows of tiles with a gap of that shade between, enlarged without blur."""
    columns = min(COLUMNS, len(items))
    places = _tiles(len(items))
    rows, chosen = len(places) // columns, items[places]
    pixels = np.clip((chosen + 1) * 127.5, 0, 255).astype(np.uint8)
    if gap is None:
        gap = 255 if np.median(pixels) > _BRIGHT else 0  # black lines between pictures on white would be all one sees
    pixels = np.pad(pixels, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=gap)
    _, channels, height, width = pixels.shape
    tiles = pixels.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    whole = tiles.reshape(rows * height, columns * width, channels)[:-1, :-1]
    image = Image.fromarray(np.ascontiguousarray(whole[:, :, 0] if channels == 1 else whole))
    factor = max(1, round(WIDTH_PX / image.width))
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _tiles(items: int) -> list[int]:
    """Which of `items` a mosaic shows, in reading order: evenly from first to last."""
    columns = min(COLUMNS, items)
    rows = max(1, min(ROWS, items // columns)) if items else 0
    places: list[int] = np.linspace(0, items - 1, rows * columns).round().astype(int).tolist()
    return places


def scatter(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, 2] as dots on a clear ground, drawn twice as large and shrunk, for smooth edges."""
    width, height = 2 * WIDTH_PX, 2 * WIDTH_PX * ROWS // COLUMNS
    image = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(image)
    low, high = items.min(axis=0), items.max(axis=0)
    scale = (height - 6 * _DOT_PX) / (float((high - low).max()) or 1.0)
    for x, y in (items - (low + high) / 2) * scale:
        across, down = width / 2 + x, height / 2 - y
        draw.ellipse((across - _DOT_PX, down - _DOT_PX, across + _DOT_PX, down + _DOT_PX), fill=(*sketches.INK, 215))
    return image.resize((width // 2, height // 2), Image.Resampling.LANCZOS)


def filmstrips(items: npt.NDArray[np.float32]) -> Image.Image:
    """[items, frames, channels, height, width] in [-1, 1]: one clip a row, its frames evenly from first to last."""
    frames = np.linspace(0, items.shape[1] - 1, COLUMNS).round().astype(int)
    return mosaic(items[:ROWS, frames].reshape(-1, *items.shape[2:]), gap=_FILM_GAP)


_PICTURE: Mapping[Kind, Callable[[npt.NDArray[np.float32]], Image.Image]] = {
    "image": mosaic,
    "points": scatter,
    "audio": sketches.sounds,
    "cloud": sketches.clouds,
    "video": filmstrips,
}


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


@st.cache_resource(show_spinner=False, max_entries=1)
def _background() -> Background[Preview]:
    return Background(keep=64, waiting=64)
