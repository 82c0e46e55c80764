"""Super-resolution by diffusion: SR3, C. Saharia et al., arXiv:2104.07636, for small pictures, on the rest beyond bicubic.

The small picture is the mean over blocks of factor × factor pixels (at the lower and right edge of what there is of a
block): an antialiased downsampling D whose pseudo-inverse U repeats each pixel. So whatever the network says can be made
to agree with the small picture exactly: x_0 + U (low - D x_0), as in DDNM (arXiv:2212.00490, equation 13); D of the result is the
small picture again. The network is told the bicubic enlargement and denoises what is missing in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch.nn.functional as F
from torch import Tensor

from data.catalog import Dataset, MethodCard, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.diffusion.asking import canvas, own_picture
from lightning_modules.diffusion.asking.requests import UpscaleRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.measures.repair_metrics import IMAGE_METRICS, REPAIR_PRESETS
from lightning_modules.diffusion.parts.image_to_image import ImageToImage, ImageToImageOptions
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.options import TrainingOptions


def reduced(x: Tensor, factor: int) -> Tensor:
    """D: [n, colours, height, width] -> means over blocks, sizes rounded up."""
    return F.avg_pool2d(x, factor, factor, ceil_mode=True, count_include_pad=False)


def repeated(low: Tensor, height: int, width: int) -> Tensor:
    """U: each pixel of [n, colours, ...] as a block, cut to height × width."""
    factor = -(-height // low.shape[-2])
    return low.repeat_interleave(factor, dim=-2).repeat_interleave(factor, dim=-1)[..., :height, :width]


def bicubic(low: Tensor, factor: int, height: int, width: int) -> Tensor:
    """The usual enlargement of [n, colours, ...] by `factor`, cut to height × width and kept in [-1, 1]."""
    large = F.interpolate(low, scale_factor=factor, mode="bicubic", align_corners=False)
    return large[..., :height, :width].clamp(-1, 1)


class SuperResolutionConfig(ImageToImageOptions):
    """What a person chooses about super-resolution."""

    factor: Literal[2, 4] = option(
        2,
        title=Text(en="Enlargement", hi="कितना बड़ा"),
        help=Text(en="How many times as wide and as high the result is. At ×4 far more has to be made up.",
                  hi="नतीजा कितने गुना चौड़ा और ऊँचा हो। ×4 पर कहीं ज़्यादा अपने मन से बनाना पड़ता है।"),
        labels={"2": Text(en="×2", hi="×2 (दो गुना)"), "4": Text(en="×4", hi="×4 (चार गुना)")},
        source="arXiv:2104.07636, section 4",
    )  # fmt: skip


class SuperResolution(ImageToImage):
    """The module that Lightning trains."""

    task: ClassVar[str] = "upscale"
    baseline_name: ClassVar[Text] = Text(en="bicubic enlargement", hi="बाइक्यूबिक से बड़ा किया")
    columns: ClassVar[Text] = Text(
        en="Held-out pictures: small, bicubic, ours, true", hi="अलग रखी तस्वीरें: छोटी, बाइक्यूबिक, हमारी, असली"
    )

    def __init__(self, config: SuperResolutionConfig, dataset: Dataset, options: TrainingOptions) -> None:
        self.factor = int(config.factor)
        super().__init__(config, dataset, options, beside=dataset.shape[0])
        self.config = config

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The small picture, and its bicubic enlargement."""
        return self._of(reduced(items, self.factor), *items.shape[-2:])

    def impose(self, x0: Tensor, condition: Condition) -> Tensor:
        """Every block has the mean that the small picture says."""
        low = condition.more["low"]
        return x0 + repeated(low - reduced(x0, self.factor), *x0.shape[-2:])

    def given(self, condition: Condition) -> list[Tensor]:
        """The small picture in its large pixels, and the bicubic enlargement."""
        base = condition.more["base"]
        return [repeated(condition.more["low"], *base.shape[-2:]), base]

    def repair(self, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """`UpscaleRequest` with `image` in bytes -> `pictures` [count, height, width, colours], `small` and `bicubic`, in bytes.

        With `reduce` the picture is made small first; then `psnr` and `ssim` against it are among the values.
        """
        request = checked(UpscaleRequest, values)
        pixels = own_picture.picture(arrays)
        colours, height, width = self.data_shape
        truth = own_picture.to_items(pixels, colours).to(self.device)
        low = reduced(truth, self.factor) if request.reduce else truth
        rows, columns = low.shape[-2] * self.factor, low.shape[-1] * self.factor
        if request.reduce:
            rows, columns = truth.shape[-2:]
        self._check(rows, columns)
        small = canvas.padded(low, -(-height // self.factor), -(-width // self.factor))
        whole = small.shape[-2] * self.factor, small.shape[-1] * self.factor
        drawn = canvas.drawn(self, request, self._of(small, *whole))[..., :rows, :columns]
        usual = bicubic(low, self.factor, rows, columns)
        notes = [own_picture.GREY_MODEL] if colours == 1 and pixels.shape[2] == 3 else []
        told: dict[str, Any] = {"notes": [note.model_dump() for note in notes], "factor": self.factor}
        if request.reduce:
            told |= {"ours": own_picture.measured(drawn[:1], truth), "bicubic": own_picture.measured(usual, truth)}
        found = {"pictures": drawn, "bicubic": usual, "small": low}
        return Answer(told, {name: own_picture.to_pixels(one) for name, one in found.items()})

    def _of(self, low: Tensor, height: int, width: int) -> Condition:
        base = bicubic(low, self.factor, height, width)
        return Condition(None, {"told": base, "base": base, "low": low})

    def _check(self, rows: int, columns: int) -> None:
        count = len(canvas.tiles(rows, columns, (self.data_shape[1], self.data_shape[2])))
        if count > canvas.MOST_TILES:
            size = own_picture.size(rows, columns)
            raise Problem(
                Text(en=f"The result would have {size} pixels, more than can be drawn in a short time; choose a smaller picture or cut a part out.",
                     hi=f"नतीजा {size} पिक्सेल का होगा, जो थोड़े समय में नहीं बन सकता; छोटी तस्वीर चुनें या उसका एक हिस्सा काटें।"),
                code="picture_too_large", field="image",
            )  # fmt: skip


METHOD = MethodCard(
    name="super_resolution",
    title=Text(en="Super-resolution: large out of small", hi="सुपर-रिज़ॉल्यूशन: छोटी से बड़ी तस्वीर"),
    summary=Text(
        en="Learns what is missing in a small picture and enlarges it ×2 or ×4; read against bicubic enlargement.",
        hi="छोटी तस्वीर में क्या छूटा है यह सीखता है और उसे ×2 या ×4 बड़ा करता है; बाइक्यूबिक से तुलना के साथ।",
    ),
    family="repair",
    source="C. Saharia et al.: Image Super-Resolution via Iterative Refinement, 2021, arXiv:2104.07636",
    config=SuperResolutionConfig,
    build=SuperResolution,
    accepts=("image",),
    presets=REPAIR_PRESETS,
    metrics=IMAGE_METRICS,
    answers=("upscale",),
)
