"""The best linear guess of what is painted over: the mean of a Gaussian given the pixels that are known.

The Gaussian is that of probabilistic principal components (M. Tipping, C. Bishop, 1999, equations 7 and 8):
x = m + W z + n with z ~ N(0, I), W = U (L - s² I)^(1/2) and s² the mean of the variances left out; but n has a variance P of its own at
each place, as in factor analysis, so that a background may be surer than an eye. Of the known pixels k, z has the covariance
C = (I + W_k' P_k^-1 W_k)^-1 and the mean C W_k' P_k^-1 (x_k - m_k) (equation 13 of the same, with the unknown rows left out), and the
painted pixels h vary about the guess by W_h C W_h' + P_h.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

COMPONENTS = 32
"""Of 320 faces, 16, 32 and 64 components guess held-out holes at 20.0, 20.4 and 20.4 dB, trained ones at 20.3, 21.5 and 22.8 dB: with
more, what is missing in training would no longer be what is missing in use.
"""
_MOST_ITEMS = 1000
_LEAST_NOISE = 1e-4
_ALIKE = 0.2
"""How far the variance of each place is drawn towards the mean of all, since few items tell of it."""


@dataclass(frozen=True)
class Filled:
    """What the Gaussian says of pictures with holes.

    `picture` [batch, *shape]: what is painted guessed, the rest to the bit. `reached` [batch, *shape]: m + W z everywhere, so it has
    no edge where the hole begins. `variance` [batch, 1, 1, 1]: of the painted pixels about the guess, a mean over them.
    """

    picture: Tensor
    reached: Tensor
    variance: Tensor


class GaussianFilling(nn.Module):
    """Mean m [features], directions W [features, components] and the variances P [features] of what they do not reach.

    They are buffers: what was learned over a guess means nothing without that guess, so it is kept and goes along with the weights.
    """

    mean: Tensor
    directions: Tensor
    noise: Tensor
    wider: Tensor

    def __init__(self, mean: Tensor, directions: Tensor, noise: Tensor) -> None:
        super().__init__()
        for name, value in (("mean", mean), ("directions", directions), ("noise", noise), ("wider", torch.ones(()))):
            self.register_buffer(name, value)

    @classmethod
    def fitted(cls, items: Tensor, components: int = COMPONENTS) -> GaussianFilling:
        """From items [items, ...], of which the first thousand count."""
        flat = items[:_MOST_ITEMS].flatten(1).double()
        mean = flat.mean(dim=0)
        centred = flat - mean
        count, features = centred.shape
        kept = max(1, min(components, count - 1, features - 1))
        variances, weights = torch.linalg.eigh(centred @ centred.T / count)  # far smaller than features × features
        variances = variances.flip(0).clamp(min=0)
        left = max(float(variances[kept:].sum() / (features - kept)), _LEAST_NOISE)
        variances, weights = variances[:kept], weights.flip(1)[:, :kept]
        axes = centred.T @ weights / (variances * count).clamp(min=1e-12).sqrt()
        directions = axes * (variances - left).clamp(min=0).sqrt()
        own = (centred.square().mean(dim=0) - directions.square().sum(dim=1)).clamp(min=_LEAST_NOISE)
        noise = (1 - _ALIKE) * own + _ALIKE * own.mean()
        return cls(mean.float(), directions.float(), noise.float())

    def calibrate(self, items: Tensor, masks: Tensor) -> None:
        """Widen `variance` to what the guess really misses of such items under such masks, a mean over them.

        What the directions do not reach is not as independent from place to place as the Gaussian takes it to be.
        """
        filled, counted = self(items, masks), (masks != 0).expand_as(items)
        missed = ((items - filled.picture).square() * counted).flatten(1).sum(dim=1) / counted.flatten(1).sum(dim=1)
        self.wider *= (missed.mean() / filled.variance.mean()).clamp(min=_LEAST_NOISE)

    def forward(self, items: Tensor, masks: Tensor) -> Filled:
        """Of items [batch, *shape] what is painted, 1 in masks [batch, 1, height, width], is guessed; only the rest is looked at."""
        painted = (masks != 0).expand_as(items)
        hole = painted.flatten(1).float()
        known = (items.flatten(1) - self.mean).masked_fill(hole.bool(), 0)
        weighed = self.directions / self.noise[:, None]
        seen = torch.einsum("bf,fi,fj->bij", 1 - hole, self.directions, weighed)
        covariance = torch.linalg.inv(seen + torch.eye(seen.shape[1], device=items.device))
        place = torch.einsum("bij,bj->bi", covariance, known @ weighed)
        reached = (self.mean + place @ self.directions.T).view_as(items)
        inside = torch.einsum("bf,fi,fj->bij", hole, self.directions, self.directions)
        variance = self.wider * ((inside * covariance).sum(dim=(1, 2)) + hole @ self.noise)
        variance = variance / hole.sum(dim=1).clamp(min=1)
        return Filled(torch.where(painted, reached, items), reached, variance.view(-1, *[1] * (items.dim() - 1)))
