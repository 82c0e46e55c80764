"""The sentences about a denoiser, in both languages: what it does with the picture at this noise, and where."""

from __future__ import annotations

from dataclasses import dataclass

from data.text import Text

SLIGHT = 0.05
"""Root mean square by which a picture moves the answer, on a scale from -1 to 1, below which it hardly does."""
SLIGHT_WORD = 0.01
"""Likewise of one word."""
SPREAD = 1.5
"""A region that holds less than so many times its share of the picture is no place where the loss lies."""
NO_WORD = Text(en="The model is told no words; type a prompt.", hi="मॉडल को कोई शब्द नहीं बताया गया; प्रॉम्प्ट लिखें।")


@dataclass(frozen=True)
class Stage:
    """At which noise step of how many."""

    step: int
    of: int

    @property
    def text(self) -> Text:
        """As a sentence begins."""
        return Text(en=f"At noise step {self.step:,} of {self.of:,}", hi=f"{self.of:,} में से नॉइज़ स्टेप {self.step:,} पर")


def driving(stage: Stage, *, moved: float, place: Text, left: float, chance: float, marked: bool) -> Text:
    """Which pixels drive the answer: hiding the marked ones leaves `left` of what the picture adds, the same shape elsewhere `chance`."""
    at = stage.text
    if moved < SLIGHT:
        return Text(
            en=f"{at.en} the picture hardly counts: what the model draws is nearly the same without it ({moved:.3f} on a scale from −1 to 1).",
            hi=f"{at.hi} तस्वीर का असर नाममात्र है: मॉडल इसके बिना भी लगभग वही बनाता है (−1 से 1 के पैमाने पर {moved:.3f})।",
        )
    if not marked:
        return Text(
            en=f"{at.en} no part of the picture stands out as what drives the answer.",
            hi=f"{at.hi} तस्वीर का कोई हिस्सा अलग से जवाब नहीं चलाता।",
        )
    if left >= chance:
        return Text(
            en=f"{at.en} this method marks {place.en} of the picture, but hiding the same shape elsewhere takes as much away: do not rely on it.",
            hi=f"{at.hi} यह तरीका तस्वीर में {place.hi} दिखाता है, पर वही आकार दूसरी जगह छिपाने पर भी उतना ही घटता है: इस पर भरोसा न करें।",
        )
    return Text(
        en=f"{at.en} the model draws this mainly from {place.en} of the picture; with that under the noise, {1 - left:.0%} of what the picture adds is gone (elsewhere {1 - chance:.0%}).",
        hi=f"{at.hi} मॉडल यह मुख्य रूप से तस्वीर के इस हिस्से से बनाता है: {place.hi}; उसे नॉइज़ में छिपाने पर तस्वीर का {1 - left:.0%} असर चला जाता है (दूसरी जगह {1 - chance:.0%})।",
    )


def losing(stage: Stage, *, loss: float, half: float, place: Text, share: float, area: float) -> Text:
    """Where the loss of the picture lies."""
    at, amount = stage.text, f"{loss:.4g} ± {half:.2g}"
    if share <= SPREAD * area:
        return Text(
            en=f"{at.en} the loss of this picture is {amount}, spread over all of it.",
            hi=f"{at.hi} इस तस्वीर का लॉस {amount} है, और पूरी तस्वीर में फैला है।",
        )
    return Text(
        en=f"{at.en} the loss of this picture is {amount}; {share:.0%} of it lies in {area:.0%} of the picture, most of all {place.en}.",
        hi=f"{at.hi} इस तस्वीर का लॉस {amount} है; उसका {share:.0%} तस्वीर के {area:.0%} में है, सबसे ज़्यादा यहाँ: {place.hi}।",
    )


def wording(stage: Stage, *, word: str, place: Text, moved: float, marked: bool, confirmed: bool | None) -> Text:
    """Where a word of the prompt acts; `confirmed`: leaving it out changes the marked region more than other places; None: it cannot be told."""
    at = stage.text
    if not marked:
        return Text(
            en=f"{at.en} no place of the picture looks at “{word}”.",
            hi=f"{at.hi} तस्वीर की कोई जगह “{word}” को नहीं देखती।",
        )
    if moved < SLIGHT_WORD:
        return Text(
            en=f"{at.en} “{word}” hardly counts: without it the model draws nearly the same ({moved:.3f} on a scale from −1 to 1).",
            hi=f"{at.hi} “{word}” का असर नाममात्र है: इसके बिना भी मॉडल लगभग वही बनाता है (−1 से 1 के पैमाने पर {moved:.3f})।",
        )
    begin_en = f"{at.en} “{word}” acts mainly in {place.en} of the picture"
    begin_hi = f"{at.hi} “{word}” का असर मुख्य रूप से तस्वीर के इस हिस्से में है: {place.hi}"
    if confirmed:
        return Text(
            en=f"{begin_en}; without it, that is where the picture changes ({moved:.3f} on a scale from −1 to 1).",
            hi=f"{begin_hi}; इसके बिना तस्वीर वहीं बदलती है (−1 से 1 के पैमाने पर {moved:.3f})।",
        )
    if confirmed is None:
        return Text(
            en=f"{at.en} {place.en} of the picture looks most at “{word}”; without it the picture changes by {moved:.3f}, there not clearly more than elsewhere.",
            hi=f"{at.hi} “{word}” को सबसे ज़्यादा तस्वीर का यह हिस्सा देखता है: {place.hi}; इसके बिना तस्वीर {moved:.3f} बदलती है, पर वहाँ दूसरी जगहों से साफ़ तौर पर ज़्यादा नहीं।",
        )
    return Text(
        en=f"{at.en} {place.en} of the picture looks most at “{word}”, but without it the picture changes elsewhere just as much: do not rely on it.",
        hi=f"{at.hi} “{word}” को सबसे ज़्यादा तस्वीर का यह हिस्सा देखता है: {place.hi}; पर इसके बिना तस्वीर दूसरी जगह भी उतनी ही बदलती है: इस पर भरोसा न करें।",
    )
