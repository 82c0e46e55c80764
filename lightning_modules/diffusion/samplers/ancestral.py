"""The ancestral sampler of arXiv:2006.11239, algorithm 2, with the posterior variance of equation 7 ("fixed small").

For a Gaussian path with signal a and level s, going from t to p (arXiv:2107.00630, appendix A): with r = a_t / a_p and the
noise added between them n² = s_t² - r² s_p²,
x_p ~ N((a_p n² / s_t²) x_0 + (r s_p² / s_t²) x_t, n² s_p² / s_t²). On a variance-preserving path this is equation 7.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.text import Text
from lightning_modules.diffusion.process.stages import Sampler, Stage, Walk


def ancestral(walk: Walk) -> Iterator[Stage]:
    """Draw each level from its distribution given the level above and the predicted x_0."""
    x = walk.x
    for t, after in walk.legs():
        seen = walk.denoise(x, t)
        signal, level = walk.schedule.factors(t)
        next_signal, next_level = walk.schedule.factors(after)
        ratio = signal / next_signal
        added = max(0.0, level**2 - ratio**2 * next_level**2)
        moved = next_signal * added / level**2 * seen.x0 + ratio * next_level**2 / level**2 * x
        if after is not None:
            moved = moved + added**0.5 * next_level / level * walk.noise()
        yield Stage(t, x, seen.x0, seen.eps, moved, after)
        x = moved


SAMPLER = Sampler(
    name="ancestral",
    title=Text(en="Ancestral (all steps)", hi="ऐन्सेस्ट्रल (सभी स्टेप)"),
    help=Text(en="Takes every noise step once and adds fresh noise each time, as in the first paper.",
              hi="हर नॉइज़ स्टेप एक बार लेता है और हर बार नया नॉइज़ मिलाता है, जैसा पहले पेपर में।"),
    source="arXiv:2006.11239, algorithm 2",
    walk=ancestral,
    every_level=True,
)  # fmt: skip
