"""The MDCT inverts exactly and is the textbook's; the set network does not see the order of the points."""

from __future__ import annotations

import math

import pytest
import torch

from lightning_modules.blocks.clouds import CloudDenoiser
from lightning_modules.blocks.mdct import MDCT
from lightning_modules.blocks.sounds import SoundDenoiser
from lightning_modules.blocks.tokens import TokenLayer


def _stirred(network: torch.nn.Module) -> torch.nn.Module:
    """The network with no parameter at zero, so that nothing is hidden by layers that start as the identity."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval()


@pytest.mark.parametrize("bins", [2, 8, 128])
def test_the_mdct_is_orthogonal(bins: int) -> None:
    transform = MDCT(bins).double()
    everything = transform(torch.eye(4 * bins, dtype=torch.float64)).flatten(1)
    assert torch.allclose(everything @ everything.T, torch.eye(4 * bins, dtype=torch.float64), atol=1e-6)


def test_the_inverse_gives_the_sound_back() -> None:
    torch.manual_seed(0)
    transform, x = MDCT(128), torch.randn(3, 4096)
    assert torch.allclose(transform.inverse(transform(x)), x, atol=1e-5)
    assert transform(x).shape == (3, 32, 128)


def test_inside_it_is_the_windowed_cosine_sum_of_the_textbook() -> None:
    torch.manual_seed(0)
    bins, x = 8, torch.randn(40, dtype=torch.float64)
    found = MDCT(bins).double()(x[None])[0]
    n, k = torch.arange(2 * bins, dtype=torch.float64), torch.arange(bins)
    window = torch.sin(math.pi / (2 * bins) * (n + 0.5))
    cosines = torch.cos(math.pi / bins * torch.outer(n + 0.5 - bins / 2, k + 0.5))
    for block in (1, 2, 3):
        piece = x[block * bins - bins // 2 :][: 2 * bins]
        assert torch.allclose(found[block], math.sqrt(2 / bins) * (window * piece) @ cosines, atol=1e-6)


def test_a_tone_stands_at_its_frequency() -> None:
    wave = torch.sin(2 * math.pi * 1000 * torch.arange(4096) / 8000)
    power = MDCT(128)(wave[None])[0].square().mean(0)
    assert power.argmax() in (31, 32)  # 1,000 Hz is the border of bins of 31.25 Hz
    assert power[30:34].sum() > 0.98 * power.sum()


@pytest.mark.parametrize("through", [0, 5])
def test_permuting_the_points_permutes_the_output(through: int) -> None:
    network = _stirred(CloudDenoiser(width=32, layers=2, through=through, classes=3))
    x, order = torch.randn(4, 50, 3), torch.randperm(50)
    t, y = torch.tensor([0.0, 10, 500, 999]), torch.tensor([0, 1, 2, 3])
    straight, permuted = network(x, t, y), network(x[:, order], t, y)
    assert straight.abs().mean() > 0.01
    assert torch.allclose(straight[:, order], permuted, atol=1e-5)
    moved = x.clone()
    moved[:, 0] += 1
    assert not torch.allclose(network(moved, t, y)[:, 1:], straight[:, 1:], atol=1e-3)  # points see each other


def test_a_new_layer_is_the_identity() -> None:
    h, c = torch.randn(2, 7, 32), torch.randn(2, 16)
    for through in (0, 3):
        assert torch.equal(TokenLayer(32, 16, through=through)(h, c), h)


def _levels(count: int, t: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Signal and level with squares that add to one, [count, 1, 1]."""
    return torch.full((count, 1, 1), math.cos(t)), torch.full((count, 1, 1), math.sin(t))


@pytest.mark.parametrize("t", [0.02, 0.7, 1.5])
def test_an_untrained_sound_network_is_the_best_filter_of_noise_by_bin(t: float) -> None:
    """For independent Gaussian bins of power p, E[x_0 | x_t] = a p / (a² p + s²) x_t."""
    torch.manual_seed(0)
    spectrum = torch.tensor([4.0, 1.0, 0.1, 1e-3])
    transform = MDCT(4)
    known = transform.inverse(spectrum.sqrt() * torch.randn(400, 10, 4))
    power = transform(known).square().mean(dim=(0, 1))
    network = SoundDenoiser(known, bins=4, width=8, layers=1)
    (signal, level), x = _levels(3, t), torch.randn(3, 1, 40)
    v = network(x, torch.full((3,), 500.0), None, signal, level)
    clean = transform(signal[:, 0] * x[:, 0] - level[:, 0] * v[:, 0])
    gain = signal * power / (signal**2 * power + level**2)
    assert torch.allclose(clean, gain * transform(x[:, 0]), atol=1e-4)


def test_frames_of_a_sound_have_an_order_and_the_class_is_heard() -> None:
    torch.manual_seed(0)
    network = _stirred(SoundDenoiser(torch.randn(5, 64), bins=8, width=32, layers=1, classes=2))
    x, t, (signal, level) = torch.randn(2, 1, 64), torch.tensor([300.0, 300.0]), _levels(2, 0.5)
    transform = MDCT(8)

    def through(x: torch.Tensor, *y: int) -> torch.Tensor:
        found: torch.Tensor = transform(network(x, t, torch.tensor(y), signal, level)[:, 0])
        return found

    out = through(x, 0, 2)
    backwards = transform.inverse(transform(x[:, 0]).flip(1))[:, None]
    assert not torch.allclose(through(backwards, 0, 2).flip(1), out, atol=1e-2)
    assert not torch.allclose(through(x, 1, 2)[0], out[0], atol=1e-3)
