"""Colorization by diffusion: the conditional distribution of colours given the luminance (Palette, arXiv:2111.05826, section 4.1).

The luminance is ITU-R BT.601, Y = 0.299 R + 0.587 G + 0.114 B, and is kept exactly: the same amount is added to all three
colours, which changes Y by that amount, and where a colour then leaves [-1, 1] the pixel is drawn towards grey as far as needed,
which does not change Y at all.

Colours are coarser than brightness, to the eye and in pictures (chroma subsampling of ITU-T T.81, JPEG), so what is drawn is made
so at every step. A network trained for a minute has not learned that yet: its drawings of 64 held-out patches of photographs
were 20.3 dB from the true ones with a colour of its own in every pixel, and 25.5 dB with one for 4x4, as colourful (15.8) as the
true ones (about 14). Left grey they are 26.2 dB from them: one plausible colouring of many is farther off than their mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Dataset, MethodCard, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.diffusion.asking import canvas, own_picture
from lightning_modules.diffusion.asking.own_picture import luminance
from lightning_modules.diffusion.asking.requests import ColorizeRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.measures import fidelity
from lightning_modules.diffusion.measures.repair_metrics import COLOUR_METRICS, REPAIR_PRESETS
from lightning_modules.diffusion.parts.image_to_image import ImageToImage, ImageToImageOptions
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.options import TrainingOptions

_COLOURS = 3
_TILES_AT_ONCE = 36
"""A picture of more tiles is coloured at a smaller size: the eye sees colours coarser than luminance."""


def with_luminance(x: Tensor, grey: Tensor) -> Tensor:
    """[n, 3, ...] with its luminance made `grey` [n, 1, ...], inside [-1, 1]."""
    chroma = x - luminance(x)
    room = torch.where(chroma > 0, (1 - grey) / chroma, torch.where(chroma < 0, (-1 - grey) / chroma, 1.0))
    return grey + chroma * room.amin(dim=1, keepdim=True).clamp(0, 1)


def coarse(colours: Tensor, factor: int) -> Tensor:
    """[n, channels, height, width] averaged over squares of `factor` pixels and spread smoothly over them again."""
    height, width = colours.shape[-2:]
    size = -(-height // factor), -(-width // factor)
    return F.interpolate(
        F.interpolate(colours, size, mode="area"), (height, width), mode="bilinear", align_corners=False
    )


class ColorizationConfig(ImageToImageOptions):
    """What a person chooses about colorization."""

    colour_square: int = option(
        4, ge=1, le=16, unit="px", advanced=True,
        title=Text(en="Colours coarser than brightness by", hi="रंग, चमक से इतने गुना मोटे"),
        help=Text(en="Side of the squares over which the drawn colours are averaged; 1: every pixel has its own, which asks for long training.",
                  hi="कितने पिक्सेल के चौकोर पर रंगों का औसत लिया जाए; 1: हर पिक्सेल का अपना रंग, जिसके लिए लंबी ट्रेनिंग चाहिए।"),
        source="ITU-T T.81 (JPEG), section A.1",
    )  # fmt: skip


class Colorization(ImageToImage):
    """The module that Lightning trains."""

    task: ClassVar[str] = "colorize"
    baseline_name: ClassVar[Text] = Text(en="left grey", hi="धूसर छोड़ी")
    columns: ClassVar[Text] = Text(en="Held-out pictures: grey, ours, true", hi="अलग रखी तस्वीरें: धूसर, हमारी, असली")

    def __init__(self, config: ColorizationConfig, dataset: Dataset, options: TrainingOptions) -> None:
        if dataset.shape[0] != _COLOURS:
            raise Problem(
                Text(en="These pictures are grey, so no colours can be learned from them; choose a data set in colour.",
                     hi="ये तस्वीरें धूसर हैं, इनसे रंग नहीं सीखे जा सकते; रंगीन डेटासेट चुनें।"),
                code="no_colours", field="dataset",
            )  # fmt: skip
        super().__init__(config, dataset, options, beside=1)
        self.config = config

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The luminance."""
        return self._of(luminance(items))

    def impose(self, x0: Tensor, condition: Condition) -> Tensor:
        """The luminance is the one that is known, and colours are coarser than it."""
        chroma = coarse(x0 - luminance(x0), self.config.colour_square)
        return with_luminance(condition.more["told"] + chroma, condition.more["told"])

    def nearness(self, drawn: Tensor, truth: Tensor, condition: Condition) -> dict[str, float]:
        """Nearness, and how colourful they are."""
        found = super().nearness(drawn, truth, condition)
        return found | {"colourfulness": float(fidelity.colourfulness(drawn).mean())}

    def repair(self, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """`ColorizeRequest` with `image` in bytes -> `pictures` [count, height, width, 3] and `grey` [1, height, width, 1], in bytes."""
        request = checked(ColorizeRequest, values)
        grey = own_picture.to_items(own_picture.picture(arrays), 1).to(self.device)
        size = self._size(*grey.shape[-2:])
        small = canvas.padded(own_picture.resized(grey, *size).clamp(-1, 1), *self.data_shape[1:])
        drawn = canvas.drawn(self, request, self._of(small))[..., : size[0], : size[1]]
        notes = []
        if size != tuple(grey.shape[-2:]):
            notes.append(COARSE.format(small=own_picture.size(*size)))
            drawn = F.interpolate(drawn, tuple(grey.shape[-2:]), mode="bilinear", align_corners=False)
        found = {"pictures": with_luminance(drawn, grey), "grey": grey}
        told = {"notes": [note.model_dump() for note in notes]}
        return Answer(told, {name: own_picture.to_pixels(one) for name, one in found.items()})

    def _of(self, grey: Tensor) -> Condition:
        return Condition(None, {"told": grey, "base": grey.expand(-1, _COLOURS, -1, -1)})

    def _size(self, height: int, width: int) -> tuple[int, int]:
        """The size at which a picture is coloured: its own, or less when it is large."""
        tile = self.data_shape[1], self.data_shape[2]
        rows, columns = height, width
        while len(canvas.tiles(rows, columns, tile)) > _TILES_AT_ONCE:
            rows, columns = max(1, rows * 9 // 10), max(1, columns * 9 // 10)
        return rows, columns


COARSE = Text(
    en="The colours were drawn at {small} pixels and enlarged; the brightness is that of your picture.",
    hi="रंग {small} पिक्सेल पर बनाकर बड़े किए गए; चमक आपकी तस्वीर की ही है।",
)

METHOD = MethodCard(
    name="colorization",
    title=Text(en="Colorization: colours for a grey picture", hi="रंग भरना: धूसर तस्वीर के लिए रंग"),
    summary=Text(
        en="Learns which colours go with which shapes; the brightness of every pixel stays as it was.",
        hi="कौन-से आकार के साथ कौन-से रंग जाते हैं यह सीखता है; हर पिक्सेल की चमक वही रहती है।",
    ),
    family="repair",
    source="C. Saharia et al.: Palette: Image-to-Image Diffusion Models, 2021, arXiv:2111.05826",
    config=ColorizationConfig,
    build=Colorization,
    accepts=("image",),
    presets=REPAIR_PRESETS,
    metrics=COLOUR_METRICS,
    answers=("colorize",),
)
