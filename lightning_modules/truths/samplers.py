"""Samplers on data whose score is known exactly: where they end, how fast they get there, what they have in common."""

from __future__ import annotations

import functools
import math
from itertools import pairwise

import torch
from torch import Tensor

from lightning_modules.diffusion.process.closed_form import GaussianDenoiser, MixtureDenoiser
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
)
from lightning_modules.diffusion.process.stages import Denoise, Stage, Walk
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.truths.truth import Find, Found, Subject, apart, normal

_samplers = Subject("samplers")
_MEAN = torch.tensor([0.7, -0.4], dtype=torch.float64)
_VARIANCES = torch.tensor([0.5, 0.02], dtype=torch.float64)
_ORDERS = {"euler": 1.0, "ddim": 1.0, "heun": 2.05, "dpmpp_2m": 2.07}
_TITLES = {"euler": "Euler", "ddim": "DDIM", "heun": "Heun", "dpmpp_2m": "DPM++ 2M", "ancestral": "Ancestral"}


def gaussian(schedule: NoiseSchedule) -> GaussianDenoiser:
    """The exact denoiser of a Gaussian in the plane."""
    return GaussianDenoiser(schedule, _MEAN, _VARIANCES, torch.eye(2, dtype=torch.float64))


class _Drawn:
    """The same noise in the same order for every sampler."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.calls = shape, 0

    def __call__(self) -> Tensor:
        self.calls += 1
        return normal(100 + self.calls, *self.shape)


def walked(name: str, schedule: NoiseSchedule, denoise: Denoise, x: Tensor, steps: int, eta: float = 0) -> list[Stage]:
    """Every stage of a walk from x at the noisiest level."""
    grid = SAMPLERS[name].grid(schedule.steps, steps)
    return list(SAMPLERS[name].walk(Walk(denoise, schedule, x, grid, _Drawn(tuple(x.shape)), eta)))


@functools.cache
def _of_the_ring(name: str, steps: int) -> Tensor:
    """Samples of 8 Gaussians of std 0.3 on a ring of radius 2 by their exact score, from sigma 80 to 0.002 at rho 7."""
    angles = torch.arange(8, dtype=torch.float64) * (2 * math.pi / 8)
    means = 2 * torch.stack([angles.cos(), angles.sin()], dim=1)
    schedule = exploding(edm_sigmas(steps))
    return walked(name, schedule, MixtureDenoiser(schedule, means, 0.09), 80 * normal(3, 256, 2), steps)[-1].x


def _order(name: str) -> Find:
    def find() -> Found:
        exact = _of_the_ring("heun", 1000)
        errors = [float((_of_the_ring(name, n) - exact).norm(dim=1).mean()) for n in (80, 160)]
        return Found(math.log2(errors[0] / errors[1]), _ORDERS[name], 0.08)

    return find


for _name, _known in _ORDERS.items():
    _samplers.says(
        f"order_{_name}",
        f"{_TITLES[_name]} converges with order {_known} on the exact score of 8 Gaussians.",
        f"8 गॉसियन के सटीक स्कोर पर {_TITLES[_name]} के अभिसरण का क्रम {_known} है।",
        "arXiv:2206.00364, figure 2; arXiv:2211.01095; worked out independently in numpy",
    )(_order(_name))


def _ends(name: str) -> Find:
    def find() -> Found:
        schedule, start = noise_schedule("cosine", 1000), normal(0, 64, 2)
        signal, level = schedule.factors(999)
        path = (start / signal - _MEAN) * (_VARIANCES / (_VARIANCES + (level / signal) ** 2)).sqrt()
        found = walked(name, schedule, gaussian(schedule), start, 250)[-1].x
        return Found(float((found - _MEAN - path).abs().mean()), 0, 0.015 if SAMPLERS[name].order == 1 else 0.004)

    return find


for _name in _ORDERS:
    _samplers.says(
        f"path_{_name}",
        f"{_TITLES[_name]} ends where the exact path of Gaussian data ends (mean distance, 250 steps).",
        f"{_TITLES[_name]} वहीं पहुँचता है जहाँ गॉसियन डेटा का सटीक रास्ता (औसत दूरी, 250 स्टेप)।",
        "probability-flow ODE, arXiv:2011.13456",
    )(_ends(_name))


@_samplers.says("golden_mean", "From x = 1.3 with x₀ = 0.4 at t = 500 the ancestral step and DDIM with η = 1 have one mean.",
                "x = 1.3, x₀ = 0.4, t = 500 से ऐन्सेस्ट्रल और η = 1 वाले DDIM का औसत एक है।", "arXiv:2006.11239, equation 7")  # fmt: skip
def _golden_mean() -> Found:
    return Found(_moved("ddim", 0.0), _moved("ancestral", 0.0), 1e-9)


@_samplers.says("golden_variance", "The variance of that step is 0.0100513358.", "उस स्टेप का वेरिएंस 0.0100513358 है।",
                "arXiv:2006.11239, equation 7; worked out independently in numpy")  # fmt: skip
def _golden_variance() -> Found:
    return Found((_moved("ancestral", 1.0) - _moved("ancestral", 0.0)) ** 2, 0.0100513358, 1e-10)


def _moved(name: str, noise: float) -> float:
    """Where a step with full noise from t = 500 to 499 leads."""
    schedule = noise_schedule("linear", 1000)
    x, x0, (signal, level) = torch.full((1, 1), 1.3).double(), torch.full((1, 1), 0.4).double(), schedule.factors(500)

    def denoise(xt: Tensor, t: float) -> Prediction:
        return Prediction(x0, (xt - signal * x0) / level)

    walk = Walk(denoise, schedule, x, (500.0, 499.0), lambda: noise * torch.ones(1, 1, dtype=torch.float64), 1.0)
    return float(next(iter(SAMPLERS[name].walk(walk))).x)


@_samplers.says("ddim_ancestral", "DDIM with η = 1 on the full grid is the ancestral sampler, on all three paths.",
                "पूरी ग्रिड पर η = 1 वाला DDIM, तीनों रास्तों पर, ऐन्सेस्ट्रल सैंपलर ही है।", "arXiv:2010.02502, section 4.1")  # fmt: skip
def _ddim_ancestral() -> Found:
    worst = 0.0
    for schedule in (noise_schedule("linear", 100), rectified_flow(100), exploding(edm_sigmas(100))):
        start = schedule.start_scale * normal(0, 64, 2)
        one = walked("ancestral", schedule, gaussian(schedule), start, 100)[-1].x
        other = walked("ddim", schedule, gaussian(schedule), start, 100, eta=1.0)[-1].x
        worst = max(worst, float((one - other).abs().max()))
    return Found(worst, 0, 1e-9)


@_samplers.says(
    "ddim_euler",
    "DDIM without noise is Euler's step in σ.",
    "बिना नॉइज़ का DDIM, σ में Euler का कदम है।",
    "arXiv:2010.02502, equation 14",
)
def _ddim_euler() -> Found:
    schedule, start = noise_schedule("cosine", 1000), normal(0, 16, 2)
    stages, y, worst = walked("ddim", schedule, gaussian(schedule), start, 40), start / schedule.signals[999], 0.0
    for stage, following in pairwise(stages):
        here, there = int(stage.t), int(following.t)
        slope = gaussian(schedule)(y * schedule.signals[here], here).eps
        y = y + (schedule.sigmas[there] - schedule.sigmas[here]) * slope
        worst = max(worst, float((y * schedule.signals[there] - stage.x).abs().max()))
    return Found(worst, 0, 1e-9)


@_samplers.says("last_step", "Every sampler's last step lands on the predicted x₀: no noise is left.",
                "हर सैंपलर का आख़िरी कदम अनुमानित x₀ पर पहुँचता है: कोई नॉइज़ नहीं बचता।")  # fmt: skip
def _last_step() -> Found:
    schedule, worst = noise_schedule("cosine", 20), 0.0
    for name in SAMPLERS:
        final = walked(name, schedule, gaussian(schedule), normal(0, 4, 2), 7)[-1]
        worst = max(worst, float((final.x - final.x0).abs().max()))
    return Found(worst, 0, 1e-9)


@_samplers.says(
    "heun_looks",
    "Heun's sampler with 18 steps looks 35 times.",
    "18 स्टेप वाला Heun 35 बार देखता है।",
    "arXiv:2206.00364, algorithm 1",
)
def _heun_looks() -> Found:
    schedule, calls = exploding(edm_sigmas(18)), [0]
    exact = gaussian(schedule)

    def counted(x: Tensor, t: float) -> Prediction:
        calls[0] += 1
        return exact(x, t)

    walked("heun", schedule, counted, 80 * normal(0, 4, 2), 18)
    return Found(calls[0], 35, 0)


@_samplers.says("variance", "1,000 ancestral steps give Gaussian data its own variance of 0.5 (4,000 samples).",
                "1,000 ऐन्सेस्ट्रल स्टेप से गॉसियन डेटा को अपना 0.5 का वेरिएंस मिलता है (4,000 सैंपल)।", "arXiv:2006.11239")  # fmt: skip
def _variance() -> Found:
    schedule = noise_schedule("cosine", 1000)
    found = walked("ancestral", schedule, gaussian(schedule), normal(1, 4000, 2), 1000)[-1].x
    return Found(float(found.var(0)[0]), 0.5, 0.05)


@_samplers.says("flow_velocity", "On the straight path the Gaussian velocity is the published closed form.",
                "सीधे रास्ते पर गॉसियन वेग प्रकाशित सूत्र ही है।", "arXiv:2210.02747, theorem 3")  # fmt: skip
def _flow_velocity() -> Found:
    schedule, x, worst = rectified_flow(), normal(0, 512, 2), 0.0
    for t in (100.0, 500.5, 900.0):
        signal, level = schedule.factors(t)  # the paper's time is the signal, 1 - tau
        slope = (signal * _VARIANCES - level) / (level**2 + signal**2 * _VARIANCES)
        said = gaussian(schedule)(x, t)
        worst = max(worst, float((said.x0 - said.eps - _MEAN - slope * (x - signal * _MEAN)).abs().max()))
    return Found(worst, 0, 1e-9)


@_samplers.says("one_step", "One Euler step along the exact velocity from pure noise finds the mean of the data, 0.7.",
                "पूरे नॉइज़ से सटीक वेग पर Euler का एक कदम डेटा के औसत 0.7 पर पहुँचता है।", "arXiv:2209.03003")  # fmt: skip
def _one_step() -> Found:
    schedule = rectified_flow()
    found = walked("euler", schedule, gaussian(schedule), normal(0, 512, 2), 1)[-1].x
    return Found(float(found[:, 0].mean()), 0.7, 0.002)


@_samplers.says("batch", "Noise belongs to the item: in a later batch it is the same to the bit.",
                "नॉइज़ आइटम का होता है: बाद के बैच में भी हूबहू वही।")  # fmt: skip
def _batch() -> Found:
    whole, late = (ItemNoise(3, first, 6 - first, (2, 2), torch.device("cpu")) for first in (0, 4))
    return apart(whole()[4:], late(), 0)


TRUTHS = tuple(_samplers.truths)
