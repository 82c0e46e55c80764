"""Presets that the methods with views share; a method adds what is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.catalog import Preset

_SHARED: dict[str, Any] = {"learning_rate": 2e-3, "schedule": "cosine", "ema_decay": 0.99}
TINY: dict[str, Any] = {
    **_SHARED,
    "steps": 80,
    "batch_size": 128,
    "warmup_steps": 10,
    "judged": 1000,
    "evaluate_every": 40,
    "sample_every": 40,
    "checkpoint_every": 40,
}
SMALL: dict[str, Any] = {
    **_SHARED,
    "steps": 800,
    "batch_size": 256,
    "warmup_steps": 30,
    "evaluate_every": 200,
    "sample_every": 100,
}
BASE: dict[str, Any] = {
    **_SHARED,
    "steps": 50_000,
    "batch_size": 512,
    "warmup_steps": 1000,
    "learning_rate": 1e-3,
    "channels": 64,
    "blocks": 2,
    "ema_decay": 0.999,
    "evaluate_every": 1000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}
MIRRORED = ("faces", "emoji", "photos")
"""Data sets whose images may be mirrored without becoming something else."""
_FEW_ITEMS: dict[str, Any] = {"batch_size": 128}


def view_presets(own: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> tuple[Preset, ...]:
    """The three sizes with the method's own values, mirrored where that fits the data.

    Args:
        own: Values of the method that hold for every size.
        without: Fields the method does not have.
    """

    def kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**values, **own}.items() if key not in without}

    mirrored = kept({"flip": True}) if "flip" not in without else {}
    found = [Preset("tiny", kept(TINY)), Preset("small", kept(SMALL)), Preset("base", kept(BASE))]
    found += [Preset("tiny", mirrored, datasets=MIRRORED), Preset("base", mirrored, datasets=MIRRORED)]
    found.append(Preset("small", {**mirrored, **_FEW_ITEMS}, datasets=MIRRORED))
    return tuple(found)
