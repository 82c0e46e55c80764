"""Presets that the methods with views share; a method adds what is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

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
Values = Mapping[str, Any]

MIRRORED = ("faces", "emoji", "photos")
"""Data sets whose images may be mirrored without becoming something else."""
_FEW_ITEMS: dict[str, Any] = {"batch_size": 128}


def view_presets(own: Values, *, sizes: Mapping[str, Values] | None = None) -> tuple[Preset, ...]:
    """The three sizes with the method's own values, mirrored where that fits the data.

    Args:
        own: Values of the method that hold for every size.
        sizes: Values of the method by size.
    """
    more = sizes or {}
    mirrored = {"flip": True, **own}
    return (
        Preset("tiny", {**TINY, **own, **more.get("tiny", {})}),
        Preset("small", {**SMALL, **own, **more.get("small", {})}),
        Preset("base", {**BASE, **own, **more.get("base", {})}),
        Preset("tiny", mirrored, datasets=MIRRORED),
        Preset("small", {**mirrored, **_FEW_ITEMS}, datasets=MIRRORED),
        Preset("base", mirrored, datasets=MIRRORED),
    )


_PATCHES: dict[str, int] = {"digits": 2, "faces": 8}
"""Patches that cut other data sets into about fifty; elsewhere 4 pixels."""
_VIT: dict[str, dict[str, Any]] = {
    "tiny": {"learning_rate": 1e-3, "batch_size": 64, "width": 48, "layers": 3},
    "small": {"learning_rate": 1e-3, "batch_size": 128, "steps": 500},
    "base": {"learning_rate": 5e-4, "width": 192, "layers": 8, "heads": 6},
}


def transformer_presets(
    own: Values, *, mirrored: bool, sizes: Mapping[str, Values] | None = None
) -> tuple[Preset, ...]:
    """The same for a vision transformer; `mirrored`: the method has views."""
    found = []
    names: tuple[tuple[Literal["tiny", "small", "base"], Values], ...] = (
        ("tiny", TINY),
        ("small", SMALL),
        ("base", BASE),
    )
    for name, shared in names:
        values = {key: value for key, value in shared.items() if key not in ("channels", "blocks")}
        more = (sizes or {}).get(name, {})
        found.append(Preset(name, {**values, **_VIT[name], **own, **more}))
        found += [Preset(name, {"patch": patch}, datasets=(data,)) for data, patch in _PATCHES.items()]
        if mirrored:
            found.append(Preset(name, {"flip": True}, datasets=MIRRORED))
    return tuple(found)


def plain_presets(own: Values) -> tuple[Preset, ...]:
    """The same for a method without views."""
    return (
        Preset("tiny", {**TINY, **own}),
        Preset("small", {**SMALL, "batch_size": 128, **own}),
        Preset("base", {**BASE, **own}),
    )
