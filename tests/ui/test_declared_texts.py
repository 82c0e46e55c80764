"""What the declarations say in Hindi is Hindi and keeps to the glossary, as the catalogues do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from dashboard.catalogue import Catalogue
from dashboard.publishing import catalogue_of
from dashboard.ui.language import translate
from data.discovery import discover
from data.text import Text
from tests.ui.test_language import FORBIDDEN


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return catalogue_of(discover())


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def test_nothing_shipped_is_broken() -> None:
    assert not _catalogue().broken


def test_every_declared_hindi_text_keeps_to_the_glossary() -> None:
    texts = list(_texts(_catalogue()))
    assert len(texts) > 50
    for text in texts:
        for word in (*FORBIDDEN, "ट्रेन"):
            assert not re.search(rf"(?<![\u0900-\u097f]){word}(?![\u0900-\u097f])", text.hi), f"{text.hi} says {word}"


def test_declared_texts_are_translated_unless_they_are_a_name_or_a_number() -> None:
    for text in _texts(_catalogue()):
        english_words = re.findall("[a-z]{4,}", text.en)
        if len(english_words) > 1:
            assert re.search("[\u0900-\u097f]", text.hi), text.en


def test_every_declared_unit_that_is_a_word_has_a_hindi_one() -> None:
    catalogue = _catalogue()
    fields = [field for method in catalogue.methods.values() for field in method.fields]
    fields += [field for dataset in catalogue.datasets.values() for field in dataset.fields]
    units = {field.unit for field in fields} | {
        metric.unit for method in catalogue.methods.values() for metric in method.metrics
    }
    words = {unit for unit in units if re.fullmatch("[a-z]{3,}", unit)}
    assert {"steps", "tokens", "nats"} <= words
    assert not {word for word in words if not re.search("[\u0900-\u097f]", translate(f"frame.unit.{word}", "hi"))}
