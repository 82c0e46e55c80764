"""An autoencoder (G. Hinton, R. Salakhutdinov, 2006): press an image into few numbers and make it again.

Loss: mean squared error of a pixel. The best linear autoencoder is the principal components of the data (P. Baldi, K. Hornik, 1989): its
error stands on the chart, and one that is worth its layers lies below.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Dataset, MethodCard, ReferenceLine
from data.text import Text
from lightning_modules.base import Picture
from lightning_modules.blocks.decoder import SmallDecoder
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics, reconstruction
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import plain_presets
from lightning_modules.ssl.reconstruction import CodeOptions


class AutoencoderConfig(JudgeOptions, EncoderOptions, CodeOptions):
    """What a person chooses about an autoencoder."""


class Pressing(nn.Module):
    """An encoder to a code and a decoder: x -> x again, of the same shape."""

    def __init__(self, shape: tuple[int, ...], config: AutoencoderConfig) -> None:
        super().__init__()
        body = SmallResNet(shape, channels=config.channels, blocks=config.blocks)
        self.encoder = nn.Sequential(body, nn.Linear(body.features, config.latent))
        self.decoder = SmallDecoder(config.latent, *shape, channels=config.decoder_channels)

    def forward(self, x: Tensor) -> Tensor:
        """The image again."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


class Autoencoder(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: AutoencoderConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        self.adopt(in_channels_last(Pressing(dataset.shape, config)))
        self.watch(dataset, config.judged)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The squared error of a pixel: x [batch, …] -> the loss."""
        x = batch[0].contiguous(memory_format=torch.channels_last)
        loss = F.mse_loss(self.network(x), x)
        self.log("loss", loss.detach())
        return loss

    def again(self, x: Tensor) -> Tensor:
        """Images through the code and back, by the best network."""
        found: Tensor = self.best_network(x.to(self.device).contiguous(memory_format=torch.channels_last))
        return found

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The error on held-out images, and the representation."""
        x = reconstruction.held_out(dataset)
        missed = float((self.again(x).cpu() - x).square().mean())
        return {"reconstruction_error": missed, **super().evaluate(dataset)}

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The mean image and principal components, and those of every representation."""
        lines = []
        mean, linear = (
            reconstruction.mean_image_error(dataset),
            reconstruction.linear_error(dataset, self.config.latent),
        )
        for name in ("loss", "reconstruction_error"):
            lines += [
                ReferenceLine(name, mean, Text(en="always the mean image", hi="हमेशा औसत तस्वीर")),
                ReferenceLine(name, linear, Text(en="principal components", hi="प्रिंसिपल कंपोनेंट")),
            ]
        return lines + super().reference_lines(dataset)

    def pictures(self) -> list[Picture]:
        """Held-out images and what becomes of them, and neighbours."""
        caption = Text(en="Held-out images, and made again", hi="अलग रखी तस्वीरें, और दोबारा बनी हुई")
        return [reconstruction.strips([self._shown, self.again(self._shown)], caption), *super().pictures()]


METHOD = MethodCard(
    name="autoencoder",
    title=Text(en="Autoencoder", hi="ऑटोएनकोडर"),
    summary=Text(
        en="Presses an image into few numbers and makes it again: what is kept is what pictures of this kind differ in.",
        hi="तस्वीर को थोड़े-से नंबरों में समेटकर दोबारा बनाता है: बचता वही है जिससे ऐसी तस्वीरें एक-दूसरे से अलग हैं।",
    ),
    family="self_supervised",
    source="G. Hinton, R. Salakhutdinov: Reducing the Dimensionality of Data with Neural Networks, 2006",
    config=AutoencoderConfig,
    build=Autoencoder,
    accepts=("image",),
    answers=("embed",),
    presets=plain_presets({}),
    metrics=(*metrics.METRICS_WITHOUT_VIEWS, reconstruction.MISSED),
)
