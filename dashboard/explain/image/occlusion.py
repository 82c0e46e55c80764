"""Occlusion (arXiv:1311.2901, section 4.2): a window slides over the picture, and each pixel gets the mean fall of the probability
over the windows that hid it. Large windows first, then smaller ones; no random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import Map
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard, option
from data.text import Text


class OcclusionConfig(HidingConfig):
    """The size of the window and how far it moves."""

    window: float = option(
        0.2, gt=0, le=1,
        title=Text(en="Window", hi="खिड़की"),
        help=Text(en="Side of the window, as a share of the picture's.", hi="खिड़की की भुजा, तस्वीर की भुजा के हिस्से में।"),
    )  # fmt: skip
    overlap: int = option(
        2, ge=1, le=8,
        title=Text(en="Steps per window", hi="एक खिड़की में कदम"),
        help=Text(en="The window moves by its side divided by this.", hi="खिड़की हर बार अपनी भुजा के इतने हिस्से खिसकती है।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """Windows side by side."""
        return self.model_copy(update={"overlap": 1})


def starts(length: int, window: int, stride: int) -> list[int]:
    """Where windows begin so that they cover a side of this length; the last one ends with it."""
    return [*range(0, length - window, stride), length - window]


def occlusion(subject: ImageSubject, config: OcclusionConfig) -> Iterator[Explanation]:
    """A coarse snapshot of windows twice as large, then the answer."""
    before = float(subject.probabilities[subject.target])
    for factor, strides in ((2, 1), (1, config.overlap)):
        shown = _falls(subject, config, factor * config.window, strides, before)
        yield Explanation(shown, before, target_name(subject), converged=factor == 1)


def _falls(subject: ImageSubject, config: OcclusionConfig, share: float, strides: int, before: float) -> Map:
    """The mean fall of the probability over the windows that hide each pixel, [height, width]."""
    covered = blank_of(subject.x, config.blank)
    height, width = (min(side, max(1, round(share * side))) for side in subject.size)
    corners = [
        (row, column)
        for row in starts(subject.size[0], height, max(1, height // strides))
        for column in starts(subject.size[1], width, max(1, width // strides))
    ]
    total, times = np.zeros(subject.size), np.zeros(subject.size)
    for first in range(0, len(corners), subject.model.batch):
        part = corners[first : first + subject.model.batch]
        x = subject.x.repeat(len(part), 1, 1, 1)
        for k, (row, column) in enumerate(part):
            x[k, :, row : row + height, column : column + width] = covered[
                :, row : row + height, column : column + width
            ]
        for (row, column), after in zip(part, subject.ask(x)[:, subject.target], strict=True):
            total[row : row + height, column : column + width] += before - after
            times[row : row + height, column : column + width] += 1
    found: Map = total / times
    return found


EXPLAINER = ExplainerCard(
    name="occlusion",
    title=Text(en="Occlusion", hi="ढकना (ऑक्लूज़न)"),
    summary=Text(en="Hides one window after another and watches how far the probability falls. Slow, and easy to believe.",
                 hi="एक-एक खिड़की ढककर देखता है कि संभावना कितनी गिरी। धीमा, पर समझने में आसान।"),
    source="M. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks, 2013, arXiv:1311.2901",
    kind="image",
    config=OcclusionConfig,
    explain=answering(occlusion),
)  # fmt: skip
