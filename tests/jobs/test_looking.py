"""Looking at a representation while it is learned (probes, attention, neighbours, views) changes nothing: the same weights to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.jobs.looking import trained

_VIT = {"width": 16, "layers": 2, "patch": 2}


@pytest.mark.parametrize(("method", "config"), [("dino", _VIT), ("mae", _VIT), ("byol", {"channels": 4})])
def test_weights_are_the_same_to_the_last_bit_with_and_without_looking(
    tmp_path: Path, method: str, config: dict[str, Any]
) -> None:
    training = {"steps": 4, "batch_size": 16, "evaluate_every": 1, "sample_every": 1, "checkpoint_every": 100}
    order: dict[str, Any] = {"method": method, "dataset": "digits", "training": training, "judged": 50, **config}
    with_it, without = (trained(tmp_path / str(looking), looking=looking, **order) for looking in (True, False))
    assert with_it.sha256 == without.sha256
    names = {path.parent.name for path in (tmp_path / "True" / "media").rglob("*.png")}
    assert {"neighbours", "views"} <= names and ("attention" in names) == (method != "byol"), names
