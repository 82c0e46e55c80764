"""Presets that the denoisers of images and points share; a method adds what is its own."""

from __future__ import annotations

from typing import Any

from data.catalog import Preset

_QUICK: dict[str, Any] = {
    "learning_rate": 2e-3,
    "quality_samples": 200,
    "preview_steps": 15,
    "evaluate_every": 50,
    "sample_every": 25,
    "checkpoint_every": 50,
}
_CAREFUL: dict[str, Any] = {
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.998,
    "evaluate_every": 250,
}
_LARGE: dict[str, Any] = {
    "batch_size": 128,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 128,
    "quality_samples": 5000,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}
_LARGER_IMAGES: dict[str, Any] = {
    "patch": 2,
    "learning_rate": 3e-3,
    "ema_decay": 0.98,
    "quality_samples": 150,
    "evaluate_every": 120,
    "sample_every": 30,
}
"""A tiny run on images of 28 pixels and more: fewer looks, a shorter average."""
_COLOUR_QUICK: dict[str, Any] = {
    **_QUICK,
    **_LARGER_IMAGES,
    "steps": 80,
    "evaluate_every": 80,
    "sample_every": 20,
    "quality_samples": 50,
}
_MUON: dict[str, Any] = {"learning_rate": 3e-3, "optimizer": "muon"}
_COLOUR_CAREFUL: dict[str, Any] = {"steps": 400, "patch": 2, "evaluate_every": 200, "quality_samples": 100, **_MUON}
_POINTS: dict[str, Any] = {"batch_size": 512, "use_labels": False, "quality_samples": 2000}
"""Labels would tell the model where the clouds are; without them it has to find all of them."""

DENOISER_PRESETS = (
    Preset("tiny", {**_QUICK, "steps": 150, "channels": 16, "patch": 1}, kinds=("image",)),
    Preset("small", {**_CAREFUL, "steps": 1000, "patch": 1}, kinds=("image",)),
    Preset("base", {**_LARGE, "steps": 100_000, "levels": 3, "blocks": 2, "attention": "8,16"}, kinds=("image",)),
    Preset("tiny", {**_QUICK, **_LARGER_IMAGES, "steps": 120}, datasets=("mnist", "image_folder")),
    Preset(
        "small",
        {"steps": 400, "patch": 2, "evaluate_every": 100, "quality_samples": 200, **_MUON},
        datasets=("mnist", "image_folder"),
    ),
    Preset(
        "small",
        {
            "steps": 1600,
            "batch_size": 32,
            "evaluate_every": 800,
            "quality_samples": 500,
            "preview_guidance": 1.5,
        },
        datasets=("mnist",),
    ),
    Preset("tiny", _COLOUR_QUICK, datasets=("emoji", "mnist_captions", "photos")),
    Preset("small", _COLOUR_CAREFUL, datasets=("emoji", "mnist_captions", "photos")),
    Preset("tiny", {**_COLOUR_QUICK, "patch": 4}, datasets=("faces",)),
    Preset("small", {**_COLOUR_CAREFUL, "steps": 600, "patch": 4, "evaluate_every": 300}, datasets=("faces",)),
    Preset("base", {"attention": "7,14"}, datasets=("mnist", "mnist_captions", "faces")),
    Preset("tiny", {**_QUICK, **_POINTS, "steps": 500, "evaluate_every": 100, "sample_every": 50}, kinds=("points",)),
    Preset("small", {**_CAREFUL, **_POINTS, "steps": 4000, "evaluate_every": 500}, kinds=("points",)),
    Preset("base", {**_LARGE, **_POINTS, "steps": 20_000, "batch_size": 4096, "width": 256}, kinds=("points",)),
)
