"""The VAE against what it must become when it is linear: probabilistic PCA, whose likelihood is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from lightning_modules.exact import reseed
from lightning_modules.generators import DrawRequest
from lightning_modules.options import TrainingOptions
from lightning_modules.variational.point_vae import METHOD, PointVAE, PointVAEConfig, gaussian_nats
from tests.lightning_modules.training import train

MIX = np.array([[1.0, 0.6], [0.0, 0.4]])
LINEAR = {"layers": 0, "latent": 1, "quality_samples": 0}


def _gaussian(items: int = 600) -> Dataset:
    x = (np.random.default_rng(0).normal(size=(items, 2)) @ MIX + [0.5, -0.3]).astype(np.float32)
    return make_dataset("points", Split(x[: items // 2]), Split(x[items // 2 :]))


def _ppca(x: Tensor) -> tuple[Tensor, Tensor, Tensor, float, float]:
    """Mean, direction, W, v and -log likelihood an item of probabilistic PCA with one component, from its closed form."""
    mean, covariance = x.mean(0), torch.cov(x.T, correction=0)
    values, vectors = torch.linalg.eigh(covariance)
    discarded = float(values[0])
    weights = vectors[:, 1:] * (values[1] - discarded).sqrt()
    c = weights @ weights.T + discarded * torch.eye(2, dtype=x.dtype)
    nats = 0.5 * (2 * math.log(2 * math.pi) + torch.logdet(c) + torch.trace(torch.linalg.solve(c, covariance)))
    return mean, vectors[:, 1], weights, discarded, float(nats)


def _linear(coder: nn.Module, part: str) -> nn.Linear:
    layer = coder.get_submodule(part).get_submodule("0")
    assert isinstance(layer, nn.Linear)
    return layer


def test_the_closed_form_is_that_of_scikit_learn() -> None:
    x = _gaussian().train.x.astype(np.float64)
    *_, nats = _ppca(torch.from_numpy(x))
    assert nats == pytest.approx(-PCA(1).fit(x).score(x), abs=5e-3)  # theirs divides by n - 1


def test_the_bound_is_tight_at_the_optimum_of_the_linear_model() -> None:
    """With q the true posterior N(W'(x - mean)/M, v/M), M = W'W + v, the bound is the likelihood."""
    dataset = _gaussian()
    x = torch.from_numpy(dataset.train.x).double()
    mean, _, weights, variance, nats = _ppca(x)
    coder = PointVAE(PointVAEConfig(layers=0, latent=1, quality_samples=0), dataset, TrainingOptions()).network.double()
    m = float((weights.T @ weights).squeeze()) + variance
    with torch.no_grad():
        encoder, decoder = _linear(coder, "encoder"), _linear(coder, "decoder")
        encoder.weight.copy_(torch.stack([weights[:, 0] / m, torch.zeros(2)]))
        encoder.bias.copy_(torch.stack([-(weights[:, 0] @ mean) / m, torch.tensor(math.log(variance / m))]))
        decoder.weight.copy_(weights)
        decoder.bias.copy_(mean)
        coder.log_variance.fill_(math.log(variance))  # type: ignore[operator]
        repeated = x.repeat(400, 1)
        noise = torch.randn(len(repeated), 1, dtype=x.dtype, generator=torch.Generator().manual_seed(0))
        reconstruction, divergence = coder.terms(repeated, noise)  # type: ignore[operator]
    error = float((reconstruction + divergence).std()) / math.sqrt(len(repeated))
    assert float((reconstruction + divergence).mean()) == pytest.approx(nats, abs=4 * error)


def test_a_trained_linear_model_reaches_the_likelihood_of_probabilistic_pca() -> None:
    dataset = _gaussian()
    options = TrainingOptions(steps=250, batch_size=300, learning_rate=0.05, schedule="cosine", ema_decay=0)
    module = train(METHOD, dataset, options, LINEAR).module.eval()
    x = torch.from_numpy(dataset.train.x)
    *_, direction, _, _, nats = (None, *_ppca(x.double()))
    with torch.no_grad():
        noise = torch.randn(len(x) * 200, 1, generator=torch.Generator().manual_seed(1))
        terms = module.network.terms(x.repeat(200, 1), noise)
    assert float(sum(terms).mean()) == pytest.approx(nats, rel=0.005)
    learned = module.network.decoder[0].weight[:, 0].detach().double()
    assert abs(float(learned @ direction) / float(learned.norm())) > 0.999


def test_the_divergence_of_the_prior_is_nothing_and_otherwise_its_closed_form() -> None:
    coder = PointVAE(PointVAEConfig(layers=0, latent=1, quality_samples=0), _gaussian(), TrainingOptions()).network
    with torch.no_grad():
        _linear(coder, "encoder").weight.zero_()
        for mean, log_variance in ((0.0, 0.0), (2.0, math.log(9))):
            _linear(coder, "encoder").bias.copy_(torch.tensor([mean, log_variance]))
            _, divergence = coder.terms(torch.randn(3, 2), torch.zeros(3, 1))  # type: ignore[operator]
            expected = 0.5 * (mean**2 + math.exp(log_variance) - 1 - log_variance)
            assert divergence.tolist() == pytest.approx([expected] * 3, abs=1e-6)


def test_the_line_of_the_best_gaussian_is_its_likelihood() -> None:
    x = torch.from_numpy(_gaussian().train.x).double()
    gaussian = torch.distributions.MultivariateNormal(x.mean(0), torch.cov(x.T, correction=0))
    likely = gaussian.log_prob(x)  # type: ignore[no-untyped-call]
    assert gaussian_nats(x) == pytest.approx(-float(likely.mean()))


@torch.no_grad()
def test_samples_of_a_linear_model_have_its_covariance() -> None:
    reseed(0, 0)
    module = PointVAE(PointVAEConfig(layers=0, latent=1, quality_samples=0), _gaussian(), TrainingOptions()).eval()
    coder = module.best_network
    coder.log_variance.fill_(math.log(0.25))  # type: ignore[operator]
    drawn = module.draw(DrawRequest(count=4000))
    weights = _linear(coder, "decoder").weight
    expected = weights @ weights.T + 0.25 * torch.eye(2)
    assert np.allclose(np.cov(drawn.T), expected.numpy(), atol=0.05)
