"""The Dockerfile: linted, and the command it runs is run here."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path

import pytest

from tests.import_graph import PACKAGES, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """Instruction and arguments of each line, continuations joined, comments left out."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    lines = [line.strip() for line in joined.splitlines() if line.strip()]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def last(name: str) -> str:
    return [arguments for instruction, arguments in instructions() if instruction == name][-1]


def test_hadolint_has_nothing_to_say() -> None:
    tool = shutil.which("hadolint", path=f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}")
    if tool is None and not (sys.platform == "linux" and platform.machine() == "x86_64"):
        pytest.skip("hadolint comes with the dev extra on Linux x86_64 alone")
    assert tool is not None
    done = subprocess.run([tool, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_is_no_root_and_tells_its_health() -> None:
    assert last("USER") not in ("root", "0")
    assert "/_stcore/health" in last("HEALTHCHECK")
    assert "-c constraints.txt" in DOCKERFILE


def test_everything_that_is_copied_exists_and_passes_the_ignore_file() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [
        word
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
        for word in arguments.split()[:-1]
    ]
    assert set(PACKAGES) <= set(copied)
    assert [word for word in copied if not (ROOT / word).exists() or f"!{word}" not in ignore] == []


def test_the_command_of_the_container_serves_the_page_and_ends_on_sigterm(tmp_path: Path) -> None:
    """With the image's own environment, in this virtual environment instead of the image's."""
    told = dict(pair.split("=", 1) for pair in shlex.split(last("ENV")))
    command = json.loads(last("CMD"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SAMAJH_")},
        **{name: value for name, value in told.items() if name.startswith("SAMAJH_")},
        "PYTHONPATH": str(ROOT), "SAMAJH_HOME": str(tmp_path / "studio"), "SAMAJH_PORT": port, "SAMAJH_LANG": "en",
    }  # fmt: skip
    assert command[0] == "samajh"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dashboard.cli", *command[1:]],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert f":{port}" in process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=10) as answer:
            assert answer.read() == b"ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
