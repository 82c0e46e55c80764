"""Which parts two pictures are found alike by: a window hides one part of the first after another, and each pixel gets the mean fall of the
cosine over the windows that hid it (arXiv:1311.2901, section 4.2, of a likeness). Large windows first; no random numbers; any encoder."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.embedding.answering import Way
from dashboard.explain.embedding.subject import EmbeddingSubject
from dashboard.explain.image.occlusion import OcclusionConfig, Windows
from data.catalog import ExplainerCard
from data.text import Text

_BATCH = 64


def alike_hiding(subject: EmbeddingSubject, config: OcclusionConfig) -> Iterator[Explanation]:
    """A coarse snapshot of windows twice as large, then the answer."""
    before, shown = float(subject.likeness(subject.x)[0]), subject.shown(config.blank)
    for factor, strides in ((2, 1), (1, config.overlap)):
        windows = Windows.over(subject.size, factor * config.window, strides)
        after = np.concatenate([shown(~masks) for masks in windows.hidden(_BATCH)])
        yield Explanation(windows.mean_fall(before - after), before, "likeness", converged=factor == 1)


EXPLAINER = ExplainerCard(
    name="alike_hiding",
    title=Text(en="Hide parts", hi="हिस्से छिपाकर"),
    summary=Text(en="Hides one window of the picture after another and watches how far the likeness falls. Works with any encoder.",
                 hi="तस्वीर की एक-एक खिड़की छिपाकर देखता है कि समानता कितनी घटी। किसी भी एनकोडर के साथ।"),
    source="M. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks, 2013, arXiv:1311.2901",
    kind="embedding",
    config=OcclusionConfig,
    explain=Way(alike_hiding),
)  # fmt: skip
