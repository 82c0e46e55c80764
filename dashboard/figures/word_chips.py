"""Words inked by what they add: blue against, red for, as maps over pictures; a sign and a line below say the same without colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explain.contract import Array
from data.text import Language, Text

if TYPE_CHECKING:
    import pandas as pd

WORD, SHARE, HALF = Text(en="Word", hi="शब्द"), Text(en="Adds", hi="कितना जोड़ता है"), Text(en="± (95 %)", hi="± (95 %)")
_FOR, _AGAINST = "#B2182B", "#2166AC"
_STRONG = 0.55
"""From here on ink is so dark that letters on it are white."""
_SURE = "solid"


def chips(
    words: Sequence[str], shares: Array, half_width: Array | None, always: Sequence[bool]
) -> list[dict[str, Any]]:
    """What is drawn of each word: its ink, its letters, its line (dotted where its interval holds 0), and what is said of it when pointed at."""
    greatest = float(np.abs(shares).max()) or 1.0
    found = []
    for k, word in enumerate(words):
        share = float(shares[k])
        strength = abs(share) / greatest
        sure = half_width is None or abs(share) > float(half_width[k])
        told = f"{share:+.3f}" + ("" if half_width is None else f" ± {float(half_width[k]):.3f}")
        found.append(
            {
                "word": word,
                "ink": _FOR if share > 0 else _AGAINST,
                "strength": round(strength if sure else 0.3 * strength, 3),
                "white": sure and strength > _STRONG,
                "line": "none" if always[k] or strength < 0.05 else _SURE if sure else "dotted",
                "sign": "" if always[k] or strength < 0.15 or not sure else "+" if share > 0 else "−",
                "told": "·" if always[k] else told,
            }
        )
    return found


def table(words: Sequence[str], shares: Array, half_width: Array | None, language: Language) -> pd.DataFrame:
    """The same as a table, the weightiest first."""
    import pandas as pd  # the command line tells explanations without it

    columns: dict[str, Any] = {WORD.to(language): list(words), SHARE.to(language): np.round(shares, 4)}
    if half_width is not None:
        columns[HALF.to(language)] = np.round(half_width, 4)
    order = np.argsort(-np.abs(shares), kind="stable")
    return pd.DataFrame(columns).iloc[order]


def alt(words: Sequence[str], shares: Array, language: Language) -> str:
    """The chips in one sentence, for those who hear the page."""
    order = np.argsort(-np.abs(shares), kind="stable")[:3]
    told = ", ".join(f"{words[k]} {shares[k]:+.2f}" for k in order)
    return Text(en=f"The text with its weightiest words: {told}.", hi=f"टेक्स्ट और उसके सबसे भारी शब्द: {told}।").to(language)
