"""The prior of unCLIP (arXiv:2204.06125, section 2.2): a diffusion over the vector of a picture, given its text.

It says the clean vector itself, in plain squared error (equation 2 there), so at pure noise its best answer is the mean of the
vectors given the text. Notation: e [batch, width] the vector, scaled to about unit variance; text [batch, text width].
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import TIME_SCALE, Conditioning
from lightning_modules.blocks.mlp import ModulatedLayer
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.schedule import NoiseSchedule
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS


class Prior(nn.Module):
    """e_t [batch, width], time [batch] on 0..1000, text [batch, text width] -> the clean e [batch, width]."""

    def __init__(self, width: int, text: int, *, hidden: int = 256, layers: int = 3) -> None:
        super().__init__()
        self.conditioning = Conditioning(64, hidden)
        self.text = nn.Linear(text, hidden)
        self.enter = nn.Linear(width + text, hidden)
        self.layers = nn.ModuleList(ModulatedLayer(hidden, hidden) for _ in range(layers))
        self.leave = nn.Linear(hidden, width)

    def forward(self, e: Tensor, time: Tensor, text: Tensor) -> Tensor:
        """What the clean vector is, as far as it can be known."""
        c = F.silu(self.conditioning(time, None) + self.text(text))
        h = self.enter(torch.cat([e, text], dim=1))
        for layer in self.layers:
            h = layer(h, c)
        said: Tensor = self.leave(F.silu(h))
        return said


def prior_loss(prior: nn.Module, noising: NoiseSchedule, e: Tensor, text: Tensor, t: Tensor) -> Tensor:
    """Mean squared error of the clean vector."""
    said = prior(noising.diffuse(e, t, torch.randn_like(e)), t.float() * (TIME_SCALE / noising.steps), text)
    return F.mse_loss(said, e)


def draw_vectors(
    prior: nn.Module, noising: NoiseSchedule, text: Tensor, noise: ItemNoise, *, steps: int = 10, guidance: float = 1.0
) -> Tensor:
    """Vectors [batch, width] for texts [batch, text width], by DDIM; no text is all zero."""

    def denoise(e: Tensor, t: float) -> Prediction:
        level = torch.full((len(e),), int(t), dtype=torch.long, device=e.device)
        time = level.float() * (TIME_SCALE / noising.steps)
        x0 = prior(e, time, text)
        if guidance != 1:
            free = prior(e, time, torch.zeros_like(text))
            x0 = free + guidance * (x0 - free)
        a, s = noising.signal_and_noise(level, e)
        return Prediction(x0, (e - a * x0) / s)

    sampler = SAMPLERS["ddim"]
    grid = sampler.grid(noising.steps, steps)
    return last(sampler.walk(Walk(denoise, noising, noising.start_scale * noise(), grid, noise)))
