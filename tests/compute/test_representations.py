"""A representation answers through a worker, also as it was at an earlier checkpoint."""

from __future__ import annotations

import numpy as np

from dashboard.compute.client import ask
from dashboard.tracking.records import State
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
