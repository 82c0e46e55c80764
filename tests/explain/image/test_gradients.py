"""Methods that look at gradients, against numbers worked out by hand, published, or by captum."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerGradCam
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dashboard.explain.image import grad_cam, grad_cam_plus, integrated_gradients, saliency, smoothgrad
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.layers import chosen_layer, map_layers, response
from dashboard.explain.path import new_places
from data.text import Problem
from tests.explain.image.planted import Sum, answer, subject_before


class Published(nn.Module):
    """The network of captum's Grad-CAM test: conv(1→2, ones, bias -50/-75), ReLU, linear(8→4)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.relu1 = nn.ReLU()
        self.fc = nn.Linear(8, 4)
        nn.init.ones_(self.conv1.weight)
        with torch.no_grad():
            assert self.conv1.bias is not None
            self.conv1.bias.copy_(torch.tensor([-50.0, -75.0]))
            self.fc.weight.copy_(torch.tensor([1.0] * 5 + [-1.0] * 3).repeat(4, 1))
            self.fc.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc(self.relu1(self.conv1(x)).flatten(1))
        return out


GRID = torch.arange(16.0).reshape(1, 4, 4)


@pytest.mark.parametrize(
    ("layer", "wanted"), [("conv1", [[11.25, 13.5], [20.25, 22.5]]), ("relu1", [[0.0, 4.0], [28.0, 32.5]])]
)
def test_grad_cam_gives_the_published_numbers(layer: str, wanted: list[list[float]]) -> None:
    found = answer(grad_cam.grad_cam, subject_before(Published(), GRID, classes=4), grad_cam.GradCAMConfig(layer=layer))
    np.testing.assert_allclose(found.arrays["coarse"], wanted, rtol=1e-6)


def test_grad_cam_equals_captum_s_on_a_deep_network() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 5, 3, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(5 * 25, 3)
    ).eval()
    x = torch.randn(3, 13, 13)
    activation, slope, _ = response(network, x, 2, "3")
    theirs = LayerGradCam(network, network[3]).attribute(x[None], target=2)
    np.testing.assert_allclose(
        grad_cam.grad_cam_map(activation, slope).numpy(), theirs[0, 0].detach().numpy(), atol=1e-6
    )


def test_grad_cam_plus_weighs_places_as_the_formula_says() -> None:
    activation = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]])
    slope = torch.tensor([[[1.0, -1.0], [2.0, 0.0]]])
    # sum A = 4; alpha = 1/(2+4), 1/(2-4), 4/(8+32), 0; w = 1/6 * 1 + 0 + 0.1 * 2
    np.testing.assert_allclose(
        grad_cam_plus.grad_cam_plus_map(activation, slope), (1 / 6 + 0.2) * activation[0], rtol=1e-6
    )


def test_integrated_gradients_are_not_shapley_values() -> None:
    """IG of the sum model is exactly [78, 195, 117]; its Shapley values are [76.67, 196.67, 116.67]."""
    x = torch.tensor([[[20.0, 50.0, 30.0]]])
    config = integrated_gradients.IntegratedGradientsConfig(blank="black")
    # black is -1 here and the published baseline 0: both are shifted by one
    moved = subject_before(nn.Sequential(_Shift(1.0), Sum()), x - 1)
    np.testing.assert_allclose(
        answer(integrated_gradients.integrated_gradients, moved, config).attributions, [[78, 195, 117]], rtol=1e-12
    )


class _Shift(nn.Module):
    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = by

    def forward(self, x: Tensor) -> Tensor:
        return x + self.by


def _smooth() -> nn.Module:
    torch.manual_seed(1)
    return (
        nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 36, 3))
        .double()
        .eval()
    )


def test_integrated_gradients_equal_captum_s_and_add_up() -> None:
    network, x = _smooth(), torch.randn(3, 6, 6, dtype=torch.float64)
    found = answer(
        integrated_gradients.integrated_gradients,
        subject_before(network, x, 1, 3),
        integrated_gradients.IntegratedGradientsConfig(blank="mean"),
    )
    theirs = IntegratedGradients(network).attribute(
        x[None],
        blank_of(x, "mean")[None],
        target=1,
        n_steps=found.details["steps"],
        method="riemann_middle",
    )
    np.testing.assert_allclose(found.attributions, theirs[0].sum(dim=0).numpy(), atol=1e-12)
    assert found.additivity_error is not None and found.evidence["completeness"].value <= 0.01 and found.converged


def test_what_integrated_gradients_miss_falls_with_the_square_of_the_steps() -> None:
    subject = subject_before(_smooth(), 3 * torch.randn(3, 6, 6, dtype=torch.float64), 1, 3)
    base = blank_of(subject.x, "black")
    way = subject.x - base
    whole = float((subject.network(subject.x[None]) - subject.network(base[None]))[0, 1].detach())
    missing = [
        abs(
            float((way * integrated_gradients._gradients(subject, base, way, new_places(n, first=True)) / n).sum())
            - whole
        )
        for n in (30, 90, 270)
    ]
    assert missing[0] / missing[1] == pytest.approx(9, rel=0.3) and missing[1] / missing[2] == pytest.approx(9, rel=0.3)


def test_tripled_steps_keep_every_step_taken() -> None:
    kept = new_places(10, first=True) + new_places(30, first=False)
    np.testing.assert_allclose(sorted(kept), new_places(30, first=True), atol=1e-15)


def test_attributions_do_not_move_when_the_norms_are_folded_into_the_convolutions() -> None:
    network, x = _smooth(), torch.randn(3, 6, 6, dtype=torch.float64)
    conv, norm, *rest = network.children()
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.5, 2)
    folded = nn.Sequential(fuse_conv_bn_eval(conv, norm), *rest)
    for way, config in (
        (saliency.saliency, saliency.SaliencyConfig()),
        (integrated_gradients.integrated_gradients, integrated_gradients.IntegratedGradientsConfig()),
        (smoothgrad.smoothgrad, smoothgrad.SmoothGradConfig(copies=6)),
    ):
        one, other = (answer(way, subject_before(net, x, 1, 3), config).attributions for net in (network, folded))
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_smoothgrad_of_a_linear_network_is_its_weight_with_no_spread() -> None:
    linear = nn.Linear(12, 2)
    network = nn.Sequential(nn.Flatten(), linear)
    found = answer(
        smoothgrad.smoothgrad, subject_before(network, torch.randn(3, 2, 2), 1), smoothgrad.SmoothGradConfig(copies=20)
    )
    np.testing.assert_allclose(
        found.attributions, linear.weight[1].detach().abs().reshape(3, 2, 2).amax(dim=0), rtol=1e-6
    )
    assert found.half_width is not None and found.half_width.max() < 1e-12


def test_running_mean_and_spread_are_those_of_all_maps_at_once() -> None:
    maps = np.random.default_rng(0).normal(5, 2, (40, 3, 2))
    running = smoothgrad.Running((3, 2))
    for one in maps:
        running.add(one)
    np.testing.assert_allclose(running.mean, maps.mean(axis=0))
    np.testing.assert_allclose(running.half_width, 1.959964 * maps.std(axis=0, ddof=1) / np.sqrt(40))


def test_the_last_map_is_chosen_and_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    network = Published()
    assert map_layers(network, GRID) == ["conv1", "relu1"] and chosen_layer(network, GRID, "") == "relu1"
    with pytest.raises(Problem, match="conv1, relu1"):
        chosen_layer(network, GRID, "conv9")


def test_looking_inside_leaves_no_hook_and_no_gradient_behind() -> None:
    network = Published().train()
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    answer(grad_cam.grad_cam, subject_before(network, GRID, classes=4), grad_cam.GradCAMConfig())
    answer(saliency.saliency, subject_before(network, GRID, classes=4), saliency.SaliencyConfig())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
