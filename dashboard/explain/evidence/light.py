"""One traffic light made of the evidence: green to rely on it, amber to be careful, red not to.

Red: what adds up does not, or taking away what is said to matter works no better than chance, or two findings speak against it.
Green: nothing speaks against it, removal and at least `ENOUGH` findings in all speak for it, and so do other seeds, the check of each reason,
agreement, random weights and the strongest place, where there were such. How often each is right, on models whose reasons are known, is measured by
`tests/benchmarks/bench_*evidence.py` and told in decisions 0042 (tables), 0051 (texts) and 0067 (denoisers and likeness).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.explain.contract import Finding
from data.text import Text

ENOUGH = 3
_DECISIVE = ("additivity", "removal", "reasons")
_NEEDED = ("removal", "reasons", "seeds", "agreement", "randomisation", "strongest")

GREEN: Final = Text(en="You can rely on this", hi="इस पर भरोसा कर सकते हैं")
AMBER: Final = Text(en="Take this with care", hi="इसे सावधानी से लें")
RED: Final = Text(en="Do not rely on this", hi="इस पर भरोसा न करें")
_FOR: Final = Text(
    en="{n} of {of} checks speak for it, none against it.", hi="{of} में से {n} जाँचें इसके पक्ष में हैं, ख़िलाफ़ कोई नहीं।"
)
_BUT: Final = Text(
    en="{n} of {of} checks speak for it; against it: {what}.", hi="{of} में से {n} जाँचें पक्ष में हैं; ख़िलाफ़: {what}।"
)


def light(found: Mapping[str, Finding], *, needs: str = "removal", enough: int = ENOUGH) -> Finding:
    """The light of these findings; green needs `enough` that speak for it, that named `needs` among them."""
    checks = {name: one for name, one in found.items() if name != "light"}
    pro = [one for one in checks.values() if one.speaks_for]
    contra = {name: one for name, one in checks.items() if one.speaks_for is False}
    if any(name in contra for name in _DECISIVE) or len(contra) >= 2:
        return Finding(RED, _told(len(pro), len(checks), contra), 0.0, False)
    needed = [found[name] for name in (needs, *_NEEDED) if name in found]
    if not contra and len(pro) >= enough and needs in found and all(one.speaks_for for one in needed):
        return Finding(GREEN, _told(len(pro), len(checks), contra), 1.0, True)
    return Finding(AMBER, _told(len(pro), len(checks), contra), 0.5, None)


def _told(pro: int, checks: int, contra: Mapping[str, Finding]) -> Text:
    if not contra:
        return _FOR.format(n=pro, of=checks)
    titles = list(contra.values())
    return Text(
        en=_BUT.en.format(n=pro, of=checks, what=", ".join(one.title.en[:1].lower() + one.title.en[1:] for one in titles)),
        hi=_BUT.hi.format(n=pro, of=checks, what=", ".join(one.title.hi for one in titles)),
    )  # fmt: skip
