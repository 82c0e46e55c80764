"""RePaint (arXiv:2201.09865) on Gaussian pixels, whose conditional is known, and its walk against the authors' own."""

from __future__ import annotations

import functools
import itertools

import torch
from torch import Tensor

from lightning_modules.diffusion.process.closed_form import GaussianDenoiser
from lightning_modules.diffusion.process.repaint import looks, places, repaint
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.diffusion.process.stages import Walk, last, time_grid
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.truths.truth import Found, Subject, apart, normal

_repaint = Subject("repaint")
_PAPER = "arXiv:2201.09865, appendix B"
_KNOWN = torch.tensor([1.0, -1.2, 0, 0], dtype=torch.float64)


@functools.cache
def _filled(resamplings: int) -> tuple[float, Tensor]:
    """Distance of mean and covariance of what was filled from the exact conditional, and the pixels that were known."""
    root = normal(0, 4, 4) * 0.5
    covariance = root @ root.T + 0.05 * torch.eye(4, dtype=torch.float64)
    mean = torch.tensor([0.2, -0.3, 0.5, 0.0], dtype=torch.float64)
    schedule, seeds = noise_schedule("cosine", 200), itertools.count(1)
    denoise = GaussianDenoiser(schedule, mean, *torch.linalg.eigh(covariance))
    walk = Walk(denoise, schedule, normal(0, 3000, 4), time_grid(200, 40), lambda: normal(next(seeds), 3000, 4), 1.0)
    fill = torch.tensor([False, False, True, True])
    x = last(repaint(SAMPLERS["ddim"], walk, _KNOWN, fill, jump=5, resamplings=resamplings))
    gain = covariance[2:, :2] @ torch.linalg.inv(covariance[:2, :2])
    exact_mean = mean[2:] + gain @ (_KNOWN[:2] - mean[:2])
    exact_covariance = covariance[2:, 2:] - gain @ covariance[:2, 2:]
    off = (x[:, 2:].mean(0) - exact_mean).norm() + (torch.cov(x[:, 2:].T) - exact_covariance).norm()
    return float(off), x[:, :2]


@_repaint.says("conditional", "Sixteen resamplings bring Gaussian pixels to a fifth of the error of plain replacement, or less.",
               "सोलह बार दोहराने पर गॉसियन पिक्सेल की त्रुटि, सिर्फ़ बदलने की तुलना में, पाँचवाँ हिस्सा या कम रह जाती है।", _PAPER)  # fmt: skip
def _conditional() -> Found:
    ratio = _filled(16)[0] / _filled(1)[0]
    return Found(ratio, 0.1, 0.1)


@_repaint.says(
    "known", "What is known stays as it is, to the bit.", "जो मालूम है, वह आख़िरी बिट तक वैसा ही रहता है।", _PAPER
)
def _known() -> Found:
    return apart(_filled(1)[1], _KNOWN[:2].expand(3000, 2), 0)


@_repaint.says("walk", "With 6 steps, jumps of 2, twice, the walk is the authors' (places that differ).",
               "6 स्टेप, 2 की छलाँग, दो बार: चाल लेखकों वाली ही है (अलग जगहें)।", _PAPER)  # fmt: skip
def _walk() -> Found:
    theirs = [5, 4, 3, 2, 3, 4, 3, 2, 1, 0, 1, 2, 1, 0, -1]
    ours = places(6, 2, 2)
    return Found(sum(a != 5 - b for a, b in zip(ours, theirs, strict=True)), 0, 0)


@_repaint.says(
    "looks",
    "250 steps with jumps of 10 walked 10 times each look 2,410 times.",
    "250 स्टेप, 10 की छलाँग, हर एक 10 बार: 2,410 बार देखना।",
    _PAPER,
)
def _looks() -> Found:
    return Found(looks(250, 10, 10), 2410, 0)


TRUTHS = tuple(_repaint.truths)
