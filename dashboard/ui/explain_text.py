"""Explain a text: type a sentence and read which words made the model say what it says; several ways side by side."""

from __future__ import annotations

from dashboard.ui import address, explain_text_source, explain_text_why
from dashboard.ui.face import Face
from dashboard.ui.language import t
from data.text import Text

FACE = Face(
    name="text",
    title=Text(en="Text", hi="टेक्स्ट"),
    about=Text(
        en="Type a sentence and see which words made the model say what it says, and what it says without them.",
        hi="एक वाक्य लिखें और देखें कि किन शब्दों की वजह से मॉडल ऐसा कहता है, और उनके बिना क्या कहता है।",
    ),
    order=2,
)

VIEWS = ("why", "compare")


def render() -> None:
    """Draw the face."""
    asked = explain_text_source.choose()
    if asked is None:
        return
    view = address.choice(
        t("explain_text.views"), list(VIEWS), parameter="view", show=lambda name: t(f"explain_text.view.{name}")
    )
    if view == "why":
        explain_text_why.render(asked)
    else:
        explain_text_why.side_by_side(asked)
