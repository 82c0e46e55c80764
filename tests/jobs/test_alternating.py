"""A job with two optimisers: counted by batch, killed, stopped and prolonged, and the same to the last bit."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import State
from tests.jobs.studio import Studio, kill

STEPS = 120


def _submit(studio: Studio, **training: Any) -> str:
    spec = RunSpec(
        method="r3gan", dataset="eight_gaussians", preset="tiny",
        method_config={"width": 16, "latent": 2, "use_labels": False, "quality_samples": 50},
        dataset_config={"items": 400},
        training={"steps": STEPS, "batch_size": 64, "schedule": "cosine", "evaluate_every": 20, "sample_every": 1000,
                  "checkpoint_every": 5, **training},
    )  # fmt: skip
    [run] = control.submit(studio.store, studio.settings, spec)
    return run.id


@pytest.fixture(scope="module")
def whole(studio: Studio) -> str:
    run = _submit(studio)
    studio.until_state(run, State.FINISHED)
    return run


def test_steps_metrics_and_checkpoints_are_counted_by_batch(studio: Studio, whole: str) -> None:
    run = studio.run(whole)
    assert (run.step, run.total_steps, run.attempt) == (STEPS, STEPS, 1)
    for metric in ("loss", "critic_loss", "slope"):
        assert studio.curve(whole, metric)[0] == list(range(1, STEPS + 1)), metric
    assert studio.curve(whole, "modes")[0] == list(range(20, STEPS + 1, 20))
    assert [c.step for c in studio.store.checkpoints(whole) if c.path.exists()][-3:] == [110, 115, 120]
    info = studio.store.info(whole)
    assert (info["batch_size"], info["items"]) == (64, 400)


def test_a_killed_run_resumes_to_the_same_bits_and_the_same_curves(studio: Studio, whole: str) -> None:
    run = _submit(studio)
    studio.until_step(run, 12)
    kill(studio.job(run))
    finished = studio.until_state(run, State.FINISHED, within_s=120)
    assert finished.attempt == 2
    assert finished.weights_sha256 == studio.run(whole).weights_sha256
    for metric in ("loss", "critic_loss", "sliced_w2"):
        assert studio.curve(run, metric) == studio.curve(whole, metric), metric


def test_a_paused_run_resumes_to_the_same_bits(studio: Studio, whole: str) -> None:
    run = _submit(studio)
    studio.until_step(run, 8)
    control.pause(studio.store, studio.settings, run)
    assert studio.until_state(run, State.PAUSED).step < STEPS
    control.resume(studio.store, studio.settings, run)
    assert studio.until_state(run, State.FINISHED).weights_sha256 == studio.run(whole).weights_sha256


def test_an_estimate_counts_batches_too(studio: Studio) -> None:
    config = {"width": 16, "latent": 2, "use_labels": False, "quality_samples": 50}
    spec = RunSpec(method="gan", dataset="eight_gaussians", method_config=config, training={"steps": 50})
    found = control.prepare(studio.settings, spec)
    assert not found.errors and found.estimate is not None and found.estimate.step_seconds > 0


def test_accumulated_gradients_are_refused_at_their_field(studio: Studio) -> None:
    spec = RunSpec(method="gan", dataset="eight_gaussians", training={"accumulate": 4})
    assert set(control.prepare(studio.settings, spec).errors) == {"accumulate"}
