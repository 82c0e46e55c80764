"""Part of Explain, pictures of every kind: how strongly a map covers its picture."""

from __future__ import annotations

from typing import Final

from dashboard.ui import address
from dashboard.ui.language import t

USUAL: Final = 70


def choose() -> float:
    """Draw the slider -> how strongly, 0 to 1."""
    shown = address.slide(
        t("explain_image.opacity"), 0, 100, parameter="opacity", default=USUAL, help=t("explain_image.opacity.help")
    )
    return shown / 100
