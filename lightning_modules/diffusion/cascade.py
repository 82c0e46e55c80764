"""A cascade (Imagen), arXiv:2205.11487: words to a very small picture, and that, with the words, to the whole one.

Stage 1 trains the base on pictures averaged over squares of pixels. Stage 2 trains the enlarging network, which sees the small
picture beside the noisy large one. It is trained with noise-conditioning augmentation (section 2.4; arXiv:2106.15282): noise of
a random level is mixed into the small picture and the level is told, so that the flaws of a drawn one do not matter; in
use, a little noise of a known level is mixed in. Both sample with dynamic thresholding (section 2.3): x_0 is clipped to [-s, s]
and divided by s, where s is a percentile of |x_0|, at least 1. The percentile is lower here than there: a white ground stands at
the edge of the range, and at 0.995 a few overshooting pixels made all of it grey and grainy at every step.
Notation: x [batch, colours, height, width], small [batch, colours, height / factor, width / factor], aug [batch] in [0, 1].
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Dataset, MethodCard, MetricCard, Preset, option
from data.text import Problem, Text
from lightning_modules.base import Picture, Shown
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.measures.caption_match import PROMPT_METRICS
from lightning_modules.diffusion.parts.enlarging import Enlarger, Guess, Guesser
from lightning_modules.diffusion.parts.prompts import PromptedOptions, PromptRequest
from lightning_modules.diffusion.parts.training_stages import StagedMethod, Stages
from lightning_modules.diffusion.process.condition import NOTHING, Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.levels import levels_about
from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.stages import Denoise, Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.exact import derived_seed
from lightning_modules.options import TrainingOptions

_MEASURED = 500
"""Training pictures that the guess of a large picture is fitted on."""


class CascadeConfig(PromptedOptions):
    """What a person chooses about a cascade."""

    base_share: float = option(
        0.5, gt=0, lt=1,
        title=Text(en="Share of the base", hi="छोटी तस्वीर का हिस्सा"),
        help=Text(en="Share of the training steps that go to the small pictures, before the enlarging network begins.",
                  hi="ट्रेनिंग के कितने स्टेप छोटी तस्वीरों को मिलें, बड़ा करने वाला नेटवर्क शुरू होने से पहले।"),
    )  # fmt: skip
    factor: int = option(
        4, ge=2, le=16, unit="×",
        title=Text(en="Enlargement", hi="कितना बड़ा करें"),
        help=Text(en="How many times larger the whole picture is than the small one, along each side.",
                  hi="पूरी तस्वीर की हर भुजा छोटी तस्वीर से कितनी गुना बड़ी हो।"),
        source="arXiv:2205.11487, section 3.1",
    )  # fmt: skip
    augmentation: float = option(
        0.03, ge=0, le=0.9, advanced=True,
        title=Text(en="Noise in the small picture", hi="छोटी तस्वीर में नॉइज़"),
        help=Text(en="How much noise is mixed into a drawn small picture before it is enlarged, as a share of the noise levels trained; 0: none.",
                  hi="बनी हुई छोटी तस्वीर को बड़ा करने से पहले उसमें कितना नॉइज़ मिले, सीखे हुए नॉइज़ लेवल के हिस्से में; 0: बिल्कुल नहीं।"),
        source="arXiv:2205.11487, section 2.4",
    )  # fmt: skip
    percentile: float = option(
        0.8, gt=0.5, le=1, symbol="p", advanced=True,
        title=Text(en="Threshold percentile", hi="सीमा का पर्सेंटाइल"),
        help=Text(en="Share of the pixels that dynamic thresholding leaves unclipped; 1 clips none and only rescales.",
                  hi="डायनामिक थ्रेशोल्डिंग में कितने पिक्सेल बिना कटे रहें; 1 पर कुछ नहीं कटता, सिर्फ़ पैमाना बदलता है।"),
        source="arXiv:2205.11487, section 2.3",
    )  # fmt: skip


class CascadeRequest(PromptRequest):
    """Draw what the words say, small first."""

    augmentation: float = option(
        -1.0, ge=-1, le=0.9, advanced=True,
        title=Text(en="Noise in the small picture", hi="छोटी तस्वीर में नॉइज़"),
        help=Text(en="How much noise is mixed into the small picture before it is enlarged; -1: as the run was set.",
                  hi="छोटी तस्वीर को बड़ा करने से पहले उसमें कितना नॉइज़ मिले; -1: जैसा रन में चुना गया।"),
        source="arXiv:2205.11487, section 2.4",
    )  # fmt: skip


def dynamically_clipped(x0: Tensor, percentile: float) -> Tensor:
    """x_0 [batch, ...] clipped to [-s, s] and divided by s, where s is that percentile of |x_0| of the item, at least 1."""
    largest = torch.quantile(x0.abs().flatten(1), percentile, dim=1).clamp(min=1)
    s = largest.view(-1, *[1] * (x0.ndim - 1))
    return x0.clamp(-s, s) / s


class Cascade(StagedMethod):
    """The module that Lightning trains. What the core calls the network's space is that of the whole pictures."""

    request: ClassVar[type[SampleRequest]] = CascadeRequest
    averaged_parts: ClassVar[tuple[str | None, ...]] = ("base", "enlarger")
    stage_names: ClassVar[tuple[Text, ...]] = (
        Text(en="small pictures", hi="छोटी तस्वीरें"),
        Text(en="enlarging", hi="बड़ा करना"),
    )

    def __init__(self, config: CascadeConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(config, dataset, options)
        colours, height, width = dataset.shape
        if height % config.factor or width % config.factor or height // config.factor < 2:
            raise Problem(
                Text(en=f"Pictures of {width}×{height} cannot be made {config.factor} times smaller in whole pixels.",
                     hi=f"{width}×{height} की तस्वीरें पूरे पिक्सेल में {config.factor} गुना छोटी नहीं हो सकतीं।"),
                code="factor_does_not_divide", field="factor",
            )  # fmt: skip
        self.config = config
        self.begin_stages(Stages.shared([config.base_share], options.steps))
        self.small_shape = (colours, height // config.factor, width // config.factor)
        common: dict[str, Any] = {"channels": config.channels, "blocks": config.blocks, "text": self.text_width}
        base = UNet(UNetShape(self.small_shape, patch=_patch(self.small_shape), **common))
        enlarger = Enlarger(
            UNetShape((colours, height, width), beside=colours + 1, patch=_patch(dataset.shape), **common)
        )
        some = torch.from_numpy(np.ascontiguousarray(dataset.train.x[:_MEASURED]))
        self.guesser = Guesser.fitted(some, config.factor)
        self.adopt(nn.ModuleDict({"base": base, "enlarger": enlarger}))

    def smaller(self, items: Tensor) -> Tensor:
        """Pictures averaged over squares of `factor` pixels."""
        return F.avg_pool2d(items, self.config.factor)

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The base for small pictures, the enlarger for those that come with a small one."""
        parts: Any = network
        text = self.text_of(condition, len(x))
        output: Tensor
        if x.shape[1:] == self.small_shape:
            output = parts["base"](x, time, None, text)
        else:
            guess, aug = self.guess(condition, x)
            output = parts["enlarger"](x, time, guess.picture, aug, text)
        return output

    def guess(self, condition: Condition, x: Tensor) -> tuple[Guess, Tensor]:
        """What the small pictures of a condition say of x, and how noisy they are [batch]; all noise where there are none."""
        small, aug = (condition.more.get(name) for name in ("small", "aug"))
        if small is None or aug is None:
            small, aug = x.new_zeros(len(x), *self.small_shape), x.new_ones(len(x))
        signal, level = self._mixed(small, aug)
        return self.guesser(small, signal, level, (x.shape[-2], x.shape[-1])), aug

    def denoising_loss(self, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """Of large pictures only the rest over the guess is learned."""
        if x0.shape[1:] == self.small_shape:
            return super().denoising_loss(x0, t, noise, condition)
        guess, _ = self.guess(condition, x0)
        signal, level = self.noising.signal_and_noise(t, x0)
        rest = x0 - guess.picture
        entering = guess.objective.entering(signal * rest + level * noise, signal, level)
        output = self.respond(self.network, entering, self.time_of(t), condition)
        return F.mse_loss(output, guess.objective.target(rest, noise, signal, level))

    def says(self, x: Tensor, t: Tensor, condition: Condition = NOTHING, guidance: float = 1.0) -> Prediction:
        """As every denoiser; of large pictures the guess and what the network adds to it."""
        if x.shape[1:] == self.small_shape:
            return super().says(x, t, condition, guidance)
        guess, _ = self.guess(condition, x)
        signal, level = self.noising.signal_and_noise(t, x)
        rest = x - signal * guess.picture
        entering = guess.objective.entering(rest, signal, level)
        output = self._guided(entering, self.time_of(t), condition, guidance)
        said = guess.objective.interpret(output, rest, signal, level)
        return Prediction(said.x0 + guess.picture, said.eps)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The base's loss in stage 1, the enlarger's in stage 2."""
        items, y = batch
        stage = self.in_stage()
        x0 = items if stage else self.smaller(items)
        condition = self.partly_hidden(self.told(items, y) if stage else super().told(items, y))
        t = self._spread_times(len(x0), x0.device)
        if stage:
            t = levels_about(self.noising, self.guesser.lost_variance**0.5, t / self.noising.steps)
        loss = self.denoising_loss(x0, t, torch.randn_like(x0), condition)
        self.log("loss", loss.detach())
        return loss

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The caption, and the small picture with noise of a random level while training, of the usual one otherwise."""
        text = super().told(items, y)
        count = len(items)
        small = self.smaller(items)
        if self.training:
            return self._with_small(
                text, small, torch.rand(count, device=items.device).square(), torch.randn_like(small)
            )
        noise = torch.randn(small.shape, generator=torch.Generator().manual_seed(0)).to(items.device)  # same each time
        aug = torch.full((count,), self.config.augmentation, device=items.device)
        return self._with_small(text, small, aug, noise)

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        """The prompt, and the small picture that the base draws for it."""
        text = super().asked(request, arrays, first, count)
        wanted = request.augmentation if isinstance(request, CascadeRequest) else -1
        share = self.config.augmentation if wanted < 0 else wanted
        noise = ItemNoise(derived_seed(request.seed, 0, "augmentation"), first, count, self.small_shape, self.device)
        small = self.draw_small(request, text, first, count)
        return self._with_small(text, small, torch.full((count,), share, device=self.device), noise())

    def draw_small(self, request: SampleRequest, text: Condition, first: int, count: int) -> Tensor:
        """Small pictures [count, *small shape]; their noise is another than that of the large ones."""
        sampler = SAMPLERS[request.sampler]
        noise = ItemNoise(derived_seed(request.seed, 0, "small"), first, count, self.small_shape, self.device)
        grid = sampler.grid(self.noising.steps, request.steps)
        start = self.noising.start_scale * noise()
        denoise = self.denoiser(text, request.guidance)
        return last(sampler.walk(Walk(denoise, self.noising, start, grid, noise, request.eta))).clamp(-1, 1)

    def denoiser(self, condition: Condition = NOTHING, guidance: float = 1.0) -> Denoise:
        """As every denoiser's, with dynamic thresholding."""

        def denoise(x: Tensor, t: float) -> Prediction:
            steps = torch.full((len(x),), t, dtype=torch.float64, device=x.device)
            steps = steps.long() if t == int(t) else steps
            said = self.says(x, steps, condition, guidance)
            x0 = dynamically_clipped(said.x0, self.config.percentile)
            signal, level = self.noising.signal_and_noise(steps, x)
            return Prediction(x0, (x - signal * x0) / level)

        return denoise

    def pictures(self) -> list[Shown]:
        """Small pictures while only they are learned; then whole ones, with the small ones they came from."""
        request = self.preview(self.view().count)
        small = self.draw_small(request, super().asked(request, {}, 0, request.count), 0, request.count)
        caption = Text(en="Small pictures, before they are enlarged", hi="छोटी तस्वीरें, बड़ी होने से पहले")
        drawn = Picture("small", gallery.image_grid(small.cpu().numpy(), 8), caption)
        return [*super().pictures(), drawn] if self.complete else [drawn]

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Nothing of whole pictures before the enlarging network learns; the base's own error always."""
        found = {"base_eps_mse": self._base_error(dataset)}
        return found | super().evaluate(dataset) if self.complete else found

    def _base_error(self, dataset: Dataset) -> float:
        """Held-out error of the base in eps, the same noise each time."""
        items = torch.from_numpy(np.ascontiguousarray(dataset.test.x[:256])).to(self.device)
        labels = torch.from_numpy(
            np.zeros(len(items), dtype=np.int64) if dataset.test.y is None else dataset.test.y[:256]
        )
        repeats = -(-256 // len(items))
        x0 = self.smaller(items).repeat(repeats, 1, 1, 1)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(x0.shape, generator=generator).to(self.device)
        order = torch.randperm(len(x0), generator=generator)
        t = self.times_at((order + 0.5) / len(x0)).to(self.device)
        text = super().told(x0, labels.to(self.device).repeat(repeats))
        said = self.says(self.noising.diffuse(x0, t, noise), t, text)
        return float((said.eps - noise).square().mean())

    def _with_small(self, text: Condition, small: Tensor, aug: Tensor, noise: Tensor) -> Condition:
        """The text and a small picture with noise of level `aug`, a share of the levels from none to all."""
        signal, level = self._mixed(small, aug)
        noisy = signal * small + level * noise
        return Condition(None, {**text.more, "small": noisy, "aug": aug})

    def _mixed(self, small: Tensor, aug: Tensor) -> tuple[Tensor, Tensor]:
        """Signal and level [batch, 1, 1, 1] of small pictures with noise of level `aug`; exactly 1 and 0 for 0."""
        signal, level = self.noising.signal_and_noise(self.times_at(aug.clamp(max=0.999)), small)
        clean = aug.view(-1, 1, 1, 1) <= 0
        return signal.masked_fill(clean, 1), level.masked_fill(clean, 0)


def _patch(shape: tuple[int, ...]) -> int:
    """The size of the patches that pictures [colours, height, width] enter as: 2 from 16 pixels on, where it divides them."""
    _, height, width = shape
    return 2 if height % 2 == 0 and width % 2 == 0 and height >= 16 else 1


_QUICK: dict[str, Any] = {
    "steps": 120,
    "batch_size": 16,
    "learning_rate": 3e-3,
    "ema_decay": 0.98,
    "channels": 32,
    "quality_samples": 48,
    "preview_steps": 10,
    "evaluate_every": 120,
    "sample_every": 60,
    "checkpoint_every": 60,
}
_CAREFUL: dict[str, Any] = {
    "steps": 1600,
    "base_share": 0.5,
    "factor": 2,
    "batch_size": 24,
    "learning_rate": 3e-3,
    "optimizer": "muon",
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.998,
    "quality_samples": 192,
    "evaluate_every": 1600,
    "sample_every": 400,
    "checkpoint_every": 200,
}
_LARGE: dict[str, Any] = {
    "steps": 200_000,
    "batch_size": 128,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 128,
    "blocks": 2,
    "quality_samples": 5000,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}

METHOD = MethodCard(
    name="cascade",
    title=Text(en="Cascade: a small picture from words, then a large one", hi="कैस्केड: शब्दों से छोटी तस्वीर, फिर बड़ी"),
    summary=Text(
        en="One denoiser draws a very small picture of the prompt, a second enlarges it: the way of Imagen.",
        hi="एक डीनॉइज़र प्रॉम्प्ट की बहुत छोटी तस्वीर बनाता है, दूसरा उसे बड़ा करता है: Imagen का तरीका।",
    ),
    family="prompts",
    source="C. Saharia et al.: Photorealistic Text-to-Image Diffusion Models with Deep Language Understanding, 2022, arXiv:2205.11487",
    config=CascadeConfig,
    build=Cascade,
    accepts=("image",),
    presets=(Preset("tiny", _QUICK), Preset("small", _CAREFUL), Preset("base", _LARGE)),
    metrics=(
        *PROMPT_METRICS,
        MetricCard(
            "base_eps_mse",
            Text(en="Error of the small pictures' denoiser", hi="छोटी तस्वीरों वाले डीनॉइज़र की त्रुटि"),
            Text(en="Mean squared error of the noise it predicts on held-out pictures made small.",
                 hi="छोटी की गई अलग रखी तस्वीरों पर नॉइज़ के अनुमान की औसत वर्ग त्रुटि।"),
            better="lower",
        ),
    ),
    needs_captions=True,
    answers=("words",),
)  # fmt: skip
