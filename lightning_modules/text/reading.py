"""What a prompt may be: brought to one spelling, and refused in words where it cannot be read.

Needs no torch, so that a page can check a prompt while it is typed.
"""

from __future__ import annotations

import re
import string
import unicodedata

from data.text import Problem, Text

MAX_CHARACTERS = 200
"""Longest prompt; the captions it was trained on are shorter."""

LATIN = frozenset(string.ascii_lowercase + string.digits + string.punctuation + " ")
DEVANAGARI = frozenset("ँंःअआइईउऊऋएऐऑओऔकखगघचछजझञटठडढणतथदधनपफबभमयरलवशषसह़ािीुूृॅेैॉोौ्ॐ।")
"""The letters of Hindi; none but these stand in the texts that the encoder was trained on."""

_SAME = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "×": "x", "॥": "।", "⁄": "/"}
    | {chr(0x966 + digit): str(digit) for digit in range(10)}  # ०-९
)
_SPACES = re.compile(r"\s+")
_SCRIPTS = {
    "CJK": Text(en="Chinese", hi="चीनी"),
    "HIRAGANA": Text(en="Japanese", hi="जापानी"),
    "KATAKANA": Text(en="Japanese", hi="जापानी"),
    "HANGUL": Text(en="Korean", hi="कोरियाई"),
    "ARABIC": Text(en="Arabic or Urdu", hi="अरबी या उर्दू"),
    "HEBREW": Text(en="Hebrew", hi="हिब्रू"),
    "CYRILLIC": Text(en="Cyrillic", hi="सिरिलिक"),
    "GREEK": Text(en="Greek", hi="यूनानी"),
    "THAI": Text(en="Thai", hi="थाई"),
    "TAMIL": Text(en="Tamil", hi="तमिल"),
    "TELUGU": Text(en="Telugu", hi="तेलुगु"),
    "KANNADA": Text(en="Kannada", hi="कन्नड़"),
    "MALAYALAM": Text(en="Malayalam", hi="मलयालम"),
    "BENGALI": Text(en="Bengali", hi="बांग्ला"),
    "GUJARATI": Text(en="Gujarati", hi="गुजराती"),
    "GURMUKHI": Text(en="Gurmukhi", hi="गुरुमुखी"),
    "ORIYA": Text(en="Odia", hi="ओड़िया"),
}


def normalise(text: str) -> str:
    """One spelling: compatible forms joined, small letters, no accents on Latin, no invisible marks, single spaces.

    Accents are taken from Latin letters only: in Devanagari the signs above and below are the vowels.
    """
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().translate(_SAME)):
        kind = unicodedata.category(character)
        on_latin = kind == "Mn" and bool(kept) and kept[-1] in LATIN
        if kind != "Cf" and not on_latin and not 0xFE00 <= ord(character) <= 0xFE0F:
            kept.append(character)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def check_prompt(prompt: str, *, hindi: bool = True) -> str:
    """The prompt in its one spelling, if it can be read.

    Args:
        prompt: What a person typed.
        hindi: Whether the reader knows Devanagari.

    Raises:
        Problem: Empty (`empty_prompt`), too long (`prompt_too_long`), in letters that cannot be read (`unknown_script`),
            or Hindi where only English is read (`english_only`). The field is `prompt`.
    """
    if len(prompt) > MAX_CHARACTERS:
        raise too_long(
            Text(
                en=f"{len(prompt):,} characters of at most {MAX_CHARACTERS}",
                hi=f"{len(prompt):,} अक्षर, सीमा {MAX_CHARACTERS}",
            )
        )
    text = normalise(prompt)
    for character in text:
        if character in DEVANAGARI and not hindi:
            raise Problem(
                Text(en="This text encoder reads English only: write the prompt in English, or choose the English-Hindi encoder.",
                     hi="यह टेक्स्ट एनकोडर सिर्फ़ अंग्रेज़ी पढ़ता है: प्रॉम्प्ट अंग्रेज़ी में लिखें या अंग्रेज़ी-हिंदी एनकोडर चुनें।"),
                code="english_only", field="prompt",
            )  # fmt: skip
        if character not in LATIN and character not in DEVANAGARI:
            raise _unreadable(character, hindi)
    if not any(character.isalnum() for character in text):
        raise Problem(
            Text(en="The prompt has no words: write what the picture should show, such as “red heart”.",
                 hi="प्रॉम्प्ट में कोई शब्द नहीं है: लिखें कि तस्वीर में क्या हो, जैसे “लाल दिल”।"),
            code="empty_prompt", field="prompt",
        )  # fmt: skip
    return text


def too_long(measured: Text) -> Problem:
    """The refusal of a long prompt; `measured` says how long it is and may be."""
    return Problem(
        Text(en=f"The prompt is too long ({measured.en}): say it in one short sentence.",
             hi=f"प्रॉम्प्ट बहुत लंबा है ({measured.hi}): एक छोटे वाक्य में लिखें।"),
        code="prompt_too_long", field="prompt",
    )  # fmt: skip


def _unreadable(character: str, hindi: bool) -> Problem:
    script = _SCRIPTS.get(re.split("[ -]", unicodedata.name(character, ""))[0])
    kind = unicodedata.category(character)
    if script is not None:
        held = Text(en=f"{script.en} letters", hi=f"{script.hi} अक्षर")
    elif kind == "So":
        held = Text(en="pictures or symbols", hi="चित्र या चिह्न")
    elif kind[0] == "C":
        held = Text(en="invisible control characters", hi="न दिखने वाले कंट्रोल कैरेक्टर")
    else:
        held = Text(en=f"signs such as “{character}”", hi=f"“{character}” जैसे चिह्न")
    en, hi = ("English or Hindi", "हिंदी या अंग्रेज़ी") if hindi else ("English", "अंग्रेज़ी")
    return Problem(
        Text(en=f"The prompt holds {held.en}, which this text encoder cannot read: write it in {en}.",
             hi=f"प्रॉम्प्ट में {held.hi} हैं, जिन्हें यह टेक्स्ट एनकोडर नहीं पढ़ सकता: इसे {hi} में लिखें।"),
        code="unknown_script", field="prompt",
    )  # fmt: skip
