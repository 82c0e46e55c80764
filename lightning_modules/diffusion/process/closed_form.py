"""Denoisers known in closed form: what a linear model reaches, what a memoriser reaches, and exact ground truth.

Notation: x_t = a x_0 + s eps, on any Gaussian path; `lam` eigenvalues of the data's covariance.

* The best linear denoiser is that of Gaussian data with the same mean and covariance. Its squared error in x_0, per
  dimension at t, is mean_i lam_i s² / (a² lam_i + s²); in eps it is a² / s² times as much.
* The memoriser is the exact denoiser of the finite training set: a softmax-weighted mean of the training items. A
  network that reached its training error would have learned the training items by heart.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.schedule import NoiseSchedule

MOST_FEATURES = 4096
MOST_ITEMS = 2000
"""Beyond so many features the covariance is taken from so many items, since its own size would be the square."""
_NOTHING = 1e-10
"""Share of the largest eigenvalue below which one is rounding."""


@dataclass(frozen=True)
class GaussianDenoiser:
    """The exact denoiser of data N(mean, covariance), as a sampler's `Denoise`; float64.

    `mean` [features], `values` [directions] and `vectors` [features, directions] the eigen-decomposition of the covariance,
    smallest first; along directions that are left out the data does not vary.
    """

    schedule: NoiseSchedule
    mean: Tensor
    values: Tensor
    vectors: Tensor

    @classmethod
    def fitted(cls, schedule: NoiseSchedule, items: Tensor) -> GaussianDenoiser:
        """The Gaussian with the mean and covariance of `items` [items, ...]: the best linear denoiser for them."""
        flat = items.reshape(len(items), -1).double()
        mean = flat.mean(0)
        centred = flat - mean
        values, vectors = _eigen(centred[:MOST_ITEMS] if flat.shape[1] > MOST_FEATURES else centred)
        return cls(schedule, mean, values.clamp(min=0), vectors)

    @classmethod
    def exchangeable(cls, schedule: NoiseSchedule, clouds: Tensor) -> GaussianDenoiser:
        """The best linear denoiser of `clouds` [items, points, axes] whose points come in no order.

        Every point then has the same mean, every two points the same covariance, and Sigma has two parts: along the
        direction that moves all points alike n Cov(centre), along all others the covariance W within a cloud.
        """
        count, axes = clouds.shape[1:]
        points = clouds.double()
        centre = points.mean(dim=1, keepdim=True)
        spread = (points - centre).flatten(0, 1)
        within = spread.T @ spread / (len(points) * (count - 1))
        moved = (centre - centre.mean(0)).flatten(1)
        between = count * moved.T @ moved / (len(points) - 1)
        together = torch.full((count, 1), count**-0.5, dtype=torch.float64)
        whole, _ = torch.linalg.qr(torch.cat([together, torch.eye(count, dtype=torch.float64)[:, 1:]], dim=1))
        pairs = [(torch.linalg.eigh(between), whole[:, :1]), (torch.linalg.eigh(within), whole[:, 1:])]
        values = torch.cat([found.eigenvalues.repeat(along.shape[1]) for found, along in pairs])
        parts = [torch.einsum("pk,ad->pakd", along, found.eigenvectors) for found, along in pairs]
        vectors = torch.cat([part.reshape(count * axes, -1) for part in parts], dim=1)
        return cls(schedule, centre.mean(0).expand(count, axes).flatten(), values.clamp(min=0), vectors)

    def __call__(self, x: Tensor, t: float) -> Prediction:
        """E[x_0 | x_t] = mean + Sigma a (a² Sigma + s² I)^-1 (x_t - a mean), and the eps it implies."""
        signal, level = self.schedule.factors(t)
        flat = x.reshape(len(x), -1).double()
        gain = signal * self.values / (signal**2 * self.values + level**2)
        rotated = (flat - signal * self.mean) @ self.vectors
        x0 = self.mean + (rotated * gain) @ self.vectors.T
        eps = (flat - signal * x0) / level
        return Prediction(x0.reshape(x.shape).to(x.dtype), eps.reshape(x.shape).to(x.dtype))

    def x0_error(self, t: Tensor | None = None) -> Tensor:
        """Mean squared error in x_0, per dimension, at `t` [levels] (every level unless told): [levels]."""
        signal, level = self._factors(t)
        return (self.values * level**2 / (signal**2 * self.values + level**2)).sum(dim=1) / len(self.mean)

    def eps_error(self, t: Tensor | None = None) -> Tensor:
        """Mean squared error in eps, per dimension, at `t` [levels] (every level unless told): [levels]."""
        signal, level = self._factors(t)
        shrunk = signal**2 * self.values
        return (shrunk / (shrunk + level**2)).sum(dim=1) / len(self.mean)

    def _factors(self, t: Tensor | None) -> tuple[Tensor, Tensor]:
        """Signal and level at t, each [levels, 1]."""
        every = torch.arange(self.schedule.steps) if t is None else t
        return self.schedule.signal_and_noise(every, self.values.new_empty(1, 1))


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


def memorised_x0(items: Tensor, xt: Tensor, signal: float, level: float) -> Tensor:
    """The memoriser's answer to xt [batch, features], given the training items [items, features]."""
    distances = torch.cdist(xt, signal * items).square()
    return torch.softmax(-distances / (2 * level**2), dim=1) @ items


def memoriser_eps_error(
    schedule: NoiseSchedule,
    items: Tensor,
    queries: Tensor,
    *,
    levels: int = 50,
    seed: int = 0,
    times: Tensor | None = None,
) -> float:
    """Mean squared error in eps of the memoriser of `items` on `queries` (both [n, ...]), over `levels` noise levels.

    With queries out of `items` this is the floor of the training error; with held-out queries it shows what
    memorising costs. `times` are the levels themselves, if they are not to be spread evenly over all of them.
    """
    known = items.reshape(len(items), -1)
    clean = queries.reshape(len(queries), -1)
    generator = torch.Generator().manual_seed(seed)
    if times is None:
        times = ((torch.arange(levels) + 0.5) / levels * schedule.steps).long()
    total = 0.0
    for t in times.tolist():
        signal, level = schedule.factors(t)
        noise = torch.randn(clean.shape, generator=generator)
        xt = signal * clean + level * noise
        said = (xt - signal * memorised_x0(known, xt, signal, level)) / level
        total += float((said - noise).square().mean())
    return total / len(times)


@dataclass(frozen=True)
class MixtureDenoiser:
    """The exact denoiser of a mixture of round Gaussians: `means` [modes, features], all of variance `variance`.

    E[x_0 | x] = sum_k w_k (mu_k sigma² + x v) / (v + sigma²) for x = x_t / a, w the softmax of -|x - mu_k|² / (2 (v + sigma²)).
    """

    schedule: NoiseSchedule
    means: Tensor
    variance: float

    def __call__(self, x: Tensor, t: float) -> Prediction:
        """x_0 and eps of x_t [batch, features]."""
        signal, level = self.schedule.factors(t)
        sigma_squared, scaled = (level / signal) ** 2, x / signal
        total = self.variance + sigma_squared
        distances = torch.cdist(scaled, self.means).square()
        nearest = torch.softmax(-distances / (2 * total), dim=1) @ self.means
        x0 = (nearest * sigma_squared + scaled * self.variance) / total
        return Prediction(x0, (x - signal * x0) / level)
