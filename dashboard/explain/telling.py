"""An explanation of a row of a table as one plain sentence, in both languages. Numbers come after it, jargon never.

Only columns whose interval leaves out 0 are named as reasons: of the others there is not enough evidence to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from babel.numbers import format_decimal

from dashboard.explain.contract import Array, Explanation
from data.table import Column, cell_text
from data.text import Language, Text

_REASONS = 3
_LOCALES: dict[Language, str] = {"en": "en", "hi": "hi_IN"}
_GROUPED_FROM = 10_000
"""Below, a whole number may be a year."""
_LEAST = 0.15
"""A reason weighs at least this part of the greatest."""


@dataclass(frozen=True)
class Row:
    """What a sentence needs to know of the row: its columns, their values [features], and what the model says of it.

    `score` is the probability of the target or the predicted number, whatever scale the shares are on; `says` is the class the model
    decides for, empty for a number; `usual` what is predicted on average.
    """

    features: Sequence[Column]
    x: Array
    score: float
    says: str = ""
    usual: float | None = None


def in_a_sentence(one: Explanation, row: Row) -> Text:
    """What the model says of the row, and why."""
    pro, contra = reasons(one, row)
    said = _said(one.target, row)
    if not pro and not contra:
        return _joined(
            said, Text(en="; no single column stands out as the reason.", hi="; कोई एक कॉलम अलग से वजह नहीं दिखता।")
        )
    parts = [said]
    if pro:
        parts.append(_listed(pro, "{0}, mainly because {1}", "{0}, मुख्य वजह: {1}", row.says or None))
    if contra:
        parts.append(_against(contra, number=not row.says, alone=not pro))
    parts.append(Text(en=".", hi="।"))
    return _joined(*parts)


def reasons(one: Explanation, row: Row) -> tuple[list[Text], list[Text]]:
    """The columns that speak for the target (or raise the number) and those against it, the weightiest first, as "column is value"."""
    columns = named(one)
    pro = [_value(row, j) for j in columns if one.attributions[j] > 0]
    contra = [_value(row, j) for j in columns if one.attributions[j] < 0]
    return pro, contra


def named(one: Explanation) -> list[int]:
    """The columns that a sentence names, the weightiest first: sure ones that weigh something, few for it and fewer against it."""
    size = np.abs(one.attributions)
    sure = size > (one.half_width if one.half_width is not None else 0.0)
    columns = [int(j) for j in np.argsort(-size, kind="stable") if sure[j] and size[j] >= _LEAST * size.max()]
    pro = [j for j in columns if one.attributions[j] > 0][:_REASONS]
    contra = [j for j in columns if one.attributions[j] < 0][: _REASONS - 1]
    return [j for j in columns if j in pro or j in contra]


def as_whole(one: Explanation, features: Sequence[Column]) -> Text:
    """What the model as a whole leans on: a sentence about an explanation of no single row."""
    order = np.argsort(-one.attributions, kind="stable")
    sure = [j for j in order if one.half_width is None or one.attributions[j] > one.half_width[j]][:_REASONS]
    if not sure:
        return Text(
            en="The model leans on no column more than chance would have it.",
            hi="मॉडल किसी कॉलम पर संयोग से ज़्यादा निर्भर नहीं है।",
        )
    names = [Text(en=features[j].name, hi=features[j].name) for j in sure]
    return Text(
        en=f"Over all rows the model leans most on {_and(names, 'en')}.", hi=f"सारी पंक्तियों में मॉडल सबसे ज़्यादा {_and(names, 'hi')} पर निर्भर है।"
    )  # fmt: skip


def as_a_way(changes: Sequence[Mapping[str, Any]], wanted: str) -> Text:
    """One counterfactual: what would have to be otherwise for the model to say what is wanted."""
    parts = [
        Text(
            en=f"{one['column']} were {_quoted(one['to'], 'en')} instead of {_quoted(one['from'], 'en') or 'empty'}",
            hi=f"{one['column']} का मान {_quoted(one['from'], 'hi') or 'खाली'} की जगह {_quoted(one['to'], 'hi')} होता",
        )
        for one in changes
    ]
    return Text(
        en=f"If {_and(parts, 'en')}, the model would say {_quoted(wanted, 'en')}.",
        hi=f"अगर {_and(parts, 'hi')}, तो मॉडल का अनुमान {_quoted(wanted, 'hi')} होता।",
    )


def _quoted(value: str, language: Language) -> str:
    """A word in quotation marks; a number or a bound grouped, nothing as it stands."""
    sign, number = ("", value) if value[:1] not in ("<", ">") else (f"{value[0]} ", value[1:].strip())
    bare = number.replace("-", "").replace(".", "").replace(",", "")
    if value and not bare.isdecimal():
        return f"“{value}”"
    return sign + grouped(number, language) if value else value


def grouped(number: str, language: Language) -> str:
    """A plain number with its thousands set apart, in Hindi its lakhs and crores: 12,34,567. Other words, dates and years as they are."""
    whole, point, rest = number.partition(".")
    if not whole.removeprefix("-").isdecimal() or abs(int(whole)) < _GROUPED_FROM:
        return number
    return f"{format_decimal(int(whole), locale=_LOCALES[language])}{point}{rest}"


def percent(p: float) -> str:
    """A probability as a person says it; never a false certainty."""
    return "> 99 %" if p > 0.99 else "< 1 %" if p < 0.01 else f"{p:.0%}".replace("%", " %")


def figure(value: float, language: Language = "en") -> str:
    """A predicted number in four digits, larger ones whole and grouped as the language does."""
    return str(format_decimal(round(value), locale=_LOCALES[language])) if abs(value) >= 1000 else f"{value:.4g}"


def _said(target: str, row: Row) -> Text:
    if not row.says:
        usual = "" if row.usual is None else f" (average: {figure(row.usual)})"
        usual_hi = "" if row.usual is None else f" (औसत: {figure(row.usual, 'hi')})"
        return Text(
            en=f"The model predicts {target} {figure(row.score)}{usual}",
            hi=f"मॉडल का अनुमान: {target} {figure(row.score, 'hi')}{usual_hi}",
        )
    if row.says == target:
        return Text(
            en=f"The model says “{target}” ({percent(row.score)})",
            hi=f"मॉडल का अनुमान “{target}” है ({percent(row.score)})",
        )
    return Text(
        en=f"The model gives “{target}” {percent(row.score)} and says “{row.says}”",
        hi=f"मॉडल “{target}” को {percent(row.score)} देता है और उसका अनुमान “{row.says}” है",
    )


def _listed(found: list[Text], en: str, hi: str, says: str | None) -> Text:
    if says is None:
        return Text(en=f"; raised by {_and(found, 'en')}", hi=f"; बढ़ाने वाले: {_and(found, 'hi')}")
    return Text(en=en.format("", _and(found, "en")), hi=hi.format("", _and(found, "hi")))


def _against(found: list[Text], *, number: bool, alone: bool) -> Text:
    if number:
        return Text(en=f"; lowered by {_and(found, 'en')}", hi=f"; घटाने वाले: {_and(found, 'hi')}")
    if alone:
        return Text(en=f", although {_and(found, 'en')}", hi=f", जबकि इसके ख़िलाफ़: {_and(found, 'hi')}")
    return Text(en=f"; against it: {_and(found, 'en')}", hi=f"; इसके ख़िलाफ़: {_and(found, 'hi')}")


def _value(row: Row, j: int) -> Text:
    feature = row.features[j]
    cell = cell_text(feature, feature.kind, float(row.x[j]))
    if not cell and row.says:
        return Text(en=f"{feature.name} is empty", hi=f"{feature.name} खाली है")
    if feature.kind == "category":
        en = hi = f"“{cell}”" if row.says else cell
    else:
        en, hi = grouped(cell, "en"), grouped(cell, "hi")
    if not row.says:
        return Text(en=f"{feature.name} ({en or 'empty'})", hi=f"{feature.name} ({hi or 'खाली'})")
    return Text(en=f"{feature.name} is {en}", hi=f"{feature.name} = {hi}")


def _and(parts: Sequence[Text], language: str) -> str:
    said = [part.en if language == "en" else part.hi for part in parts]
    word = " and " if language == "en" else " और "
    return word.join(filter(None, [", ".join(said[:-1]), said[-1]]))


def _joined(*parts: Text) -> Text:
    return Text(en="".join(part.en for part in parts), hi="".join(part.hi for part in parts))


def order_of(one: Explanation) -> npt.NDArray[np.int64]:
    """Columns from the weightiest to the least."""
    return np.argsort(-np.abs(one.attributions), kind="stable")
