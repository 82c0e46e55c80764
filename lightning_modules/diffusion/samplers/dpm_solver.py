"""DPM-Solver++ (2M) of arXiv:2211.01095, algorithm 2: second order at one evaluation a step, by remembering the last one.

With lambda = ln(a / s) for signal a and level s, h the step in lambda and r = h_before / h:
D = (1 + 1 / 2r) x_0 - (1 / 2r) x_0_before, x_p = (s_p / s_t) x_t - a_p (exp(-h) - 1) D. The first step, and the last one to clean
data (h infinite: x_p = x_0), are of first order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from data.text import Text
from lightning_modules.diffusion.process.stages import Sampler, Stage, Walk


def dpm_solver_2m(walk: Walk) -> Iterator[Stage]:
    """Extrapolate x_0 from this look and the one before."""
    x, before = walk.x, None
    step_before = 0.0
    for t, after in walk.legs():
        seen = walk.denoise(x, t)
        if after is None:
            moved = seen.x0
        else:
            signal, level = walk.schedule.factors(t)
            next_signal, next_level = walk.schedule.factors(after)
            step = math.log(next_signal / next_level) - math.log(signal / level)
            data = seen.x0
            if before is not None:
                data = data + step / (2 * step_before) * (seen.x0 - before)
            moved = next_level / level * x - next_signal * math.expm1(-step) * data
            before, step_before = seen.x0, step
        yield Stage(t, x, seen.x0, seen.eps, moved, after)
        x = moved


SAMPLER = Sampler(
    name="dpmpp_2m",
    title=Text(en="DPM-Solver++ 2M", hi="DPM-Solver++ 2M"),
    help=Text(en="Second order at the price of first: good pictures in 10 to 20 evaluations.",
              hi="पहली ऑर्डर के दाम में दूसरी ऑर्डर: 10 से 20 बार में अच्छी तस्वीरें।"),
    source="arXiv:2211.01095, algorithm 2",
    walk=dpm_solver_2m,
    order=2,
)  # fmt: skip
