"""Nearness of pictures against scikit-image, colourfulness against a value worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from skimage import metrics

from lightning_modules.diffusion.measures.fidelity import colourfulness, psnr, ssim

PEAK: Any = metrics.peak_signal_noise_ratio
LIKENESS: Any = metrics.structural_similarity


def _pair(colours: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    true = torch.nn.functional.avg_pool2d(torch.rand(3, colours, 40, 52, generator=generator) * 2 - 1, 3, 1, 1)
    return (true + 0.1 * torch.randn(true.shape, generator=generator)).clamp(-1, 1), true


@pytest.mark.parametrize("colours", [1, 3])
def test_psnr_and_ssim_are_those_of_scikit_image(colours: int) -> None:
    found, true = _pair(colours)
    for k in range(len(true)):
        a, b = found[k].double().numpy(), true[k].double().numpy()
        assert float(psnr(found, true)[k]) == pytest.approx(PEAK(b, a, data_range=2), abs=1e-6)
        theirs = LIKENESS(
            b, a, data_range=2, channel_axis=0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        assert float(ssim(found, true)[k]) == pytest.approx(theirs, abs=1e-6)


def test_equal_pictures_are_nearest_and_only_counted_pixels_count() -> None:
    found, true = _pair(3)
    assert ssim(true, true).tolist() == pytest.approx([1, 1, 1]) and psnr(true, true).tolist() == [100, 100, 100]
    counted = torch.zeros(3, 1, 40, 52)
    counted[..., :20, :] = 1
    assert torch.allclose(psnr(found, true, counted), psnr(found[..., :20, :], true[..., :20, :]))


def test_colourfulness_of_one_colour_is_its_distance_from_grey() -> None:
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 5, 5)
    assert float(colourfulness(red)) == pytest.approx(0.3 * np.hypot(255, 127.5))
    assert float(colourfulness(red.mean(1, keepdim=True).expand(1, 3, 5, 5))) == 0
    pair = torch.where(torch.arange(5) < 2, red, -red)  # red (rg 255, yb 127.5) and cyan (rg -255, yb -127.5), 2 : 3
    rg = np.array([255.0, 255, -255, -255, -255])
    by_hand = np.hypot(rg.std(), rg.std() / 2) + 0.3 * np.hypot(rg.mean(), rg.mean() / 2)
    assert float(colourfulness(pair)) == pytest.approx(by_hand)
