"""One field of a config as the catalogue tells it: what it is called, what it may be, and how text becomes its value.

Made from the JSON schema of a pydantic config, so that forms and the command line need neither the config's class nor
the packages it imports.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from data.catalog import Kind
from data.text import Problem, Text

Type = Literal["integer", "number", "boolean", "string", "choice", "json"]

Answered = TypeVar("Answered", bound=BaseModel)

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


class Choice(BaseModel):
    """One of the values a field may have, with its name."""

    model_config = ConfigDict(frozen=True)

    value: str | int | float | bool
    label: Text


class Field(BaseModel):
    """A field of a method's, a data set's or the training's config. Bounds are inclusive unless `*_exclusive`."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: Type
    title: Text
    help: Text
    default: Any = None
    required: bool = False
    unit: str = ""
    source: str = ""
    symbol: str = ""
    advanced: bool = False
    kinds: tuple[Kind, ...] = ()
    choices: tuple[Choice, ...] = ()
    low: float | None = None
    high: float | None = None
    low_exclusive: bool = False
    high_exclusive: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    def matters_for(self, kind: Kind) -> bool:
        """Whether the field has a meaning for this kind of data."""
        return not self.kinds or kind in self.kinds

    def parse(self, given: Any, *, key: str | None = None) -> Any:
        """`given` (text from a command line, or a form's value) as this field's value, checked.

        Args:
            given: What the person gave.
            key: The name the person used for the field; a problem is reported under it.

        Raises:
            Problem: It is not a value of this field; the sentence says what would be.
        """
        key = key or self.name
        value = self._typed(given, key)
        self._check_bounds(value, key)
        return value

    def _typed(self, given: Any, key: str) -> Any:
        text = given.strip() if isinstance(given, str) else given
        if self.choices:
            return self._chosen(text, key)
        if self.type == "boolean":
            return self._truth(text, key)
        if self.type in ("integer", "number"):
            return self._number(text, key)
        if self.type == "string":
            return text if isinstance(text, str) else str(text)
        return _from_json(given)

    def _chosen(self, given: Any, key: str) -> Any:
        for choice in self.choices:
            if given == choice.value or str(given) == str(choice.value):
                return choice.value
        known = ", ".join(str(choice.value) for choice in self.choices)
        raise self._problem(key, "not_a_choice", f"must be one of: {known}", f"इनमें से एक होना चाहिए: {known}")

    def _truth(self, given: Any, key: str) -> bool:
        if isinstance(given, bool):
            return given
        word = str(given).lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        raise self._problem(key, "not_a_truth", "must be true or false", "true या false होना चाहिए")

    def _number(self, given: Any, key: str) -> int | float:
        whole = self.type == "integer"
        try:
            number = float(given) if not isinstance(given, bool) else math.nan
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number) or (whole and number != int(number)):
            if whole:
                raise self._problem(key, "not_a_number", "must be a whole number", "पूर्णांक होना चाहिए")
            raise self._problem(key, "not_a_number", "must be a number", "संख्या होनी चाहिए")
        return int(number) if whole else number

    def _check_bounds(self, value: Any, key: str) -> None:
        if isinstance(value, str):
            self._check_length(value, key)
        if self.type not in ("integer", "number") or self.choices:
            return
        low, high = self.low, self.high
        if low is not None and (value < low or (self.low_exclusive and value == low)):
            if self.low_exclusive:
                raise self._problem(key, "too_small", f"must be more than {low:g}", f"{low:g} से ज़्यादा होना चाहिए")
            raise self._problem(
                key, "too_small", f"must be at least {_plain(low)}", f"कम से कम {_plain(low)} होना चाहिए"
            )
        if high is not None and (value > high or (self.high_exclusive and value == high)):
            if self.high_exclusive:
                raise self._problem(key, "too_large", f"must be less than {high:g}", f"{high:g} से कम होना चाहिए")
            raise self._problem(
                key, "too_large", f"must be at most {_plain(high)}", f"ज़्यादा से ज़्यादा {_plain(high)} हो सकता है"
            )

    def _check_length(self, value: str, key: str) -> None:
        if self.max_length is not None and len(value) > self.max_length:
            raise self._problem(
                key,
                "too_long",
                f"may have at most {self.max_length} characters",
                f"में ज़्यादा से ज़्यादा {self.max_length} अक्षर हो सकते हैं",
            )
        if self.min_length is not None and len(value) < self.min_length:
            raise self._problem(key, "too_short", "must not be empty", "खाली नहीं हो सकता")
        if self.pattern is not None and re.search(self.pattern, value) is None:
            en, hi = self.help.en, self.help.hi
            raise self._problem(key, "wrong_form", f"cannot be “{value}”. {en}", f"“{value}” नहीं हो सकता। {hi}")

    def _problem(self, key: str, code: str, en: str, hi: str) -> Problem:
        text = Text(en=f"{self.title.en} {en}".rstrip(".") + ".", hi=f"{self.title.hi} {hi}".rstrip("।") + "।")
        return Problem(text, code=code, field=key)


def fields_of(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a config, from its JSON schema (`Config.model_json_schema()`), in the order they were declared."""
    required = set(schema.get("required", ()))
    return tuple(_field(name, about, name in required) for name, about in schema.get("properties", {}).items())


def _field(name: str, about: Mapping[str, Any], required: bool) -> Field:
    labels = about.get("x-labels", {})
    values = about.get("enum", [about["const"]] if "const" in about else [])
    plain = name.replace("_", " ").capitalize()
    known = about.get("type") in ("integer", "number", "boolean", "string")
    return Field(
        name=name,
        type="choice" if values else about["type"] if known else "json",
        title=about.get("x-title", {"en": plain, "hi": plain}),
        help=about.get("x-help", {"en": about.get("description", ""), "hi": about.get("description", "")}),
        default=about.get("default"),
        required=required,
        unit=about.get("x-unit", ""),
        source=about.get("x-source", ""),
        symbol=about.get("x-symbol", ""),
        advanced=about.get("x-advanced", False),
        kinds=about.get("x-kinds", ()),
        choices=tuple(Choice(value=v, label=labels.get(str(v), {"en": str(v), "hi": str(v)})) for v in values),
        low=about.get("minimum", about.get("exclusiveMinimum")),
        high=about.get("maximum", about.get("exclusiveMaximum")),
        low_exclusive="exclusiveMinimum" in about,
        high_exclusive="exclusiveMaximum" in about,
        min_length=about.get("minLength"),
        max_length=about.get("maxLength"),
        pattern=about.get("pattern"),
    )


def _from_json(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def checked(config: type[Answered], values: Mapping[str, Any]) -> Answered:
    """`values` as a config, each checked by its field.

    Raises:
        Problem: A value is impossible, needed and missing, or has no field; `field` says which.
    """
    fields = {field.name: field for field in fields_of(config.model_json_schema())}
    for name in values:
        if name not in fields:
            raise Problem(
                Text(en=f"There is no setting “{name}” here.", hi=f"यहाँ “{name}” नाम की कोई सेटिंग नहीं है।"),
                code="unknown_key",
                field=name,
            )
    missing = next((field for field in fields.values() if field.required and field.name not in values), None)
    if missing is not None:
        text = Text(en=f"{missing.title.en} is needed.", hi=f"{missing.title.hi} ज़रूरी है।")
        raise Problem(text, code="missing_value", field=missing.name)
    return config.model_validate({name: fields[name].parse(value) for name, value in values.items()})
