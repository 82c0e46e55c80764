"""Everything short of `kill -9`: full disks, flipped bits, used pids, sleeping jobs, second supervisors, locked stores."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from dashboard.jobs import control
from dashboard.jobs.folder import LOCK
from dashboard.jobs.launch import environment_of
from dashboard.jobs.liveness import Identity, boot_id
from dashboard.jobs.supervisor import ALREADY_RUNNING
from dashboard.tracking.records import State
from lightning_modules.checkpoints import checkpoints_in, load, step_of
from tests.faults.conftest import STEPS, TRUE_WITHIN_S, Uninterrupted, assert_as_if_nothing_had_happened
from tests.jobs.studio import Studio

pytestmark = pytest.mark.faults


@contextmanager
def _small_disk(place: Path, mib: int) -> Iterator[None]:
    """A file system of its own with little room."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_fills_during_a_checkpoint_pauses_the_run_and_spoils_nothing(
    studio: Studio, uninterrupted: Uninterrupted
) -> None:
    run = studio.submit(pause_s=0.05, training={"steps": STEPS})
    folder = studio.settings.runs / run
    studio.until_step(run, 1)
    control.stop(studio.store, studio.settings, run)
    studio.until_state(run, State.STOPPED)
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with _small_disk(folder, 1):
        for path, content in kept.items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        control.resume(studio.store, studio.settings, run)
        studio.until_step(run, 11)
        _fill(folder / "filler")
        paused = studio.until_state(run, State.PAUSED)
        assert paused.reason is not None and "disk is full" in paused.reason.text.en
        newest = checkpoints_in(folder / "checkpoints")[0]
        assert load(newest)["global_step"] == step_of(newest) >= 10
        (folder / "filler").unlink()
        control.resume(studio.store, studio.settings, run)
        assert_as_if_nothing_had_happened(studio, run, uninterrupted)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 512, 1):
            try:
                while file.write(b"\1" * size):
                    continue
            except OSError:
                continue


@pytest.mark.parametrize("harm", ["flip", "cut"])
def test_a_damaged_newest_checkpoint_is_passed_over_and_told(
    studio: Studio, uninterrupted: Uninterrupted, harm: str
) -> None:
    run = studio.submit(pause_s=0.05, training={"steps": STEPS})
    studio.until_step(run, 12)
    control.stop(studio.store, studio.settings, run)
    studio.until_state(run, State.STOPPED)
    newest = checkpoints_in(studio.settings.runs / run / "checkpoints")[0]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(bytes(content) if harm == "flip" else bytes(content[: len(content) // 2]))
    control.resume(studio.store, studio.settings, run)
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    [event] = [event for event in studio.store.events(run) if event.code == "bad_checkpoint"]
    assert newest.name in event.text.en


@pytest.mark.parametrize("reused", ["pid", pytest.param("boot", marks=pytest.mark.slow)])
def test_a_pid_that_belongs_to_somebody_else_now_is_neither_believed_nor_killed(
    studio: Studio, uninterrupted: Uninterrupted, reused: str
) -> None:
    innocent = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        real = Identity.of(innocent.pid)
        assert real is not None
        told = (
            Identity(real.pid, real.started - 1, real.boot)
            if reused == "pid"
            else Identity(real.pid, real.started, "x")
        )
        run = studio.submit(pause_s=0.05, training={"steps": STEPS})
        studio.until_step(run, 7)
        job = psutil.Process(studio.job(run))
        lock = studio.settings.runs / run / LOCK
        lock.write_text(f'{{"pid": {told.pid}, "started": {told.started}, "boot": "{told.boot}"}}')
        os.kill(studio.supervisor(), signal.SIGKILL)
        job.kill()
        studio.until(lambda: not job.is_running() or job.status() == psutil.STATUS_ZOMBIE, 5, "the job is dead")
        studio.store.set_state(run, State.RUNNING, pid=innocent.pid)
        studio.until(lambda: not control.supervisor_status(studio.settings).alive, 5, "the supervisor is dead")
        control.ensure_supervisor(studio.settings)
        studio.until(
            lambda: studio.run(run).state is not State.RUNNING, TRUE_WITHIN_S, "the false life is seen through"
        )
        assert_as_if_nothing_had_happened(studio, run, uninterrupted)
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_job_that_was_put_to_sleep_is_seen_told_and_woken(studio: Studio, uninterrupted: Uninterrupted) -> None:
    run = studio.submit(pause_s=0.05, training={"steps": STEPS, "num_workers": 2})
    studio.until_step(run, 5)
    os.kill(studio.job(run), signal.SIGSTOP)
    studio.until(lambda: _reason(studio, run) == "suspended", TRUE_WITHIN_S, "the page says that the job stands still")
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert "woken" in [event.code for event in studio.store.events(run)]
    assert studio.run(run).attempt == 1


def test_a_sleeping_job_can_be_stopped(studio: Studio) -> None:
    run = studio.submit(pause_s=0.05, training={"steps": 1000})
    studio.until_step(run, 3)
    job = studio.job(run)
    os.kill(job, signal.SIGSTOP)
    control.stop(studio.store, studio.settings, run)
    stopped = studio.until_state(run, State.STOPPED, within_s=10)
    assert stopped.reason is not None and stopped.reason.code == "stopped"
    studio.until(lambda: not psutil.pid_exists(job), TRUE_WITHIN_S, "the process goes after its last word")


def _reason(studio: Studio, run: str) -> str | None:
    reason = studio.run(run).reason
    return None if reason is None else reason.code


@pytest.mark.slow
def test_a_job_deaf_to_requests_is_ended_by_the_ladder(studio: Studio) -> None:
    run = studio.submit(fault="hang", at=3, training={"steps": 1000, "checkpoint_every": 1})
    studio.until_step(run, 3)
    job = studio.job(run)
    control.stop(studio.store, studio.settings, run)
    stopped = studio.until_state(run, State.STOPPED, within_s=40)
    assert stopped.reason is not None and stopped.reason.code == "stop_killed"
    assert not psutil.pid_exists(job)


def test_a_second_supervisor_is_refused_and_changes_nothing(studio: Studio) -> None:
    first = studio.supervisor()
    second = subprocess.run(
        [sys.executable, "-m", "dashboard.jobs.supervisor"], env=environment_of(studio.settings),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == ALREADY_RUNNING
    assert "another supervisor" in second.stderr
    assert studio.supervisor() == first
    assert control.supervisor_status(studio.settings).pid == first


def test_a_locked_store_stops_no_job_and_is_told(studio: Studio, uninterrupted: Uninterrupted) -> None:
    run = studio.submit(pause_s=0.05, training={"steps": STEPS})
    studio.until_step(run, 3)
    journal = studio.settings.runs / run / "journal.jsonl"
    with sqlite3.connect(studio.settings.home / "store.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        size = journal.stat().st_size
        studio.until(lambda: _trouble(studio) is not None, 20, "the supervisor says what is wrong")
        assert "Another program is holding the store" in str(_trouble(studio))
        assert journal.stat().st_size > size
        other.execute("ROLLBACK")
    other.close()
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    studio.until(lambda: _trouble(studio) is None, 10, "the trouble is over")
    assert studio.run(run).attempt == 1


def _trouble(studio: Studio) -> object:
    return control.supervisor_status(studio.settings).trouble


def test_another_boot_or_another_start_is_another_process() -> None:
    me = Identity.of(os.getpid())
    assert me is not None and me.alive()
    assert not Identity(me.pid, me.started, "another boot").alive()
    assert not Identity(me.pid, me.started + 1, boot_id()).alive()


def test_a_supervisor_goes_when_its_home_does(tmp_path: Path) -> None:
    other = Studio(tmp_path / "home", start="cold")
    try:
        control.ensure_supervisor(other.settings)
        run = other.submit(pause_s=0.2, training={"steps": 1000})
        other.until_step(run, 1)
        (tmp_path / "home").rename(tmp_path / "gone")
        other.until(lambda: not other.processes(), 10, "supervisor and job are gone")
        assert not (tmp_path / "home").exists()
    finally:
        other.close()


def test_an_idle_supervisor_that_nobody_wants_goes_by_itself(tmp_path: Path) -> None:
    other = Studio(tmp_path / "home", start="cold")
    try:
        control.ensure_supervisor(other.settings, idle_exit_s=1.0)
        time.sleep(0.5)
        control.ensure_supervisor(other.settings)
        assert control.supervisor_status(other.settings).alive
        other.until(lambda: not other.processes(), 15, "it has gone")
    finally:
        other.close()


@pytest.mark.slow
def test_a_plug_in_that_starts_a_thread_makes_jobs_start_cold_and_not_hang(tmp_path: Path) -> None:
    other = Studio(tmp_path / "home")
    (other.settings.plugins / "threads.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\nMETHOD = ()\n"
    )
    try:
        other.start()
        assert control.supervisor_status(other.settings).start == "cold"
        other.until_state(other.submit(), State.FINISHED, within_s=120)
        assert "has started a thread" in (other.settings.home / "supervisor.log").read_text()
    finally:
        other.close()
