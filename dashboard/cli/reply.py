"""What a command answers, and how it is said: plain lines for a person, or one JSON object for a program.

With `--json`, standard output carries exactly one JSON object, errors included; everything else goes to standard
error. Numbers JSON has no word for are written as the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import json
import locale
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from data.text import LANGUAGES, Language, Problem, Text

FAILED = 1
"""Exit code when a command could not do what was asked, or the awaited run failed."""
USAGE = 2
"""Exit code when the command line itself is wrong."""
UNFINISHED = 3
"""Exit code of `train --wait` when the run was stopped or paused before its end."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


@dataclass(frozen=True)
class Reply:
    """The answer of a command: `values` is the JSON object, `lines` the same for people.

    `values` is None when the command has said its object already, as one that goes on running does.
    """

    values: Mapping[str, Any] | None
    lines: Sequence[str] = ()
    exit_code: int = 0


@dataclass(frozen=True)
class Face:
    """Whom the command talks to."""

    language: Language = "en"
    as_json: bool = False
    prog: str = field(default="samajh", compare=False)

    @classmethod
    def of(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Face:
        """Read `--json` and `--lang` wherever they stand, so that even a usage error is told in the right form."""
        before_dashes = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
        wanted = environment.get("SAMAJH_LANG", "")
        for position, argument in enumerate(before_dashes):
            if argument == "--lang" and position + 1 < len(before_dashes):
                wanted = before_dashes[position + 1]
            elif argument.startswith("--lang="):
                wanted = argument.removeprefix("--lang=")
        return cls(_language(wanted, environment), "--json" in before_dashes)

    def say(self, text: Text) -> str:
        """The text in the language of this person."""
        return text.to(self.language)


def _language(wanted: str, environment: Mapping[str, str]) -> Language:
    if not wanted:
        named = [environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
        wanted = next((name for name in named if name), "") or (locale.getlocale()[0] or "")
    return next((language for language in LANGUAGES if wanted.lower().startswith(language)), "en")


_FACE: ContextVar[Face | None] = ContextVar("face", default=None)


def face() -> Face:
    """The face of this call."""
    return _FACE.get() or Face()


def turn_to(new: Face) -> None:
    """Set the face of this call."""
    _FACE.set(new)


def say(text: Text, **values: object) -> str:
    """`text` in the person's language, placeholders filled."""
    return face().say(text.format(**values) if values else text)


def note(text: Text) -> None:
    """Tell a person something on the way; never part of the answer."""
    print(say(text), file=sys.stderr, flush=True)


def give(reply: Reply) -> int:
    """Print the answer and return the exit code."""
    if face().as_json and reply.values is not None:
        print(json.dumps(jsonable(reply.values), ensure_ascii=False, allow_nan=False), flush=True)
    elif reply.lines and not face().as_json:
        print("\n".join(reply.lines), flush=True)
    return reply.exit_code


def give_problem(problem: Problem, exit_code: int = FAILED) -> int:
    """Print why it did not work: JSON to standard output, or one sentence to standard error."""
    if face().as_json:
        error = {"code": problem.code, "message": say(problem.text), "field": problem.field}
        print(json.dumps({"error": error}, ensure_ascii=False), flush=True)
    else:
        where = f"{problem.field}: " if problem.field else ""
        print(f"{face().prog}: {where}{say(problem.text)}", file=sys.stderr, flush=True)
    return exit_code


def jsonable(value: Any) -> Any:
    """`value` in JSON's own types: paths and enumerations as words, broken numbers as strings."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, Text):
        return value.model_dump()
    if isinstance(value, Enum):
        return jsonable(value.value)
    if isinstance(value, Path):
        return os.fspath(value)
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Iterable):
        return [jsonable(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows in columns as wide as their widest cell; what a terminal shows and `cut` can take apart."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(head))]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _width(text: str) -> int:
    """Columns a terminal gives to `text`; Devanagari vowel signs stand on their consonant."""
    from rich.cells import cell_len

    return cell_len(text)
