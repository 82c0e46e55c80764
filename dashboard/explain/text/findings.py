"""The findings about an explanation of a text that are its own, in both languages."""

from __future__ import annotations

from dashboard.explain.contract import Finding
from data.text import Text


def additivity(error: float, judged: bool) -> Finding:
    """Whether the shares add up."""
    shown = "0.00001" if error <= 1e-5 else f"{error:.2g}"
    en, hi = ("less than ", " से कम") if error <= 1e-5 else ("", "")
    return Finding(
        Text(en="Adds up", hi="जोड़ सही है"),
        Text(en=f"The score without any word plus all shares misses the score by {en}{shown} of it.",
             hi=f"बिना किसी शब्द का स्कोर और सारे हिस्सों का जोड़, स्कोर से {shown}{hi} भाग अलग है।"),
        error, judged,
    )  # fmt: skip


def reasons(confirmed: int, named: int, judged: bool | None) -> Finding:
    """Whether each named word is a reason."""
    return Finding(
        Text(en="Its reasons are reasons", hi="इसकी वजहें सच में वजह हैं"),
        Text(en=f"{confirmed} of {named} named words, each left out by itself in 12 situations, move the answer as said.",
             hi=f"{named} में से {confirmed} बताए गए शब्द, 12 हालात में अकेले हटाने पर, जवाब को वैसे ही हिलाते हैं।"),
        confirmed / max(named, 1), judged,
    )  # fmt: skip


def removal(beaten: float, judged: bool | None, *, orders: int) -> Finding:
    """Whether leaving out what matters works better than chance."""
    en, hi = (
        (f"{beaten:.0%} of random orders do", f"{beaten:.0%} बेतरतीब क्रमों")
        if beaten < 1
        else (f"any of {orders} random orders does", f"सभी {orders} बेतरतीब क्रमों")
    )
    return Finding(
        Text(en="Removal confirms it", hi="हटाने पर भी यही निकलता है"),
        Text(en=f"Leaving words out in its order moves the answer more than {en}.", hi=f"इसके क्रम में शब्द हटाने से जवाब {hi} से ज़्यादा हिलता है।"),
        beaten, judged,
    )  # fmt: skip


def randomisation(likeness: float, judged: bool | None) -> Finding:
    """Whether a network that has learned nothing gives another explanation."""
    said = Text(
        en="A network of random weights gives other words, so this tells of what was learned",
        hi="बेतरतीब वेट वाला नेटवर्क दूसरे शब्द बताता है, यानी यह सीखी हुई बात बताता है",
    )
    if judged is not True:
        said = Text(
            en="A network of random weights gives much the same, so this tells of the text more than of the model",
            hi="बेतरतीब वेट वाला नेटवर्क भी लगभग यही बताता है, यानी यह मॉडल से ज़्यादा टेक्स्ट की बात करता है",
        )
    return Finding(
        Text(en="Random weights", hi="बेतरतीब वेट"),
        Text(en=f"{said.en} (likeness {likeness:.2f}).", hi=f"{said.hi} (समानता {likeness:.2f})।"),
        likeness, judged,
    )  # fmt: skip
