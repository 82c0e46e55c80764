"""Denoisers known in closed form: what a linear model reaches, what a memoriser reaches, and exact ground truth.

Notation: x_t = sqrt(ab) x_0 + sqrt(1 - ab) eps; `lam` eigenvalues of the data's covariance.

* The best linear denoiser is that of Gaussian data with the same mean and covariance. Its error in eps, per
  dimension at t, is mean_i ab lam_i / (ab lam_i + 1 - ab).
* The memoriser is the exact denoiser of the finite training set: a softmax-weighted mean of the training items. A
  network that reached its training error would have learned the training items by heart.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lightning_modules.diffusion.objectives import Prediction
from lightning_modules.diffusion.schedule import NoiseSchedule

_NOTHING = 1e-10
"""Share of the largest eigenvalue below which one is rounding."""


@dataclass(frozen=True)
class GaussianDenoiser:
    """The exact denoiser of data N(mean, covariance), as a sampler's `Denoise`; float64.

    `mean` [features], `values` and `vectors` the eigen-decomposition of the covariance, rising ([rank], [features, rank]);
    directions that are left out have variance 0.
    """

    schedule: NoiseSchedule
    mean: Tensor
    values: Tensor
    vectors: Tensor

    @classmethod
    def fitted(cls, schedule: NoiseSchedule, items: Tensor) -> GaussianDenoiser:
        """The Gaussian with the mean and covariance of `items` [items, ...]: the best linear denoiser for them."""
        flat = items.reshape(len(items), -1).double()
        values, vectors = _eigen(flat - flat.mean(0))
        return cls(schedule, flat.mean(0), values.clamp(min=0), vectors)

    def __call__(self, x: Tensor, t: int) -> Prediction:
        """E[x_0 | x_t] = mean + Sigma sqrt(ab) (ab Sigma + (1 - ab) I)^-1 (x_t - sqrt(ab) mean), and the eps it implies."""
        left = float(self.schedule.alphas_bar[t])
        flat = x.reshape(len(x), -1).double()
        gain = left**0.5 * self.values / (left * self.values + 1 - left)
        rotated = (flat - left**0.5 * self.mean) @ self.vectors
        x0 = self.mean + (rotated * gain) @ self.vectors.T
        eps = (flat - left**0.5 * x0) / (1 - left) ** 0.5
        return Prediction(x0.reshape(x.shape).to(x.dtype), eps.reshape(x.shape).to(x.dtype))

    def eps_error(self) -> Tensor:
        """Mean squared error in eps, per dimension, at every t [T]."""
        left = self.schedule.alphas_bar[:, None]
        return (left * self.values / (left * self.values + 1 - left)).sum(dim=1) / len(self.mean)

    def v_error(self) -> Tensor:
        """Mean squared error in v at every t [T]: L_v = (SNR + 1) L_x0 = L_eps / ab."""
        left = self.schedule.alphas_bar[:, None]
        return (self.values / (left * self.values + 1 - left)).sum(dim=1) / len(self.mean)


def _eigen(centred: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues [rank], rising, and eigenvectors [features, rank] of the covariance of `centred` [items, features].

    With fewer items than features through the matrix of inner products, which has the same eigenvalues and is smaller:
    a hundred colour images are done at once instead of in ten seconds.
    """
    items, features = centred.shape
    if items > features:
        decomposed: tuple[Tensor, Tensor] = torch.linalg.eigh(centred.T @ centred / (items - 1))
        return decomposed
    values, across = torch.linalg.eigh(centred @ centred.T / (items - 1))
    kept = values > values[-1] * _NOTHING
    return values[kept], centred.T @ across[:, kept] / ((items - 1) * values[kept]).sqrt()


def memorised_x0(items: Tensor, xt: Tensor, alpha_bar: float) -> Tensor:
    """The memoriser's answer to xt [batch, features], given the training items [items, features]."""
    distances = torch.cdist(xt, alpha_bar**0.5 * items).square()
    return torch.softmax(-distances / (2 * (1 - alpha_bar)), dim=1) @ items


def memoriser_eps_error(
    schedule: NoiseSchedule, items: Tensor, queries: Tensor, *, levels: int = 50, seed: int = 0
) -> float:
    """Mean squared error in eps of the memoriser of `items` on `queries` (both [n, ...]), over `levels` noise levels.

    With queries out of `items` this is the floor of the training error; with held-out queries it shows what
    memorising costs.
    """
    known = items.reshape(len(items), -1)
    clean = queries.reshape(len(queries), -1)
    generator = torch.Generator().manual_seed(seed)
    total = 0.0
    for k in range(levels):
        left = float(schedule.alphas_bar[int((k + 0.5) / levels * schedule.steps)])
        noise = torch.randn(clean.shape, generator=generator)
        xt = left**0.5 * clean + (1 - left) ** 0.5 * noise
        said = (xt - left**0.5 * memorised_x0(known, xt, left)) / (1 - left) ** 0.5
        total += float((said - noise).square().mean())
    return total / levels
