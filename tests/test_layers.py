"""Who may import whom: pages -> ui -> tracking, jobs, compute, figures -> lightning_modules -> data.

The imports are read from the source, relative and lazy ones too, so a breach is found on a machine where the
guilty line never runs.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.import_graph import ROOT, Graph, read_imports

TORCH = ("torch", "pytorch_lightning", "lightning", "torchmetrics", "captum", "safetensors.torch")
NOT_FOR_LISTINGS = (*TORCH, "streamlit", "alembic")

# Higher may import lower and equal, never the other way. The longest fitting prefix counts.
FLOORS = {
    "data": 0,
    "lightning_modules": 1,
    "dashboard": 2,
    "dashboard.cli": 3,
    "dashboard.ui": 3,
    "pages": 4,
    "dashboard.app": 5,
}
STREAMLIT_HOMES = ("pages", "dashboard.ui", "dashboard.app")
# Modules with torch at their top: they run in jobs, workers and the processes that fork them.
TORCH_HOMES = (
    "dashboard.jobs.training",
    "dashboard.jobs.conduct",
    "dashboard.jobs.estimate",
    "dashboard.jobs.loggers",
    "dashboard.jobs.weights",
    "dashboard.jobs.workshop",
    "dashboard.compute.requests",
    "dashboard.compute.worth",
    "dashboard.compute.worker",
    "dashboard.explain.denoiser",
    "dashboard.explain.embedding",
    "dashboard.explain.image",
    "dashboard.explain.table.gradients",
    "dashboard.explain.table.gradient_shap",
    "dashboard.explain.table.path_gradients",
    "dashboard.explain.text",
    "dashboard.explain.trained",
    "dashboard.tables.network",
    "dashboard.tracking.logger",
)

GRAPH = Graph()


def within(module: str, prefixes: tuple[str, ...]) -> bool:
    return any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes)


def floor(module: str) -> int:
    fitting = [prefix for prefix in FLOORS if within(module, (prefix,))]
    return FLOORS[max(fitting, key=len)]


def test_relative_lazy_and_type_checking_imports_are_told_apart() -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import torch\n"
        "from ..tracking import store\n"
        "def late():\n    import streamlit\n"
    )
    found = {one.target: one.at_start for one in read_imports(source, "dashboard.jobs.control")}
    assert found["dashboard.tracking.store"] is True
    assert found["streamlit"] is False
    assert "torch" not in found


def test_no_module_imports_a_higher_floor() -> None:
    breaches = [
        f"{one.importer}:{one.line} imports {one.target}"
        for imports in GRAPH.imports.values()
        for one in imports
        if one.target in GRAPH.files and floor(one.target) > floor(one.importer)
    ]
    assert breaches == []


def test_the_command_line_and_the_pages_do_not_know_each_other() -> None:
    breaches = [
        f"{one.importer}:{one.line} imports {one.target}"
        for imports in GRAPH.imports.values()
        for one in imports
        if (within(one.importer, ("dashboard.cli",)) and within(one.target, STREAMLIT_HOMES))
        or (within(one.target, ("dashboard.cli",)) and not within(one.importer, ("dashboard.cli",)))
    ]
    assert breaches == []


def test_streamlit_is_imported_in_pages_ui_and_app_alone() -> None:
    breaches = [
        f"{one.importer}:{one.line}"
        for imports in GRAPH.imports.values()
        for one in imports
        if within(one.target, ("streamlit",)) and not within(one.importer, STREAMLIT_HOMES)
    ]
    assert breaches == []


@pytest.mark.parametrize("module", sorted(m for m in GRAPH.files if within(m, STREAMLIT_HOMES)))
def test_the_page_side_reaches_no_torch_at_import(module: str) -> None:
    assert GRAPH.path_to(module, TORCH) == []


@pytest.mark.parametrize("module", sorted(m for m in GRAPH.files if within(m, ("dashboard.cli",))))
def test_the_command_line_reaches_neither_torch_nor_streamlit_nor_alembic_at_import(module: str) -> None:
    assert GRAPH.path_to(module, NOT_FOR_LISTINGS) == []


def test_torch_stands_at_the_top_of_methods_and_of_job_side_modules_only() -> None:
    guilty = [
        f"{one.importer}:{one.line} imports {one.target}"
        for imports in GRAPH.imports.values()
        for one in imports
        if one.at_start and within(one.target, TORCH) and not within(one.importer, ("lightning_modules", *TORCH_HOMES))
    ]
    assert guilty == []


def test_data_and_training_options_load_without_torch_and_streamlit() -> None:
    code = (
        "import sys, data.catalog, dashboard.explain.contract, lightning_modules.options, dashboard.settings, dashboard.tracking.records;"
        "print([name for name in ('torch', 'streamlit', 'alembic', 'pytorch_lightning') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_no_folder_inside_dashboard_shadows_a_top_level_package() -> None:
    """Streamlit puts `dashboard/` first on `sys.path`, so a `dashboard/data/` would hide `data/`."""
    ours = {"data", "pages", "lightning_modules", "tests", "dashboard"}
    dependencies = {"streamlit", "torch", "plotly", "pandas", "numpy", "sqlalchemy", "alembic", "pydantic", "typer"}
    names = {path.stem for path in (ROOT / "dashboard").iterdir()}
    assert names & (ours | dependencies) == set()


def test_no_entry_script_stands_at_the_root_beside_pages() -> None:
    """A `pages/` beside the entry script turns on Streamlit's old router, which skips the frame on deep links."""
    assert [path.name for path in ROOT.glob("*.py")] == []
