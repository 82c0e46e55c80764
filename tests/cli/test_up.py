"""`samajh up`: page and supervisor together, port taken, and what becomes of the jobs at Ctrl-C."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from dashboard.jobs.control import end_supervisor, supervisor_status
from dashboard.settings import Settings
from tests.cli.samajh import Samajh
from tests.cli.test_training import LONG


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(samajh: Samajh, port: int, *more: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """Start the studio and return what it says when it is ready."""
    process = samajh.start("up", "--port", str(port), "--json", "--no-open", *more)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("{"):
        pytest.fail(f"no studio: {process.communicate()}")
    return process, json.loads(line)


def interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C and return what was said on the way out."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, ""), err
    return err


def eventually(reached: Callable[[], bool], limit_s: float = 60) -> None:
    end = time.monotonic() + limit_s
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_page_and_supervisor_start_together_and_end_with_nothing_left(fresh: Samajh, port: int) -> None:
    process, said = up(fresh, port)
    try:
        with urllib.request.urlopen(f"{said['url']}/", timeout=10) as answer:
            assert answer.status == 200
        assert supervisor_status(Settings(home=fresh.home)).pid == said["supervisor_pid"]
        family = psutil.Process(process.pid).children(recursive=True)
        family.append(psutil.Process(int(str(said["supervisor_pid"]))))
        interrupt(process)
        eventually(lambda: not any(member.is_running() for member in family), 20)
    finally:
        process.kill()
        end_supervisor(Settings(home=fresh.home))


def test_ctrl_c_pauses_the_jobs_and_the_next_up_resumes_exactly_these(fresh: Samajh, port: int) -> None:
    settings = Settings(home=fresh.home)
    run = fresh("train", "ddpm", *LONG, "--json").json["run_id"]
    process, _ = up(fresh, port)
    try:
        eventually(lambda: bool(fresh("runs", "show", run, "--json").json["step"] > 2))
        assert "paused" in interrupt(process)
        paused = fresh("runs", "show", run, "--json").json
        assert (paused["state"], paused["pid"]) == ("paused", None)
        assert paused["checkpoints"][-1]["step"] == paused["step"]
        assert not supervisor_status(settings).alive

        process, said = up(fresh, port, "--leave-jobs")
        assert said["resumed"] == [run]
        eventually(lambda: bool(fresh("runs", "show", run, "--json").json["step"] > paused["step"]))
        interrupt(process)
        assert fresh("runs", "show", run, "--json").json["state"] == "running"
        assert fresh("runs", "stop", run, "--wait", "--json").json["state"] == "stopped"
    finally:
        process.kill()
        end_supervisor(settings)


def test_a_port_that_is_taken_is_told_with_another(fresh: Samajh, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        said = fresh("up", "--port", str(port), "--json")
    assert said.code == 1
    assert (said.error["code"], said.error["field"]) == ("port_taken", "--port")
    assert f"--port {port + 1}" in said.error["message"]


def test_a_page_that_dies_is_started_again(fresh: Samajh, port: int) -> None:
    process, said = up(fresh, port)
    try:
        page = next(child for child in psutil.Process(process.pid).children() if "streamlit" in child.cmdline())
        page.kill()
        eventually(lambda: _answers(f"{said['url']}/_stcore/health"))
        assert "started again" in interrupt(process)
    finally:
        process.kill()
        end_supervisor(Settings(home=fresh.home))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_home_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path, port: int) -> None:
    (tmp_path / "home").touch()
    said = Samajh(tmp_path / "home")("up", "--port", str(port), "--json")
    assert "SAMAJH_HOME" in said.error["message"]
