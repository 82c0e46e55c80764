"""The DDIM sampler of arXiv:2010.02502, equations 12 and 16.

x_p = sqrt(ab_p) x_0 + sqrt(1 - ab_p - sigma^2) eps + sigma z, sigma^2 = eta^2 (1-ab_p)/(1-ab_t) (1 - ab_t/ab_p), for the
next noise level p on the grid. eta 0 is deterministic: Euler's method for the probability-flow ODE in
sigma = sqrt((1-ab)/ab). eta 1 on the full grid is the ancestral sampler.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from lightning_modules.diffusion.sampling import Denoise, Noise, Stage, time_grid
from lightning_modules.diffusion.schedule import NoiseSchedule


def ddim(
    denoise: Denoise, schedule: NoiseSchedule, x: Tensor, noise: Noise, *, steps: int = 25, eta: float = 0.0
) -> Iterator[Stage]:
    """Walk `steps` steps down from x = x_T [batch, ...]; the last one lands on the predicted x_0."""
    grid = time_grid(schedule.steps, steps)
    for t, following in zip(grid, [*grid[1:], None], strict=True):
        seen = denoise(x, t)
        left = float(schedule.alphas_bar[t])
        after = 1.0 if following is None else float(schedule.alphas_bar[following])
        sigma = eta * ((1 - after) / (1 - left) * (1 - left / after)) ** 0.5
        x = after**0.5 * seen.x0 + max(0.0, 1 - after - sigma**2) ** 0.5 * seen.eps
        if sigma > 0:
            x = x + sigma * noise()
        yield Stage(t, x, seen.x0)
