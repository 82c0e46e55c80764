"""How declarations are found: shipped ones, those of other packages, and a person's own files.

Other packages declare entry points (`samajh.datasets`, `samajh.models`, `samajh.explainers`), a person puts files into
`SAMAJH_HOME/plugins`. What cannot be imported becomes a `Broken` card with its reason; it never takes the others down.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from data.catalog import DatasetCard, ExplainerCard, MethodCard

METHOD_PACKAGES = (
    "lightning_modules.diffusion",
    "lightning_modules.adversarial",
    "lightning_modules.variational",
    "lightning_modules.language",
    "lightning_modules.ssl",
    "lightning_modules.supervised",
)
DATASET_PACKAGES = ("data.datasets",)
EXPLAINER_PACKAGES = (
    "dashboard.explain.image",
    "dashboard.explain.table",
    "dashboard.explain.text",
    "dashboard.explain.denoiser",
    "dashboard.explain.embedding",
)
ENTRY_POINTS = ("samajh.datasets", "samajh.models", "samajh.explainers")


@dataclass(frozen=True)
class Broken:
    """A declaration that could not be loaded: where it stands and the reason in the interpreter's words."""

    name: str
    where: str
    reason: str
    trace: str


@dataclass
class Discovered:
    """Everything found: cards by name, and what is broken."""

    methods: dict[str, MethodCard] = field(default_factory=dict)
    datasets: dict[str, DatasetCard] = field(default_factory=dict)
    explainers: dict[str, ExplainerCard] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)

    def add(self, card: object, where: str) -> None:
        """Register one card; a second card of the same name is broken, not a replacement."""
        if isinstance(card, MethodCard):
            known: dict[str, Any] = self.methods
        elif isinstance(card, DatasetCard):
            known = self.datasets
        elif isinstance(card, ExplainerCard):
            known = self.explainers
        else:
            raise TypeError(f"expected a MethodCard, DatasetCard or ExplainerCard, got {type(card).__name__}")
        if card.name in known:
            raise ValueError(f"the name {card.name!r} is taken")
        known[card.name] = card


def discover(plugins: Path | None = None) -> Discovered:
    """Import every declaration: shipped, by entry point, and `*.py` files in the folder `plugins`."""
    found = Discovered()
    for package in (*DATASET_PACKAGES, *METHOD_PACKAGES, *EXPLAINER_PACKAGES):
        for name in _modules_of(package):
            _collect(found, name, partial(importlib.import_module, name))
    for group in ENTRY_POINTS:
        for entry in importlib.metadata.entry_points(group=group):
            try:
                found.add(entry.load(), entry.value)
            except BaseException as error:  # a foreign package may raise anything at import, SystemExit included
                if isinstance(error, KeyboardInterrupt):
                    raise
                found.broken.append(_broken(entry.name, entry.value, error))
    if plugins is not None and plugins.is_dir():
        for path in sorted(plugins.glob("*.py")):
            _collect(found, path.name, partial(import_plugin, path))
    return found


def _modules_of(package: str) -> Iterator[str]:
    spec = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(spec.__path__), key=lambda info: info.name):
        yield f"{package}.{info.name}"


def import_plugin(path: Path) -> ModuleType:
    """Import one plug-in file under a name that cannot collide with a package."""
    name = f"samajh_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _collect(found: Discovered, where: str, load: Callable[[], ModuleType]) -> None:
    try:
        module = load()
        for attribute in ("DATASET", "METHOD", "EXPLAINER"):
            declared = getattr(module, attribute, ())
            for card in declared if isinstance(declared, tuple | list) else (declared,):
                found.add(card, where)
    except BaseException as error:  # a person's own file may raise anything, SystemExit included
        if isinstance(error, KeyboardInterrupt):
            raise
        found.broken.append(_broken(where.removesuffix(".py").rsplit(".", 1)[-1], where, error))


def _broken(name: str, where: str, error: BaseException) -> Broken:
    return Broken(name, where, f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))
