"""The best linear guess of what is painted over: the mean of a Gaussian given the pixels that are known.

The Gaussian is that of probabilistic principal components (M. Tipping, C. Bishop, 1999, equations 7 and 8):
x = m + W z + s n with z ~ N(0, I), n ~ N(0, I), W = U (L - s² I)^(1/2) and s² the mean of the variances left out. Of the known pixels k,
z has the mean (W_k' W_k + s² I)^(-1) W_k' (x_k - m_k) (equation 13 of the same, with the unknown rows left out).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

COMPONENTS = 32
"""Of 320 faces, 16, 32 and 64 components guess held-out holes at 20.0, 20.4 and 20.4 dB, trained ones at 20.3, 21.5 and 22.8 dB: with
more, what is missing in training would no longer be what is missing in use.
"""
_MOST_ITEMS = 1000
_LEAST_NOISE = 1e-4


class GaussianFilling(nn.Module):
    """Mean m [features], directions W [features, components] and the variance s² of what they do not reach.

    They are buffers: what was learned over a guess means nothing without that guess, so it is kept and goes along with the weights.
    """

    mean: Tensor
    directions: Tensor
    noise: Tensor

    def __init__(self, mean: Tensor, directions: Tensor, noise: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("directions", directions)
        self.register_buffer("noise", torch.tensor(noise))

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
        noise = max(float(variances[kept:].sum() / (features - kept)), _LEAST_NOISE)
        variances, weights = variances[:kept], weights.flip(1)[:, :kept]
        directions = centred.T @ weights / (variances * count).clamp(min=1e-12).sqrt()
        scale = (variances - noise).clamp(min=0).sqrt()
        return cls(mean.float(), (directions * scale).float(), noise)

    def forward(self, items: Tensor, masks: Tensor) -> Tensor:
        """Items [batch, *shape] with what is painted (masks [batch, 1, height, width], 1 there) guessed; the rest to the bit."""
        mean, directions = self.mean, self.directions
        painted = (masks != 0).expand_as(items).flatten(1)
        known = (items.flatten(1) - mean).masked_fill(painted, 0)
        seen = torch.einsum("bf,fi,fj->bij", (~painted).float(), directions, directions)
        seen = seen + self.noise * torch.eye(seen.shape[1], device=items.device)
        place = torch.linalg.solve(seen, known @ directions)
        guess = (mean + place @ directions.T).view_as(items)
        return torch.where(masks != 0, guess, items)
