"""The findings about an explanation of a row, in both languages."""

from __future__ import annotations

from dashboard.explain.contract import Finding
from data.text import Text


def additivity(error: float, judged: bool) -> Finding:
    """Whether the shares add up to the prediction."""
    shown = "0.00001" if error <= 1e-5 else f"{error:.2g}"
    word_en, word_hi = ("less than ", " से कम") if error <= 1e-5 else ("", "")
    return Finding(
        Text(en="Adds up", hi="जोड़ सही है"),
        Text(en=f"Average plus all shares misses the prediction by {word_en}{shown} of it.", hi=f"औसत और सारे हिस्सों का जोड़ मॉडल के अनुमान से {shown}{word_hi} भाग अलग है।"),
        error, judged,
    )  # fmt: skip


def certainty(sure: float, judged: bool | None) -> Finding:
    """How much is surely not nothing."""
    return Finding(
        Text(en="Sure of its shares", hi="हिस्से पक्के हैं"),
        Text(en=f"{sure:.0%} of all that is shared out is surely not zero (95 % intervals).", hi=f"बाँटे गए का {sure:.0%} पक्के तौर पर शून्य नहीं है (95 % अंतराल)।"),
        sure, judged,
    )  # fmt: skip


def reasons(confirmed: int, named: int, judged: bool | None) -> Finding:
    """Whether each named reason is one."""
    return Finding(
        Text(en="Its reasons are reasons", hi="इसकी वजहें सच में वजह हैं"),
        Text(
            en=f"{confirmed} of {named} named columns, each taken away by itself in 24 situations, move the model as said.",
            hi=f"{named} में से {confirmed} बताए गए कॉलम, 24 हालात में अकेले हटाने पर, मॉडल को वैसे ही हिलाते हैं।",
        ),
        confirmed / max(named, 1), judged,
    )  # fmt: skip


def removal(beaten: float, judged: bool | None) -> Finding:
    """Whether taking away what matters works better than chance."""
    en, hi = (
        (f"{beaten:.0%} of random orders do", f"{beaten:.0%} बेतरतीब क्रमों")
        if beaten < 1
        else ("any of 40 random orders does", "सभी 40 बेतरतीब क्रमों")
    )
    return Finding(
        Text(en="Removal confirms it", hi="हटाने पर भी यही निकलता है"),
        Text(en=f"Taking columns away in its order moves the model more than {en}.", hi=f"इसके क्रम में कॉलम हटाने से मॉडल {hi} से ज़्यादा हिलता है।"),
        beaten, judged,
    )  # fmt: skip


def seeds(alike: float, judged: bool | None) -> Finding:
    """Whether other seeds say the same."""
    return Finding(
        Text(en="Same with other seeds", hi="दूसरे सीड पर भी वही"),
        Text(en=f"With two other seeds it is {alike:.0%} alike.", hi=f"दो और सीड पर यह {alike:.0%} वैसी ही है।"),
        alike, judged,
    )  # fmt: skip


def noise(alike: float, judged: bool | None) -> Finding:
    """Whether nearly the same row has nearly the same explanation."""
    return Finding(
        Text(en="Same for nearly the same row", hi="लगभग वैसी पंक्ति पर भी वही"),
        Text(en=f"With all numbers moved by 2 % of their spread it is {alike:.0%} alike.", hi=f"सारी संख्याएँ फैलाव के 2 % हिलाने पर यह {alike:.0%} वैसी ही है।"),
        alike, judged,
    )  # fmt: skip


def agreement(common: float, other: Text, judged: bool | None) -> Finding:
    """Whether another way names the same reasons."""
    return Finding(
        Text(en="Another way agrees", hi="दूसरा तरीका सहमत है"),
        Text(en=f"{other.en} names {common:.0%} of its three weightiest reasons too.", hi=f"{other.hi} भी तीन सबसे बड़ी वजहों में से {common:.0%} बताता है।"),
        common, judged,
    )  # fmt: skip
