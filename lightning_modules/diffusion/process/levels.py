"""Where training puts its noise levels when what is denoised is the small rest over a guess."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lightning_modules.diffusion.process.schedule import NoiseSchedule

_MEAN, _DEVIATION = -0.5, 1.2
"""Of ln(sigma / spread): arXiv:2206.00364, table 1, for its sigma_data of 0.5."""


def levels_about(noising: NoiseSchedule, spread: Tensor | float, u: Tensor) -> Tensor:
    """Noise steps that u [n] in [0, 1) stand for: half log-normal about the spread of what is denoised, half evenly over all.

    Sampling begins at pure noise, where the log-normal alone would hardly ever look.
    """
    inner = (2 * u.double()).clamp(1e-6, 1 - 1e-6)
    normal = math.sqrt(2) * torch.erfinv(2 * inner - 1)
    near = noising.t_of(spread * torch.exp(_MEAN + _DEVIATION * normal))
    return torch.where(u < 0.5, near, (2 * u.double() - 1) * (noising.steps - 1))
