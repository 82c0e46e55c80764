"""The catalogues: both languages say the same things, in the words the house has agreed on."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from dashboard.ui.language import LOCALES, translate
from data.text import LANGUAGES, Language, Text

DOMAINS = sorted(path.stem for path in (LOCALES / "en").glob("*.po"))
FORBIDDEN = (
    "दौड़",
    "नौकरी",
    "प्रशिक्षण",
    "हानि",
    "प्रतिदर्श",
    "शोर",
    "स्पष्टीकरण",
    "साक्ष्य",
    "देहली",
    "अंतःस्थापन",
    "प्रकरण अध्ययन",
    "तैनात",
    "जाँच-चौकी",
    "बीज",
    "युग",
    "पूर्वनिर्धारित",
    "भविष्यवाणी",
    "पुनरारंभ",
)
"""The left-out side of the glossary; "चरण" (a stage) and "ध्यान" may stand in other senses."""
NAMES = {"Python", "PyTorch", "Lightning", "CSV", "Parquet", "TensorBoard", "HTML", "GPU", "CPU", "CUDA", "Git", "EDM"}
"""Texts that are nothing but names may stand in Latin letters."""


def messages(domain: str, language: Language) -> dict[str, Message]:
    with (LOCALES / language / f"{domain}.po").open("rb") as source:
        return {_key(message): message for message in read_po(source, locale=language) if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_key_stands_in_both_languages_with_the_same_placeholders(domain: str) -> None:
    english, hindi = messages(domain, "en"), messages(domain, "hi")
    assert english.keys() == hindi.keys()
    for key, message in english.items():
        assert key.startswith(f"{domain}.")
        assert all(_strings(message)) and all(_strings(hindi[key])), key
        assert len(_strings(message)) == len(_strings(hindi[key])), key
        for one in (*_strings(message), *_strings(hindi[key])):
            assert _placeholders(one) == _placeholders(_strings(message)[0]), key


@pytest.mark.parametrize("domain", DOMAINS)
def test_hindi_is_hindi_and_keeps_to_the_glossary(domain: str) -> None:
    for key, message in messages(domain, "hi").items():
        for text in _strings(message):
            said = re.sub(r"\{\w+\}", "", text)
            assert re.search("[\u0900-\u097f]", said) or set(said.split()) <= NAMES, f"{key} has no Devanagari"
            assert "!" not in text, key
            for word in (*FORBIDDEN, "ट्रेन"):
                assert not re.search(rf"(?<![\u0900-\u097f]){word}(?![\u0900-\u097f])", text), f"{key} says {word}"


def test_no_key_is_written_twice() -> None:
    for path in LOCALES.glob("*/*.po"):
        keys = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(keys) == len(set(keys)), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_key_is_an_error_in_tests_and_its_own_text_in_production(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyError, match=r"no text for 'frame\.nowhere'"):
        translate("frame.nowhere", language)
    monkeypatch.delenv("SAMAJH_STRICT_TEXTS")
    assert translate("frame.nowhere", language) == "frame.nowhere"
    assert translate("nodomain.nowhere", language) == "nodomain.nowhere"


def test_a_count_chooses_the_plural_by_the_rule_of_the_language() -> None:
    assert translate("frame.ago.hours", "en", count=1) == "1 hour ago"
    assert translate("frame.ago.hours", "en", count=2) == "2 hours ago"
    assert translate("frame.ago.hours", "hi", count=1) == "1 घंटा पहले"
    assert translate("frame.ago.hours", "hi", count=5) == "5 घंटे पहले"


def test_a_text_brings_its_own_languages() -> None:
    text = Text(en="{n} samples", hi="{n} सैंपल")
    assert translate(text, "hi", n=3) == "3 सैंपल"


def test_the_catalogues_are_found_beside_the_package() -> None:
    assert (Path(LOCALES) / "hi" / "frame.po").is_file()
