"""Superpixels: a picture cut into pieces that are hidden or shown as a whole. Labels are always 0..n-1, each with a pixel.

Libraries disagree here: since scikit-image 0.18 labels begin at 1, so a loop over 0..n-1 (`lime` has one) never hides the last piece
and hides nothing with the first. So labels are made consecutive, whatever they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dashboard.explain.games import Coalitions, Worth
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import Map
from dashboard.explain.image.models import Pixels
from dashboard.explain.image.subject import ImageSubject
from data.catalog import option
from data.text import Text

Labels = npt.NDArray[np.int64]
CUTS: Final[Mapping[str, Text]] = {
    "slic": Text(en="Along edges (SLIC)", hi="किनारों के साथ (SLIC)"),
    "grid": Text(en="Squares", hi="चौकोर"),
}


class SuperpixelConfig(HidingConfig):
    """How the picture is cut."""

    cut: Literal["slic", "grid"] = option(
        "slic",
        title=Text(en="Pieces", hi="टुकड़े"),
        help=Text(en="Pieces that follow the edges of things, or plain squares.", hi="चीज़ों के किनारों के साथ कटे टुकड़े, या सादे चौकोर।"),
        labels=CUTS,
        source="R. Achanta and others: SLIC Superpixels, 2012, doi:10.1109/TPAMI.2012.120",
    )  # fmt: skip
    pieces: int = option(
        50, ge=2, le=400, unit="items", symbol="d",
        title=Text(en="About how many", hi="लगभग कितने"),
        help=Text(en="More are finer, and need more questions to the model.", hi="ज़्यादा टुकड़े बारीक होते हैं, पर मॉडल से ज़्यादा बार पूछना पड़ता है।"),
    )  # fmt: skip


def cut(picture: Pixels, pieces: int, how: Literal["slic", "grid"]) -> Labels:
    """About `pieces` pieces of a picture [height, width, 3]: the label of each pixel [height, width], 0..n-1."""
    found = _squares(picture.shape[:2], pieces)
    if how == "slic":
        from skimage.segmentation import slic  # a second to import, and only some ways cut

        found = slic(picture, n_segments=pieces, compactness=10, sigma=1, start_label=0, channel_axis=-1)
    return consecutive(np.asarray(found))


def consecutive(labels: npt.NDArray[np.integer]) -> Labels:
    """The same pieces, named 0..n-1."""
    _, found = np.unique(labels, return_inverse=True)
    named: Labels = found.reshape(labels.shape).astype(np.int64)
    return named


def _squares(size: tuple[int, ...], pieces: int) -> Labels:
    height, width = size
    side = max(1.0, (height * width / pieces) ** 0.5)
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    found: Labels = (np.arange(height) * rows // height)[:, None] * columns + (np.arange(width) * columns // width)[
        None
    ]
    return found


class Hiding:
    """Shows a model its picture with some pieces hidden: coalitions [batch, pieces] of those that are seen -> probabilities [batch]."""

    def __init__(self, subject: ImageSubject, config: SuperpixelConfig) -> None:
        self._subject = subject
        self.labels = cut(subject.seen, config.pieces, config.cut)
        self.pieces = int(self.labels.max()) + 1
        covered = blank_of(subject.x, config.blank)
        self._covered, self._difference = _laid_out(covered), _laid_out(subject.x - covered)
        self._place = torch.from_numpy(self.labels.ravel())
        self._keep, self._mixed = torch.empty(0), torch.empty(0)

    def __call__(self, seen: Coalitions) -> Worth:
        """p_target with the pieces of each row shown and the others hidden; memory stays that of one batch."""
        said = np.empty(len(seen))
        step = self._subject.model.batch
        if len(self._mixed) != step:  # fresh memory for every batch costs as much again as filling it
            self._keep = torch.empty(step, self._place.numel())
            self._mixed = torch.empty(step, *self._covered.shape[1:], memory_format=torch.channels_last)
        for first in range(0, len(seen), step):
            some = torch.from_numpy(seen[first : first + step].astype(np.float32))
            keep, x = self._keep[: len(some)], self._mixed[: len(some)]
            torch.index_select(some, 1, self._place, out=keep)
            torch.addcmul(self._covered, keep.view(len(some), 1, *self.labels.shape), self._difference, out=x)
            said[first : first + step] = self._subject.ask(x)[:, self._subject.target]
        return said

    def spread(self, of_piece: Worth) -> Map:
        """What a piece is worth, shared out evenly among its pixels: the map keeps the sum."""
        found: Map = (of_piece / np.bincount(self.labels.ravel(), minlength=self.pieces))[self.labels]
        return found


def _laid_out(x: Tensor) -> Tensor:
    """x as a batch of one, channels last: so are mixtures of it, and the network need not copy them."""
    return x[None].contiguous(memory_format=torch.channels_last)
