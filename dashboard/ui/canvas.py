"""Painting a mask over a picture: brush, eraser, undo, and a rectangle by numbers for those who do not paint.

`streamlit-drawable-canvas` only brings one stroke at a time: each is taken over into the session and the canvas is emptied, with
all that is painted shown in the picture below it. So an eraser is a stroke like others, undo is ours, and a page change
loses nothing. Strokes are kept in pixels of the canvas; `mask_of` brings them into those of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image, ImageDraw

from dashboard.ui.language import t

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Point = tuple[float, float]

WIDTH_PX, HIGHEST_PX = 288, 420
"""Fits a phone of 360 pixels without scrolling aside."""
SMALLEST_PX = 48
_TINT, _TINT_SHARE = np.array([224, 138, 0]), 0.6
_BRUSH, _ERASER = "rgba(224, 138, 0, 0.6)", "rgba(255, 255, 255, 0.8)"
_SOFT_CURVE = 6
_COVERED = 0.35
"""Share of a pixel of the picture under the brush from which on it counts as painted."""
_SIZES = (8, 16, 28, 44)


@dataclass(frozen=True)
class Fit:
    """Where a picture of width × height stands on the canvas: as large as fits, in the middle ("contain")."""

    width: int
    height: int
    canvas_width: int
    canvas_height: int

    @classmethod
    def of(cls, width: int, height: int) -> Fit:
        """On a canvas of its own proportions, as far as those are neither very flat nor very high."""
        wanted = round(WIDTH_PX * height / width)
        return cls(width, height, WIDTH_PX, min(max(wanted, SMALLEST_PX), HIGHEST_PX))

    @property
    def scale(self) -> float:
        """Canvas pixels to a pixel of the picture."""
        return min(self.canvas_width / self.width, self.canvas_height / self.height)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the picture on the canvas."""
        wide, high = self.width * self.scale, self.height * self.scale
        left, top = (self.canvas_width - wide) / 2, (self.canvas_height - high) / 2
        return left, top, left + wide, top + high

    def on_canvas(self, x: float, y: float) -> Point:
        """A place of the picture, in canvas pixels."""
        return self.box[0] + x * self.scale, self.box[1] + y * self.scale


@dataclass(frozen=True)
class Stroke:
    """A line of the brush, or with `filled` the rectangle between its two points; `erases` takes away what it covers."""

    points: tuple[Point, ...]
    width: float
    erases: bool = False
    filled: bool = False


@dataclass
class Painting:
    """What a person has painted over one picture. Each `turn` has a fresh canvas."""

    strokes: list[Stroke] = field(default_factory=list)
    turn: int = 0

    def take_over(self, objects: Sequence[Mapping[str, Any]], turn: int, *, width: float, erases: bool) -> bool:
        """Strokes drawn on the canvas of a turn; True if there are any. What an earlier canvas tells once more is passed over."""
        paths = [one["path"] for one in objects if one.get("path")]
        if turn != self.turn or not paths:
            return False
        self.strokes += [Stroke(points_of(path), width, erases) for path in paths]
        self.turn += 1
        return True

    def undo(self) -> None:
        """Take the last stroke back."""
        if self.strokes:
            self.strokes.pop()
            self.turn += 1

    def clear(self) -> None:
        """Take all back."""
        self.strokes.clear()
        self.turn += 1


def points_of(path: Sequence[Sequence[Any]]) -> tuple[Point, ...]:
    """The points of a path of Fabric's brush: M and L to a point, Q a curve through a control point."""
    points: list[Point] = []
    for command, *numbers in path:
        if command in ("M", "L"):
            points.append((float(numbers[0]), float(numbers[1])))
        elif command == "Q" and points:
            (x0, y0), (x1, y1, x2, y2) = points[-1], map(float, numbers)
            for k in range(1, _SOFT_CURVE + 1):
                s = k / _SOFT_CURVE
                a, b, c = (1 - s) ** 2, 2 * s * (1 - s), s**2
                points.append((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2))
    return tuple(points)


def painted_on_canvas(strokes: Sequence[Stroke], fit: Fit) -> Image.Image:
    """All strokes in order, on the canvas: 255 where painted (mode "L")."""
    image = Image.new("L", (fit.canvas_width, fit.canvas_height))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        ink, radius = 0 if stroke.erases else 255, stroke.width / 2
        if stroke.filled:
            (left, top), (right, bottom) = stroke.points
            draw.rectangle((left, top, right - 1, bottom - 1), fill=ink)
            continue
        draw.line([*stroke.points], fill=ink, width=max(1, round(stroke.width)))
        for x, y in stroke.points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return image


def mask_of(strokes: Sequence[Stroke], fit: Fit) -> Mask:
    """What is painted in the pixels of the picture [height, width]: those that the brush covers by a third or more."""
    whole = painted_on_canvas(strokes, fit)
    cover = whole.resize((fit.width, fit.height), Image.Resampling.BOX, box=fit.box)
    mask: Mask = np.asarray(cover) >= 255 * _COVERED
    return mask


def underlay(picture: Pixels, mask: Mask, fit: Fit) -> Image.Image:
    """The picture as it lies under the canvas, what is painted tinted; small pictures in large, sharp pixels."""
    plain = np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture
    colours = np.repeat(plain, 3, axis=2) if plain.shape[2] == 1 else plain
    tinted = np.where(mask[..., None], colours * (1 - _TINT_SHARE) + _TINT * _TINT_SHARE, colours).astype(np.uint8)
    left, top, right, bottom = (round(edge) for edge in fit.box)
    how = Image.Resampling.NEAREST if fit.scale > 1 else Image.Resampling.BOX
    whole = Image.new("RGBA", (fit.canvas_width, fit.canvas_height))
    whole.paste(Image.fromarray(tinted).resize((max(1, right - left), max(1, bottom - top)), how), (left, top))
    return whole


def paint(picture: Pixels, *, key: str) -> Mask:
    """Draw the canvas over a picture [height, width(, 3)] and say what is painted.

    `key` names the picture: each has its own painting, which stays for the session.
    """
    held = f"canvas.{key}"
    painting: Painting = st.session_state.setdefault(held, Painting())
    fit = Fit.of(picture.shape[1], picture.shape[0])
    tool, size = _tools(painting, key)
    erases = tool == "erase"
    mask = mask_of(painting.strokes, fit)
    turn = painting.turn
    objects = _drawn(underlay(picture, mask, fit), fit, size, erases, key=f"{held}.{turn}")
    if painting.take_over(objects, turn, width=size, erases=erases):
        st.rerun()
    _by_numbers(painting, fit, key)
    share = float(mask.mean())
    st.caption(t("canvas.share", share=f"{share:.0%}" if share >= 0.01 or share == 0 else "<1%"))
    return mask


def _drawn(below: Image.Image, fit: Fit, size: int, erases: bool, *, key: str) -> list[dict[str, Any]]:
    """The component itself: what it says was drawn on it."""
    from streamlit_drawable_canvas import st_canvas  # registers itself with a running Streamlit when it is imported

    result = st_canvas(
        stroke_width=size,
        stroke_color=_ERASER if erases else _BRUSH,
        background_image=below,
        height=fit.canvas_height,
        width=fit.canvas_width,
        drawing_mode="freedraw",
        key=key,
    )
    return list((result.json_data or {}).get("objects", []))


def _tools(painting: Painting, key: str) -> tuple[str, int]:
    """Brush or eraser, its size, and the ways back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        tool = st.segmented_control(
            t("canvas.tool"),
            ("paint", "erase"),
            default="paint",
            format_func=lambda one: t(f"canvas.tool.{one}"),
            required=True,
            key=f"canvas.tool.{key}",
            persist_state="session",
            label_visibility="collapsed",
        )
        none = not painting.strokes
        st.button(
            t("canvas.undo"), icon=":material/undo:", disabled=none, on_click=painting.undo, key=f"canvas.undo.{key}"
        )
        st.button(t("canvas.clear"), icon=":material/delete_sweep:", disabled=none, on_click=painting.clear, key=f"canvas.clear.{key}")  # fmt: skip
    size = st.select_slider(
        t("canvas.size"),
        _SIZES,
        value=_SIZES[2],
        key=f"canvas.size.{key}",
        format_func=lambda one: t("canvas.px", n=one),
    )
    return str(tool), int(size)


def _by_numbers(painting: Painting, fit: Fit, key: str) -> None:
    """A rectangle typed in pixels of the picture."""
    with st.popover(t("canvas.numbers"), icon=":material/keyboard:", type="tertiary"), st.form(f"canvas.form.{key}"):
        first, second = st.columns(2)
        left = first.number_input(t("canvas.left"), 0, fit.width - 1, 0, step=1)
        top = second.number_input(t("canvas.top"), 0, fit.height - 1, 0, step=1)
        wide = first.number_input(t("canvas.wide"), 1, fit.width, max(1, fit.width // 2), step=1)
        high = second.number_input(t("canvas.high"), 1, fit.height, max(1, fit.height // 2), step=1)
        if st.form_submit_button(t("canvas.paint")):
            corners = fit.on_canvas(left, top), fit.on_canvas(min(left + wide, fit.width), min(top + high, fit.height))
            painting.strokes.append(Stroke(corners, 0, filled=True))
            painting.turn += 1
            st.rerun()
