"""Occlusion (arXiv:1311.2901, section 4.2): a window slides over the picture, and each pixel gets the mean fall of the probability
over the windows that hid it. Large windows first, then smaller ones; no random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.games import Worth
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import Map
from dashboard.explain.image.proof import Masks
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


@dataclass(frozen=True)
class Windows:
    """Every place of a window over a picture of a size; rows and columns where they begin, as `corners`."""

    size: tuple[int, int]
    height: int
    width: int
    corners: tuple[tuple[int, int], ...]

    @classmethod
    def over(cls, size: tuple[int, int], share: float, strides: int) -> Windows:
        """Sides are this share of the picture's; each place is the side divided by `strides` from the next."""
        height, width = (min(side, max(1, round(share * side))) for side in size)
        rows, columns = (
            starts(size[0], height, max(1, height // strides)),
            starts(size[1], width, max(1, width // strides)),
        )
        return cls(size, height, width, tuple((row, column) for row in rows for column in columns))

    def hidden(self, batch: int) -> Iterator[Masks]:
        """The pixels that each window hides, so many windows at a time [batch, height, width]."""
        for first in range(0, len(self.corners), batch):
            part = self.corners[first : first + batch]
            masks = np.zeros((len(part), *self.size), dtype=bool)
            for k, (row, column) in enumerate(part):
                masks[k, row : row + self.height, column : column + self.width] = True
            yield masks

    def mean_fall(self, falls: Worth) -> Map:
        """Of each pixel the mean of the falls [windows] of those that hid it [height, width]."""
        total, times = np.zeros(self.size), np.zeros(self.size)
        for fall, (row, column) in zip(falls, self.corners, strict=True):
            total[row : row + self.height, column : column + self.width] += fall
            times[row : row + self.height, column : column + self.width] += 1
        found: Map = total / times
        return found


def occlusion(subject: ImageSubject, config: OcclusionConfig) -> Iterator[Explanation]:
    """A coarse snapshot of windows twice as large, then the answer."""
    before, covered = float(subject.probabilities[subject.target]), blank_of(subject.x, config.blank)
    for factor, strides in ((2, 1), (1, config.overlap)):
        windows = Windows.over(subject.size, factor * config.window, strides)
        after = [
            subject.ask(torch.where(torch.from_numpy(masks)[:, None], covered, subject.x))[:, subject.target]
            for masks in windows.hidden(subject.model.batch)
        ]
        shown = windows.mean_fall(before - np.concatenate(after))
        yield Explanation(shown, before, target_name(subject), converged=factor == 1)


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
