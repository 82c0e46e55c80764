"""Where the picture to be repaired comes from: held-out data, a sample of the model, or a person's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from dashboard.tracking.records import Run
from dashboard.ui import address, answers, lab_models, lab_parts
from dashboard.ui.language import t
from data.images import SUFFIXES, decode_image
from data.text import Problem
from lightning_modules.diffusion.asking.tasks import Task
from lightning_modules.diffusion.drawing.gallery import to_bytes

Pixels = npt.NDArray[np.uint8]

_MIB = 2**20
_MOST_MIB = 10
_LARGEST_SIDE: dict[Task, int] = {"inpaint": 640, "upscale": 160, "colorize": 512}
"""A larger picture is made smaller first, so that an answer comes in seconds."""
_ITEMS = 64
_OWN = "lab_repair.own"


@dataclass(frozen=True)
class Source:
    """A picture [height, width, 1 or 3]; `key` names it. `compare`: it is the true one, to be made small first."""

    pixels: Pixels
    key: str
    compare: bool = False


def choose(run: Run, task: Task) -> Source | None:
    """Draw the choice; None, with the reason on screen, while there is no picture."""
    offered = ("item", "made", "own") if task == "inpaint" and run.method != "inpainting" else ("item", "own")
    kind = address.choice(
        t("lab_repair.source"), offered, parameter="from", scope=task, show=lambda one: t(f"lab_repair.source.{one}")
    )
    if kind == "own":
        return _own(task)
    number = address.whole(t("lab_repair.item"), 1, _ITEMS, parameter="item", scope=kind, default=1)
    if kind == "item":
        config = run.config.get("dataset_config", {})
        asked = {"dataset": run.dataset, "config": config, "count": _ITEMS, "split": "test"}
        outcome = answers.answer("preview", asked)
    else:
        outcome = lab_models.asked(run, "sample", {"count": 1, "seed": number, "steps": 25})
    if not lab_models.settled(outcome, height=200):
        return None
    assert outcome is not None and outcome.value is not None
    items = outcome.value.arrays["x"]
    pixels = to_bytes(items[(number - 1) % len(items)][None])[0]
    return Source(pixels, _key(pixels), compare=task == "upscale")


def _own(task: Task) -> Source | None:
    """An uploaded picture, kept for the session."""
    sent = st.file_uploader(
        t("lab_repair.upload", limit=_MOST_MIB),
        type=[suffix.removeprefix(".") for suffix in sorted(SUFFIXES)],
        max_upload_size=_MOST_MIB,
        key="lab_repair.upload",
    )
    if sent is not None:
        try:
            st.session_state[_OWN] = decode_image(sent.getvalue(), sent.name)
        except Problem as problem:
            lab_parts.sorry(problem)
            return None
    image: Image.Image | None = st.session_state.get(_OWN)
    if image is None:
        return None
    most = _LARGEST_SIDE[task]
    compare = task == "upscale" and address.switch(
        t("lab_repair.reduce"), parameter="reduce", help=t("lab_repair.reduce.help")
    )
    if max(image.size) > most:
        before = image.size
        image = image.copy()
        image.thumbnail((most, most), Image.Resampling.LANCZOS)
        told = {"from_": f"{before[0]}×{before[1]}", "to": f"{image.width}×{image.height}"}
        st.caption(f":material/info: {t('lab_repair.shrunk', **told)}")
    pixels = np.asarray(image)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    return Source(pixels, _key(pixels), compare)


def _key(pixels: Pixels) -> str:
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()[:16]
