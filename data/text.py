"""Words a person reads, in every language of the studio, and errors made of such words."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["en", "hi"]
LANGUAGES: tuple[Language, ...] = ("en", "hi")


class Text(BaseModel):
    """One text in English and Hindi; `{name}` placeholders are filled by `format`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str
    hi: str

    def to(self, language: Language) -> str:
        """The text in `language`."""
        return self.hi if language == "hi" else self.en

    def format(self, **values: object) -> Text:
        """The same text with its `{name}` placeholders filled, in every language."""
        return Text(en=self.en.format(**values), hi=self.hi.format(**values))

    def __str__(self) -> str:
        return self.en


class Problem(Exception):
    """Something a person can be told in one plain sentence: what, where, what to do.

    `field` names the form field it belongs to (None: the whole input); `code` is a stable
    machine-readable name such as `unknown_method`.
    """

    def __init__(self, text: Text, *, code: str, field: str | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.code = code
        self.field = field

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_problem, (self.text, self.code, self.field)


def _rebuild_problem(text: Text, code: str, field: str | None) -> Problem:
    return Problem(text, code=code, field=field)
