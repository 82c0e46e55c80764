"""A face of a page is one file `dashboard/ui/<page>_<name>.py` that declares `FACE` and draws itself in `render()`.

Nothing else lists it: the page asks `discover`. Its words stand in `dashboard/locales/<language>/<page>_<name>.po`. The lab has
faces, and so have Explain and Representations.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import dashboard.ui
from data.text import Text

LAB = "lab_"
EXPLAIN = "explain_"
REPRESENTATIONS = "seen_"


@dataclass(frozen=True)
class Face:
    """What a face declares.

    `name` is its word in the URL (`?face=<name>`), the same in every language; `about` one line under the title.
    """

    name: str
    title: Text
    about: Text
    order: int


@dataclass(frozen=True)
class Discovered:
    """A face and the function that draws it."""

    face: Face
    render: Callable[[], None]


def discover(prefix: str = LAB) -> list[Discovered]:
    """Every face of a page, in order. Modules of that prefix without `FACE` are parts of faces."""
    names = [info.name for info in pkgutil.iter_modules(dashboard.ui.__path__) if info.name.startswith(prefix)]
    modules = [importlib.import_module(f"dashboard.ui.{name}") for name in names]
    found = [Discovered(module.FACE, module.render) for module in modules if hasattr(module, "FACE")]
    return sorted(found, key=lambda one: (one.face.order, one.face.name))
