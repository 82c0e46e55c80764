"""A decision told to the person it is about: the outcome, its main reasons, what would have changed it, and what they can do. No jargon.

At most four reasons (the official commentary to US Regulation B, 12 CFR 1002.9(b)(2), holds more to be of little help), each in the words of
the code table; only such as are sure; barred columns are neither named nor to be changed. What would have changed the outcome comes from
a counterfactual: the model was asked, and does say otherwise.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.telling import Row, figure, grouped
from dashboard.tables.reason_codes import ReasonCode
from data.table import cell_text
from data.text import Language, Text

MOST_REASONS = 4
_LEAST = 0.15

SUBJECT = Text(en="About your application", hi="आपके आवेदन के बारे में")
GREETING = Text(en="Dear {name},", hi="प्रिय {name},")
SOMEBODY = Text(en="customer", hi="ग्राहक")
DECIDED = Text(
    en="we have looked at your application with the help of a computer program. Its outcome is: {outcome}.",
    hi="हमने आपका आवेदन एक कंप्यूटर प्रोग्राम की मदद से देखा। उसका नतीजा है: {outcome}।",
)
REASONS = Text(en="What counted most for this outcome:", hi="इस नतीजे की मुख्य वजहें:")
NO_REASONS = Text(
    en="No single point decided this; many small ones did together.",
    hi="किसी एक बात से यह तय नहीं हुआ; कई छोटी बातों ने मिलकर किया।",
)
IN_FAVOUR = Text(en="What spoke for another outcome: {points}.", hi="दूसरे नतीजे के पक्ष में: {points}।")
CHANGE = Text(en="What would have changed the outcome:", hi="क्या बदलता तो नतीजा कुछ और होता:")
WAY = Text(en="{changes}: then the outcome would have been {wanted}.", hi="{changes}: तब नतीजा {wanted} होता।")
ONE_CHANGE = Text(en="{name}: {after} instead of {before}", hi="{name}: {before} की जगह {after}")
CHECKED = Text(
    en="We checked this with the same program; everything else would have to stay as it is. It is no promise for a later application.",
    hi="हमने इसे उसी प्रोग्राम से जाँचा है; बाकी सब वैसा ही रहना चाहिए। यह आगे के किसी आवेदन का वादा नहीं है।",
)
NO_WAY = Text(
    en="We found no small change that would have led to another outcome.",
    hi="ऐसा कोई छोटा बदलाव नहीं मिला जिससे नतीजा कुछ और होता।",
)
RIGHTS = Text(
    en="If something here is not right, tell us and we will correct it. You can ask for a person to look at the decision again, and you "
    "can object to it.",
    hi="अगर यहाँ कोई बात सही नहीं है, तो हमें बताएँ, हम उसे ठीक करेंगे। आप कह सकते हैं कि कोई व्यक्ति इस फ़ैसले को फिर से देखे, और आप इस पर "
    "आपत्ति भी कर सकते हैं।",
)
EMPTY = Text(en="no entry", hi="कुछ नहीं भरा")


@dataclass(frozen=True)
class Letter:
    """Paragraphs in order; those of `points` are lists. `warnings` are for the one who sends it, not for the letter."""

    greeting: Text
    paragraphs: tuple[Text | tuple[Text, ...], ...]
    sender: str
    warnings: tuple[Text, ...]

    def plain(self, language: Language) -> str:
        """The letter as text."""
        parts = [SUBJECT.to(language), self.greeting.to(language)]
        for one in self.paragraphs:
            parts.append(one.to(language) if isinstance(one, Text) else "\n".join(f"- {p.to(language)}" for p in one))
        return "\n\n".join([*parts, *([self.sender] if self.sender else [])]) + "\n"

    def page(self, language: Language) -> str:
        """The letter as a page that needs nothing else; whatever came from people is no markup."""

        def say(text: Text) -> str:
            return html.escape(text.to(language))

        parts = [
            f"<p>{say(one)}</p>"
            if isinstance(one, Text)
            else "<ul>" + "".join(f"<li>{say(p)}</li>" for p in one) + "</ul>"
            for one in self.paragraphs
        ]
        return (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{say(SUBJECT)}</title>'
            '<meta name="viewport" content="width=device-width"><style>body{max-width:42rem;margin:3rem auto;padding:0 1rem;'
            "font:17px/1.6 Mukta,'Noto Sans Devanagari','Noto Sans',sans-serif;color:#1C2030}h1{font-size:1.3rem}</style></head><body>"
            f"<h1>{say(SUBJECT)}</h1><p>{say(self.greeting)}</p>{''.join(parts)}<p>{html.escape(self.sender)}</p></body></html>\n"
        )


def letter(
    one: Explanation,
    row: Row,
    codes: Sequence[ReasonCode],
    ways: Sequence[Sequence[Mapping[str, Any]]],
    *,
    wanted: str = "",
    name: str = "",
    sender: str = "",
) -> Letter:
    """The letter about one row.

    Args:
        one: An explanation of what the model says of the row (of a class: the one it decides for).
        row: The row.
        codes: Words for each feature.
        ways: What would change the outcome, as a counterfactual's `details["ways"]`; the first one is told.
        wanted: The outcome that then comes.
        name: Whom it is to.
        sender: Who signs.
    """
    pro, contra = _reasons(one)
    barred = [codes[j] for j in pro if codes[j].barred]
    told = [j for j in pro if not codes[j].barred][:MOST_REASONS]
    helped = [j for j in contra if not codes[j].barred][:2]
    outcome = f"“{row.says}”" if row.says else ""
    parts: list[Text | tuple[Text, ...]] = [
        DECIDED.format(outcome=outcome) if row.says else _each(DECIDED, outcome=lambda to: figure(row.score, to))
    ]
    parts += [REASONS, tuple(_point(row, codes, j) for j in told)] if told else [NO_REASONS]
    if helped:
        points = [_point(row, codes, j) for j in helped]
        parts.append(_each(IN_FAVOUR, points=lambda to: "; ".join(point.to(to) for point in points)))
    named = {code.column: code for code in codes}
    open_ways = [way for way in ways if not any(named[change["column"]].barred for change in way)]
    parts += [CHANGE, (_way(open_ways[0], named, wanted),), CHECKED] if open_ways else [NO_WAY]
    parts.append(RIGHTS)
    greeting = GREETING.format(name=name) if name else _each(GREETING, name=SOMEBODY.to)
    return Letter(greeting, tuple(parts), sender, _warnings(one, barred))


def _reasons(one: Explanation) -> tuple[list[int], list[int]]:
    """Columns that speak for what was decided and against it, the weightiest first; only sure ones that weigh something."""
    size = np.abs(one.attributions)
    sure = size > (one.half_width if one.half_width is not None else 0.0)
    order = [int(j) for j in np.argsort(-size, kind="stable") if sure[j] and size[j] >= _LEAST * size.max()]
    return [j for j in order if one.attributions[j] > 0], [j for j in order if one.attributions[j] < 0]


def _point(row: Row, codes: Sequence[ReasonCode], j: int) -> Text:
    feature = row.features[j]
    cell = cell_text(feature, feature.kind, float(row.x[j]))
    text = codes[j].text
    return Text(en=f"{text.en}: {_cell(cell, 'en')}", hi=f"{text.hi}: {_cell(cell, 'hi')}")


def _cell(cell: str, language: Language) -> str:
    return grouped(cell, language) if cell else EMPTY.to(language)


def _way(changes: Sequence[Mapping[str, Any]], named: Mapping[str, ReasonCode], wanted: str) -> Text:
    def told(to: Language) -> str:
        return "; ".join(
            ONE_CHANGE.to(to).format(
                name=named[one["column"]].text.to(to), after=_cell(one["to"], to), before=_cell(one["from"], to)
            )
            for one in changes
        )

    outcome = wanted if wanted[:1] in ("<", ">") else f"“{wanted}”"
    return _each(WAY, changes=told, wanted=lambda to: outcome)


def _each(text: Text, **words: Any) -> Text:
    """A text whose words differ by language."""
    return Text(
        en=text.en.format(**{key: one("en") for key, one in words.items()}),
        hi=text.hi.format(**{key: one("hi") for key, one in words.items()}),
    )


def _warnings(one: Explanation, barred: Sequence[ReasonCode]) -> tuple[Text, ...]:
    found = []
    light = one.evidence.get("light")
    if light is not None and light.speaks_for is not True:
        found.append(
            Text(
                en=f"Look before you send this: {light.title.en}. {light.text.en}",
                hi=f"भेजने से पहले देखें: {light.title.hi}। {light.text.hi}",
            )
        )
    if barred:
        columns = ", ".join(f"“{code.column}”" for code in barred)
        found.append(
            Text(
                en=f"{columns} is among the main reasons and is barred from letters: this letter would not tell the whole truth. Look at the model first.",
                hi=f"{columns} मुख्य वजहों में है और पत्रों में नहीं बताया जा सकता: यह पत्र पूरा सच नहीं बताएगा। पहले मॉडल को देखें।",
            )
        )  # fmt: skip
    return tuple(found)
