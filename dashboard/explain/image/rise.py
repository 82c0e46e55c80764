"""RISE (arXiv:1806.07421, equation 6): show the model the picture through random soft masks M, and ask of each pixel how much more the
model says where it is seen, a = E[f (M - 1/2)] / E[(M - 1/2)²].

Masks are coarse random grids, enlarged with a random shift (section 3.3), with half of the cells open. Each comes with its complement
1 - M, so f enters by the difference of the two, and what does not depend on the mask is gone. The published map is
E[f M] / E[M], which differs from this by a constant and a factor: the order of pixels is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import Map, enlarged
from dashboard.explain.image.smoothgrad import Running
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard, option
from data.text import Text

_SHOWN_EVERY = 32
"""Masks between snapshots."""


class RiseConfig(HidingConfig):
    """How many masks, how coarse."""

    masks: int = option(
        512, ge=16, le=100_000, unit="items", symbol="N",
        title=Text(en="Masks", hi="मास्क"),
        help=Text(en="The paper has 4,000; complements make fewer enough.", hi="पेपर में 4,000 हैं; पूरक मास्क के कारण कम से काम चल जाता है।"),
    )  # fmt: skip
    cells: int = option(
        7, ge=2, le=64, symbol="s",
        title=Text(en="Cells a side", hi="हर तरफ़ खाने"),
        help=Text(en="Size of the coarse grid a mask is made of.", hi="जिस मोटी ग्रिड से मास्क बनता है उसका आकार।"),
        source="arXiv:1806.07421, section 4.1",
    )  # fmt: skip

    def lighter(self) -> Self:
        """A few masks."""
        return self.model_copy(update={"masks": min(self.masks, 128)})


def mask(rng: np.random.Generator, cells: int, size: tuple[int, int]) -> Map:
    """One soft mask [height, width] of values from 0 to 1."""
    grid = (rng.random((cells + 1, cells + 1)) < 0.5).astype(np.float64)
    step = [-(-side // cells) for side in size]
    large = enlarged(grid, ((cells + 1) * step[0], (cells + 1) * step[1]))
    row, column = (int(rng.integers(one)) for one in step)
    return large[row : row + size[0], column : column + size[1]]


def rise(subject: ImageSubject, config: RiseConfig) -> Iterator[Explanation]:
    """A snapshot after every 32 masks."""
    rng = np.random.default_rng(config.seed)
    covered = blank_of(subject.x, config.blank)
    difference = subject.x - covered
    running, energy = Running(subject.size), Running(subject.size)
    pairs = (config.masks + 1) // 2
    while running.count < pairs:
        count = min(max(1, subject.model.batch // 2), _SHOWN_EVERY // 2, pairs - running.count)
        masks = np.stack([mask(rng, config.cells, subject.size) for _ in range(count)])
        both = torch.from_numpy(np.concatenate([masks, 1 - masks]).astype(np.float32))[:, None]
        said = subject.ask(torch.addcmul(covered, both, difference))[:, subject.target]
        for one, gain in zip(masks - 0.5, said[:count] - said[count:], strict=True):
            running.add(0.5 * gain * one)
            energy.add(one**2)
        if running.count >= pairs or running.count % (_SHOWN_EVERY // 2) < count:
            yield Explanation(
                running.mean / energy.mean, float(subject.probabilities[subject.target]), target_name(subject),
                half_width=running.half_width / energy.mean, converged=running.count >= pairs,
            )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="rise",
    title=Text(en="RISE (random masks)", hi="RISE (बेतरतीब मास्क)"),
    summary=Text(en="Looks at the picture through many random masks and asks where seeing makes the model say more. Any model.",
                 hi="तस्वीर को कई बेतरतीब मास्क से दिखाकर पूछता है कि कहाँ दिखने से मॉडल ज़्यादा कहता है। किसी भी मॉडल के लिए।"),
    source="V. Petsiuk, A. Das, K. Saenko: RISE, 2018, arXiv:1806.07421",
    kind="image",
    config=RiseConfig,
    explain=answering(rise),
)  # fmt: skip
