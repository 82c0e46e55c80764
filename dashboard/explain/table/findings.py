"""The findings about an explanation of a row, in both languages."""

from __future__ import annotations

from dashboard.explain.contract import Finding
from data.text import Text

_SAID = {
    "additivity": (
        Text(en="Adds up", hi="जोड़ सही है"),
        Text(en="Average plus all shares misses the prediction by {en} of it.", hi="औसत और सारे हिस्सों का जोड़ मॉडल के अनुमान से {hi} भाग अलग है।"),
    ),
    "certainty": (
        Text(en="Sure of its shares", hi="हिस्से पक्के हैं"),
        Text(en="{value} of all that is shared out is surely not zero (95 % intervals).", hi="बाँटे गए का {value} पक्के तौर पर शून्य नहीं है (95 % अंतराल)।"),
    ),
    "reasons": (
        Text(en="Its reasons are reasons", hi="इसकी वजहें सच में वजह हैं"),
        Text(
            en="{confirmed} of {named} named columns, each taken away by itself in 24 situations, move the model as said.",
            hi="{named} में से {confirmed} बताए गए कॉलम, 24 हालात में अकेले हटाने पर, मॉडल को वैसे ही हिलाते हैं।",
        ),
    ),
    "removal": (
        Text(en="Removal confirms it", hi="हटाने पर भी यही निकलता है"),
        Text(en="Taking columns away in its order moves the model more than {en}.", hi="इसके क्रम में कॉलम हटाने से मॉडल {hi} से ज़्यादा हिलता है।"),
    ),
    "seeds": (
        Text(en="Same with other seeds", hi="दूसरे सीड पर भी वही"),
        Text(en="With two other seeds it is {value} alike.", hi="दो और सीड पर यह {value} वैसी ही है।"),
    ),
    "noise": (
        Text(en="Same for nearly the same row", hi="लगभग वैसी पंक्ति पर भी वही"),
        Text(en="With all numbers moved by 2 % of their spread it is {value} alike.", hi="सारी संख्याएँ फैलाव के 2 % हिलाने पर यह {value} वैसी ही है।"),
    ),
    "agreement": (
        Text(en="Another way agrees", hi="दूसरा तरीका सहमत है"),
        Text(en="{en} names {value} of its three weightiest reasons too.", hi="{hi} भी तीन सबसे बड़ी वजहों में से {value} बताता है।"),
    ),
}  # fmt: skip
"""Of each: what was measured, and what was found."""


def finding(name: str, value: float, judged: bool | None, **words: object) -> Finding:
    """What was found: a measured number, whether it speaks for the explanation, and the words of its sentence (`value` as a percentage
    comes by itself)."""
    title, text = _SAID[name]
    return Finding(title, text.format(value=f"{value:.0%}", **words), value, judged)


def additivity(error: float, judged: bool) -> Finding:
    """Whether the shares add up to the prediction."""
    small = error <= 1e-5
    shown = "0.00001" if small else f"{error:.2g}"
    return finding(
        "additivity", error, judged, en=f"less than {shown}" if small else shown, hi=f"{shown} से कम" if small else shown
    )


def removal(beaten: float, judged: bool | None) -> Finding:
    """Whether taking away what matters works better than chance."""
    some = beaten < 1
    return finding(
        "removal", beaten, judged,
        en=f"{beaten:.0%} of random orders do" if some else "any of 40 random orders does",
        hi=f"{beaten:.0%} बेतरतीब क्रमों" if some else "सभी 40 बेतरतीब क्रमों",
    )  # fmt: skip
