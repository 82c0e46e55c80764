"""The ancestral sampler of arXiv:2006.11239, algorithm 2, with the posterior variance of equation 7 ("fixed small").

x_{t-1} = c_0 x_0 + c_t x_t + sqrt(var_t) z, where c_0 and c_t are the coefficients of equation 7.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from lightning_modules.diffusion.sampling import Denoise, Noise, Stage
from lightning_modules.diffusion.schedule import NoiseSchedule


def ancestral(denoise: Denoise, schedule: NoiseSchedule, x: Tensor, noise: Noise) -> Iterator[Stage]:
    """Walk all T steps down from x = x_T [batch, ...]."""
    for t in reversed(range(schedule.steps)):
        seen = denoise(x, t)
        left = float(schedule.alphas_bar[t])
        before = float(schedule.alphas_bar[t - 1]) if t else 1.0
        beta = float(schedule.betas[t])
        of_clean = before**0.5 * beta / (1 - left)
        of_noisy = (1 - beta) ** 0.5 * (1 - before) / (1 - left)
        x = of_clean * seen.x0 + of_noisy * x
        if t:
            x = x + float(schedule.posterior_variance[t]) ** 0.5 * noise()
        yield Stage(t, x, seen.x0)
