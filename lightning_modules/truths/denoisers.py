"""Denoisers known in closed form against the score (by automatic differentiation) and the table of floors."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from data.datasets import digits
from lightning_modules.diffusion.process.closed_form import (
    GaussianDenoiser,
    MixtureDenoiser,
    memorised_x0,
    memoriser_eps_error,
)
from lightning_modules.diffusion.process.schedule import ScheduleName, exploding, noise_schedule
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.truths.truth import Find, Found, Subject, apart, normal

_denoisers = Subject("denoisers")
_FLOORS = "worked out independently in numpy"


def _tweedie(log_density: Callable[[Tensor], Tensor], x: Tensor, sigma: float) -> Tensor:
    """E[x_0 | x] = x + sigma² d log p(x) / dx, by automatic differentiation."""
    with torch.enable_grad():
        at = x.clone().requires_grad_(True)
        (score,) = torch.autograd.grad(log_density(at).sum(), at)
    return x + sigma**2 * score


@_denoisers.says("mixture_score", "The denoiser of a mixture is x + σ² times the score of the noised mixture.",
                 "मिश्रण का डीनॉइज़र, x + σ² गुना नॉइज़ वाले मिश्रण का स्कोर है।", "Tweedie; arXiv:2206.00364, equation 3")  # fmt: skip
def _mixture_score() -> Found:
    sigmas, means = torch.tensor([30.0, 0.7], dtype=torch.float64), 2 * normal(5, 6, 2)
    denoise, x, sigma = MixtureDenoiser(exploding(sigmas), means, 0.09), 2 * normal(6, 40, 2), 0.7

    def log_density(at: Tensor) -> Tensor:
        return torch.logsumexp(-(at[:, None] - means).square().sum(-1) / (2 * (0.09 + sigma**2)), dim=1)

    return apart(denoise(x, 0.0).x0, _tweedie(log_density, x, sigma), 1e-9)


@_denoisers.says("gaussian_score", "The denoiser of a Gaussian is x + σ² times the score of the noised Gaussian.",
                 "गॉसियन का डीनॉइज़र, x + σ² गुना नॉइज़ वाले गॉसियन का स्कोर है।", "Tweedie")  # fmt: skip
def _gaussian_score() -> Found:
    root, mean, sigma = normal(5, 4, 4), normal(6, 4), 0.7
    covariance = root @ root.T
    values, vectors = torch.linalg.eigh(covariance)
    denoise = GaussianDenoiser(exploding(torch.tensor([30.0, sigma], dtype=torch.float64)), mean, values, vectors)
    noised = torch.distributions.MultivariateNormal(mean, covariance + sigma**2 * torch.eye(4, dtype=torch.float64))
    x = normal(7, 40, 4)
    return apart(denoise(x, 0.0).x0, _tweedie(noised.log_prob, x, sigma), 1e-9)


@_denoisers.says("flow_ode", "1,000 Heun steps follow x(σ₂) = μ + √((λ+σ₂²)/(λ+σ₁²)) (x(σ₁) − μ) from σ = 5 to 0.5.",
                 "1,000 Heun स्टेप σ = 5 से 0.5 तक x(σ₂) = μ + √((λ+σ₂²)/(λ+σ₁²)) (x(σ₁) − μ) पर चलते हैं।",
                 "probability-flow ODE, arXiv:2011.13456")  # fmt: skip
def _flow_ode() -> Found:
    sigmas = torch.linspace(5, 0.5, 1000, dtype=torch.float64)
    mean, values = torch.tensor([0.3], dtype=torch.float64), torch.tensor([0.2], dtype=torch.float64)
    schedule = exploding(torch.cat([torch.tensor([40.0], dtype=torch.float64), sigmas]))
    denoise = GaussianDenoiser(schedule, mean, values, torch.eye(1, dtype=torch.float64))
    grid = tuple(float(t) for t in range(999, -1, -1))
    start = torch.full((1, 1), 2.0, dtype=torch.float64)
    stages = list(SAMPLERS["heun"].walk(Walk(denoise, schedule, start, grid, lambda: start)))
    return Found(float(stages[-1].xt), 0.3 + math.sqrt((0.2 + 0.25) / (0.2 + 25)) * 1.7, 1e-5)


def _linear_floor(name: ScheduleName, floor: float) -> Find:
    def find() -> Found:
        items = torch.from_numpy(digits.load(digits.DigitsConfig()).train.x)
        fitted = GaussianDenoiser.fitted(noise_schedule(name, 1000), items)
        return Found(float(fitted.eps_error().mean()), floor, 0.01 * floor)

    return find


_KNOWN: tuple[tuple[ScheduleName, float], ...] = (("cosine", 0.2222), ("linear", 0.1187))
for _name, _floor in _KNOWN:
    _denoisers.says(
        f"linear_floor_{_name}",
        f"The best linear denoiser of the digits has a squared error of {_floor} ({_name} schedule).",
        f"अंकों के सबसे अच्छे रेखीय डीनॉइज़र का वर्ग-अंतर {_floor} है ({_name} शेड्यूल)।",
        _FLOORS,
    )(_linear_floor(_name, _floor))


@_denoisers.says("memoriser", "The memoriser of the digits has a squared error of 0.0299 on what it knows by heart (cosine).",
                 "अंक रट लेने वाले का वर्ग-अंतर, रटे हुए पर, 0.0299 है (कोसाइन)।", _FLOORS)  # fmt: skip
def _memoriser() -> Found:
    items = torch.from_numpy(digits.load(digits.DigitsConfig()).train.x)
    found = memoriser_eps_error(noise_schedule("cosine", 1000), items, items[:200], levels=50)
    return Found(found, 0.0299, 0.15 * 0.0299)


@_denoisers.says(
    "one_item", "The memoriser of one item always answers with it.", "एक ही आइटम रटने वाला हमेशा वही बताता है।"
)
def _one_item() -> Found:
    item = torch.tensor([[0.3, -0.7]])
    return apart(memorised_x0(item, torch.randn(5, 2), 0.5**0.5, 0.5**0.5), item.expand(5, 2), 1e-6)


@_denoisers.says("snr", "The error in ε is SNR times that in x₀, at every step (largest relative difference).",
                 "हर स्टेप पर ε की त्रुटि x₀ वाली की SNR गुना है (सबसे बड़ा सापेक्ष अंतर)।")  # fmt: skip
def _snr() -> Found:
    schedule = noise_schedule("cosine", 1000)
    fitted = GaussianDenoiser.fitted(schedule, normal(0, 300, 5))
    ratio = fitted.eps_error() / (fitted.x0_error() * schedule.snr)
    return apart(ratio, torch.ones(1000, dtype=torch.float64), 1e-9)


@_denoisers.says("least_squares", "Least squares on 40,000 noised items reach the error of the closed form (their ratio).",
                 "40,000 नॉइज़ वाले आइटम पर न्यूनतम वर्ग, सूत्र वाली त्रुटि तक ही पहुँचता है (अनुपात)।")  # fmt: skip
def _least_squares() -> Found:
    schedule, scale = noise_schedule("cosine", 1000), torch.tensor([1.0, 0.3, 0.1], dtype=torch.float64)
    data, noise = normal(0, 40_000, 3) * scale + 0.5, normal(1, 40_000, 3)
    xt = schedule.diffuse(data, torch.full((len(data),), 500), noise)
    inputs = torch.cat([xt, torch.ones(len(xt), 1, dtype=torch.float64)], dim=1)
    learned = inputs @ torch.linalg.lstsq(inputs, noise).solution
    closed = float(GaussianDenoiser.fitted(schedule, data).eps_error()[500])
    return Found(float((learned - noise).square().mean()) / closed, 1, 0.02)


@_denoisers.says("drawn_covariance", "Samples drawn with the exact denoiser of correlated data have its correlation (2,000 samples).",
                 "सहसंबद्ध डेटा के सटीक डीनॉइज़र से बने सैंपल में वही सहसंबंध है (2,000 सैंपल)।")  # fmt: skip
def _drawn_covariance() -> Found:
    schedule = noise_schedule("cosine", 200)
    covariance = torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=torch.float64)
    values, vectors = torch.linalg.eigh(covariance)
    denoise = GaussianDenoiser(schedule, torch.zeros(2, dtype=torch.float64), values, vectors)
    grid = SAMPLERS["dpmpp_2m"].grid(200, 50)
    x = last(SAMPLERS["dpmpp_2m"].walk(Walk(denoise, schedule, normal(4, 2000, 2), grid, lambda: normal(0, 2000, 2))))
    return Found(float(torch.corrcoef(x.T)[0, 1]), 0.3 / math.sqrt(0.2), 0.04)


TRUTHS = tuple(_denoisers.truths)
