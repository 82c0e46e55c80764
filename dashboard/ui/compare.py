"""Two pictures in one, divided where a slider stands: what was before on its left, what is after on its right."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from dashboard.ui.language import t
from dashboard.ui.page import guarded

Pixels = npt.NDArray[np.uint8]

SHOWN_PX = 440
_LINE = np.array([61, 71, 184], dtype=np.uint8)
_LARGEST_FACTOR = 24


def divided(before: Pixels, after: Pixels, share: float) -> Pixels:
    """[height, width, 3]: the left `share` of the columns of `before`, then a line, then `after`, both of one size."""
    left, right = in_colour(before), in_colour(after)
    edge = round(share * left.shape[1])
    whole = right.copy()
    whole[:, :edge] = left[:, :edge]
    thick = max(1, left.shape[1] // 200)
    if 0 < edge < left.shape[1]:
        whole[:, max(0, edge - thick) : edge + thick] = _LINE
    return whole


def in_colour(pixels: Pixels) -> Pixels:
    """[height, width(, 1 or 3)] as [height, width, 3]."""
    whole = pixels[..., None] if pixels.ndim == 2 else pixels
    return np.repeat(whole, 3, axis=2) if whole.shape[2] == 1 else whole


def enlarged(pixels: Pixels, width: int = SHOWN_PX) -> Pixels:
    """Enlarged in whole pixels to at least about `width`, so that browsers do not blur it."""
    factor = min(_LARGEST_FACTOR, max(1, round(width / pixels.shape[1])))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def png(pixels: Pixels) -> bytes:
    """As a file."""
    written = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(written, "PNG")
    return written.getvalue()


def slider(before: Pixels, after: Pixels, names: tuple[str, str], *, key: str) -> None:
    """Draw both with the slider; only this part is drawn anew while it moves."""
    st.fragment(guarded(_slider))(enlarged(in_colour(before)), enlarged(in_colour(after)), names, key)


def _slider(before: Pixels, after: Pixels, names: tuple[str, str], key: str) -> None:
    place = st.container()
    percent = st.slider(t("compare.slider", before=names[0], after=names[1]), 0, 100, 50, key=key, format="%d%%")
    with place:
        st.image(
            png(divided(before, after, percent / 100)),
            width="stretch",
            alt=t("compare.alt", before=names[0], after=names[1]),
        )
