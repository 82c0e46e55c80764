"""How much each noise level counts in the loss, whatever the network outputs.

A weighting is a weight W on the squared error in x_0; an objective with `gain` g (L = g L_x0) then takes the weight
w = W / g on its own squared error, so one guess of x_0 costs the same said in any way.

* simple: the objective's own squared error, w = 1 (arXiv:2006.11239, equation 14).
* min_snr: W = min(SNR, gamma), gamma 5 (arXiv:2303.09556, section 3.4): eps min(SNR, 5) / SNR, v min(SNR, 5) / (SNR + 1).
* edm: W = lambda(sigma) = (sigma² + sigma_data²) / (sigma sigma_data)² (arXiv:2206.00364, table 1); on F that is w = 1.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from lightning_modules.diffusion.process.objectives import Objective

WeightingName = Literal["simple", "min_snr", "edm"]

GAMMA = 5.0


def loss_weight(
    weighting: WeightingName, objective: Objective, signal: Tensor, level: Tensor, *, sigma_data: float = 0.5
) -> Tensor | None:
    """The factor of the objective's squared error, shaped as `signal`; None stands for 1 everywhere."""
    if weighting == "simple":
        return None
    if weighting == "min_snr":
        of_x0 = ((signal / level) ** 2).clamp(max=GAMMA)
    else:
        of_x0 = (level / signal) ** -2 + sigma_data**-2
    return of_x0 / objective.gain(signal, level)
