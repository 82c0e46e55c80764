"""A variational autoencoder for images: arXiv:1312.6114, with a Gaussian decoder of learned width.

An encoder tells where in a latent space an image lies, q(z|x) = N(m(x), diag s(x)²), a decoder makes it again, p(x|z) = N(g(z), v I).
Training minimises the negative of the bound (equation 10), in nats an image,
  -E_q ln p(x|z) + β KL(q(z|x) || N(0, I)),  KL = ½ Σ(m² + s² - 1 - ln s²),
β = 1 being the bound itself. The mean m(x) is the representation. Too much β and the code is not worth its price: q(z|x) becomes N(0, I)
for every x, the posterior collapses and KL is 0. With linear networks the best bound is the likelihood of probabilistic PCA
(M. Tipping, C. Bishop, 1999): for d pixels and q numbers, C = W Wᵀ + v I, v the mean of the d - q smallest eigenvalues of the covariance.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from data.catalog import Alarm, Config, Dataset, MethodCard, MetricCard, ReferenceLine, Sabotage, option
from data.text import Text
from lightning_modules.base import Picture
from lightning_modules.blocks.autoencoder import Gaussian
from lightning_modules.blocks.decoder import SmallDecoder
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.options import TrainingOptions
from lightning_modules.quality import Array, PrincipalComponents, flat
from lightning_modules.ssl import metrics, reconstruction
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import plain_presets
from lightning_modules.ssl.reconstruction import CodeOptions

_LOWEST, _HIGHEST = -12.0, 10.0
"""Bounds of log variances, of encoder and decoder."""
_FIRST_LOG_VARIANCE = -3.0
"""Of the decoder: below that of the data, so that the code is worth its price from the first step."""
_SAMPLES = 24


class _Bound(Config):
    """The bound; these fields come first in the form."""

    kl_weight: float = option(
        1.0, ge=0, le=10_000, symbol="β",
        title=Text(en="Weight of the KL term", hi="KL का वज़न"),
        help=Text(en="1 is the bound on the likelihood. With hundreds the posterior collapses: the code says nothing any more.",
                  hi="1 पर यह लाइकलीहुड की सीमा है। सैकड़ों पर पोस्टीरियर ढह जाता है: कोड कुछ नहीं बताता।"),
        source="arXiv:1312.6114, equation 10; openreview.net/forum?id=Sy2fzU9gl",
    )  # fmt: skip
    networks: Literal["convolutional", "linear"] = option(
        "convolutional", advanced=True,
        title=Text(en="Networks", hi="नेटवर्क"),
        help=Text(en="Linear ones make it probabilistic PCA, whose best bound is known exactly and stands on the chart.",
                  hi="लीनियर हों तो यह प्रॉबेबिलिस्टिक PCA है, जिसकी सबसे अच्छी सीमा ठीक-ठीक पता है और चार्ट पर है।"),
        labels={"convolutional": Text(en="Convolutional", hi="कन्वोल्यूशनल"), "linear": Text(en="Linear", hi="लीनियर")},
    )  # fmt: skip


class VAEConfig(JudgeOptions, EncoderOptions, CodeOptions, _Bound):
    """What a person chooses about a VAE."""


class Coder(nn.Module):
    """Encoder, decoder and its log variance. Shapes: x [batch, colours, height, width], z [batch, latent]."""

    def __init__(self, shape: tuple[int, ...], config: VAEConfig) -> None:
        super().__init__()
        pixels = math.prod(shape)
        if config.networks == "linear":
            self.encoder: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 2 * config.latent))
            self.decoder: nn.Module = nn.Sequential(nn.Linear(config.latent, pixels), nn.Unflatten(1, shape))
        else:
            body = SmallResNet(shape, channels=config.channels, blocks=config.blocks)
            self.encoder = nn.Sequential(body, nn.Linear(body.features, 2 * config.latent))
            self.decoder = SmallDecoder(config.latent, *shape, channels=config.decoder_channels)
        self.log_variance = nn.Parameter(torch.tensor(_FIRST_LOG_VARIANCE))

    def encode(self, x: Tensor) -> Gaussian:
        """q(z|x)."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return Gaussian(mean, log_variance.clamp(_LOWEST, _HIGHEST))

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """-ln p(x|z) at one draw of z, and the KL term, in nats, both [batch]."""
        q = self.encode(x)
        missed = (x - self.decoder(q.sample())).flatten(1).square()
        spread = self.log_variance.clamp(_LOWEST, _HIGHEST)
        nats = 0.5 * (missed.sum(dim=1) * (-spread).exp() + missed.shape[1] * (spread + math.log(2 * math.pi)))
        return nats, q.kl()


class VAE(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: VAEConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        self.adopt(in_channels_last(Coder(dataset.shape, config)))
        self.watch(dataset, config.judged)

    @property
    def coder(self) -> Coder:
        """The best network."""
        network = self.best_network
        assert isinstance(network, Coder)
        return network

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The negative bound: x [batch, …] -> the loss."""
        network = self.network
        assert isinstance(network, Coder)
        nats, divergence = network.terms(batch[0].contiguous(memory_format=torch.channels_last))
        loss = (nats + self.config.kl_weight * divergence).mean()
        self.log("loss", loss.detach())
        self.log("kl", divergence.mean().detach())
        return loss

    def represent(self, x: Tensor) -> Tensor:
        """The mean of q(z|x)."""
        return self.coder.encode(x.contiguous(memory_format=torch.channels_last)).mean

    def again(self, x: Tensor) -> Tensor:
        """Images through the mean of their code and back."""
        found: Tensor = self.coder.decoder(self.represent(x.to(self.device)))
        return found

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The bound and the error on held-out images, and the representation."""
        x = reconstruction.held_out(dataset)
        nats, divergence = self.coder.terms(x.to(self.device).contiguous(memory_format=torch.channels_last))
        return {
            "negative_bound": float((nats + divergence).mean()),
            "reconstruction_error": float((self.again(x).cpu() - x).square().mean()),
            **super().evaluate(dataset),
        }

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Probabilistic PCA with as long a code, the mean image, and those of every representation."""
        linear = Text(en="probabilistic PCA", hi="प्रॉबेबिलिस्टिक PCA")
        nats = ppca_nats(flat(dataset.train.x), flat(reconstruction.held_out(dataset).numpy()), self.config.latent)
        lines = [
            ReferenceLine("negative_bound", nats, linear),
            ReferenceLine("kl", 0.0, Text(en="collapsed", hi="ढहा हुआ")),
            ReferenceLine(
                "reconstruction_error", reconstruction.mean_image_error(dataset), Text(en="always the mean image", hi="हमेशा औसत तस्वीर")
            ),
            ReferenceLine("reconstruction_error", reconstruction.linear_error(dataset, self.config.latent), Text(en="principal components", hi="प्रिंसिपल कंपोनेंट")),
        ]  # fmt: skip
        return lines + super().reference_lines(dataset)

    def pictures(self) -> list[Picture]:
        """Held-out images and what becomes of them; new images from random codes; neighbours."""
        caption = Text(en="Held-out images, and made again", hi="अलग रखी तस्वीरें, और दोबारा बनी हुई")
        drawn = self.coder.decoder(torch.randn(_SAMPLES, self.config.latent, device=self.device)).cpu().numpy()
        samples = Picture(
            "samples", gallery.image_grid(drawn, 8), Text(en="New images from random codes", hi="बेतरतीब कोड से नई तस्वीरें")
        )
        return [reconstruction.strips([self._shown, self.again(self._shown)], caption), samples, *super().pictures()]


def ppca_nats(train: Array, test: Array, latent: int) -> float:
    """-ln likelihood an item of `test` [items, d] under probabilistic PCA fitted to `train`: ½ (d ln 2π + ln|C| + tr(C⁻¹ S))."""
    size = train.shape[1]
    found = PrincipalComponents.of(train, min(latent, size - 1))
    levels = found.project(train).var(axis=0)
    noise = (train.var(axis=0).sum() - levels.sum()) / (size - len(levels))
    levels, noise = np.maximum(levels, 1e-12), max(float(noise), 1e-12)
    along = np.square(found.project(test)).mean(axis=0)
    across = np.square(test - found.mean).sum(axis=1).mean() - along.sum()
    told = np.log(levels).sum() + (size - len(levels)) * math.log(noise)
    return float(0.5 * (size * math.log(2 * math.pi) + told + (along / levels).sum() + across / noise))


_SABOTAGES = (
    Sabotage(
        "posterior_collapse",
        Text(en="KL term 300 times as heavy", hi="KL का वज़न 300 गुना"),
        Text(en="Saying anything in the code costs more than it is worth: the posterior collapses and every image has the same code.",
             hi="कोड में कुछ भी कहना फ़ायदे से ज़्यादा महँगा पड़ता है: पोस्टीरियर ढह जाता है और हर तस्वीर का एक ही कोड होता है।"),
        {"kl_weight": 300.0},
    ),
)  # fmt: skip

METHOD = MethodCard(
    name="vae",
    title=Text(en="VAE for images", hi="तस्वीरों का VAE"),
    summary=Text(
        en="An autoencoder whose codes fill a bell-shaped space: it tells how likely an image is, and draws new ones.",
        hi="ऐसा ऑटोएनकोडर जिसके कोड घंटी जैसे स्पेस को भरते हैं: बताता है कि तस्वीर कितनी संभव है, और नई भी बनाता है।",
    ),
    family="self_supervised",
    source="D. Kingma, M. Welling: Auto-Encoding Variational Bayes, 2014, arXiv:1312.6114",
    config=VAEConfig,
    build=VAE,
    accepts=("image",),
    answers=("embed",),
    presets=plain_presets({}),
    sabotages=_SABOTAGES,
    metrics=(
        *metrics.METRICS_WITHOUT_VIEWS,
        reconstruction.MISSED,
        MetricCard(
            "negative_bound",
            Text(en="Bound on held-out data", hi="अलग रखे डेटा पर सीमा"),
            Text(en="Negative bound on the log-likelihood, in nats an image; lower is a likelier model.",
                 hi="लॉग-लाइकलीहुड की सीमा का ऋणात्मक, हर तस्वीर पर नैट में; कम यानी बेहतर मॉडल।"),
            better="lower", unit="nats",
        ),
        MetricCard(
            "kl",
            Text(en="Information in the code", hi="कोड में जानकारी"),
            Text(en="KL of q(z|x) from N(0, I), in nats; near 0 the code says nothing: the posterior has collapsed.",
                 hi="q(z|x) का N(0, I) से KL, नैट में; 0 के पास हो तो कोड कुछ नहीं बताता: पोस्टीरियर ढह गया।"),
            unit="nats",
            alarm=Alarm(
                0.5,
                Text(en="The posterior has collapsed: the code says almost nothing about an image, whatever the loss says. Lower the weight of the KL term.",
                     hi="पोस्टीरियर ढह गया है: लॉस कुछ भी कहे, कोड तस्वीर के बारे में लगभग कुछ नहीं बताता। KL का वज़न घटाएँ।"),
            ),
        ),
    ),
)  # fmt: skip
