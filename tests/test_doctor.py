"""What the doctor finds, each with the way out in both languages."""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import doctor, shadows
from dashboard.doctor import Finding
from dashboard.settings import Settings
from dashboard.tracking.records import NewRun
from dashboard.tracking.store import Store

Usage = namedtuple("Usage", "total used free")


def found(settings: Settings, *, quick: bool = True) -> dict[str, Finding]:
    """Findings by code, the worst of each."""
    order = ("ok", "warning", "error")
    findings = sorted(doctor.examine(settings, quick=quick), key=lambda finding: order.index(finding.level))
    for finding in findings:
        assert re.search(r"[ऀ-ॿ]", finding.text.hi), finding
    return {finding.code: finding for finding in findings}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", port=_free_port())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_good_house_is_healthy(settings: Settings) -> None:
    levels = {code: finding.level for code, finding in found(settings).items()}
    assert {levels[code] for code in ("python", "packages", "home", "store", "port")} == {"ok"}
    assert "error" not in levels.values()


def test_a_home_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = found(Settings(home=tmp_path / "file"))["home"]
    assert finding.level == "error"
    assert "SAMAJH_HOME" in finding.text.en


@pytest.mark.parametrize(("free_mib", "level"), [(100, "error"), (2_000, "warning"), (50_000, "ok")])
def test_too_little_disk_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, free_mib: int, level: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(0, 0, free_mib * 2**20))
    assert found(settings)["disk"].level == level


def test_a_dead_supervisor_with_waiting_runs_is_an_error(settings: Settings) -> None:
    with Store.open(settings) as store:
        store.create_run(NewRun("waits", "ddpm", "digits", "tiny", {}, 0, 10))
    finding = found(settings)["supervisor"]
    assert finding.level == "error"
    assert "samajh up" in finding.text.en


def test_a_port_that_another_program_has_is_told_with_a_free_one(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind((settings.address, settings.port))
        other.listen()
        finding = found(settings)["port"]
    assert finding.level == "warning"
    assert f"--port {settings.port + 1}" in finding.text.en


def test_a_missing_browser_is_told_with_the_package_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    finding = found(settings)["browser"]
    assert finding.level == "warning"
    assert "apt install chromium" in finding.text.en


def test_a_network_drive_is_warned_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_file_system", lambda place: "nfs4")
    assert found(settings)["home"].level == "warning"


@pytest.fixture
def torch_that_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A `torch/version.py` that the doctor reads instead of the installed one."""
    package = tmp_path / "torch"
    package.mkdir()
    init = package / "__init__.py"
    init.touch()
    spec = importlib.util.spec_from_file_location("torch", init)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    yield package / "version.py"


@pytest.mark.parametrize(
    ("version", "cuda", "word"), [("2.13.0+cu130", "'13.0'", "CUDA build"), ("2.9.1+cpu", "None", "not the tested one")]
)
def test_a_wrong_torch_build_is_told(
    settings: Settings, torch_that_says: Path, version: str, cuda: str, word: str
) -> None:
    torch_that_says.write_text(f"__version__ = '{version}'\ncuda: Optional[str] = {cuda}\n")
    finding = found(settings)["torch"]
    assert finding.level == "warning"
    assert word in finding.text.en


def test_a_plug_in_that_fails_is_named_with_its_reason(settings: Settings) -> None:
    settings.plugins.mkdir(parents=True)
    (settings.plugins / "broken.py").write_text("import no_such_thing\n")
    findings = found(settings, quick=False)
    assert findings["plugins"].level == "warning"
    assert "broken.py" in findings["plugins"].text.en
    assert "no_such_thing" in findings["plugins"].text.en
    assert findings["declarations"].level == "ok"


def test_a_foreign_package_is_found_wherever_it_stands_first(tmp_path: Path) -> None:
    for name in ("pages", "data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    hidden = shadows.foreign([str(tmp_path), str(shadows.ROOT)])
    assert [shadow.name for shadow in hidden] == ["data", "pages"]
    assert shadows.foreign([str(shadows.ROOT), str(tmp_path)]) == []
