"""The entry script: Streamlit's old `pages/` router stays off, so no page ever runs without the frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager

import dashboard

ENTRY = Path(dashboard.__file__).parent / "app.py"


def test_no_pages_folder_stands_beside_the_entry() -> None:
    assert ENTRY.is_file()
    assert not (ENTRY.parent / "pages").exists()


def test_no_entry_script_stands_beside_the_pages() -> None:
    root = ENTRY.parent.parent
    assert not [path.name for path in root.glob("*.py") if path.name != "conftest.py"]


def test_the_old_router_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    PagesManager(str(ENTRY))
    assert PagesManager.uses_pages_directory is False


def test_nothing_in_the_entry_folder_hides_a_package_of_ours_or_of_a_dependency() -> None:
    """Streamlit puts the folder of the entry first on the path."""
    taken = {path.stem for path in ENTRY.parent.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert not taken & {"data", "pages", "lightning_modules", "streamlit", "torch", "plotly", "pandas", "tests"}
