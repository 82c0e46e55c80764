"""The one sentence a person reads first about a text: what the model says, by which words, and what it says without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.explain.telling import percent
from data.text import Text


@dataclass(frozen=True)
class Told:
    """What the sentence is made of: `asks` as of `TextModel`, the answer with its score, the words for and against it, and
    the score `without` those for it. `looked`: the words are those that were looked at, whatever they speak for."""

    asks: str
    title: Text
    score: float
    pro: Sequence[str]
    contra: Sequence[str]
    without: float
    looked: bool = False


def sentence(told: Told) -> Text:
    """The sentence in both languages."""
    return Text(en=_english(told), hi=_hindi(told))


def said(asks: str, title: Text, score: float) -> Text:
    """The answer alone."""
    share = _share(asks, score)
    return {
        "favour": Text(en=f"The model finds this {title.en} ({share})", hi=f"मॉडल के हिसाब से यह {title.hi} है ({share})"),
        "likeness": Text(en=f"The model finds the two texts {share} alike", hi=f"मॉडल को दोनों टेक्स्ट {share} एक जैसे लगते हैं"),
        "next": Text(en=f"The model expects “{title.en}” next ({share})", hi=f"मॉडल का अनुमान: आगे “{title.hi}” आएगा ({share})"),
        "blank": Text(en=f"The model writes “{title.en}” in the blank ({share})", hi=f"मॉडल खाली जगह में “{title.hi}” लिखता है ({share})"),
    }[asks]  # fmt: skip


def _english(told: Told) -> str:
    parts = [said(told.asks, told.title, told.score).en]
    if told.looked and told.pro:
        return f"{parts[0]}; it looked most at {_and(told.pro, 'and')}, which does not tell what it decided by."
    if not told.pro and not told.contra:
        return f"{parts[0]}; no single word stands out as the reason."
    if told.pro:
        parts.append(f", mainly because of {_and(told.pro, 'and')}")
    if told.contra:
        parts.append(
            f"{'; against it: ' if told.pro else ', although '}{_and(told.contra, 'and')}{'' if told.pro else ' speaks against it'}"
        )
    if told.pro:
        parts.append(f". Without {_and(told.pro, 'and')} it would say {_share(told.asks, told.without)}")
    return "".join(parts) + "."


def _hindi(told: Told) -> str:
    parts = [said(told.asks, told.title, told.score).hi]
    if told.looked and told.pro:
        return f"{parts[0]}; उसने सबसे ज़्यादा {_and(told.pro, 'और')} पर ध्यान दिया, पर इससे यह पता नहीं चलता कि उसने किस वजह से तय किया।"
    if not told.pro and not told.contra:
        return f"{parts[0]}; कोई एक शब्द अलग से वजह नहीं दिखता।"
    if told.pro:
        parts.append(f", मुख्य वजह: {_and(told.pro, 'और')}")
    if told.contra:
        parts.append(f"; इसके ख़िलाफ़: {_and(told.contra, 'और')}")
    if told.pro:
        parts.append(f"। {_and(told.pro, 'और')} के बिना {_share(told.asks, told.without)} होता")
    return "".join(parts) + "।"


def _share(asks: str, score: float) -> str:
    return f"{score:.2f}" if asks == "likeness" else percent(score)


def _and(words: Sequence[str], joint: str) -> str:
    quoted = [f"“{word}”" for word in words]
    return f" {joint} ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
