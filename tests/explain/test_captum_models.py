"""Our ways on Captum's own test models give what Captum gives; shares add up in a thousand random games; exact shares are shapiq's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, IntegratedGradients, LayerGradCam, Occlusion, Saliency, ShapleyValues
from captum.testing.helpers.basic_models import BasicModel_ConvNet_One_Conv, BasicModel_MultiLayer
from torch import Tensor

from dashboard.explain.games import Coalitions, Value, Worth
from dashboard.explain.games.exact import exact
from dashboard.explain.games.leverage import LeverageShap
from dashboard.explain.image import grad_cam, integrated_gradients, occlusion, saliency
from dashboard.explain.image.blanks import blank_of
from tests.explain.image.planted import answer, subject_before

X = torch.tensor([[20.0, 50.0, 30.0]])


def worth_of(target: int, base: Tensor) -> Any:
    """The game of Captum's network: features of a coalition are those of X, the others those of `base`."""
    network = BasicModel_MultiLayer()

    def worth(there: Coalitions) -> Worth:
        rows = torch.where(torch.from_numpy(there), X, base)
        with torch.no_grad():
            found: Worth = network(rows)[:, target].double().numpy()
        return found

    return worth


@pytest.mark.parametrize("base", [torch.zeros(1, 3), torch.tensor([[10.0, 20.0, 10.0]])])
@pytest.mark.parametrize("target", [0, 1])
def test_shares_and_ablation_of_captum_s_network_are_captum_s(base: Tensor, target: int) -> None:
    network, worth = BasicModel_MultiLayer(), worth_of(target, base)
    theirs = ShapleyValues(network).attribute(X, base, target=target)[0].numpy()
    np.testing.assert_allclose(exact(worth, 3), theirs, atol=1e-4)
    game = LeverageShap(worth, 3, np.random.default_rng(0))
    game.grow(3)
    np.testing.assert_allclose(game.shares().phi, theirs, atol=1e-4)
    left_out = worth(np.ones((1, 3), dtype=bool)) - worth(~np.eye(3, dtype=bool))
    np.testing.assert_allclose(
        left_out, FeatureAblation(network).attribute(X, base, target=target)[0].numpy(), atol=1e-4
    )


@pytest.mark.parametrize("target", [0, 1])
def test_maps_of_captum_s_convolutional_network_are_captum_s(target: int) -> None:
    network = BasicModel_ConvNet_One_Conv().eval()
    generator = torch.Generator().manual_seed(4)
    x = 20 * torch.rand(1, 4, 4, generator=generator)
    subject = subject_before(network, x, target=target, classes=4)
    found = answer(saliency.saliency, subject, saliency.SaliencyConfig()).attributions
    np.testing.assert_allclose(found, Saliency(network).attribute(x[None], target=target)[0, 0].numpy(), atol=1e-5)
    config = integrated_gradients.IntegratedGradientsConfig(steps=30, blank="mean")
    one = answer(integrated_gradients.integrated_gradients, subject, config)
    theirs = IntegratedGradients(network).attribute(
        x[None], blank_of(x, "mean")[None], target=target, n_steps=one.details["steps"], method="riemann_middle"
    )
    np.testing.assert_allclose(one.attributions, theirs[0, 0].numpy(), atol=1e-4)
    cam = answer(grad_cam.grad_cam, subject, grad_cam.GradCAMConfig(layer="conv1")).attributions
    wanted = LayerGradCam(network, network.conv1).attribute(x[None], target=target)
    wanted = torch.nn.functional.interpolate(wanted, size=(4, 4), mode="bilinear", align_corners=False).relu()
    np.testing.assert_allclose(cam, wanted[0, 0].detach().numpy(), atol=1e-3)


def test_hiding_one_square_at_a_time_is_captum_s_occlusion() -> None:
    network = BasicModel_ConvNet_One_Conv().eval()
    x = torch.arange(16.0).view(1, 4, 4) / 16 - 0.5
    soft = torch.nn.Sequential(network, torch.nn.Softmax(dim=1))
    config = occlusion.OcclusionConfig(window=0.25, overlap=1, blank="black")
    found = answer(occlusion.occlusion, subject_before(network, x, target=0, classes=4), config).attributions
    theirs = Occlusion(soft).attribute(x[None], (1, 1, 1), baselines=-1.0, target=0)
    np.testing.assert_allclose(found, theirs[0, 0].detach().numpy(), atol=1e-5)


def game_of(table: Worth) -> Value:
    """The game whose coalitions are worth what stands in a table [2^players]."""

    def worth(there: Coalitions) -> Worth:
        rows = np.atleast_2d(there)
        found: Worth = table[rows @ (1 << np.arange(rows.shape[1]))]
        return found

    return worth


def test_shares_add_up_in_a_thousand_random_games() -> None:
    rng = np.random.default_rng(11)
    worst, unsure = 0.0, 0
    for _ in range(1000):
        players = int(rng.integers(2, 13))
        table = rng.normal(scale=10.0, size=2**players)
        game = LeverageShap(game_of(table), players, rng)
        game.grow(int(rng.integers(1, 4 * players)))
        shares = game.shares()
        worst = max(worst, abs(shares.phi.sum() + game.empty - game.full))
        assert not np.isnan(shares.half_width).any()
        unsure += int(np.isinf(shares.half_width).all())
    assert worst <= 1e-5 and 0 < unsure < 500, (worst, unsure)


@pytest.mark.peers
def test_exact_shares_are_those_of_shapiq() -> None:
    from shapiq import ExactComputer  # of the peers' environment

    rng = np.random.default_rng(3)
    for players in (3, 6, 10):
        worth = game_of(rng.normal(size=2**players))
        theirs = ExactComputer(worth, n_players=players)("SV")
        np.testing.assert_allclose(exact(worth, players), [float(theirs[(k,)]) for k in range(players)], atol=1e-6)
