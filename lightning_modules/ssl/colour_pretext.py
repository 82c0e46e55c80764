"""Colorization as a pretext task, arXiv:1603.08511: who can tell the colours of a grey picture knows what is on it.

The encoder sees the luminance (ITU-R BT.601) alone; a decoder with the luminance beside it says the colours, x minus luminance. Loss: mean
squared error of a colour (the paper classifies colours, for liveliness; for a representation the error does). Leaving the picture grey
costs the mean square of the colours.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Dataset, MethodCard, ReferenceLine
from data.text import Problem, Text
from lightning_modules.base import Picture
from lightning_modules.blocks.decoder import SmallDecoder
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last
from lightning_modules.diffusion.asking.own_picture import luminance
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics, reconstruction
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import view_presets
from lightning_modules.ssl.views import ViewOptions, random_view

_COLOURS = 3
_HIDDEN = 16


class ColourPretextConfig(JudgeOptions, EncoderOptions, ViewOptions):
    """What a person chooses about colorization as a task."""


class Colouring(nn.Module):
    """Luminance [batch, 1, height, width] -> colours [batch, 3, height, width], to be added to it."""

    def __init__(self, shape: tuple[int, ...], config: ColourPretextConfig) -> None:
        super().__init__()
        height, width = shape[1:]
        self.encoder = SmallResNet((1, height, width), channels=config.channels, blocks=config.blocks)
        self.decoder = SmallDecoder(self.encoder.features, _HIDDEN, height, width, channels=config.channels)
        self.mix = nn.Sequential(
            nn.Conv2d(_HIDDEN + 1, _HIDDEN, 3, padding=1), nn.SiLU(), nn.Conv2d(_HIDDEN, _COLOURS, 3, padding=1)
        )

    def forward(self, grey: Tensor) -> Tensor:
        """Colours."""
        out: Tensor = self.mix(torch.cat([self.decoder(self.encoder(grey)), grey], dim=1))
        return out


class ColourPretext(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: ColourPretextConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        if dataset.shape[0] != _COLOURS:
            raise Problem(
                Text(en="These pictures are grey, so no colours can be learned from them; choose a data set in colour.",
                     hi="ये तस्वीरें धूसर हैं, इनसे रंग नहीं सीखे जा सकते; रंगीन डेटासेट चुनें।"),
                code="no_colours", field="dataset",
            )  # fmt: skip
        self.config = config
        self.adopt(in_channels_last(Colouring(dataset.shape, config)))
        self.watch(dataset, config.judged, config)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The squared error of the colours of a view of each image: x [batch, …] -> the loss."""
        x = random_view(batch[0], self.config)
        grey = luminance(x)
        loss = F.mse_loss(self.network(grey.contiguous(memory_format=torch.channels_last)), x - grey)
        self.log("loss", loss.detach())
        return loss

    def represent(self, x: Tensor) -> Tensor:
        """What the encoder says of the luminance."""
        return super().represent(luminance(x))

    def coloured(self, x: Tensor) -> Tensor:
        """Images with the colours the best network gives them."""
        grey = luminance(x.to(self.device))
        colours: Tensor = self.best_network(grey.contiguous(memory_format=torch.channels_last))
        return (grey + colours).clamp(-1, 1)

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The error of the colours of held-out images, and the representation."""
        x = reconstruction.held_out(dataset)
        missed = float((self.coloured(x).cpu() - x).square().mean())
        return {"reconstruction_error": missed, **super().evaluate(dataset)}

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Left grey, and those of every representation."""
        x = reconstruction.held_out(dataset)
        missed = float((x - luminance(x)).square().mean())
        label = Text(en="left grey", hi="धूसर छोड़ी")
        lines = [ReferenceLine(name, missed, label) for name in ("loss", "reconstruction_error")]
        return lines + super().reference_lines(dataset)

    def pictures(self) -> list[Picture]:
        """Held-out images: true, grey, coloured; views and neighbours."""
        x = self._shown
        grey = luminance(x).expand_as(x)
        caption = Text(
            en="Held-out images: true, grey, and coloured by the model",
            hi="अलग रखी तस्वीरें: असली, धूसर, और मॉडल की रंगी हुई",
        )
        return [reconstruction.strips([x, grey, self.coloured(x)], caption), *super().pictures()]


METHOD = MethodCard(
    name="colour_pretext",
    title=Text(en="Colorization as a task", hi="रंग भरने का टास्क"),
    summary=Text(
        en="Learns without labels by telling the colours of grey pictures; what stays is a representation, not a painter.",
        hi="बिना लेबल सीखता है: धूसर तस्वीरों के रंग बताना; बचता है एक रिप्रेज़ेंटेशन, चित्रकार नहीं।",
    ),
    family="self_supervised",
    source="R. Zhang, P. Isola, A. Efros: Colorful Image Colorization, 2016, arXiv:1603.08511",
    config=ColourPretextConfig,
    build=ColourPretext,
    accepts=("image",),
    answers=("embed",),
    presets=view_presets({"colour": 0.0, "blur": 0.0, "erase": 0.0}),
    metrics=(*metrics.METRICS, reconstruction.MISSED),
)
