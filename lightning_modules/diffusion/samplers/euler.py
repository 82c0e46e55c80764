"""Euler's method for the probability-flow ODE: how rectified flow samples (arXiv:2209.03003, section 2.1).

Along dx = x_0 da + eps ds, with signal a and level s, a step from t to p with x_0 and eps held is
x_p = x_t + (a_p - a_t) x_0 + (s_p - s_t) eps. On the straight path (a = 1 - tau, s = tau) that is x + (tau_p - tau_t) u with the
velocity u = eps - x_0; in sigma it is Euler's method of arXiv:2206.00364. A prediction that agrees with x_t makes it the
same map as DDIM without fresh noise: two names that the papers use for one step.
"""

from __future__ import annotations

from collections.abc import Iterator

from data.text import Text
from lightning_modules.diffusion.process.stages import Sampler, Stage, Walk


def euler(walk: Walk) -> Iterator[Stage]:
    """Follow the velocity where it is now to the next level."""
    x = walk.x
    for t, after in walk.legs():
        seen = walk.denoise(x, t)
        signal, level = walk.schedule.factors(t)
        next_signal, next_level = walk.schedule.factors(after)
        moved = x + (next_signal - signal) * seen.x0 + (next_level - level) * seen.eps
        yield Stage(t, x, seen.x0, seen.eps, moved, after)
        x = moved


SAMPLER = Sampler(
    name="euler",
    title=Text(en="Euler (flow)", hi="ऑयलर (फ़्लो)"),
    help=Text(en="Straight steps along the velocity; the usual sampler of flow matching, the same path as DDIM.",
              hi="वेग के साथ सीधे कदम; फ़्लो मैचिंग का आम सैंपलर, रास्ता DDIM वाला ही।"),
    source="arXiv:2209.03003, section 2.1",
    walk=euler,
)  # fmt: skip
