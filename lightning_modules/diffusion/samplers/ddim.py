"""The DDIM sampler of arXiv:2010.02502, equations 12 and 16.

x_p = a_p x_0 + sqrt(s_p² - n²) eps + n z with n² = eta² (s_p² / s_t²) (s_t² - (a_t / a_p)² s_p²), from level t to the next
level p; on a variance-preserving path n² = eta² (1 - ab_p) / (1 - ab_t) (1 - ab_t / ab_p). eta 0 is deterministic: Euler's
method for the probability-flow ODE in sigma = s / a. eta 1 on the full grid is the ancestral sampler.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.text import Text
from lightning_modules.diffusion.process.stages import Sampler, Stage, Walk


def ddim(walk: Walk) -> Iterator[Stage]:
    """Go where the predicted x_0 and eps point, with `eta` of the noise replaced by fresh noise."""
    x = walk.x
    for t, after in walk.legs():
        seen = walk.denoise(x, t)
        signal, level = walk.schedule.factors(t)
        next_signal, next_level = walk.schedule.factors(after)
        added = max(0.0, level**2 - (signal / next_signal) ** 2 * next_level**2)
        fresh = walk.eta * next_level / level * added**0.5
        moved = next_signal * seen.x0 + max(0.0, next_level**2 - fresh**2) ** 0.5 * seen.eps
        if fresh > 0:
            moved = moved + fresh * walk.noise()
        yield Stage(t, x, seen.x0, seen.eps, moved, after)
        x = moved


SAMPLER = Sampler(
    name="ddim",
    title=Text(en="DDIM (fast)", hi="DDIM (तेज़)"),
    help=Text(en="A few large steps; with fresh noise η = 1 as random as the ancestral sampler.",
              hi="थोड़े बड़े कदम; नए नॉइज़ η = 1 पर ऐन्सेस्ट्रल जितना बेतरतीब।"),
    source="arXiv:2010.02502, equations 12 and 16",
    walk=ddim,
    uses_eta=True,
)  # fmt: skip
