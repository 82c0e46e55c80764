"""An explanation as something to take along: what is in its report, and the report as one HTML file that needs nothing else.

`contents` gathers what a reader sees, in their language, from the kept record alone; `as_html` lays it out here, `explanation_pdf` on paper.
The HTML forbids itself any connection and any script; what people wrote is escaped.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.image.places import PLACES, by_place
from dashboard.explain.records import Record
from dashboard.figures import explanation_words as words
from dashboard.figures.overlay import alt as alt_of_map
from dashboard.figures.overlay import overlay
from dashboard.figures.report import fonts
from dashboard.figures.word_chips import chips
from dashboard.tables.recipe import NAMES
from data.text import Language, Text

_OPACITY = 0.7
_MOST_ROWS = 40


@dataclass(frozen=True)
class Rows:
    """A table of the report: its title, the heads of its columns, and its cells."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Light:
    """The traffic light: "green", "amber" or "red", its words, and what it is made of as (mark, what it says, title, text)."""

    colour: str
    title: str
    text: str
    parts: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Contents:
    """What a reader sees. `picture` is a PNG, `words` inked words as of `word_chips.chips`; a report has one of them or none."""

    language: Language
    title: str
    sentence: str
    light: Light | None
    picture: bytes | None
    picture_alt: str
    words: tuple[dict[str, Any], ...]
    tables: tuple[Rows, ...]
    caution: str
    again: str
    made_at: float

    @property
    def caption(self) -> str:
        """What stands below picture or words."""
        return (words.CHIPS if self.words else words.MAP).to(self.language)


def contents(
    record: Record, sentence: Text | None, features: Sequence[tuple[str, str]], language: Language
) -> Contents:
    """What is in the report of a record.

    Args:
        record: The record.
        sentence: What is said first; None: the one that the explanation bears.
        features: Of a table, the columns with the values of the row.
        language: In which it is told.
    """
    one = from_parts(record.answered, record.answered_arrays())
    said = sentence or (
        Text(**one.details["sentence"]) if "sentence" in one.details else Text(en=one.target, hi=one.target)
    )
    picture, alt = None, ""
    if _is_map(one):
        picture = overlay(one.arrays["seen"], one.attributions, opacity=_OPACITY, outline=one.arrays.get("region"))
        alt = alt_of_map(one.attributions, _title(one, language), language)
    inked: tuple[dict[str, Any], ...] = ()
    if record.kind == "text":
        inked = tuple(chips(one.details["words"], one.attributions, one.half_width, one.details["always"]))
    return Contents(
        language=language, title=words.TITLE.to(language), sentence=said.to(language), light=_light(one, language), picture=picture,
        picture_alt=alt, words=inked, caution=words.CAUTION.to(language), again=words.AGAIN.format(id=record.id).to(language), made_at=record.made_at,
        tables=tuple(rows for rows in _tables(record, one, features, language) if rows.rows),
    )  # fmt: skip


def as_html(found: Contents) -> str:
    """The report as one HTML file."""
    here = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    picture = "" if found.picture is None else f"data:image/png;base64,{base64.b64encode(found.picture).decode()}"
    return here.get_template("explanation_report.html").render(
        found=found, picture=picture, fonts=fonts(), evidence=words.EVIDENCE.to(found.language)
    )


def _light(one: Explanation, language: Language) -> Light | None:
    light = one.evidence.get("light")
    if light is None:
        return None
    parts = tuple(
        (words.MARKS[f.speaks_for], words.SPEAKS[f.speaks_for].to(language), f.title.to(language), f.text.to(language))
        for name, f in one.evidence.items()
        if name != "light"
    )
    colour = {True: "green", None: "amber", False: "red"}[light.speaks_for]
    return Light(colour, light.title.to(language), light.text.to(language), parts)


def _tables(record: Record, one: Explanation, features: Sequence[tuple[str, str]], language: Language) -> list[Rows]:
    def to(text: Text) -> str:
        return text.to(language)

    answers = [(_named(name, language), f"{share:.3f}") for name, share in one.details.get("top", ())]
    answers = answers or [(_title(one, language), f"{one.prediction:.4g}")]
    if one.base_value is not None:
        answers.append((to(words.BASE), f"{one.base_value:.4g}"))
    config = record.asked.get("config") or {}
    origin = [
        (to(words.ID), record.id), (to(words.METHOD), record.method), *((key, str(value)) for key, value in config.items()),
        (to(words.SEED), str(config.get("seed", 0))), (to(words.DATA), record.data_sha256), (to(words.WEIGHTS), record.weights),
        (to(words.VERSIONS), ", ".join(f"{name} {version}" for name, version in record.versions.items())),
        (to(words.MADE), time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(record.made_at))), (to(words.CALLS), f"{one.model_calls:,}"),
    ]  # fmt: skip
    heads = (to(words.WHAT), to(words.VALUE))
    return [
        Rows(to(words.ANSWERS), (to(words.ANSWER), to(words.SCORE)), tuple(answers)),
        _shares(one, features, language),
        Rows(to(words.MODEL), heads, _card(record.model, language)),
        Rows(to(words.ORIGIN), heads, tuple(dict.fromkeys(origin))),
    ]


def _card(model: Mapping[str, Any], language: Language) -> tuple[tuple[str, str], ...]:
    """What the model is and what it was worth when it was asked."""
    known: dict[str, Text] = {**words.NAMED, **{str(learner): title for learner, title in NAMES.items()}}

    def told(value: Any) -> str:
        if isinstance(value, Mapping):
            return words.FIGURE.format(**{name: f"{end:.3g}" for name, end in value.items()}).to(language)
        if isinstance(value, float):
            return f"{value:.3f}"
        return known[value].to(language) if value in known else str(value)

    facts = {key: model[key] for key in ("task", "column", "classes", "rows", "held out") if key in model}
    rows = [(words.FIGURES[key].to(language) if key in words.FIGURES else key, told(value))
            for key, value in {**facts, **model.get("figures", {})}.items()]  # fmt: skip
    return (words.NAME.to(language), told(model.get("name", ""))), *rows


def _shares(one: Explanation, features: Sequence[tuple[str, str]], language: Language) -> Rows:
    """What each word, column or place adds, the weightiest first."""
    title, part, share = (text.to(language) for text in (words.NUMBERS, words.PART, words.SHARE))
    if _is_map(one):
        cells = by_place(one.attributions)
        places = [place.to(language) for row in PLACES for place in row]
        order = np.argsort(-np.abs(cells.ravel()), kind="stable")
        return Rows(title, (part, share), tuple((places[k], f"{cells.ravel()[k]:+.4g}") for k in order))
    names = list(features) or [(str(word), "") for word in one.details.get("words", ())]
    if len(names) != one.attributions.size:
        return Rows(title, (), ())
    valued, halved = any(value for _, value in names), one.half_width is not None
    heads = (
        part,
        *((words.VALUE.to(language),) if valued else ()),
        share,
        *((words.HALF.to(language),) if halved else ()),
    )
    rows = []
    for k in np.argsort(-np.abs(one.attributions), kind="stable")[:_MOST_ROWS]:
        half = () if one.half_width is None else (f"{one.half_width[k]:.2g}",)
        rows.append((names[k][0], *((names[k][1],) if valued else ()), f"{one.attributions[k]:+.4g}", *half))
    return Rows(title, heads, tuple(rows))


def _is_map(one: Explanation) -> bool:
    """Whether it explains a picture, by a map over it."""
    return one.attributions.ndim == 2


def _title(one: Explanation, language: Language) -> str:
    """What is explained."""
    return _named(one.details.get("title", one.target), language)


def _named(name: Any, language: Language) -> str:
    return str(name) if isinstance(name, str) else Text(**name).to(language)
