"""Methods that hide parts of a picture, on models whose reasons are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dashboard.explain.games.exact import exact
from dashboard.explain.image import (
    grad_cam,
    integrated_gradients,
    occlusion,
    rise,
    smoothgrad,
    superpixel_lime,
    superpixel_shap,
)
from dashboard.explain.image.maps import softened
from dashboard.explain.image.places import pointed_at
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.image.superpixels import Hiding, SuperpixelConfig, consecutive, cut
from tests.explain.image.planted import Patch, Share, answer, subject_before

SIDE, PIECES = 24, 9
GRID: dict[str, Any] = {"cut": "grid", "pieces": PIECES, "blank": "black"}


def _terms() -> np.ndarray:
    """What each of the nine squares of the additive picture adds to the probability."""
    return np.array([0.0, 0.05, -0.1, 0.2, 0.0, 0.1, -0.05, 0.15, 0.02])


def _additive() -> ImageSubject:
    """A model whose probability is the sum of the terms of the squares that are seen; hidden is black, -1, and adds nothing."""
    weight = torch.from_numpy(np.kron(_terms().reshape(3, 3), np.ones((8, 8))) / 64 / 2).float()
    return subject_before(Share(weight), torch.ones(1, SIDE, SIDE), target=1)


def test_lime_of_an_additive_picture_gives_back_its_terms() -> None:
    config = superpixel_lime.SuperpixelLimeConfig(**GRID, samples=64)
    found = answer(superpixel_lime.superpixel_lime, _additive(), config)
    np.testing.assert_allclose(found.arrays["shares"], _terms(), atol=1e-6)
    assert (
        found.evidence["local_fit"].value == pytest.approx(1, abs=1e-6)
        and found.arrays["share_half_width"].max() < 1e-6
    )


def test_shapley_values_of_an_additive_picture_are_its_terms_and_add_up() -> None:
    config = superpixel_shap.SuperpixelShapConfig(**GRID, most_questions=64)
    found = answer(superpixel_shap.superpixel_shap, _additive(), config)
    np.testing.assert_allclose(found.arrays["shares"], _terms(), atol=1e-6)
    assert found.additivity_error is not None and found.additivity_error < 1e-12
    assert found.attributions[:8, 8:16].sum() == pytest.approx(
        0.05, abs=1e-6
    )  # a piece's share, spread over its pixels


def test_occlusion_of_an_additive_picture_by_windows_of_its_squares_gives_its_terms() -> None:
    found = answer(occlusion.occlusion, _additive(), occlusion.OcclusionConfig(window=1 / 3, overlap=1, blank="black"))
    np.testing.assert_allclose(found.attributions, np.kron(_terms().reshape(3, 3), np.ones((8, 8))), atol=1e-6)


def test_windows_cover_the_picture_to_its_last_pixel() -> None:
    assert (
        occlusion.starts(10, 4, 3) == [0, 3, 6]
        and occlusion.starts(10, 4, 4) == [0, 4, 6]
        and occlusion.starts(4, 4, 1) == [0]
    )


class InDouble(nn.Module):
    """Hands x on in 64 bits."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.double()


def test_shapley_values_of_superpixels_are_exact_when_every_coalition_was_asked() -> None:
    torch.manual_seed(0)
    # in 64 bits: in 32 some processors round batches of another size otherwise, by more than what is asked here
    inside = nn.Sequential(nn.Conv2d(1, 4, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 49, 2)).double()
    network = nn.Sequential(InDouble(), inside)
    subject = subject_before(network, torch.randn(1, SIDE, SIDE), target=1)
    found = answer(
        superpixel_shap.superpixel_shap,
        subject,
        superpixel_shap.SuperpixelShapConfig(**GRID, most_questions=2**9, precision=1e-9),
    )
    by_definition = exact(Hiding(subject, SuperpixelConfig(**GRID)), PIECES)
    assert found.converged and np.abs(by_definition).max() > 1e-3
    np.testing.assert_allclose(found.arrays["shares"], by_definition, atol=1e-9)


def test_rise_gives_the_regression_on_each_pixel_of_its_masks() -> None:
    """Of a probability that is a sum of terms t_j over pixels: a_i = sum_j t_j Cov(M_i, M_j) / Var(M_i), with masks of other seeds."""
    terms = np.zeros((SIDE, SIDE))
    terms[2:6, 2:6] = 0.3 / 16
    subject = subject_before(Share(torch.from_numpy(terms / 2).float()), torch.ones(1, SIDE, SIDE), target=1)
    found = answer(rise.rise, subject, rise.RiseConfig(masks=3000, cells=6, blank="black"))
    rng = np.random.default_rng(99)
    masks = np.stack([rise.mask(rng, 6, (SIDE, SIDE)) for _ in range(3000)]) - 0.5
    wanted = np.einsum("mhw,m->hw", masks, (masks * terms).sum(axis=(1, 2))) / (masks**2).sum(axis=0)
    assert wanted.max() > 0.2 and found.half_width is not None
    np.testing.assert_allclose(found.attributions, wanted, atol=0.03)
    assert (np.abs(found.attributions - wanted) <= 1.5 * found.half_width).mean() > 0.9  # both sides are sampled


def test_masks_of_rise_are_open_by_half_everywhere() -> None:
    rng = np.random.default_rng(0)
    mean = np.mean([rise.mask(rng, 5, (16, 20)) for _ in range(2000)], axis=0)
    assert mean.shape == (16, 20) and np.abs(mean - 0.5).max() < 0.05


@pytest.mark.parametrize("how", ["slic", "grid"])
def test_pieces_are_named_from_zero_and_none_is_empty(how: Any) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    labels = cut(picture, 30, how)
    assert labels.min() == 0 and (np.bincount(labels.ravel()) > 0).all() and 10 <= labels.max() + 1 <= 45
    assert consecutive(np.array([[7, 3], [3, 9]])).tolist() == [[1, 0], [0, 2]]


def test_every_piece_is_hidden_alone_and_the_last_too() -> None:
    subject = _additive()
    hiding = Hiding(subject, SuperpixelConfig(**GRID))
    fell = hiding(np.ones((1, PIECES), dtype=bool))[0] - hiding(~np.eye(PIECES, dtype=bool))
    np.testing.assert_allclose(fell, _terms(), atol=1e-6)


CONFIGS: dict[str, tuple[Any, Any]] = {
    "occlusion": (occlusion.occlusion, occlusion.OcclusionConfig(blank="mean")),
    "rise": (rise.rise, rise.RiseConfig(masks=256, cells=6, blank="mean")),
    "superpixel_lime": (superpixel_lime.superpixel_lime, superpixel_lime.SuperpixelLimeConfig(cut="grid", pieces=36, samples=256, blank="mean")),
    "superpixel_shap": (superpixel_shap.superpixel_shap, superpixel_shap.SuperpixelShapConfig(cut="grid", pieces=36, most_questions=256, blank="mean")),
    "grad_cam": (grad_cam.grad_cam, grad_cam.GradCAMConfig()),
    "integrated_gradients": (integrated_gradients.integrated_gradients, integrated_gradients.IntegratedGradientsConfig(blank="mean")),
    "smoothgrad": (smoothgrad.smoothgrad, smoothgrad.SmoothGradConfig(noise=0.05)),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_every_method_points_at_the_planted_patch_every_time(name: str) -> None:
    """The pointing game on a model that sees a bright square and nothing else: 100 %."""
    way, config = CONFIGS[name]
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(10):
        row, column = rng.integers(0, SIDE - 4, 2)
        x = torch.from_numpy(rng.uniform(-1, -0.6, (1, SIDE, SIDE)).astype(np.float32))
        x[:, row : row + 4, column : column + 4] = 1
        wanted = np.zeros((SIDE, SIDE), dtype=bool)
        margin = 3 if name == "superpixel_lime" or name == "superpixel_shap" else 1  # a piece reaches over the patch
        wanted[max(0, row - margin) : row + 4 + margin, max(0, column - margin) : column + 4 + margin] = True
        found = answer(way, subject_before(Patch(4), x, target=1), config)
        hits.append(pointed_at(softened(found.attributions), wanted))
    assert hits == [True] * 10


@pytest.mark.parametrize("name", ["rise", "superpixel_lime", "superpixel_shap", "smoothgrad"])
def test_the_same_seed_gives_the_same_map_and_another_seed_another(name: str) -> None:
    way, config = CONFIGS[name]
    changes: dict[str, dict[str, Any]] = {"superpixel_shap": {"most_questions": 64}, "smoothgrad": {"noise": 0.5}}
    config = config.lighter().model_copy(update=changes.get(name, {}))
    x = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (1, SIDE, SIDE)).astype(np.float32))
    subject: ImageSubject = subject_before(Patch(4), x, target=1)
    torch.rand(3), np.random.rand(3)  # what others draw does not matter
    first, again, other = (
        answer(way, subject, config.model_copy(update={"seed": seed})).attributions for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_snapshots_sharpen() -> None:
    way, config = CONFIGS["rise"]
    x = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (1, SIDE, SIDE)).astype(np.float32))
    widths = [float(one.half_width.mean()) for one in way(subject_before(Patch(4), x, target=1), config)]
    assert len(widths) == 8 and widths[-1] < widths[0] / 2
