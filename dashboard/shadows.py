"""Finds a foreign top-level `data`, `pages`, `dashboard` or `lightning_modules` that hides ours.

These are common names. When another folder of the same name comes first on `sys.path`, everything after would fail
with an import error nobody can read; so this module uses the standard library alone and is asked first.
"""

from __future__ import annotations

import importlib.machinery
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OURS = ("data", "pages", "dashboard", "lightning_modules")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Shadow:
    """The package `name` found at `place`, which is not ours."""

    name: str
    place: Path


def foreign(path: Sequence[str] | None = None) -> list[Shadow]:
    """Packages of our names that Python would import from somewhere else, looking along `path` (`sys.path`)."""
    found = []
    for name in OURS:
        spec = importlib.machinery.PathFinder.find_spec(name, list(sys.path if path is None else path))
        if spec is None:
            continue  # found by an import hook instead, as editable installs are
        places = [Path(place).resolve() for place in spec.submodule_search_locations or [spec.origin or ""]]
        if ROOT / name not in places:
            found.append(Shadow(name, places[0]))
    return found


def sentence(shadow: Shadow, *, hindi: bool) -> str:
    """What is wrong and the way out, in English or Hindi (`data.text` may be the very package that is hidden)."""
    if hindi:
        return (
            f"“{shadow.name}” नाम का दूसरा पैकेज ({shadow.place}) समझ के पैकेज को ढक रहा है। "
            "उसे हटाएँ, उसका नाम बदलें, या किसी और फ़ोल्डर से चलाएँ।"
        )
    return (
        f"Another package named “{shadow.name}” ({shadow.place}) hides Samajh's own. "
        "Remove or rename it, or start from another folder."
    )


def tell(shadow: Shadow, *, hindi: bool, as_json: bool) -> str:
    """The sentence about `shadow` as the command line prints it."""
    said = sentence(shadow, hindi=hindi)
    if as_json:
        error = {"code": "shadowed_package", "message": said, "field": shadow.name}
        return json.dumps({"error": error}, ensure_ascii=False)
    return f"samajh: {said}"
