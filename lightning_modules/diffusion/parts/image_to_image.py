"""Diffusion from one picture to another: what super-resolution, colorization and filling share.

The network is told a picture beside x_t (SR3, arXiv:2104.07636, section 2.3: concatenated along the channels) and learns the
conditional distribution of the true picture. What can be worked out without it, `base` (the bicubic enlargement, the grey
picture, what is not painted), is taken off first, so that only the rest is denoised (SRDiff, arXiv:2104.14951, section 3.2):
x_t - a base = a (x_0 - base) + s eps is the same process for the rest. Since the rest is small, input and target of the network
are brought to unit variance at every noise level (arXiv:2206.00364, table 1), and half of the noise levels of the
training lie around its spread. Whatever is known of x_0 exactly is imposed at each step and at the end.

Notation: `told` [batch, channels, height, width] what stands beside x; `base` [batch, *shape].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from data.catalog import Dataset, FloatArray, ReferenceLine, option
from data.text import Text
from lightning_modules.base import Answer, Method, Picture, Shown
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.denoising import BATCH, Arrays, DenoisingMethod
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.drawing.views import spread
from lightning_modules.diffusion.measures import evaluation, fidelity
from lightning_modules.diffusion.parts.networks import ImageNetworkOptions, image_network
from lightning_modules.diffusion.process.condition import NOTHING, Condition
from lightning_modules.diffusion.process.levels import levels_about
from lightning_modules.diffusion.process.objectives import EDM, Prediction
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.diffusion.process.stages import Denoise, last
from lightning_modules.options import TrainingOptions

LEVELS = 1000
_MEASURED = 500
_SHOWN, _STAGES = 6, 8
DENOISING = Text(en="From pure noise (left) to the result (right)", hi="पूरे नॉइज़ (बाएँ) से नतीजे (दाएँ) तक")


class ImageToImageOptions(ImageNetworkOptions):
    """Network, and how the run is looked at."""

    quality_samples: int = option(
        64, ge=1, le=5000, unit="pictures", advanced=True,
        title=Text(en="Pictures for quality", hi="जाँच की तस्वीरें"),
        help=Text(en="Held-out pictures that are restored at every evaluation and compared with the true ones.",
                  hi="अलग रखी कितनी तस्वीरें हर जाँच में सुधारी जाएँ और असली से मिलाई जाएँ।"),
    )  # fmt: skip
    preview_steps: int = option(
        10, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="Sampler steps for the pictures and the quality measures of this run.",
                  hi="इस रन की तस्वीरों और जाँच के लिए सैंपलर के स्टेप।"),
    )  # fmt: skip


class ImageToImage(DenoisingMethod):
    """A denoiser that is told a picture.

    Args:
        config: Network, and how the run is looked at.
        dataset: Images.
        options: Training options.
        beside: Channels of what is told beside x.
    """

    task: ClassVar[str]
    """The request by which a person's own picture is brought."""
    columns: ClassVar[Text]
    """What the pictures of a run show, left to right."""
    baseline_name: ClassVar[Text]
    """What the result is read against."""

    def __init__(self, config: ImageToImageOptions, dataset: Dataset, options: TrainingOptions, *, beside: int) -> None:
        super().__init__(
            dataset,
            options,
            objective=EDM(0.5),
            noising=noise_schedule("cosine", LEVELS),
            use_labels=False,
            preview_steps=config.preview_steps,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
        )
        mixed = np.random.default_rng(0).permutation(len(dataset.test.x))  # neighbours in a data set are often alike
        self.truth = torch.from_numpy(dataset.test.x[mixed[: max(config.quality_samples, _SHOWN)]])
        self._held_condition: Condition | None = None
        self.prepare(dataset)
        some = torch.from_numpy(dataset.train.x[:_MEASURED])
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            told = self.told(some, torch.zeros(len(some), dtype=torch.long))
        rest = self.counting(told).expand_as(some).bool()
        self.sigma_data = max(float((some - told.more["base"])[rest].square().mean().sqrt()), 1e-3)
        self.objective = EDM(self.sigma_data)
        self.adopt(image_network(config, dataset, beside=beside))

    # What a method says ----------------------------------------------------------------------------------------------

    def prepare(self, dataset: Dataset) -> None:
        """What `told` needs of the training data; called once, before the rest is measured."""

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The condition of true pictures; `more` holds at least `told` and `base`."""
        raise NotImplementedError

    def impose(self, x0: Tensor, condition: Condition) -> Tensor:
        """x_0 with what is known of it put right."""
        return x0

    def counting(self, condition: Condition) -> Tensor:
        """The pixels that are learned and measured, 1 or 0, [batch, 1, height, width]."""
        return torch.ones_like(condition.more["base"][:, :1])

    def baseline(self, condition: Condition) -> Tensor:
        """The pictures that the result is read against."""
        return condition.more["base"]

    def given(self, condition: Condition) -> list[Tensor]:
        """What the pictures show left of the result, each [batch, 1 or colours, height, width]."""
        return [self.baseline(condition)]

    def also_drawn(self, request: SampleRequest, condition: Condition) -> list[Tensor]:
        """What the pictures show right of the result, each [batch, 1 or colours, height, width]."""
        return []

    def spread(self, condition: Condition) -> Tensor | float:
        """Spread of the rest over the base: one for all, or one for each picture [batch, 1, 1, 1]."""
        return self.sigma_data

    def time_told(self, t: Tensor, condition: Condition) -> Tensor:
        """How the network is told noise steps t [batch], on 0..1000."""
        return self.time_of(t)

    def repair(self, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """The answer to the request `task`."""
        raise NotImplementedError

    # What comes for free ---------------------------------------------------------------------------------------------

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The network's output for x and what is told beside it."""
        output: Tensor = network(torch.cat([x, condition.more["told"]], dim=1), time)
        return output

    def times_at(self, u: Tensor) -> Tensor:
        """Half of the noise levels log-normal about the spread of the rest, half evenly over all, where sampling begins."""
        return levels_about(self.noising, self.sigma_data, u)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """As every denoiser's, the noise levels of each picture about the spread of its own rest."""
        x0, y = batch
        u = self._spread_shares(len(x0), x0.device)
        noise = torch.randn_like(x0)
        condition = self.told(x0, y)
        spread = self.spread(condition)
        t = levels_about(self.noising, spread.flatten() if isinstance(spread, Tensor) else spread, u)
        loss = self.denoising_loss(x0, t, noise, condition)
        self.log("loss", loss.detach())
        return loss

    def denoising_loss(self, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """Squared error of the network's output over the pixels that count, a mean of means: each picture counts alike."""
        return self._shares(self.network, x0, t, noise, condition).flatten(1).sum(dim=1).mean()

    def loss_map(self, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """What each number of each picture adds to the loss of that picture alone, by the best network: [batch, *shape]."""
        return self._shares(self.best_network, x0, t, noise, condition)

    def _shares(self, network: nn.Module, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """Squared errors of what the network says of the rest, 0 where they do not count, over the number that do: [batch, *shape]."""
        rest, objective = x0 - condition.more["base"], EDM(self.spread(condition))
        signal, level = self.noising.signal_and_noise(t, x0)
        entering = objective.entering(signal * rest + level * noise, signal, level)
        output = self.respond(network, entering, self.time_told(t, condition), condition)
        counted = self.counting(condition).expand_as(output)
        squared = (output - objective.target(rest, noise, signal, level)).square() * counted
        return squared / counted.sum(dim=(1, 2, 3), keepdim=True).clamp(min=1)

    def says(self, x: Tensor, t: Tensor, condition: Condition = NOTHING, guidance: float = 1.0) -> Prediction:
        """What the best network says; when nothing is told, it is told of held-out pictures."""
        told = condition if "base" in condition.more else self.held_out(0, len(x))
        base, objective = told.more["base"], EDM(self.spread(told))
        signal, level = self.noising.signal_and_noise(t, x)
        rest = x - signal * base
        output = self._guided(objective.entering(rest, signal, level), self.time_told(t, told), told, guidance)
        said = objective.interpret(output, rest, signal, level)
        return Prediction(said.x0 + base, said.eps)

    def denoiser(self, condition: Condition = NOTHING, guidance: float = 1.0) -> Denoise:
        """As a sampler wants it, with what is known put right at every step."""
        inner = super().denoiser(condition, guidance)

        def denoise(x: Tensor, t: float) -> Prediction:
            signal, level = self.noising.factors(t)
            x0 = self.impose(inner(x, t).x0, condition)
            return Prediction(x0, (x - signal * x0) / level)

        return denoise

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        """Samples of a request without a picture of one's own restore the held-out pictures, one after another."""
        return self.held_out(first, count)

    def held_out(self, first: int, count: int) -> Condition:
        """The condition of held-out pictures; always the same."""
        if self._held_condition is None:
            with torch.random.fork_rng(devices=()):
                torch.manual_seed(1)
                self._held_condition = self.told(self.truth, torch.zeros(len(self.truth), dtype=torch.long))
        turn = torch.arange(first, first + count) % len(self.truth)
        more = {name: value[turn].to(self.device) for name, value in self._held_condition.more.items()}
        return Condition(None, more)

    def draw(self, request: SampleRequest, arrays: Arrays | None = None, *, batch: int = BATCH) -> FloatArray:
        """Samples [count, *shape], with what is known put right."""
        parts = []
        for first in range(0, request.count, batch):
            count = min(batch, request.count - first)
            x = last(self.walk(request, first, count, arrays))
            parts.append(self.impose(x, self.asked(request, arrays or {}, first, count)))
        drawn: FloatArray = torch.cat(parts).cpu().numpy()
        return drawn

    def pictures(self) -> list[Shown]:
        """Held-out pictures: what is given, what is drawn, what is true; and some coming out of the noise."""
        request, condition = self.preview(_SHOWN), self.held_out(0, _SHOWN)
        stages = list(self.walk(request, 0, _SHOWN))
        truth = self.truth[torch.arange(_SHOWN) % len(self.truth)]
        drawn = self.impose(stages[-1].x, condition)
        rows = [*self.given(condition), drawn, *self.also_drawn(request, condition), truth]
        tiled = torch.stack([one.cpu().expand_as(truth) for one in rows], dim=1).flatten(0, 1).numpy()
        shown = spread(stages, _STAGES)
        frames = [stage.x.cpu().numpy() for stage in shown]
        info = {key: getattr(request, key) for key in ("count", "steps", "sampler", "seed")}
        return [
            Picture("samples", gallery.image_grid(tiled, len(rows)), self.columns, info),
            Picture("denoising", self.view().strip(frames), DENOISING, {**info, "t": [stage.t for stage in shown]}),
        ]

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Denoising errors and how near the restored pictures come, always on the same ones."""
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            found = {
                "eps_mse": evaluation.eps_error(self, dataset.test),
                "train_eps_mse": evaluation.eps_error(self, dataset.train),
            }
        count = min(self.quality_samples, len(self.truth))
        drawn = self.draw(self.preview(count))
        if np.isfinite(drawn).all():
            found |= self.nearness(torch.from_numpy(drawn), self.truth[:count], self.held_out(0, count))
        return found

    def nearness(self, drawn: Tensor, truth: Tensor, condition: Condition) -> dict[str, float]:
        """Measures of restored pictures by metric name."""
        counted = self.counting(condition).cpu()
        found = {"psnr": float(fidelity.psnr(drawn, truth, counted).mean())}
        return found | {"ssim": float(fidelity.ssim(drawn, truth).mean())}

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """What the base alone reaches."""
        condition = self.held_out(0, min(self.quality_samples, len(self.truth)))
        truth = self.truth[: len(condition.more["base"])]
        reached = self.nearness(self.baseline(condition).cpu(), truth, condition)
        return [ReferenceLine(metric, value, self.baseline_name) for metric, value in reached.items()]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """As every denoiser, and `task`; filling is no other model's business."""
        if request == self.task:
            return self.repair(values, arrays)
        if request == "inpaint":
            return Method.answer(self, request, values, arrays)
        return super().answer(request, values, arrays)
