"""Heun's method, second order: arXiv:2206.00364, algorithm 1, without its optional fresh noise.

Along dx = x_0 da + eps ds (signal a, level s): an Euler step to p, a second look there, and the step again with the mean of
both looks. On the exploding path (a = 1) this is the paper's algorithm in sigma, on the straight path Heun's method in
tau; so one rule serves every path. The last step, to clean data, has no second look: N steps cost 2N - 1 evaluations.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.text import Text
from lightning_modules.diffusion.process.stages import Sampler, Stage, Walk


def heun(walk: Walk) -> Iterator[Stage]:
    """Each step twice: once to see where it leads, once with the mean of both views."""
    x = walk.x
    for t, after in walk.legs():
        seen = walk.denoise(x, t)
        signal, level = walk.schedule.factors(t)
        next_signal, next_level = walk.schedule.factors(after)
        x0, eps = seen.x0, seen.eps
        moved = x + (next_signal - signal) * x0 + (next_level - level) * eps
        if after is not None:
            there = walk.denoise(moved, after)
            x0, eps = (x0 + there.x0) / 2, (eps + there.eps) / 2
            moved = x + (next_signal - signal) * x0 + (next_level - level) * eps
        yield Stage(t, x, seen.x0, seen.eps, moved, after)
        x = moved


SAMPLER = Sampler(
    name="heun",
    title=Text(en="Heun (EDM, 2nd order)", hi="ह्यून (EDM, दूसरी ऑर्डर)"),
    help=Text(en="Looks twice at every step and is far more exact; costs twice as much a step.",
              hi="हर कदम पर दो बार देखता है, इसलिए कहीं सटीक; हर कदम दुगना महँगा।"),
    source="arXiv:2206.00364, algorithm 1",
    walk=heun,
    order=2,
    calls_a_step=2,
    calls_saved=1,
)  # fmt: skip
