"""A text that somebody wants explained: its words, and what is refused in plain words.

Needs no torch. A word is a run of signs without blanks, whatever the script.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from data.text import Problem, Text

LONGEST = 600
"""Characters: each of the words is taken away in turn, and a page has room for so many."""
MOST_WORDS = 60
_WORD = re.compile(r"\S+")
_EDGES = "\"'“”‘’()[]{}<>.,;:!?…।॥-–—*_"


@dataclass(frozen=True)
class Word:
    """A word of a text and where it stands: characters `start` up to `end`."""

    text: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    return tuple(Word(found.group(), found.start(), found.end()) for found in _WORD.finditer(text))


def bare(word: str) -> str:
    """A word without the marks around it, as it is named in a sentence."""
    return word.strip(_EDGES) or word


def check(text: str, field: str = "text") -> str:
    """The text, if it can be explained.

    Raises:
        Problem: Empty (`empty_text`) or too long (`text_too_long`).
    """
    text = unicodedata.normalize("NFC", text).replace("\x00", "")
    if not any(sign.isalnum() for sign in text):
        raise Problem(
            Text(en="There are no words to explain: type a sentence.", hi="समझाने के लिए कोई शब्द नहीं है: एक वाक्य लिखें।"),
            code="empty_text", field=field,
        )  # fmt: skip
    count = len(words_of(text))
    if len(text) > LONGEST or count > MOST_WORDS:
        raise Problem(
            Text(en=f"The text has {count:,} words and {len(text):,} characters; at most {MOST_WORDS} words and {LONGEST} characters are explained. Shorten it.",
                 hi=f"टेक्स्ट में {count:,} शब्द और {len(text):,} अक्षर हैं; ज़्यादा से ज़्यादा {MOST_WORDS} शब्द और {LONGEST} अक्षर समझाए जाते हैं। इसे छोटा करें।"),
            code="text_too_long", field=field,
        )  # fmt: skip
    return text


def check_script(text: str, *, hindi: bool, field: str = "text") -> None:
    """Refuse letters of a script that the model has not learned.

    Raises:
        Problem: Hindi where only English is read (`english_only`), or another script (`unknown_script`).
    """
    for word in words_of(text):
        for sign in word.text:
            script = unicodedata.name(sign, "").split(" ")[0].split("-")[0]
            if script == "DEVANAGARI" and not hindi:
                raise Problem(
                    Text(en=f"This model reads English only and cannot read “{word.text}”: write in English, or choose the English-Hindi encoder.",
                         hi=f"यह मॉडल सिर्फ़ अंग्रेज़ी पढ़ता है, “{word.text}” नहीं पढ़ सकता: अंग्रेज़ी में लिखें या अंग्रेज़ी-हिंदी एनकोडर चुनें।"),
                    code="english_only", field=field,
                )  # fmt: skip
            if sign.isalpha() and script not in ("LATIN", "DEVANAGARI", "FEMININE", "MASCULINE", "MICRO"):
                en, hi = ("English or Hindi", "हिंदी या अंग्रेज़ी") if hindi else ("English", "अंग्रेज़ी")
                raise Problem(
                    Text(en=f"This model cannot read “{word.text}”: write in {en}.", hi=f"यह मॉडल “{word.text}” नहीं पढ़ सकता: {hi} में लिखें।"),
                    code="unknown_script", field=field,
                )  # fmt: skip
