"""Classifier-free guidance (arXiv:2207.12598) as a trained model does it: its limits, its linearity, its one call for two."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from data.arrays import make_dataset
from data.catalog import Split
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.diffusion.process.closed_form import MixtureDenoiser
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from lightning_modules.truths.truth import Found, Subject, apart, normal

_guidance = Subject("guidance")
_PAPER = "arXiv:2207.12598, equation 6 with s = 1 + w"


@functools.cache
def _model() -> DDPM:
    """A class-conditional model with every weight set, as if it had learned."""
    x = np.random.default_rng(0).uniform(-1, 1, (30, 1, 8, 8)).astype(np.float32)
    part = Split(x, (np.arange(30) % 3).astype(np.int64))
    torch.manual_seed(0)
    model = DDPM(DDPMConfig(channels=8), make_dataset("image", part, part, ["a", "b", "c"]), TrainingOptions()).eval()
    for parameter in model.best_network.parameters():
        parameter.data.normal_(0, 0.1)
    return model


def _said(guidance: float, classes: tuple[int, ...] = (0, 2)) -> Tensor:
    x = normal(0, 2, 1, 8, 8).float()
    return _model().says(x, torch.tensor([100, 900]), Condition(torch.tensor(classes)), guidance).eps


@_guidance.says(
    "zero", "At s = 0 the class is ignored, to the bit.", "s = 0 पर क्लास बिल्कुल नहीं देखी जाती, आख़िरी बिट तक।", _PAPER
)
def _zero() -> Found:
    return apart(_said(0), _said(1, (3, 3)), 0)


@_guidance.says(
    "one",
    "At s = 1 the model is asked with the class, to the bit.",
    "s = 1 पर मॉडल से क्लास बताकर पूछा जाता है, आख़िरी बिट तक।",
    _PAPER,
)
def _one() -> Found:
    model, x, t = _model(), normal(0, 2, 1, 8, 8).float(), torch.tensor([100, 900])
    signal, level = model.noising.signal_and_noise(t, x)
    output = model.best_network(x, model.time_of(t), torch.tensor([0, 2]))
    return apart(_said(1), model.objective.interpret(output, x, signal, level).eps, 0)


@_guidance.says("differs", "The class makes a difference: at s = 0 and s = 1 the answers are not the same (1: they differ).",
                "क्लास से फ़र्क पड़ता है: s = 0 और s = 1 के जवाब अलग हैं (1: अलग हैं)।")  # fmt: skip
def _differs() -> Found:
    return Found(float(float((_said(0) - _said(1)).abs().max()) > 1e-3), 1, 0)


@_guidance.says(
    "linear", "Guidance is linear: at s = 3 it is u + 3 (c − u).", "गाइडेंस रेखीय है: s = 3 पर u + 3 (c − u)।", _PAPER
)
def _linear() -> Found:
    return apart(_said(3), _said(0) + 3 * (_said(1) - _said(0)), 1e-4)


@_guidance.says(
    "conventions",
    "The paper's w = 1 is our s = 2: (1 + w) c − w u.",
    "पेपर का w = 1 हमारा s = 2 है: (1 + w) c − w u।",
    _PAPER,
)
def _conventions() -> Found:
    return apart(_said(2), 2 * _said(1) - _said(0), 1e-4)


@_guidance.says("mixture", "The guided score of two classes half and half is that of the product, in closed form.",
                "आधी-आधी दो क्लास का गाइडेड स्कोर गुणनफल वाले का ही है, सूत्र से।")  # fmt: skip
def _mixture() -> Found:
    schedule, m, v = noise_schedule("cosine", 1000), torch.tensor([[1.0, 0.5]], dtype=torch.float64), 0.04
    free, told = MixtureDenoiser(schedule, torch.cat([m, -m]), v), MixtureDenoiser(schedule, m, v)
    x, worst = normal(0, 32, 2), 0.0
    for t, s in ((300.0, 2.0), (700.5, 3.5)):
        signal, level = schedule.factors(t)
        total = signal**2 * v + level**2
        tanh = torch.tanh(signal * (x @ m.T) / total)
        score = (-x + signal * m * (tanh + s * (1 - tanh))) / total
        guided = free(x, t).eps + s * (told(x, t).eps - free(x, t).eps)
        worst = max(worst, float((guided + level * score).abs().max()))
    return Found(worst, 0, 1e-9)


TRUTHS = tuple(_guidance.truths)
