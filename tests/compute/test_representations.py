"""A representation answers through a worker, also as it was at an earlier checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.compute.client import ask
from dashboard.tracking.records import State
from dashboard.worth.asking import measured
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import FOLDER
from data.text import Problem
from tests.jobs.studio import Studio


def test_attention_and_embedding_of_a_run_can_be_asked_for_at_every_checkpoint(studio: Studio) -> None:
    training = {"steps": 4, "batch_size": 16, "checkpoint_every": 2, "evaluate_every": 4, "sample_every": 4}
    run = studio.submit("dino", training=training, width=16, layers=2, patch=2, judged=100)
    studio.until_state(run, State.FINISHED)
    maps = {
        step: ask(studio.settings, "attention", {"run": run, "count": 2, "step": step}).arrays["attention"]
        for step in (2, 4)
    }
    assert maps[4].shape == (2, 2, 4, 17, 17)
    assert np.allclose(maps[4].sum(axis=-1), 1, atol=1e-5) and not np.allclose(maps[2], maps[4], atol=1e-6)
    found = ask(studio.settings, "embed", {"run": run, "count": 7})
    assert found.arrays["vectors"].shape == (7, 16) and found.arrays["y"].shape == (7,)


def test_what_a_run_is_worth_is_measured_slice_by_slice_and_never_twice(studio: Studio) -> None:
    training = {"steps": 2, "batch_size": 16, "checkpoint_every": 2, "evaluate_every": 2, "sample_every": 2}
    run = studio.submit("simclr", training=training, channels=4, judged=100)
    studio.until_state(run, State.FINISHED)
    request = WorthRequest(run=run, seeds=1, steps=2)
    *_, whole = measured(studio.settings, request)
    assert whole.left == 0 and len(whole.results.cells) == whole.total == 25
    assert whole.results.facts["held_out"] == 359
    [kept] = (studio.settings.runs / run / FOLDER).glob("*.json")
    written = kept.stat().st_mtime_ns
    assert [one.results.cells for one in measured(studio.settings, request)] == [whole.results.cells]
    assert kept.stat().st_mtime_ns == written
    with pytest.raises(Problem, match="no classes"):
        ask(studio.settings, "worth", request.model_copy(update={"dataset": "photos"}).values())
    with pytest.raises(Problem, match="no data set"):
        ask(studio.settings, "worth", request.model_copy(update={"dataset": "moon"}).values())
    known = ask(studio.settings, "worth", request.model_copy(update={"dataset": "faces", "only_known": True}).values())
    assert known.values["left"] == known.values["total"] and known.values["facts"]["classes"] == 40
