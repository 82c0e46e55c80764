"""What every trained denoiser can do, whatever it denoises: learn, draw samples, be watched, be measured, answer requests.

A method builds its network, calls `adopt`, and says the rest by overriding the few methods under "What a method may say".
Everything after them comes for free: any sampler, guidance, forks, pictures, metrics against their floors, exact resuming.

Notation: x [batch, *shape] items in the space the network works in, t [batch] noise steps, whole or real, 0..T-1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Dataset, FloatArray, ReferenceLine
from data.text import Text
from lightning_modules.base import Answer, Method, Picture, Shown
from lightning_modules.blocks.conditioning import TIME_SCALE
from lightning_modules.diffusion.asking import answers, filling
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.drawing.views import View, spread, view_of
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.process.condition import NOTHING, Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.objectives import Objective, Prediction, clipped
from lightning_modules.diffusion.process.schedule import NoiseSchedule
from lightning_modules.diffusion.process.stages import Denoise, Stage, Walk, last
from lightning_modules.diffusion.process.weighting import WeightingName, loss_weight
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.muon import Layered, Muon
from lightning_modules.options import TrainingOptions

Arrays = Mapping[str, npt.NDArray[Any]]

BATCH = 128
"""Items sampled together. Which items share a batch does not change their noise."""
_STRIP_STAGES = 8
_BOUNDED = ("image", "audio")


class DenoisingMethod(Method):
    """A `Method` whose network denoises.

    Args:
        dataset: Its kind and classes become those of the model.
        options: Training options.
        objective: What the network outputs.
        noising: The noise levels it is trained with.
        weighting: How much each noise level counts.
        sigma_data: Spread of the data, for the weighting "edm".
        use_labels: Whether the network is told the class, where the data has classes and `y` numbers them.
        label_dropout: Share of the items whose condition is hidden while training.
        preview_steps: Network evaluations for the pictures and the quality measures.
        preview_guidance: How strongly those, and samples of requests that do not say, follow the condition.
        muon: Whether Muon moves the matrices inside the networks instead of AdamW.
        quality_samples: Samples drawn at every evaluation; 0: none.
        shape: Shape of what the network denoises, if it is not that of the data.
    """

    request: ClassVar[type[SampleRequest]] = SampleRequest
    """What a person may say about the samples they want; a method with a prompt or a mask declares its own."""
    preview_sampler: ClassVar[str] = "ddim"
    """The sampler of the pictures and the quality measures."""

    def __init__(
        self,
        dataset: Dataset,
        options: TrainingOptions,
        *,
        objective: Objective,
        noising: NoiseSchedule,
        weighting: WeightingName = "simple",
        sigma_data: float = 0.5,
        use_labels: bool = True,
        label_dropout: float = 0.1,
        preview_steps: int = 25,
        preview_guidance: float = 1.0,
        muon: bool = False,
        quality_samples: int = 0,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__(options)
        self.kind = dataset.kind
        self.data_shape = dataset.shape
        self.shape = dataset.shape if shape is None else shape
        self.classes = dataset.classes if use_labels and not dataset.captions else ()  # captions are not classes
        self.objective = objective
        self.noising = noising
        self.weighting: WeightingName = weighting
        self.sigma_data = sigma_data
        self.label_dropout = label_dropout
        self.preview_steps = preview_steps
        self.preview_guidance = preview_guidance
        self.muon = muon
        self.quality_samples = quality_samples
        self.bound: float | None = 1.0 if dataset.kind in _BOUNDED and self.shape == dataset.shape else None
        self._view = view_of(dataset, len(self.classes))
        self._held_ruler: evaluation.Ruler | None = None

    def optimizer(self) -> torch.optim.Optimizer:
        """AdamW, or Muon for the matrices inside the networks."""
        if not self.muon:
            return super().optimizer()
        moved = self.moved()
        known = {id(one) for one in moved}  # the average is layered too
        networks = [part for part in self.modules() if isinstance(part, Layered)]
        inside = [one for network in networks for one in network.inner_matrices() if id(one) in known]
        return Muon.of(moved, inside, self.options.learning_rate)

    # What a method may say -------------------------------------------------------------------------------------------

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The network's output [batch, *shape] for x as it enters, the noise level on 0..1000, and the condition."""
        output: Tensor = network(x, time, condition.y)
        return output

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """What the network is told about real items [batch, *data shape] with labels y [batch], while it learns or is measured."""
        return Condition(y) if self.classes else NOTHING

    def untold(self, condition: Condition) -> Condition:
        """The same with nothing told, as guidance compares with; the default hides the class and keeps the rest."""
        if condition.y is None:
            return condition
        return Condition(torch.full_like(condition.y, len(self.classes)), condition.more)

    def partly_hidden(self, condition: Condition) -> Condition:
        """The condition with some items untold, as while training; the default hides the class of `label_dropout` of them."""
        if condition.y is None:
            return condition
        hidden = torch.rand(len(condition.y), device=condition.y.device) < self.label_dropout
        return Condition(torch.where(hidden, len(self.classes), condition.y), condition.more)

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        """The condition of samples `first` .. `first + count` of a request; the default: the wanted class.

        Raises:
            Problem: The request cannot be met; `field` says where.
        """
        return answers.wanted_class(self, request.label, first, count)

    def times_at(self, u: Tensor) -> Tensor:
        """The noise steps that u [n] in [0, 1) stand for: where training puts its noise levels; evenly unless told."""
        return (u * self.noising.steps).long().clamp(max=self.noising.steps - 1)

    def time_of(self, t: Tensor) -> Tensor:
        """Noise step t [batch] on the scale 0..1000 that the network is told."""
        return t.float() * (TIME_SCALE / self.noising.steps)

    def encode(self, items: Tensor) -> Tensor:
        """Items [n, *data shape] in the space the network works in [n, *shape]."""
        return items

    def decode(self, x: Tensor) -> Tensor:
        """The way back: [n, *shape] -> [n, *data shape]."""
        return x

    def view(self) -> View:
        """How items are drawn; by kind of data unless told."""
        return self._view

    def also_shown(self, frames: list[FloatArray], info: dict[str, Any]) -> list[Shown]:
        """What is shown besides pictures (sounds, scenes), from stages of a walk [count, *data shape], the last one clean."""
        return []

    def sample_quality(self, samples: FloatArray, ruler: evaluation.Ruler) -> dict[str, float]:
        """Measures of samples [n, *data shape] of the preview request, by metric name; by kind of data unless told."""
        return evaluation.sample_metrics(self, samples, ruler)

    # What comes for free ---------------------------------------------------------------------------------------------

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """One step of algorithm 1 of arXiv:2006.11239, for any path, objective and weighting -> the loss."""
        items, y = batch
        x0 = self.encode(items)
        t = self._spread_times(len(x0), x0.device)
        noise = torch.randn_like(x0)
        loss = self.denoising_loss(x0, t, noise, self.partly_hidden(self.told(items, y)))
        self.log("loss", loss.detach())
        return loss

    def denoising_loss(self, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """Weighted squared error of the trained network's output, a mean over the batch."""
        output, target, weight = self._compared(self.network, x0, t, noise, condition)
        if weight is None:
            return F.mse_loss(output, target)
        return (weight * (output - target).square()).mean()

    def loss_map(self, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition) -> Tensor:
        """What each number of each item adds to the loss of that item alone, by the best network: [batch, *shape]."""
        output, target, weight = self._compared(self.best_network, x0, t, noise, condition)
        squared = (output - target).square() / output[0].numel()
        return squared if weight is None else weight * squared

    def _compared(
        self, network: nn.Module, x0: Tensor, t: Tensor, noise: Tensor, condition: Condition
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """What the network says about noised items, what it should say, and how much each noise level counts (None: 1)."""
        signal, level = self.noising.signal_and_noise(t, x0)
        entering = self.objective.entering(signal * x0 + level * noise, signal, level)
        output = self.respond(network, entering, self.time_of(t), condition)
        target = self.objective.target(x0, noise, signal, level)
        return output, target, loss_weight(self.weighting, self.objective, signal, level, sigma_data=self.sigma_data)

    def says(self, x: Tensor, t: Tensor, condition: Condition = NOTHING, guidance: float = 1.0) -> Prediction:
        """What the best network says about x_t [batch, *shape] at t [batch], neither clipped nor changed.

        Args:
            x: Noisy items.
            t: Their noise steps.
            condition: What is told about them.
            guidance: s in out_u + s (out_c - out_u), arXiv:2207.12598 with s = 1 + w: 0 ignores the condition, 1 follows it, more exaggerates it.
        """
        signal, level = self.noising.signal_and_noise(t, x)
        output = self._guided(self.objective.entering(x, signal, level), self.time_of(t), condition, guidance)
        return self.objective.interpret(output, x, signal, level)

    def denoiser(self, condition: Condition = NOTHING, guidance: float = 1.0) -> Denoise:
        """The trained model as a sampler wants it; pixels are kept in [-1, 1], as in arXiv:2006.11239's own code."""

        def denoise(x: Tensor, t: float) -> Prediction:
            whole = t == int(t)
            steps = torch.full((len(x),), int(t) if whole else t, dtype=torch.long if whole else torch.float64)
            steps = steps.to(x.device)
            said = self.says(x, steps, condition, guidance)
            if self.bound is None:
                return said
            signal, level = self.noising.signal_and_noise(steps, x)
            return clipped(said, x, signal, level, self.bound)

        return denoise

    def walk(self, request: SampleRequest, first: int, count: int, arrays: Arrays | None = None) -> Iterator[Stage]:
        """The sampler's walk for items `first` .. `first + count` of a request."""
        sampler = SAMPLERS[request.sampler]
        noise = ItemNoise(request.seed, first, count, self.shape, self.device)
        denoise = self.denoiser(self.asked(request, arrays or {}, first, count), self.strength(request))
        x, start = answers.beginning(self, request, arrays or {}, first, count, noise)
        grid = sampler.grid(self.noising.steps, request.steps, start=start)
        return sampler.walk(Walk(denoise, self.noising, x, grid, noise, request.eta))

    def draw(self, request: SampleRequest, arrays: Arrays | None = None, *, batch: int = BATCH) -> FloatArray:
        """Samples [count, *data shape]; the same for any `batch`, up to the rounding of the arithmetic."""
        parts = [
            self.decode(last(self.walk(request, first, min(batch, request.count - first), arrays)))
            for first in range(0, request.count, batch)
        ]
        drawn: FloatArray = torch.cat(parts).cpu().numpy()
        return drawn

    def strength(self, request: SampleRequest) -> float:
        """How strongly samples of a request are guided; those that do not say, as the pictures of the run are."""
        return self.preview_guidance if request.guidance < 0 else request.guidance

    def preview(self, count: int) -> SampleRequest:
        """The request behind pictures and quality measures; always the same noise, `preview_steps` evaluations."""
        steps = SAMPLERS[self.preview_sampler].steps_within(self.preview_steps)
        return self.request(count=count, steps=steps, seed=self.options.seed, sampler=self.preview_sampler)

    def pictures(self) -> list[Shown]:
        """One grid of samples, one strip that shows some of them coming out of the noise, and what a method adds; always the same noise."""
        view = self.view()
        request = self.preview(view.count)
        stages = list(self.walk(request, 0, view.count))
        shown = spread(stages, _STRIP_STAGES)
        frames = [self.decode(stage.x).cpu().numpy() for stage in shown]
        info = {key: getattr(request, key) for key in ("count", "steps", "sampler", "seed")}
        info["guidance"] = self.strength(request)
        return [
            Picture("samples", view.grid(frames[-1]), Text(en="Samples", hi="सैंपल"), info),
            Picture(
                "denoising",
                view.strip(frames),
                Text(en="From pure noise (left) to the sample (right)", hi="पूरे नॉइज़ (बाएँ) से सैंपल (दाएँ) तक"),
                {**info, "t": [int(stage.t) if stage.t == int(stage.t) else stage.t for stage in shown]},
            ),
            *self.also_shown(frames, info),
        ]

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Denoising errors, and the quality of some samples."""
        ruler = self._ruler(dataset)
        found = evaluation.denoising_metrics(self, ruler)
        if self.quality_samples:
            samples = self.draw(self.preview(self.quality_samples))
            found |= self.sample_quality(samples, ruler) if np.isfinite(samples).all() else {}
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Best linear denoiser, memoriser, real against real."""
        return evaluation.reference_lines(self, self._ruler(dataset))

    def answer(self, request: str, values: Mapping[str, Any], arrays: Arrays) -> Answer:
        """ "sample" -> x; "trace" -> every stage; "predict" x, t -> xt, x0, eps; "inpaint" image, mask -> x (see `requests`)."""
        known = {
            "sample": answers.sample,
            "trace": answers.trace,
            "predict": answers.predict,
            "inpaint": filling.inpaint,
        }
        if request in known:
            return known[request](self, values, arrays)
        return super().answer(request, values, arrays)

    def _ruler(self, dataset: Dataset) -> evaluation.Ruler:
        if self._held_ruler is None or self._held_ruler.dataset is not dataset:
            self._held_ruler = evaluation.Ruler(dataset, self)
        return self._held_ruler

    def _spread_times(self, count: int, device: torch.device) -> Tensor:
        """Noise steps [count] spread evenly over the training's levels from a random start, in random order.

        arXiv:2107.00630, appendix I.1: the loss becomes less noisy and nothing changes in expectation.
        """
        return self.times_at(self._spread_shares(count, device))

    def _spread_shares(self, count: int, device: torch.device) -> Tensor:
        """The same as shares [count] in [0, 1) of the way that `times_at` spreads."""
        return (torch.randperm(count, device=device) + torch.rand((), device=device)) / count

    def _guided(self, x: Tensor, time: Tensor, condition: Condition, guidance: float) -> Tensor:
        network = self.best_network
        if condition.empty or guidance == 1:
            return self.respond(network, x, time, condition)
        if guidance == 0:
            return self.respond(network, x, time, self.untold(condition))
        both = self.untold(condition).and_then(condition)
        free, wanted = self.respond(network, torch.cat([x, x]), torch.cat([time, time]), both).chunk(2)
        return free + guidance * (wanted - free)
