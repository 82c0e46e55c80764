"""How near a picture comes to the true one: PSNR, SSIM; and how colourful it is.

All take [n, colours, height, width] in [-1, 1] and return one number a picture [n], in double precision.

* PSNR = 10 log10(range² / mean squared error), range 2.
* SSIM: Z. Wang et al., Image quality assessment, 2004, equation 13, with its Gaussian window of 11 pixels and sigma 1.5, K 0.01
  and 0.03, a mean over all places where the whole window fits and over the colours. Pictures smaller than the window
  get the largest odd window that fits.
* Colourfulness: D. Hasler, S. Süsstrunk, Measuring colourfulness in natural images, 2003, on 0..255: with rg = R - G and
  yb = (R + G) / 2 - B it is sqrt(s_rg² + s_yb²) + 0.3 sqrt(m_rg² + m_yb²). 0 is grey, 15 slight, 45 moderate, 85 high.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

RANGE = 2.0
_WINDOW, _SIGMA = 11, 1.5
_K1, _K2 = 0.01, 0.03
_MEAN_SHARE = 0.3
_BEST = 100.0
"""PSNR of a picture without any error, which has none."""


def psnr(found: Tensor, true: Tensor, counted: Tensor | None = None) -> Tensor:
    """dB; over the pixels where `counted` [n, 1, height, width] is True, if it is given."""
    squared = (found.double() - true.double()).square()
    if counted is None:
        error = squared.flatten(1).mean(dim=1)
    else:
        where = counted.expand_as(squared).double()
        error = (squared * where).flatten(1).sum(dim=1) / where.flatten(1).sum(dim=1).clamp(min=1)
    return (10 * torch.log10(RANGE**2 / error.clamp(min=1e-300))).clamp(max=_BEST)


def ssim(found: Tensor, true: Tensor) -> Tensor:
    """1 for equal pictures."""
    a, b = found.double(), true.double()
    length = min(_WINDOW, *a.shape[-2:])
    length -= 1 - length % 2
    places = torch.arange(length, dtype=torch.float64, device=a.device) - length // 2
    window = torch.exp(-places.square() / (2 * _SIGMA**2))
    window = window / window.sum()

    def local(x: Tensor) -> Tensor:
        flat = x.reshape(-1, 1, *x.shape[-2:])
        return F.conv2d(F.conv2d(flat, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))

    mean_a, mean_b = local(a), local(b)
    spread_a, spread_b = local(a * a) - mean_a**2, local(b * b) - mean_b**2
    both = local(a * b) - mean_a * mean_b
    c1, c2 = (_K1 * RANGE) ** 2, (_K2 * RANGE) ** 2
    index = ((2 * mean_a * mean_b + c1) * (2 * both + c2)) / ((mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2))
    return index.reshape(len(a), -1).mean(dim=1)


def colourfulness(pictures: Tensor) -> Tensor:
    """Of pictures of three colours; of grey ones 0."""
    if pictures.shape[1] == 1:
        return torch.zeros(len(pictures), dtype=torch.float64)
    red, green, blue = ((pictures.double() + 1) * 127.5).flatten(2).unbind(dim=1)
    pair = torch.stack([red - green, (red + green) / 2 - blue])
    spread, middle = pair.var(dim=2, unbiased=False).sum(0).sqrt(), pair.mean(dim=2).square().sum(0).sqrt()
    return spread + _MEAN_SHARE * middle
