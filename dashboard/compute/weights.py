"""The weights of a run as files for other programs, written by a worker; whoever asked takes them away."""

from __future__ import annotations

import json
import uuid
from pathlib import Path, PurePath
from typing import Any

from dashboard.compute.exported import FORMATS, SAFETENSORS
from dashboard.settings import settings
from dashboard.tracking.folder import read_manifest
from data.durable import write_durably
from data.text import Problem, Text
from lightning_modules.base import Method
from lightning_modules.diffusion.parts.diffusers_folder import diffusers_folder
from lightning_modules.weight_files import packed, shape_of_network, weights_of


def write_weights(model: Method, run: str, kind: str) -> tuple[Path, list[str]]:
    """Write the model of a run -> a fresh folder of `settings().exports` and the names of its files.

    Raises:
        Problem: The format is unknown, or the model has no equal there.
    """
    if kind not in FORMATS:
        text = Text(
            en="Weights can be exported as safetensors or diffusers.",
            hi="वेट safetensors या diffusers में एक्सपोर्ट हो सकते हैं।",
        )
        raise Problem(text, code="unknown_format", field="format")
    files = (
        diffusers_folder(model) if kind == "diffusers" else {SAFETENSORS: packed(weights_of(model), _about(model, run))}
    )
    folder = settings().exports / uuid.uuid4().hex
    for name, content in files.items():
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(folder / name, content)
    return folder, list(files)


def _about(model: Method, run: str) -> dict[str, str]:
    """What rebuilds the model: the order it was trained by, and the shape of its data. Names no folder of the maker."""
    manifest = read_manifest(settings().runs / run)[0]
    order: dict[str, Any] = {
        key: value for key, value in manifest.config.items() if key not in ("start_from", "loggers")
    }
    order["dataset_config"] = {
        key: value for key, value in order.get("dataset_config", {}).items() if not _is_a_place(value)
    }
    told = {
        "run": run,
        "name": manifest.name,
        "weights": "trained" if model.average is None else "average",
        "spec": order,
        "kind": getattr(model, "kind", None),
        "shape": list(getattr(model, "data_shape", ())),
        "classes": list(getattr(model, "classes", ())),
        "network": shape_of_network(model),
    }
    return {"samajh": json.dumps(told, ensure_ascii=False)}


def _is_a_place(value: object) -> bool:
    return isinstance(value, str) and PurePath(value).is_absolute()
