"""Where a run that starts from another run's weights finds them."""

from __future__ import annotations

from pathlib import Path

from dashboard.jobs import words
from dashboard.tracking.store import Store
from data.text import Problem


def checkpoint_to_start_from(store: Store, reference: str) -> Path:
    """The checkpoint file behind `run` (its newest) or `run@step`.

    Raises:
        Problem: The run is unknown (`unknown_run`) or has no such checkpoint (`no_parent`).
    """
    run_id, _, step = reference.partition("@")
    kept = sorted(store.checkpoints(store.run(run_id).id), key=lambda checkpoint: checkpoint.step)
    fitting = [c for c in kept if (not step or str(c.step) == step) and c.path.exists()]
    if not fitting:
        raise Problem(words.filled(words.NO_PARENT, run=reference), code="no_parent", field="start_from")
    return fitting[-1].path
