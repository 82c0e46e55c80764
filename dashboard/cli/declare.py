"""How a command is declared: one function that returns a `Reply`, with its help in both languages.

Every command gets `--json` and `--lang` here, once.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

import typer

from dashboard.cli.reply import Reply, give
from data.text import Language, Text

F = TypeVar("F", bound=Callable[..., Reply])

HINDI: dict[str, str] = {}
"""Hindi of each help text, by its English."""

JSON_HELP = Text(en="Print one JSON object and nothing else.", hi="सिर्फ़ एक JSON ऑब्जेक्ट छापें।")
LANGUAGE_HELP = Text(
    en="Language of the words: en or hi (default: SAMAJH_LANG, then the system's).",
    hi="शब्दों की भाषा: en या hi (नहीं तो SAMAJH_LANG, फिर सिस्टम की भाषा)।",
)
HELP_HELP = Text(en="Show this message and exit.", hi="यह संदेश दिखाएँ और बंद हों।")


def told(en: str, hi: str) -> str:
    """A help text: Typer takes the English, `translate` finds the Hindi."""
    HINDI[en] = hi
    return en


for _text in (JSON_HELP, LANGUAGE_HELP, HELP_HELP):
    told(_text.en, _text.hi)


def group(name: str, help: str) -> typer.Typer:
    """A group of commands such as `runs`."""
    return typer.Typer(name=name, help=help, rich_markup_mode=None, add_completion=False)


def command(app: typer.Typer, name: str, help: str) -> Callable[[F], F]:
    """Register a function as a command of `app`; the process ends with the exit code of its reply."""

    def register(function: F) -> F:
        hints = get_type_hints(function, include_extras=True)
        parameters = [
            parameter.replace(annotation=hints[parameter.name])
            for parameter in inspect.signature(function).parameters.values()
        ]

        @functools.wraps(function)
        def run(**values: Any) -> None:
            values.pop("as_json")
            values.pop("lang")
            raise typer.Exit(give(function(**values)))

        signature = inspect.Signature([*parameters, *_COMMON])
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
        vars(run)["__signature__"] = signature
        app.command(name, help=help)(run)
        return function

    return register


# Both are read from the arguments before parsing (`Face.of`), so that usage errors obey them too.
_COMMON = (
    inspect.Parameter(
        "as_json",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[bool, typer.Option("--json", help=JSON_HELP.en)],
    ),
    inspect.Parameter(
        "lang",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Literal["en", "hi"] | None, typer.Option("--lang", help=LANGUAGE_HELP.en)],
    ),
)


def translate(node: Any, language: Language) -> None:
    """Put every help text of the command tree under `node` into `language`."""
    if language == "en":
        return
    for part in (node, *node.params):
        if getattr(part, "help", None):
            part.help = HINDI.get(part.help, part.help)
    for child in getattr(node, "commands", {}).values():
        translate(child, language)
