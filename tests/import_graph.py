"""The import graph of this repository, read from the source without running any of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("data", "lightning_modules", "dashboard", "pages")


@dataclass(frozen=True)
class Import:
    """`importer` imports `target`; `at_start` is False inside a function (it happens when that is called)."""

    importer: str
    target: str
    line: int
    at_start: bool


class _Reader(ast.NodeVisitor):
    """Collects the imports of one module, relative ones made absolute and type-checking blocks left out."""

    def __init__(self, module: str, *, package: bool) -> None:
        self.module = module
        self.package = module if package else module.rpartition(".")[0]
        self.found: list[Import] = []
        self._depth = 0

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            parents = self.package.split(".")
            base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
        self._add(base, node.lineno)
        for alias in node.names:
            self._add(f"{base}.{alias.name}", node.lineno)  # may be a submodule or a mere name; the graph decides

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.orelse:
                self.visit(child)
        else:
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def _add(self, target: str, line: int) -> None:
        self.found.append(Import(self.module, target, line, self._depth == 0))


def read_imports(source: str, module: str, *, package: bool = False) -> list[Import]:
    """All imports in one module's source."""
    reader = _Reader(module, package=package)
    reader.visit(ast.parse(source))
    return reader.found


class Graph:
    """Who imports whom among the repository's own packages, and which outside packages they use."""

    def __init__(self, root: Path = ROOT, packages: tuple[str, ...] = PACKAGES) -> None:
        self.files = {_module_name(path, root): path for name in packages for path in (root / name).rglob("*.py")}

    @cached_property
    def imports(self) -> dict[str, list[Import]]:
        """The imports of each module, targets cut down to a module of ours or an outside name."""
        return {module: list(self._resolved(module, path)) for module, path in self.files.items()}

    def _resolved(self, module: str, path: Path) -> Iterator[Import]:
        for one in read_imports(path.read_text("utf-8"), module, package=path.name == "__init__.py"):
            target = one.target
            if target.split(".")[0] in PACKAGES:
                while target not in self.files and "." in target:
                    target = target.rpartition(".")[0]
            yield Import(one.importer, target, one.line, one.at_start)

    def path_to(self, start: str, outside: tuple[str, ...]) -> list[str]:
        """The shortest chain of start-up imports from `start` to a module named in `outside`; empty if there is none."""
        chains = [[start]]
        seen = {start}
        while chains:
            chain = chains.pop(0)
            for target in self._loaded_by(chain[-1]):
                if any(target == name or target.startswith(name + ".") for name in outside):
                    return [*chain, target]
                if target in self.files and target not in seen:
                    seen.add(target)
                    chains.append([*chain, target])
        return []

    def _loaded_by(self, module: str) -> Iterator[str]:
        """What importing `module` imports at once: its parents, its imports, and their parents."""
        yield from _parents(module)
        for one in self.imports[module]:
            if one.at_start:
                yield one.target
                yield from _parents(one.target)


def _parents(module: str) -> Iterator[str]:
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
