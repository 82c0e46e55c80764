"""SmoothGrad: the saliency averaged over noisy copies, M = E |dF_c(x + e)/dx|, e ~ N(0, (s · range)²) (arXiv:1706.03825, section 3).

Mean and variance run along (Welford), so memory does not grow with the copies, and every snapshot has its 95 % intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.games import NORMAL_95
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.maps import Map
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard, option
from data.text import Text


class Running:
    """Mean and variance of maps as they come (Welford, 1962), and 95 % half widths of the mean."""

    def __init__(self, size: tuple[int, ...]) -> None:
        self.count = 0
        self.mean: Map = np.zeros(size)
        self._squares: Map = np.zeros(size)

    def add(self, one: Map) -> None:
        """Take in one more map."""
        self.count += 1
        away = one - self.mean
        self.mean = self.mean + away / self.count
        self._squares = self._squares + away * (one - self.mean)

    @property
    def half_width(self) -> Map:
        """Of the mean; infinite until two maps have come."""
        if self.count < 2:
            return np.full_like(self.mean, np.inf)
        found: Map = NORMAL_95 * np.sqrt(self._squares / (self.count - 1) / self.count)
        return found


class SmoothGradConfig(ImageConfig):
    """How many noisy copies, and how noisy."""

    copies: int = option(
        24, ge=2, le=1000, unit="items", symbol="n",
        title=Text(en="Noisy copies", hi="नॉइज़ वाली कॉपियाँ"),
        help=Text(en="More are smoother, and take longer.", hi="ज़्यादा से मैप ज़्यादा साफ़, समय भी ज़्यादा।"),
        source="arXiv:1706.03825, section 3.3: little changes beyond 50",
    )  # fmt: skip
    noise: float = option(
        0.15, gt=0, le=1, symbol="σ",
        title=Text(en="Noise", hi="नॉइज़"),
        help=Text(en="Standard deviation, as a share of the range of the picture's values.", hi="स्टैंडर्ड डेविएशन, तस्वीर के मानों की सीमा के हिस्से में।"),
        source="arXiv:1706.03825, section 3.2: 10 % to 20 %",
    )  # fmt: skip

    def lighter(self) -> Self:
        """A few copies."""
        return self.model_copy(update={"copies": min(self.copies, 8)})


def smoothgrad(subject: ImageSubject, config: SmoothGradConfig) -> Iterator[Explanation]:
    """A snapshot after every batch of copies."""
    rng = np.random.default_rng(config.seed)
    spread = config.noise * float(subject.x.max() - subject.x.min())
    running = Running(subject.size)
    while running.count < config.copies:
        count = min(subject.model.batch, config.copies - running.count)
        noise = torch.from_numpy(rng.standard_normal((count, *subject.x.shape), dtype=np.float32)) * spread
        _, slopes = subject.gradient(subject.x + noise)
        for slope in slopes.abs().amax(dim=1).double().numpy():
            running.add(slope)
        yield Explanation(
            running.mean, float(subject.scores[subject.target]), target_name(subject),
            half_width=running.half_width, converged=running.count >= config.copies,
        )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="smoothgrad",
    title=Text(en="SmoothGrad", hi="SmoothGrad (औसत ग्रेडिएंट)"),
    summary=Text(en="The gradient averaged over noisy copies of the picture: less grain than saliency.",
                 hi="तस्वीर की नॉइज़ वाली कॉपियों पर औसत ग्रेडिएंट: सेलिएंसी से कम दानेदार।"),
    source="D. Smilkov and others: SmoothGrad, 2017, arXiv:1706.03825",
    kind="image",
    config=SmoothGradConfig,
    explain=answering(smoothgrad),
)  # fmt: skip
