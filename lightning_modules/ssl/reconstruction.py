"""What methods share that learn by making an image again: the size of code and decoder, baselines, and strips to look at."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from data.catalog import Config, Dataset, MetricCard, option
from data.text import Text
from lightning_modules.base import Picture
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.quality import PrincipalComponents, flat

_HELD_OUT = 1000

MISSED = MetricCard(
    "reconstruction_error",
    Text(en="Reconstruction error", hi="पुनर्निर्माण की त्रुटि"),
    Text(en="Mean squared error of a pixel of held-out images, on a scale from −1 to 1.", hi="अलग रखी तस्वीरों के पिक्सेल की औसत वर्ग त्रुटि, −1 से 1 के पैमाने पर।"),
    better="lower",
)  # fmt: skip


class CodeOptions(Config):
    """The code that an image is pressed into, and the decoder that makes it again."""

    latent: int = option(
        32, ge=1, le=4096, unit="numbers", symbol="z",
        title=Text(en="Code", hi="कोड"),
        help=Text(en="Numbers an image is pressed into: they are the representation.", hi="एक तस्वीर कितने नंबरों में समेटी जाए: यही रिप्रेज़ेंटेशन है।"),
    )  # fmt: skip
    decoder_channels: int = option(
        16, ge=4, le=512, unit="channels", advanced=True,
        title=Text(en="Channels of the decoder", hi="डीकोडर के चैनल"),
        help=Text(en="Channels of the decoder's larger map.", hi="डीकोडर के बड़े नक़्शे के चैनल।"),
    )  # fmt: skip


def strips(rows: list[Tensor], caption: Text) -> Picture:
    """Images [shown, colours, height, width] under one another, one kind a row."""
    images = np.concatenate([row.detach().cpu().numpy() for row in rows])
    return Picture("reconstructions", gallery.image_grid(images, len(rows[0])), caption)


def held_out(dataset: Dataset) -> Tensor:
    """Images that reconstructions are judged on [items, …]."""
    return torch.from_numpy(dataset.test.x[np.random.default_rng(0).permutation(len(dataset.test))[:_HELD_OUT]])


def mean_image_error(dataset: Dataset) -> float:
    """Squared error a pixel when every image is told to be the mean of the training images."""
    mean = dataset.train.x.mean(axis=0, dtype=np.float64)
    return float(np.square(held_out(dataset).numpy() - mean).mean())


def linear_error(dataset: Dataset, latent: int) -> float:
    """The same of the best linear code of `latent` numbers: principal components of the training images."""
    train, test = flat(dataset.train.x), flat(held_out(dataset).numpy())
    components = PrincipalComponents.of(train, latent)
    again = components.project(test) @ components.directions.T + components.mean
    return float(np.square(test - again).mean())
