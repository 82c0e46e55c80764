"""Short requests to warm workers: right answers, and one plain message when something breaks."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dashboard.compute.client import ask
from dashboard.jobs import control
from dashboard.jobs.launch import door_path, environment_of
from dashboard.settings import Settings
from data.text import Problem
from tests.jobs.studio import Studio


def _predict(studio: Studio, run: str, fault: str = "none", timeout_s: float = 30) -> float:
    values = {"run": run, "fault": fault}
    return float(ask(studio.settings, "predict", values, {"x": np.ones((2, 3))}, timeout_s=timeout_s).values["sum"])


def test_a_trained_model_answers_and_the_same_seed_gives_the_same_sample(studio: Studio, trained: str) -> None:
    assert _predict(studio, trained) == 6.0
    once, again, other = (ask(studio.settings, "sample", {"run": trained, "seed": seed}) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once.arrays["x"], again.arrays["x"])
    assert once.values["mean"] == again.values["mean"] != other.values["mean"]


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("die", "worker_stopped", "new one takes its place"),
        ("memory", "worker_memory", "700 MiB"),
        ("raise", "worker_failed", "add up"),
    ],
)
def test_a_broken_request_costs_one_plain_message(
    studio: Studio, trained: str, fault: str, code: str, said: str
) -> None:
    with pytest.raises(Problem, match=said) as raised:
        _predict(studio, trained, fault)
    assert raised.value.code == code
    assert _predict(studio, trained) == 6.0


def test_a_request_that_hangs_is_ended_in_time(studio: Studio, trained: str) -> None:
    began = time.monotonic()
    with pytest.raises(Problem, match="longer than 2 s") as raised:
        _predict(studio, trained, "hang", timeout_s=2)
    assert raised.value.code == "worker_timeout"
    assert time.monotonic() - began < 6
    assert _predict(studio, trained) == 6.0


def test_what_is_no_message_costs_the_worker_nothing(studio: Studio, trained: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(door_path(studio.settings)))
        line.sendall(b"\xff" * 1000)
    assert _predict(studio, trained) == 6.0


def test_unknown_requests_runs_and_steps_are_told(studio: Studio, trained: str) -> None:
    for request, values, code in (
        ("divine", {}, "unknown_request"),
        ("sample", {"run": "../elsewhere"}, "unknown_run"),
        ("sample", {"run": "nowhere"}, "unknown_run"),
        ("sample", {"run": trained, "step": 3}, "damaged_checkpoint"),
        ("preview", {"dataset": "nothing"}, "unknown_dataset"),
    ):
        with pytest.raises(Problem) as raised:
            ask(studio.settings, request, values)
        assert raised.value.code == code


def test_the_socket_is_for_its_owner_alone(studio: Studio) -> None:
    assert door_path(studio.settings).parent.stat().st_mode & 0o077 == 0


def test_an_order_is_completed_and_estimated_by_its_own_steps(studio: Studio) -> None:
    prepared = control.prepare(studio.settings, studio.order(pause_s=0.05, training={"steps": 100}))
    assert prepared.spec is not None and prepared.estimate is not None
    assert prepared.spec.method_config["fault"] == "none"
    assert prepared.spec.training["schedule"] == "constant"
    assert 5 <= prepared.estimate.seconds <= 30
    assert prepared.estimate.weights == 2128


def test_errors_come_back_at_their_fields_in_both_languages(studio: Studio) -> None:
    spec = studio.order(training={"steps": 0, "batch_size": "many"}, pause_s=-1)
    errors = control.prepare(studio.settings, spec).errors
    assert set(errors) == {"steps", "batch_size", "pause_s"}
    assert errors["steps"].en == "Steps must be at least 1." and "कम से कम 1" in errors["steps"].hi
    assert set(control.prepare(studio.settings, spec.model_copy(update={"method": "magic"})).errors) == {"method"}


def test_a_preview_shows_items_as_they_enter_training(studio: Studio) -> None:
    shown = ask(studio.settings, "preview", {"dataset": "digits", "count": 5})
    assert shown.arrays["x"].shape == (5, 1, 8, 8)
    assert shown.values["train"] > 1000 and len(shown.values["classes"]) == 10


def test_without_a_supervisor_an_order_is_checked_in_a_fresh_process(tmp_path: Path, studio: Studio) -> None:
    alone = Settings(home=tmp_path)
    spec = studio.order().model_copy(update={"method": "ddpm", "method_config": {"channels": 1}})
    errors = control.prepare(alone, spec).errors
    assert set(errors) == {"channels"}
    with pytest.raises(Problem, match="No worker could be reached"):
        ask(alone, "preview", {"dataset": "digits"}, timeout_s=0.3)


def test_asking_needs_no_torch(studio: Studio) -> None:
    code = "import sys, dashboard.jobs.control, dashboard.compute.client; print('torch' in sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment_of(studio.settings), capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "False"
