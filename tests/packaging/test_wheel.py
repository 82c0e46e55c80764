"""The wheel holds everything the studio needs, and runs from wherever it is unpacked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

from tests.import_graph import PACKAGES, ROOT

SOURCE_ONLY = ("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no left-over build folder takes part."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns(*SOURCE_ONLY))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_every_file_of_the_packages_is_in_the_wheel(unpacked: Path) -> None:
    files = [path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()]
    wanted = [path for path in files if "__pycache__" not in path.parts and path.suffix != ".pyc"]
    assert len(wanted) > 100
    assert [str(path) for path in wanted if not (unpacked / path).is_file()] == []


def test_the_wheel_says_what_it_needs_and_under_which_licence(unpacked: Path) -> None:
    folder = next(unpacked.glob("*.dist-info"))
    about: Message = HeaderParser().parsestr((folder / "METADATA").read_text("utf-8"))
    assert about["Requires-Python"] == "<3.14,>=3.11"
    assert about["License-Expression"] == "Apache-2.0"
    assert {"dev", "mlflow", "wandb"} <= set(about.get_all("Provides-Extra") or [])
    assert "samajh = dashboard.cli:main" in (folder / "entry_points.txt").read_text("utf-8")


def test_the_doctor_is_content_with_an_unpacked_wheel(unpacked: Path, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAMAJH_")}
    environment = {**clean, "PYTHONPATH": str(unpacked), "SAMAJH_HOME": str(tmp_path / "home"), "SAMAJH_LANG": "en"}
    call = "import sys, dashboard; print(dashboard.__file__, file=sys.stderr); from dashboard.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", call, "doctor", "--quick", "--json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[0].startswith(str(unpacked))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["healthy"] is True
    listed = subprocess.run(
        [sys.executable, "-P", "-m", "dashboard.cli", "runs", "list", "--examples", "--json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(listed.stdout)["total"] >= 3
