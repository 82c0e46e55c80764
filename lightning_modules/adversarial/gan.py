"""Generative adversarial networks: arXiv:1406.2661, with the networks of DCGAN (arXiv:1511.06434) for images.

A generator turns noise into items; a critic learns to tell them from real ones, and each improves against the other. Two
cards share this one algorithm: the plain GAN, and a stabilised one with the recipe of R3GAN (arXiv:2501.05441):
relativistic pairing loss and zero-centred gradient penalties on real and on generated items. It was chosen
over hinge with spectral normalisation (arXiv:1802.05957) because it is proved to converge locally and not to drop modes,
changes the loss only, and so lets one see what the loss alone does to the same two networks.

One step: D on the real batch and on G(z), then G against the new D, with the same z.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Text
from lightning_modules import samples
from lightning_modules.adversarial import losses
from lightning_modules.alternating import AlternatingMethod
from lightning_modules.blocks.adversaries import ImageCritic, ImageGenerator, PointCritic, PointGenerator
from lightning_modules.generators import GeneratorMethod
from lightning_modules.options import TrainingOptions

_LOSSES = {"non_saturating": Text(en="non-saturating", hi="नॉन-सैचुरेटिंग"),
           "relativistic": Text(en="relativistic pairing", hi="रिलेटिविस्टिक जोड़ी")}  # fmt: skip
_STABILISERS = {"none": Text(en="none", hi="कोई नहीं"), "r1": Text(en="R1: on real items", hi="R1: असली आइटम पर"),
                "r1_r2": Text(en="R1 and R2: on real and generated items", hi="R1 और R2: असली और बने आइटम पर")}  # fmt: skip


def _loss(default: losses.Loss) -> Any:
    return option(
        default,
        title=Text(en="Loss", hi="लॉस"),
        help=Text(en="Non-saturating: each item is judged alone, as in the first paper. Relativistic: a generated item is judged against a real one, which punishes lost modes.",
                  hi="नॉन-सैचुरेटिंग: हर आइटम अकेले परखा जाता है, जैसा पहले पेपर में। रिलेटिविस्टिक: बना आइटम किसी असली के मुकाबले परखा जाता है, जिससे खोए मोड की सज़ा मिलती है।"),
        labels=_LOSSES, source="arXiv:1406.2661, section 3; arXiv:2501.05441, section 2",
    )  # fmt: skip


def _stabiliser(default: str) -> Any:
    return option(
        default,
        title=Text(en="Stabiliser", hi="स्थिर करने का तरीका"),
        help=Text(en="A penalty on the slope of the critic, γ/2·E‖∇D‖², so that the game comes to rest instead of circling.",
                  hi="क्रिटिक की ढलान पर पेनल्टी, γ/2·E‖∇D‖², ताकि खेल घूमता न रहे, ठहर जाए।"),
        labels=_STABILISERS, source="arXiv:1801.04406, equation 9",
    )  # fmt: skip


def _momentum(default: float) -> Any:
    return option(
        default, ge=0, lt=1, symbol="β₁", advanced=True,
        title=Text(en="Momentum", hi="मोमेंटम"),
        help=Text(en="First β of Adam, for both networks. GANs are steadier with little momentum.", hi="दोनों नेटवर्क के Adam का पहला β। कम मोमेंटम से GAN ज़्यादा स्थिर रहते हैं।"),
        source="arXiv:1511.06434, section 4; arXiv:2501.05441, appendix D",
    )  # fmt: skip


class GANConfig(Config):
    """What a person chooses about a GAN."""

    loss: losses.Loss = _loss("non_saturating")
    stabiliser: Literal["none", "r1", "r1_r2"] = _stabiliser("none")
    penalty_weight: float = option(
        0.1, ge=0, le=1000, symbol="γ",
        title=Text(en="Weight of the penalty", hi="पेनल्टी का वज़न"),
        help=Text(en="γ in γ/2·E‖∇D‖²; more is steadier and blurrier. Matters only with a stabiliser.",
                  hi="γ/2·E‖∇D‖² का γ; ज़्यादा से स्थिरता बढ़ती है पर धुंधलापन भी। तभी काम का है जब पेनल्टी चुनी हो।"),
        source="arXiv:2501.05441, appendix D",
    )  # fmt: skip
    latent: int = option(
        64, ge=1, le=1024, unit="numbers", symbol="z", advanced=True,
        title=Text(en="Latent size", hi="लेटेंट का आकार"),
        help=Text(en="Random numbers that the generator makes one item of.", hi="जनरेटर एक आइटम कितनी रैंडम संख्याओं से बनाए।"),
        source="arXiv:1511.06434, section 4",
    )  # fmt: skip
    channels: int = option(
        32, ge=8, le=512, unit="channels", kinds=("image",),
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Width of both networks at full resolution; it doubles wherever the image is halved.",
                  hi="पूरे रिज़ॉल्यूशन पर दोनों नेटवर्क की चौड़ाई; तस्वीर आधी होने पर दुगुनी होती है।"),
    )  # fmt: skip
    width: int = option(
        128, ge=8, le=2048, unit="units", kinds=("points",),
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Units of each layer of both networks for points.", hi="बिंदुओं वाले दोनों नेटवर्क की हर परत में कितनी इकाइयाँ।"),
    )  # fmt: skip
    layers: int = option(
        3, ge=1, le=16, unit="layers", advanced=True, kinds=("points",),
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Hidden layers of both networks for points.", hi="बिंदुओं वाले दोनों नेटवर्क की छिपी परतें।"),
    )  # fmt: skip
    momentum: float = _momentum(0.5)
    use_labels: bool = option(
        True, advanced=True,
        title=Text(en="Use the labels", hi="लेबल काम में लें"),
        help=Text(en="Tell both networks the class, where the data has classes; then a class can be asked for.",
                  hi="डेटा में क्लास हों तो दोनों नेटवर्क को बताएँ; फिर किसी एक क्लास के सैंपल माँगे जा सकते हैं।"),
        source="arXiv:1802.05637",
    )  # fmt: skip
    quality_samples: int = option(
        500, ge=0, le=50_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Samples drawn at every evaluation to measure quality; 0 leaves it out, 32 or more make sense.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने सैंपल; 0 से यह जाँच बंद, 32 या ज़्यादा ठीक हैं।"),
    )  # fmt: skip


class R3GANConfig(GANConfig):
    """The same choices, with the stabilised recipe as default."""

    loss: losses.Loss = _loss("relativistic")
    stabiliser: Literal["none", "r1", "r1_r2"] = _stabiliser("r1_r2")
    momentum: float = _momentum(0.0)


class GAN(AlternatingMethod, GeneratorMethod):
    """The module that Lightning trains: `network` is the generator, of which a moving average is kept, and `critic`."""

    def __init__(self, config: GANConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        self.describe(
            dataset,
            noise=config.latent,
            use_labels=config.use_labels,
            quality_samples=config.quality_samples,
        )
        generator, self.critic = _networks(config, dataset, len(self.classes))
        self.adopt(generator)

    def configure_optimizers(self) -> Any:
        """Adam for the generator and for the critic."""
        betas = (self.config.momentum, 0.99 if self.config.loss == "relativistic" else 0.999)
        return [self.adam(self.network, betas), self.adam(self.critic, betas)]

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Both networks once: x [batch, *shape], y [batch] -> the generator's loss."""
        x, y = batch[0], batch[1] if self.classes else None
        for_generator, for_critic = self.both_optimizers()
        made = self.network(torch.randn(len(x), self.noise, device=x.device), y)
        self.update(for_critic, self._criticised(x, made.detach(), y), batch_idx)
        self.critic.requires_grad_(False)
        real = self.critic(x, y) if self.config.loss == "relativistic" else x.new_zeros(len(x))
        loss = losses.generator_loss(self.config.loss, real, self.critic(made, y))
        self.update(for_generator, loss, batch_idx)
        self.critic.requires_grad_(True)
        self.move_average(batch_idx)
        self.log("loss", loss.detach())
        return loss.detach()

    def decoded(self, noise: Tensor, y: Tensor | None) -> Tensor:
        """One evaluation of the averaged generator."""
        items: Tensor = self.best_network(noise, y)
        return items

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The losses where the critic cannot tell any more, and real against real."""
        rest = Text(en="critic cannot tell", hi="क्रिटिक फ़र्क नहीं कर पाता")
        both = math.log(2) * (1 if self.config.loss == "relativistic" else 2)
        lines = [ReferenceLine("loss", math.log(2), rest), ReferenceLine("critic_loss", both, rest)]
        return lines + super().reference_lines(dataset)

    def _criticised(self, x: Tensor, made: Tensor, y: Tensor | None) -> Tensor:
        """The critic's whole loss on a real and a generated batch."""
        slopes = self.config.stabiliser != "none"
        x = x.detach().requires_grad_(slopes)
        made = made.requires_grad_(self.config.stabiliser == "r1_r2")
        real, fake = self.critic(x, y), self.critic(made, y)
        loss = losses.critic_loss(self.config.loss, real, fake)
        self.log("critic_loss", loss.detach())
        if not slopes:
            return loss
        penalty = losses.gradient_penalty(real, x)
        if self.config.stabiliser == "r1_r2":
            penalty = penalty + losses.gradient_penalty(fake, made)
        self.log("slope", penalty.detach())
        return loss + self.config.penalty_weight / 2 * penalty


def _networks(config: GANConfig, dataset: Dataset, classes: int) -> tuple[nn.Module, nn.Module]:
    if dataset.kind == "points":
        features = dataset.shape[0]
        generator: nn.Module = PointGenerator(
            features, latent=config.latent, width=config.width, layers=config.layers, classes=classes
        )
        return generator, PointCritic(features, width=config.width, layers=config.layers, classes=classes)
    generator = ImageGenerator(dataset.shape, latent=config.latent, channels=config.channels, classes=classes)
    normalised = config.stabiliser == "none"
    critic = ImageCritic(dataset.shape, channels=config.channels, classes=classes, normalised=normalised)
    for network in (generator, critic):  # 30 % less time on a processor
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
    return generator, critic


METRICS = (
    MetricCard(
        "loss",
        Text(en="Generator loss", hi="जनरेटर का लॉस"),
        Text(en="How well the critic sees through the generator; it need not fall, and says little about quality. At rest: ln 2.",
             hi="क्रिटिक जनरेटर को कितना पहचान लेता है; इसका घटना ज़रूरी नहीं, और गुणवत्ता के बारे में यह कम बताता है। ठहरने पर: ln 2।"),
    ),
    MetricCard(
        "critic_loss",
        Text(en="Critic loss", hi="क्रिटिक का लॉस"),
        Text(en="Near 0 the critic tells everything apart and the generator learns little; at rest 2 ln 2, or ln 2 with the relativistic loss.",
             hi="0 के पास हो तो क्रिटिक सब पहचान लेता है और जनरेटर कम सीखता है; ठहरने पर 2 ln 2, रिलेटिविस्टिक लॉस में ln 2।"),
    ),
    MetricCard(
        "slope",
        Text(en="Slope of the critic", hi="क्रिटिक की ढलान"),
        Text(en="E‖∇D‖², what the penalty keeps small.", hi="E‖∇D‖², जिसे पेनल्टी छोटा रखती है।"),
        log_axis=True,
    ),
    *samples.CARDS,
)  # fmt: skip

_QUICK: dict[str, Any] = {
    "learning_rate": 1e-3, "gradient_clip": 0, "quality_samples": 200,
    "evaluate_every": 50, "sample_every": 25, "checkpoint_every": 50,
}  # fmt: skip
_CAREFUL: dict[str, Any] = {
    "learning_rate": 5e-4, "gradient_clip": 0, "ema_decay": 0.998, "evaluate_every": 250,
}  # fmt: skip
_LARGE: dict[str, Any] = {
    "batch_size": 128, "learning_rate": 2e-4, "gradient_clip": 0, "ema_decay": 0.9999, "channels": 64, "latent": 100,
    "quality_samples": 5000, "evaluate_every": 5000, "sample_every": 1000, "checkpoint_every": 1000,
}  # fmt: skip
_POINTS: dict[str, Any] = {
    "batch_size": 512, "use_labels": False, "quality_samples": 2000, "latent": 2, "gradient_clip": 0,
}  # fmt: skip
"""Labels would tell the generator where the clouds are; without them it has to find all of them."""

_PRESETS = (
    Preset("tiny", {**_QUICK, "steps": 300, "channels": 16}, kinds=("image",)),
    Preset("small", {**_CAREFUL, "steps": 3000}, kinds=("image",)),
    Preset("base", {**_LARGE, "steps": 100_000}, kinds=("image",)),
    Preset("tiny", {"steps": 150, "batch_size": 32}, datasets=("mnist", "image_folder")),
    Preset("small", {"steps": 1500, "channels": 16}, datasets=("mnist", "image_folder")),
    Preset("tiny", {**_QUICK, **_POINTS, "steps": 500, "evaluate_every": 100, "sample_every": 50}, kinds=("points",)),
    Preset("small", {**_CAREFUL, **_POINTS, "learning_rate": 1e-3, "steps": 4000, "evaluate_every": 500}, kinds=("points",)),
    Preset("base", {**_LARGE, **_POINTS, "steps": 20_000, "batch_size": 4096, "width": 256}, kinds=("points",)),
)  # fmt: skip

METHOD = (
    MethodCard(
        name="gan",
        title=Text(en="GAN: a forger and a critic", hi="GAN: जालसाज़ और क्रिटिक"),
        summary=Text(
            en="A generator learns to fool a critic, which learns to tell its items from real ones. Fast to draw, hard to train.",
            hi="जनरेटर क्रिटिक को धोखा देना सीखता है, और क्रिटिक असली-नकली पहचानना। सैंपल झटपट, ट्रेनिंग मुश्किल।",
        ),
        family="adversarial",
        source="I. Goodfellow et al.: Generative Adversarial Networks, 2014, arXiv:1406.2661; DCGAN, 2016, arXiv:1511.06434",
        config=GANConfig,
        build=GAN,
        accepts=("image", "points"),
        presets=_PRESETS,
        metrics=METRICS,
    ),
    MethodCard(
        name="r3gan",
        title=Text(en="R3GAN: a stabilised GAN", hi="R3GAN: स्थिर किया हुआ GAN"),
        summary=Text(
            en="The same two networks with a relativistic loss and penalties on the critic's slope, so that the game comes to rest.",
            hi="वही दो नेटवर्क, पर रिलेटिविस्टिक लॉस और क्रिटिक की ढलान पर पेनल्टी के साथ, ताकि खेल ठहर जाए।",
        ),
        family="adversarial",
        source="Y. Huang et al.: The GAN is dead; long live the GAN!, 2024, arXiv:2501.05441",
        config=R3GANConfig,
        build=GAN,
        accepts=("image", "points"),
        presets=_PRESETS,
        metrics=METRICS,
    ),
)
