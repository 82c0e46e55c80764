"""A variational autoencoder for points: arXiv:1312.6114, with a Gaussian decoder of learned width.

An encoder tells where in a latent space a point lies, q(z|x) = N(m(x), diag s(x)²); a decoder finds the point again,
p(x|z) = N(g(z), v I) with v learned. Training minimises the negative of the bound (equation 10)
  log p(x) >= E_q log p(x|z) - KL(q(z|x) || N(0, I)),  KL = 1/2 sum(m² + s² - 1 - ln s²),
in nats an item. With `layers` 0 both are linear, and the best bound is the likelihood of probabilistic PCA
(Tipping and Bishop, 1999): -N/2 (d ln 2 pi + ln|C| + tr(C⁻¹ S)) with C = W Wᵀ + v I.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Text
from lightning_modules import samples
from lightning_modules.blocks.mlp import perceptron
from lightning_modules.generators import GeneratorMethod
from lightning_modules.options import TrainingOptions

_HELD_OUT = 2000
_LOWEST_LOG_VARIANCE = -12.0
"""Of the decoder: no point is described more exactly than to e⁻⁶."""

_FIRST_LOG_VARIANCE = -4.0
"""Of the decoder: below that of the data, so that the code is worth its price from the first step. From 0 the model first learned
to ignore the code and took thousands of steps to find back: posterior collapse."""


class PointVAEConfig(Config):
    """What a person chooses about a VAE for points."""

    latent: int = option(
        2, ge=1, le=64, unit="numbers", symbol="z",
        title=Text(en="Latent size", hi="लेटेंट का आकार"),
        help=Text(en="Numbers that a point is described by in between.", hi="बीच में एक बिंदु कितनी संख्याओं से बताया जाए।"),
    )  # fmt: skip
    width: int = option(
        128, ge=8, le=2048, unit="units",
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Units of each layer of encoder and decoder.", hi="एनकोडर और डीकोडर की हर परत में कितनी इकाइयाँ।"),
    )  # fmt: skip
    layers: int = option(
        3, ge=0, le=16, unit="layers", advanced=True,
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Hidden layers of encoder and decoder; with 0 the model is probabilistic PCA.", hi="एनकोडर और डीकोडर की छिपी परतें; 0 पर यह मॉडल प्रॉबेबिलिस्टिक PCA है।"),
    )  # fmt: skip
    kl_weight: float = option(
        1.0, ge=0, le=100, symbol="β", advanced=True,
        title=Text(en="Weight of the KL term", hi="KL का वज़न"),
        help=Text(en="1 is the bound on the likelihood; less reconstructs better and draws worse.", hi="1 पर यह लाइकलीहुड की सीमा है; कम से पुनर्निर्माण बेहतर, सैंपल ख़राब।"),
        source="arXiv:1312.6114, equation 10; openreview.net/forum?id=Sy2fzU9gl",
    )  # fmt: skip
    quality_samples: int = option(
        2000, ge=0, le=50_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Samples drawn at every evaluation to measure quality; 0 leaves it out, 32 or more make sense.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने सैंपल; 0 से यह जाँच बंद, 32 या ज़्यादा ठीक हैं।"),
    )  # fmt: skip


class Coder(nn.Module):
    """Encoder and decoder. Shapes: x [batch, features], z [batch, latent]."""

    def __init__(self, features: int, config: PointVAEConfig) -> None:
        super().__init__()
        hidden = [config.width] * config.layers
        self.encoder = perceptron([features, *hidden, 2 * config.latent])
        self.decoder = perceptron([config.latent, *hidden, features])
        self.log_variance = nn.Parameter(torch.tensor(_FIRST_LOG_VARIANCE))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of q(z|x), both [batch, latent]."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean, log_variance

    def spread(self) -> Tensor:
        """ln v of the decoder."""
        return self.log_variance.clamp(min=_LOWEST_LOG_VARIANCE)

    def terms(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """-log p(x|z) at z = m + s·noise, and the KL term, in nats, both [batch]."""
        mean, log_variance = self.encode(x)
        z = mean + (0.5 * log_variance).exp() * noise
        missed = (x - self.decoder(z)).square().sum(dim=1)
        spread = self.spread()
        reconstruction = 0.5 * (missed * (-spread).exp() + x.shape[1] * (spread + math.log(2 * math.pi)))
        return reconstruction, 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


class PointVAE(GeneratorMethod):
    """The module that Lightning trains."""

    def __init__(self, config: PointVAEConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        features = dataset.shape[0]
        self.describe(
            dataset,
            noise=config.latent + features,  # the place in the latent space, and the scatter around g(z)
            use_labels=False,
            quality_samples=config.quality_samples,
        )
        self.adopt(Coder(features, config))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The negative bound: x [batch, features] -> the loss."""
        x = batch[0]
        noise = torch.randn(len(x), self.config.latent, device=x.device)
        reconstruction, divergence = self.network.terms(x, noise)  # type: ignore[operator]
        loss: Tensor = (reconstruction + self.config.kl_weight * divergence).mean()
        self.log("loss", loss.detach())
        self.log("kl", divergence.mean().detach())
        return loss

    def decoded(self, noise: Tensor, y: Tensor | None) -> Tensor:
        """A sample of p(x): z from the first numbers, then g(z) with the scatter of the decoder."""
        coder = self.best_network
        assert isinstance(coder, Coder)
        z, scatter = noise[:, : self.config.latent], noise[:, self.config.latent :]
        items: Tensor = coder.decoder(z) + (0.5 * coder.spread()).exp() * scatter
        return items

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The bound on held-out points, and the quality of some samples."""
        coder = self.best_network
        assert isinstance(coder, Coder)
        x = torch.from_numpy(dataset.test.x[:_HELD_OUT]).to(self.device)
        noise = torch.randn(len(x), self.config.latent, generator=torch.Generator().manual_seed(0)).to(self.device)
        reconstruction, divergence = coder.terms(x, noise)
        return {"negative_bound": float((reconstruction + divergence).mean()), **super().evaluate(dataset)}

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The likelihood of the best Gaussian, and real against real."""
        gaussian = Text(en="best Gaussian", hi="सबसे अच्छा गॉसियन")
        level = gaussian_nats(torch.from_numpy(dataset.train.x).double())
        lines = [ReferenceLine(name, level, gaussian) for name in ("loss", "negative_bound")]
        return lines + super().reference_lines(dataset)


def gaussian_nats(x: Tensor) -> float:
    """-log likelihood an item of the Gaussian fitted to x [items, features]: d/2 (1 + ln 2 pi) + 1/2 ln|S|."""
    covariance = torch.cov(x.T, correction=0).reshape(x.shape[1], x.shape[1])
    return float(0.5 * (x.shape[1] * (1 + math.log(2 * math.pi)) + torch.logdet(covariance)))


_QUICK: dict[str, Any] = {"learning_rate": 2e-3, "batch_size": 512}

METHOD = MethodCard(
    name="point_vae",
    title=Text(en="VAE for points", hi="बिंदुओं का VAE"),
    summary=Text(
        en="Squeezes points into a bell-shaped latent space and finds them again; draws by picking a place there.",
        hi="बिंदुओं को घंटी जैसे लेटेंट स्पेस में समेटता और वापस ढूँढता है; वहाँ एक जगह चुनकर नए बिंदु बनाता है।",
    ),
    family="variational",
    source="D. Kingma, M. Welling: Auto-Encoding Variational Bayes, 2014, arXiv:1312.6114",
    config=PointVAEConfig,
    build=PointVAE,
    accepts=("points",),
    presets=(
        Preset("tiny", {**_QUICK, "steps": 500, "evaluate_every": 100, "sample_every": 50}),
        Preset("small", {**_QUICK, "steps": 4000, "schedule": "cosine", "ema_decay": 0.998, "evaluate_every": 500}),
        Preset("base", {"learning_rate": 5e-4, "batch_size": 4096, "steps": 20_000, "width": 256, "evaluate_every": 1000}),
    ),
    metrics=(
        MetricCard(
            "loss",
            Text(en="Training loss", hi="ट्रेनिंग लॉस"),
            Text(en="Negative bound on the log-likelihood, in nats an item, on the training batch.",
                 hi="लॉग-लाइकलीहुड की सीमा का ऋणात्मक, हर आइटम पर नैट में, ट्रेनिंग के बैच पर।"),
            better="lower", unit="nats",
        ),
        MetricCard(
            "negative_bound",
            Text(en="Bound on held-out data", hi="अलग रखे डेटा पर सीमा"),
            Text(en="The same on data never trained on; lower is a likelier model.", hi="वही, उस डेटा पर जो ट्रेनिंग में नहीं था; कम यानी बेहतर मॉडल।"),
            better="lower", unit="nats",
        ),
        MetricCard(
            "kl",
            Text(en="Information in the latent", hi="लेटेंट में जानकारी"),
            Text(en="KL of q(z|x) from N(0, I); near 0 the latent space is not used.", hi="q(z|x) का N(0, I) से KL; 0 के पास हो तो लेटेंट स्पेस काम में नहीं आ रहा।"),
            unit="nats",
        ),
        *samples.CARDS,
    ),
)  # fmt: skip
