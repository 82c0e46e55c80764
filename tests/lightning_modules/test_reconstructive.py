"""Methods that make an image again: what is counted, what is hidden, and bounds that are known exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.text import Problem
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import reconstruction
from lightning_modules.ssl.autoencoder import Autoencoder, AutoencoderConfig
from lightning_modules.ssl.colour_pretext import ColourPretext, ColourPretextConfig
from lightning_modules.ssl.mae import MAE, MAEConfig, Masked, hidden_loss, like, normalised
from lightning_modules.ssl.vae import VAE, Coder, VAEConfig, ppca_nats
from tests.lightning_modules.training import tiny_images

DATA = tiny_images()


def _mae(**config: Any) -> MAE:
    torch.manual_seed(0)
    return MAE(MAEConfig(width=16, layers=2, patch=2, **config), DATA, TrainingOptions(ema_decay=0)).eval()


def test_only_hidden_patches_are_counted() -> None:
    true, told = torch.zeros(1, 4, 2), torch.ones(1, 4, 2)
    told[0, 1] = 3.0
    assert float(hidden_loss(told, true, torch.tensor([[1.0, 1.0, 0.0, 0.0]]))) == pytest.approx((1 + 9) / 2)
    assert float(hidden_loss(told, true, torch.tensor([[0.0, 0.0, 0.0, 1.0]]))) == pytest.approx(1.0)


def test_three_quarters_are_hidden_and_every_image_in_its_own_order() -> None:
    model = _mae()
    order, hidden = model.drawn(50, torch.device("cpu"))
    assert model.seen == 4 and (hidden.sum(dim=1) == 12).all()
    assert torch.equal(order.sort(dim=1).values, torch.arange(16).expand(50, 16))
    assert not hidden.gather(1, order[:, :4]).any()
    assert len({tuple(row.tolist()) for row in order}) == 50


def test_the_loss_knows_no_visible_target_and_the_encoder_no_hidden_pixel() -> None:
    model = _mae()
    x = torch.randn(2, 1, 8, 8, requires_grad=True)
    order, hidden = model.drawn(2, x.device)
    told = model.network(x, order, model.seen)
    told.square().sum().backward()
    assert x.grad is not None
    moved = (model.target(x.grad).abs().sum(dim=-1) > 0).float()
    assert torch.equal(moved, 1 - hidden)  # exactly the visible pixels matter
    target = torch.randn(2, 16, 4, requires_grad=True)
    hidden_loss(told.detach(), target, hidden).backward()  # type: ignore[no-untyped-call]
    assert target.grad is not None
    assert torch.equal((target.grad.abs().sum(dim=-1) > 0).float(), hidden)


def test_tokens_come_back_to_their_places() -> None:
    model = _mae()
    network = model.network
    assert isinstance(network, Masked)
    network.decoder, network.leave, network.cross = nn.Sequential(), nn.Identity(), nn.Identity()  # type: ignore[assignment]
    x = torch.randn(3, 1, 8, 8)
    order, hidden = model.drawn(3, x.device)
    out = network(x, order, 4) - network.places
    tokens = network.encoder.tokens(network.encoder.embedded(x).gather(1, order[:, :4, None].expand(-1, -1, 16)))
    assert torch.allclose(out[hidden > 0], network.hidden.expand(36, 16), atol=1e-5)
    assert torch.allclose(out.gather(1, order[:, :4, None].expand(-1, -1, 16)), tokens[:, 1:], atol=1e-5)


def test_guessing_nought_of_normalised_patches_costs_nearly_one_and_flat_ones_nothing() -> None:
    textured = torch.randn(50, 9, 16)
    assert float(normalised(textured).square().mean()) == pytest.approx(15 / 16, abs=1e-4)
    assert float(normalised(torch.full((1, 1, 16), 0.3)).abs().max()) < 1e-3
    assert torch.allclose(like(normalised(textured), textured), textured, atol=1e-4)


def _low_rank() -> Dataset:
    generator = np.random.default_rng(0)
    basis = generator.normal(size=(3, 36))
    x = generator.normal(size=(700, 3)) * [3.0, 2.0, 1.0] @ basis + 0.5 * generator.normal(size=(700, 36))
    x = (0.3 * np.tanh(x / 20) / np.tanh(0.5) + 0.05).reshape(-1, 1, 6, 6).astype(np.float32)
    return make_dataset("image", Split(x[:600]), Split(x[600:]))


def _exact(data: Dataset, latent: int) -> tuple[Coder, np.ndarray, np.ndarray]:
    """The linear coder that is probabilistic PCA: W = U (Λ - v)^½, posterior mean M⁻¹Wᵀ(x - m) and variance v M⁻¹, M = WᵀW + v."""
    train = data.train.x.reshape(len(data.train), -1).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(train, rowvar=False, bias=True))
    noise = values[:-latent].mean()
    weights = vectors[:, -latent:] * np.sqrt(values[-latent:] - noise)
    middle = values[-latent:]  # the diagonal of M
    coder = Coder(data.shape, VAEConfig(latent=latent, networks="linear")).double()
    encode, decode = coder.encoder[1], coder.decoder[0]  # type: ignore[index]
    with torch.no_grad():
        decode.weight.copy_(torch.from_numpy(weights))
        decode.bias.copy_(torch.from_numpy(train.mean(axis=0)))
        to_mean = (weights / middle).T
        encode.weight[:latent] = torch.from_numpy(to_mean)
        encode.weight[latent:] = 0
        encode.bias[:latent] = torch.from_numpy(-to_mean @ train.mean(axis=0))
        encode.bias[latent:] = torch.from_numpy(np.log(noise / middle))
        coder.log_variance.fill_(math.log(noise))
    return coder, train, weights @ weights.T + noise * np.eye(36)


def test_the_bound_of_the_best_linear_model_is_the_likelihood_of_probabilistic_pca() -> None:
    data = _low_rank()
    coder, train, covariance = _exact(data, 3)
    torch.manual_seed(0)
    x = torch.from_numpy(data.train.x).double().repeat(40, 1, 1, 1)
    nats, divergence = coder.terms(x)
    bound = float((nats + divergence).detach().mean())
    centred = train - train.mean(axis=0)
    _, determinant = np.linalg.slogdet(covariance)
    exact = 0.5 * (
        36 * math.log(2 * math.pi)
        + determinant
        + np.trace(np.linalg.solve(covariance, centred.T @ centred / len(train)))
    )
    assert bound == pytest.approx(exact, abs=0.05)
    assert ppca_nats(train, train, 3) == pytest.approx(exact, abs=1e-6)


def test_any_other_linear_model_has_a_worse_bound() -> None:
    data = _low_rank()
    coder, train, _ = _exact(data, 3)
    exact = ppca_nats(train, train, 3)
    x = torch.from_numpy(data.train.x).double().repeat(10, 1, 1, 1)
    torch.manual_seed(0)
    with torch.no_grad():
        coder.log_variance.add_(0.3)
    nats, divergence = coder.terms(x)
    assert float((nats + divergence).detach().mean()) > exact + 0.3


def test_the_kl_weight_weighs_and_a_collapsed_posterior_tells_nothing() -> None:
    coder = Coder(DATA.shape, VAEConfig(latent=2, networks="linear"))
    with torch.no_grad():
        for parameter in coder.encoder.parameters():
            parameter.zero_()
    nats, divergence = coder.terms(torch.from_numpy(DATA.train.x))
    assert float(divergence.abs().max()) == 0.0 and torch.isfinite(nats).all()
    x = torch.from_numpy(DATA.train.x[:6])
    losses = []
    for weight in (0.0, 1.0, 5.0):
        torch.manual_seed(0)
        model = VAE(VAEConfig(latent=2, channels=4, kl_weight=weight), DATA, TrainingOptions()).eval()
        model.log = lambda *a, **k: None  # type: ignore[method-assign]
        losses.append(float(model.training_step((x, torch.zeros(6)), 0).detach()))
    assert losses[2] - losses[0] == pytest.approx(5 * (losses[1] - losses[0]), rel=1e-2)
    assert losses[1] > losses[0]


def test_the_levels_are_those_of_the_mean_image_and_of_principal_components() -> None:
    data = _low_rank()
    mean, linear = reconstruction.mean_image_error(data), reconstruction.linear_error(data, 3)
    test = data.test.x.reshape(100, -1)
    assert mean == pytest.approx(float(np.square(test - data.train.x.reshape(600, -1).mean(axis=0)).mean()), rel=1e-4)
    assert 0 < linear < 0.3 * mean
    assert reconstruction.linear_error(data, 35) < 0.1 * linear


def test_an_image_comes_through_the_code_in_its_own_shape() -> None:
    for shape in ((1, 8, 8), (1, 13, 10), (3, 9, 9)):
        x = np.random.default_rng(0).uniform(-1, 1, (12, *shape)).astype(np.float32)
        data = make_dataset("image", Split(x[:8]), Split(x[8:]))
        model = Autoencoder(AutoencoderConfig(latent=3, channels=4, decoder_channels=4), data, TrainingOptions()).eval()
        with torch.no_grad():
            assert model.again(torch.from_numpy(x[:5])).shape == (5, *shape)
            assert model.represent(torch.from_numpy(x[:5])).shape == (5, 3)


def test_colours_are_told_from_the_luminance_alone_and_grey_data_is_refused() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (20, 3, 8, 8)).astype(np.float32)
    data = make_dataset("image", Split(x[:12]), Split(x[12:]))
    model = ColourPretext(ColourPretextConfig(channels=4), data, TrainingOptions()).eval()
    grey = (x[:4] * np.array([0.299, 0.587, 0.114])[:, None, None]).sum(axis=1, keepdims=True).repeat(3, axis=1)
    with torch.no_grad():
        own, other = (
            model.represent(torch.from_numpy(x[:4])),
            model.represent(torch.from_numpy(grey.astype(np.float32))),
        )
    assert torch.allclose(own, other, atol=1e-4)
    with pytest.raises(Problem, match="grey"):
        ColourPretext(ColourPretextConfig(channels=4), DATA, TrainingOptions())
