"""How a column is called in a letter to a customer, and whether it may be named there at all: an editable table beside each table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from data.durable import write_durably
from data.example_tables import EXAMPLES
from data.table import Column
from data.tables import TableAbout
from data.text import Problem, Text

_FILE = "reasons.json"
_LONGEST = 200


class ReasonCode(BaseModel):
    """One column in words for a customer; a `barred` one is never named and never to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    en: str = Field(max_length=_LONGEST)
    hi: str = Field(max_length=_LONGEST)
    barred: bool = False

    @property
    def text(self) -> Text:
        """The words in both languages."""
        return Text(en=self.en or self.column, hi=self.hi or self.en or self.column)


_CODES = TypeAdapter(list[ReasonCode])


def codes_of(about: TableAbout, features: Sequence[Column]) -> list[ReasonCode]:
    """One for each feature: what a person wrote, else what ships with the table, else the column's own name."""
    path = about.folder / _FILE
    kept = parsed(path.read_bytes()) if path.exists() else []
    return completed(kept, about, features)


def completed(given: Sequence[ReasonCode], about: TableAbout, features: Sequence[Column]) -> list[ReasonCode]:
    """The given codes, in the order of the features, with the usual one where none is given."""
    known = {one.column: one for one in given}
    example = EXAMPLES.get(about.id)
    shipped = example.reasons if example else {}
    fixed = example.barred if example else ()
    found = []
    for feature in features:
        words = shipped.get(feature.name, Text(en=feature.name, hi=feature.name))
        usual = ReasonCode(column=feature.name, en=words.en, hi=words.hi, barred=feature.name in fixed)
        found.append(known.get(feature.name, usual))
    return found


def keep(about: TableAbout, codes: Sequence[ReasonCode]) -> None:
    """Keep them beside the table; they go with it when it is deleted."""
    write_durably(about.folder / _FILE, _CODES.dump_json(list(codes), indent=1))


def parsed(content: bytes) -> list[ReasonCode]:
    """Codes from JSON: a list of {"column", "en", "hi", "barred"}.

    Raises:
        Problem: It is something else.
    """
    try:
        return _CODES.validate_python(json.loads(content))
    except (ValueError, ValidationError, RecursionError) as error:
        text = Text(
            en="The reasons are a JSON list of objects with “column”, “en”, “hi” and perhaps “barred”; each text has at most 200 characters.",
            hi="वजहें JSON सूची हैं, हर एक में “column”, “en”, “hi” और चाहें तो “barred”; हर टेक्स्ट 200 अक्षर तक।",
        )  # fmt: skip
        raise Problem(text, code="bad_reasons", field="codes") from error
