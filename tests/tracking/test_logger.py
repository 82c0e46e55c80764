"""The run logger from anyone's own script: no supervisor, no store, and nothing lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from PIL import Image
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.demos.boring_classes import BoringModel

from dashboard.settings import Settings
from dashboard.tracking import environment, logger, sampling
from dashboard.tracking.ingest import collect
from dashboard.tracking.journal import Journal
from dashboard.tracking.logger import RunLogger
from dashboard.tracking.records import State
from dashboard.tracking.store import Store
from data.text import Problem, Text
from tests.tracking.conftest import Job

REPOSITORY = Path(__file__).parents[2]


def run_script(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "SAMAJH_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, cwd=home.parent, check=False
    )


def documented_example() -> str:
    assert logger.__doc__ is not None
    code = textwrap.dedent(logger.__doc__.split("In ten lines:\n\n")[1])
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    return code


def test_the_documented_ten_lines_make_a_finished_run(settings: Settings) -> None:
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    done = run_script(documented_example(), settings.home)
    assert done.returncode == 0, done.stderr
    with Store.open(settings) as store:
        collect(store, settings)
        (run,) = store.runs()
        assert (run.name, run.state, run.external) == ("my first run", State.FINISHED, True)
        assert run.environment["versions"]["torch"] == torch.__version__
        by_name = {summary.name: summary for summary in store.summaries(run.id)}
        assert by_name["loss"].count == 50


def test_a_script_without_a_trainer_logs_everything_it_can(settings: Settings, store: Store) -> None:
    log = RunLogger("by hand", config={"lr": 0.1, "layers": (1, 2)}, tags=["t"], group="g", seed=4, settings=settings)
    log.log_hyperparams({"width": np.int64(8), "act": torch.nn.ReLU})
    log.log_info({"reference_lines": [{"metric": "loss", "value": 1.0}], "total_steps": 3})
    for step in range(1, 4):
        log.log_metrics({"loss": torch.tensor(1.0 / step), "n": step}, step)
    log.log_metrics({"test": 0.5})
    log.log_event("halfway", Text(en="Halfway.", hi="आधा हुआ।"), step=2)
    picture = log.log_image("samples/a b", np.eye(4), caption=Text(en="Eye", hi="आँख"), info={"n": 1})
    assert picture is not None
    log.log_image("grid", Image.new("RGB", (3, 2)), 2)
    log.log_image("copied", picture, 3, caption="same")
    collect(store, settings)
    assert store.run(log.version).state is State.RUNNING
    log.close()
    collect(store, settings)
    run = store.run(log.version)
    assert (run.state, run.step, run.total_steps, run.seed) == (State.FINISHED, 3, 3, 4)
    assert (run.config, run.tags, run.group) == ({"lr": 0.1, "layers": [1, 2]}, ("t",), "g")
    assert store.info(run.id)["hyperparameters"] == {"width": 8, "act": str(torch.nn.ReLU)}
    assert store.points(run.id, "loss")[0].tolist() == [1, 2, 3]
    assert store.points(run.id, "test")[0].tolist() == [3]
    media = {media.name: media for media in store.media(run.id)}
    assert media["samples/a b"].path == picture
    assert np.asarray(Image.open(picture)).tolist() == (np.eye(4) * 255).astype(int).tolist()
    assert media["grid"].step == 2
    assert media["copied"].caption == Text(en="same", hi="same")
    assert [event.code for event in store.events(run.id)] == ["halfway"]


def test_a_process_killed_outright_loses_nothing_and_is_shown_as_failed(settings: Settings, store: Store) -> None:
    code = textwrap.dedent("""
        from dashboard.tracking.logger import RunLogger
        log = RunLogger("doomed")
        step = 0
        while True:
            step += 1
            log.log_metrics({"loss": 1.0}, step)
            print(step, flush=True)
    """)
    surroundings = {**os.environ, "SAMAJH_HOME": str(settings.home), "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([sys.executable, "-c", code], env=surroundings, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.2)
    collect(store, settings)
    (run,) = store.runs()
    assert run.state is State.RUNNING
    process.send_signal(signal.SIGKILL)
    printed = [int(line) for line in process.communicate()[0].split() if line.isdigit()]
    collect(store, settings)
    steps, _, _ = store.points(run.id, "loss")
    assert steps.tolist() == list(range(1, len(steps) + 1))
    assert len(steps) >= printed[-1]
    found = store.run(run.id)
    assert (found.state, found.reason and found.reason.code) == (State.FAILED, "process_gone")


class Model(BoringModel):
    def training_step(self, batch: torch.Tensor, batch_idx: int) -> torch.Tensor:
        loss: torch.Tensor = self.layer(batch).sum()
        self.log("loss", loss)
        return loss


def trainer(log: RunLogger, steps: int = 4) -> pl.Trainer:
    return pl.Trainer(
        max_steps=steps, log_every_n_steps=1, logger=log, accelerator="cpu", enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False, limit_val_batches=0, limit_test_batches=1,
    )  # fmt: skip


def test_testing_after_training_goes_on_in_the_same_run(settings: Settings, store: Store) -> None:
    log = RunLogger("twice", settings=settings)
    trained = trainer(log)
    trained.fit(Model())
    collect(store, settings)
    assert store.run(log.version).state is State.FINISHED
    log.log_metrics({"test/accuracy": 0.9})
    collect(store, settings)
    assert store.run(log.version).state is State.RUNNING
    log.close()
    collect(store, settings)
    assert store.run(log.version).state is State.FINISHED
    assert store.points(log.version, "loss")[0].tolist() == [0, 1, 2, 3]
    assert store.latest([log.version], ["test/accuracy"]) == {log.version: {"test/accuracy": 0.9}}


def test_checkpoints_of_lightnings_own_callback_are_listed_with_their_checksum(
    settings: Settings, store: Store
) -> None:
    log = RunLogger("saved", settings=settings)
    keeper = ModelCheckpoint(monitor="loss", every_n_train_steps=2, save_top_k=2)
    pl.Trainer(
        max_steps=6, log_every_n_steps=1, logger=log, accelerator="cpu", enable_progress_bar=False,
        enable_model_summary=False, callbacks=[keeper], limit_val_batches=0,
    ).fit(Model())  # fmt: skip
    log.close()
    collect(store, settings)
    found = store.checkpoints(log.version)
    assert {str(checkpoint.path) for checkpoint in found} == set(keeper.best_k_models)
    for checkpoint in found:
        assert checkpoint.sha256 == hashlib.sha256(checkpoint.path.read_bytes()).hexdigest()
        assert checkpoint.metrics == {"loss": pytest.approx(float(keeper.best_k_models[str(checkpoint.path)]))}


def test_an_error_in_training_is_the_end_of_the_run_in_words(settings: Settings, store: Store) -> None:
    class Broken(Model):
        def training_step(self, batch: torch.Tensor, batch_idx: int) -> torch.Tensor:
            if batch_idx == 2:
                raise RuntimeError("broken on purpose")
            return super().training_step(batch, batch_idx)

    log = RunLogger("broken", settings=settings)
    with pytest.raises(RuntimeError, match="on purpose"):
        trainer(log).fit(Broken())
    collect(store, settings)
    run = store.run(log.version)
    assert (run.state, run.reason and run.reason.code) == (State.FAILED, "failed")
    log.close()


def test_inside_a_job_the_logger_leaves_start_and_end_to_the_job(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    log = RunLogger.inside(job.folder, 1, system=False)
    trainer(log).fit(Model())
    kinds = [json.loads(line)["k"] for line in log.journal.path.read_text().splitlines()]
    assert kinds == ["start", "m", "m", "m", "m"]
    assert log.version == job.run.id


def test_a_forked_child_does_not_end_the_run_of_its_parent(settings: Settings) -> None:
    log = RunLogger("parent", settings=settings)
    before = log.journal.path.read_bytes()
    child = os.fork()
    if child == 0:
        log.close()
        log.finalize("success")
        os._exit(0)
    os.waitpid(child, 0)
    assert log.journal.path.read_bytes() == before
    log.close()


def test_system_load_is_logged_beside_the_metrics_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("dashboard.tracking.sampling.time.monotonic", lambda: clock[0])
    sampler = sampling.SystemSampler(every_s=2.0)
    assert sampler.sample() == {}
    clock[0] += 2.1
    found = sampler.sample()
    assert set(found) == {"system/cpu_percent", "system/memory_mib", "system/machine_memory_percent"}
    assert found["system/memory_mib"] > 10
    assert sampler.sample() == {}


def test_a_full_disk_is_told_by_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, 1)
    monkeypatch.setattr("dashboard.tracking.journal.os.write", lambda file, line: len(line) - 1)
    with pytest.raises(OSError, match="disk is full"):
        journal.metrics(1, {"loss": 1.0})


def test_a_home_that_cannot_be_written_is_a_problem_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Problem) as caught:
        RunLogger("nowhere", settings=Settings(home=tmp_path / "file" / "home"))
    assert caught.value.code in ("home_read_only", "store_failed")


def test_the_environment_names_what_can_change_a_result() -> None:
    found = environment.capture(seed=3, data_sha256="ab")
    assert (found["seed"], found["data_sha256"]) == (3, "ab")
    assert found["versions"]["torch"] == torch.__version__
    assert found["packages"]["numpy"] == np.__version__
    assert found["python"].startswith("3.")
    json.dumps(found)


def test_the_commit_is_captured_and_changes_are_told(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *words], check=True, capture_output=True)

    assert environment.git(tmp_path) is None
    git("init", "-b", "main")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "first")
    clean = environment.git(tmp_path)
    (tmp_path / "a").write_text("2")
    changed = environment.git(tmp_path)
    assert clean is not None
    assert changed is not None
    assert (clean["branch"], clean["changed"], changed["changed"]) == ("main", False, True)
    assert len(clean["commit"]) == 40
