"""Where a run that does not start from fresh weights finds them: at another run, or in a file somebody brought."""

from __future__ import annotations

from pathlib import Path

from dashboard.jobs import words
from dashboard.settings import Settings
from dashboard.tracking.store import Store
from data import weight_files
from data.text import Problem


def weights_to_start_from(store: Store, settings: Settings, reference: str) -> str:
    """The path of the checkpoint behind `run` (its newest) or `run@step`; a `file:…` that is there, as it is.

    Raises:
        Problem: The run is unknown (`unknown_run`), or there is no such checkpoint or file (`no_parent`).
    """
    if not reference.startswith(weight_files.REFERENCE):
        return str(checkpoint_to_start_from(store, reference))
    if weight_files.find(reference, settings.weights) is None:
        raise weight_files.unknown(reference)
    return reference


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


def parent_of(start_from: str | None) -> str | None:
    """The id of the run that an order begins from, if it is a run."""
    if not start_from or start_from.startswith(weight_files.REFERENCE):
        return None
    return start_from.partition("@")[0]
