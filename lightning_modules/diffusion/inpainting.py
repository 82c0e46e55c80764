"""Filling a painted part by a model trained for it: it is told the mask and the rest (Palette, arXiv:2111.05826, section 4.2).

Mask and masked picture stand beside x_t, as in the inpainting model of arXiv:2112.10752 (section 4.5). While training the mask is a
rectangle, one to three thick strokes, or, one time in fifty, everything. What is painted enters as the best linear guess from what
is known (`gaussian_filling.py`), and what is drawn is the rest over that guess. With everything painted the guess is the mean picture.
Around the hole the rest is known, so there the network sees it instead of noise (Palette, section 3: only what is painted is
noised), and has something to go on with. How much is missing differs: of each picture the rest is brought to unit variance by
the spread that the linear guess expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from data.catalog import Dataset, MethodCard, Preset, ReferenceLine
from data.fields import checked
from data.text import Text
from lightning_modules.base import Answer
from lightning_modules.diffusion.asking import filling, own_picture
from lightning_modules.diffusion.asking.requests import InpaintRequest, SampleRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.measures.repair_metrics import INPAINT_METRICS, REPAIR_PRESETS
from lightning_modules.diffusion.parts.gaussian_filling import GaussianFilling
from lightning_modules.diffusion.parts.image_to_image import ImageToImage, ImageToImageOptions
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.schedule import shifted
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.options import TrainingOptions

_WHOLE, _STROKES = 0.02, 0.5
_MOST_STROKES = 3
_MEASURED = 500
_SHORTEST, _LONGEST = 0.25, 0.6
_THINNEST, _THICKEST = 0.06, 0.16
_LINEAR = Text(en="best linear guess", hi="सबसे अच्छा रेखीय अनुमान")
_PICTURES, _FINER = 0.5, 1 / 3
"""The noise of the schedule is made for pictures with a spread of 0.5 (arXiv:2102.09672); that of the rest is about a third of it."""
MEAN_OF = 8
"""Fillings that the mean is taken of, if no more were asked for."""
_ONE_PIXEL = 0.75
"""A radius in pixels with which a stroke always covers the middle of one."""


def random_masks(count: int, height: int, width: int) -> Tensor:
    """[count, 1, height, width], 1 where it is to be filled; from torch's global generator."""
    down, across = (torch.arange(n).view(1, *shape) + 0.5 for n, shape in ((height, (-1, 1)), (width, (1, -1))))
    share = _SHORTEST + (_LONGEST - _SHORTEST) * torch.rand(count, 2)
    corner = torch.rand(count, 2) * (1 - share)
    inside = [
        (place >= (corner[:, k] * n).view(-1, 1, 1)) & (place <= ((corner + share)[:, k] * n).view(-1, 1, 1))
        for k, (place, n) in enumerate(((down, height), (across, width)))
    ]
    rectangle = inside[0] & inside[1]
    strokes = torch.zeros(count, height, width, dtype=torch.bool)
    number = torch.randint(1, _MOST_STROKES + 1, (count, 1, 1))
    for k in range(_MOST_STROKES):
        strokes |= _stroke(count, down, across, height, width) & (number > k)
    kind = torch.rand(count, 1, 1)
    mask = torch.where(kind < _STROKES, strokes, rectangle) | (kind > 1 - _WHOLE)
    return mask[:, None].float()


def _stroke(count: int, down: Tensor, across: Tensor, height: int, width: int) -> Tensor:
    """Straight strokes with round ends [count, height, width], from one random point to another."""
    size = torch.tensor([height, width])
    start, end = torch.rand(count, 2) * size, torch.rand(count, 2) * size
    radius = ((_THINNEST + (_THICKEST - _THINNEST) * torch.rand(count)) * min(height, width)).clamp(min=_ONE_PIXEL)
    along = end - start
    y, x = down - start[:, 0].view(-1, 1, 1), across - start[:, 1].view(-1, 1, 1)
    dy, dx = along[:, 0].view(-1, 1, 1), along[:, 1].view(-1, 1, 1)
    share = ((y * dy + x * dx) / (dy**2 + dx**2).clamp(min=1e-6)).clamp(0, 1)
    return (y - share * dy) ** 2 + (x - share * dx) ** 2 <= radius.view(-1, 1, 1) ** 2


class InpaintingConfig(ImageToImageOptions):
    """What a person chooses about filling."""


class Inpainting(ImageToImage):
    """The module that Lightning trains."""

    task: ClassVar[str] = "inpaint"
    baseline_name: ClassVar[Text] = Text(en="filled with the mean picture", hi="औसत तस्वीर से भरी")
    columns: ClassVar[Text] = Text(
        en="Held-out pictures: what is known, the best linear guess, one filling, the mean of eight, true",
        hi="अलग रखी तस्वीरें: जो पता है, सबसे अच्छा रेखीय अनुमान, एक बार भरी, आठ बार का औसत, असली",
    )

    def __init__(self, config: InpaintingConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(config, dataset, options, beside=1 + dataset.shape[0])
        self.config = config
        self.noising = shifted(self.noising, _FINER)

    def prepare(self, dataset: Dataset) -> None:
        """The mean picture, which the result is read against, and the guess that it begins from."""
        self.mean = torch.from_numpy(dataset.train.x.mean(axis=0, keepdims=True))
        items = torch.from_numpy(dataset.train.x)
        self.filling = GaussianFilling.fitted(items)
        some = items[:_MEASURED]
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            self.filling.calibrate(some, random_masks(len(some), *some.shape[-2:]))

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """A random mask, what it leaves, and the guess of the rest."""
        masks = random_masks(len(items), *items.shape[-2:]).to(items.device)
        return self._of(items, masks)

    def counting(self, condition: Condition) -> Tensor:
        """What is painted."""
        return condition.more["told"][:, :1]

    def impose(self, x0: Tensor, condition: Condition) -> Tensor:
        """What is known, to the bit."""
        return x0.where(self.counting(condition).bool(), condition.more["base"])

    def spread(self, condition: Condition) -> Tensor:
        """What the linear guess expects to miss, by picture."""
        return condition.more["spread"]

    def time_told(self, t: Tensor, condition: Condition) -> Tensor:
        """The step at which a rest of the usual spread would stand as deep in noise as this one does."""
        signal, level = self.noising.signal_and_noise(t, t.double())
        usual = _PICTURES * _FINER
        return self.time_of(self.noising.t_of(level / signal * usual / condition.more["spread"].flatten()))

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """Around the hole, where the rest is known, the network sees it instead of x."""
        seen = torch.where(self.counting(condition) != 0, x, condition.more["around"])
        return super().respond(network, seen, time, condition)

    def baseline(self, condition: Condition) -> Tensor:
        """What is known, in the mean picture of the training data."""
        return self.impose(self.mean.to(condition.more["base"].device).expand_as(condition.more["base"]), condition)

    def given(self, condition: Condition) -> list[Tensor]:
        """What is known, the rest in middle grey; and with the linear guess."""
        guess = condition.more["base"]
        return [guess.masked_fill(self.counting(condition).bool(), 0), guess]

    def also_drawn(self, request: SampleRequest, condition: Condition) -> list[Tensor]:
        """The mean of several fillings, of which the result shown is the first."""
        more = {name: value.repeat(MEAN_OF, *[1] * (value.dim() - 1)) for name, value in condition.more.items()}
        ways = self.fillings(request, Condition(None, more))
        return [self.impose(ways.view(MEAN_OF, -1, *self.shape).mean(dim=0), condition)]

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The mean picture, and what the linear guess alone reaches, from which the model starts."""
        condition = self.held_out(0, min(self.quality_samples, len(self.truth)))
        guess = condition.more["base"].cpu()
        reached = self.nearness(guess, self.truth[: len(guess)], condition)
        lines = [ReferenceLine(metric, value, _LINEAR) for metric, value in reached.items()]
        return [*super().reference_lines(dataset), *lines]

    def repair(self, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """`InpaintRequest` with `image` and `mask` -> as `filling.filled`; of a picture in bytes also `mean`, of `mean_of` fillings.

        `mean` [1, height, width, colours] is nearer to the truth than a filling is, and smoother than any true picture.
        """
        request = checked(InpaintRequest, values)
        of_picture = own_picture.is_picture(arrays.get("image"))
        drawn = max(request.count, MEAN_OF) if of_picture else request.count

        def fill(known: Tensor, mask: Tensor) -> Tensor:
            whole = known.expand(drawn, *known.shape[1:])
            condition = self._of(whole, mask[:1].expand(drawn, 1, *mask.shape[-2:]).float())
            ways = self.fillings(request, condition)
            if not of_picture:
                return ways
            middle = self.impose(ways.mean(dim=0, keepdim=True).expand_as(ways), condition)
            return torch.cat([ways[: request.count], middle[:1]])

        answer = filling.filled(self, arrays, request.count, fill)
        told = {**answer.values, "evaluations": SAMPLERS[request.sampler].evaluations(request.steps)}
        if not of_picture:
            return Answer(told, answer.arrays)
        pictures, x = answer.arrays["pictures"], answer.arrays["x"]
        return Answer({**told, "mean_of": drawn}, {"x": x[:-1], "pictures": pictures[:-1], "mean": pictures[-1:]})

    def fillings(self, request: SampleRequest, condition: Condition) -> Tensor:
        """One drawn filling for each picture of a condition, [batch, *shape]; the noise of each is that of its number."""
        sampler, count = SAMPLERS[request.sampler], len(condition.more["base"])
        noise = ItemNoise(request.seed, 0, count, self.shape, self.device)
        grid = sampler.grid(self.noising.steps, request.steps)
        start = self.noising.start_scale * noise()
        walk = Walk(self.denoiser(condition), self.noising, start, grid, noise, request.eta)
        return self.impose(last(sampler.walk(walk)), condition)

    def _of(self, items: Tensor, masks: Tensor) -> Condition:
        filled = self.filling(items, masks)
        spread = filled.variance.sqrt()
        more = {
            "told": torch.cat([masks, filled.reached], dim=1),
            "base": filled.picture,
            "around": (filled.picture - filled.reached) / spread,
            "spread": spread,
        }
        return Condition(None, more)


METHOD = MethodCard(
    name="inpainting",
    title=Text(en="Inpainting: filling what is painted over", hi="इनपेंटिंग: छिपा हिस्सा भरना"),
    summary=Text(
        en="Learns to fill a part of a picture from what stands around it; the rest stays to the bit.",
        hi="तस्वीर का एक हिस्सा आसपास देखकर भरना सीखता है; बाकी हिस्सा बिट-दर-बिट वही रहता है।",
    ),
    family="repair",
    source="C. Saharia et al.: Palette: Image-to-Image Diffusion Models, 2021, arXiv:2111.05826",
    config=InpaintingConfig,
    build=Inpainting,
    accepts=("image",),
    presets=(
        *REPAIR_PRESETS,
        Preset("small", {"levels": 3, "steps": 1600, "evaluate_every": 800}, datasets=("faces",)),
    ),
    metrics=INPAINT_METRICS,
    answers=("inpaint",),
)
