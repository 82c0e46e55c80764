"""Explain a picture: choose or upload one, and read in one sentence what the model says and why; several ways side by side."""

from __future__ import annotations

from dashboard.ui import (
    address,
    explain_image_compare,
    explain_image_contrast,
    explain_image_source,
    explain_image_why,
    lab_parts,
    studio,
)
from dashboard.ui.face import Face
from dashboard.ui.language import t
from data.text import Text

FACE = Face(
    name="image",
    title=Text(en="Image", hi="तस्वीर"),
    about=Text(
        en="Upload a picture or take one, and see what the model says, why, and what it says when that is hidden.",
        hi="तस्वीर अपलोड करें या खींचें, और देखें मॉडल क्या कहता है, क्यों, और वह हिस्सा छिपाने पर क्या कहता है।",
    ),
    order=0,
)

VIEWS = {
    "why": explain_image_why.render,
    "compare": explain_image_compare.render,
    "contrast": explain_image_contrast.render,
}


def render() -> None:
    """Draw the face."""
    asked = explain_image_source.choose()
    if asked is None:
        return
    catalogue = studio.catalogue()
    if catalogue is None:
        lab_parts.waiting(t("explain_image.first"), height=320)
        return
    view = address.choice(
        t("explain_image.views"), list(VIEWS), parameter="view", show=lambda name: t(f"explain_image.view.{name}")
    )
    VIEWS[view](asked, explain_image_why.ways_of(catalogue, asked))
