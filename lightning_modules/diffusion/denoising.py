"""What every trained denoiser can do, whatever trained it: draw samples, be watched, answer requests.

A subclass trains `network` (see `Method.adopt`) to map (x_t, t on 0..1000, class) to eps or v, and sets `noising`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Dataset, FloatArray
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer, Method, Picture
from lightning_modules.blocks.conditioning import TIME_SCALE
from lightning_modules.diffusion import gallery
from lightning_modules.diffusion.ancestral import ancestral
from lightning_modules.diffusion.ddim import ddim
from lightning_modules.diffusion.objectives import Objective, Prediction, clipped, interpret
from lightning_modules.diffusion.requests import MOST_ITEMS, PredictRequest, SampleRequest
from lightning_modules.diffusion.sampling import Denoise, ItemNoise, Stage, last
from lightning_modules.diffusion.schedule import NoiseSchedule
from lightning_modules.options import TrainingOptions

BATCH = 128
"""Items sampled together. Which items share a batch does not change their noise."""
_STRIP_STAGES = 8
_STRIP_ROWS = 4
_GRID_ROWS = 6
_POINTS_DRAWN = 1000
_REAL_SHOWN = 2000


class DenoisingMethod(Method):
    """A `Method` whose network denoises.

    Args:
        dataset: Its kind, shape and classes become those of the model.
        options: Training options.
        objective: What the network outputs, "eps" or "v".
        noising: The schedule it is trained with.
        use_labels: Whether the network is told the class, where the data has classes and `y` numbers them.
        preview_steps: DDIM steps of the pictures.
    """

    def __init__(
        self,
        dataset: Dataset,
        options: TrainingOptions,
        *,
        objective: Objective,
        noising: NoiseSchedule,
        use_labels: bool,
        preview_steps: int,
    ) -> None:
        super().__init__(options)
        self.kind = dataset.kind
        self.shape = dataset.shape
        self.classes = dataset.classes if use_labels and not dataset.captions else ()  # captions are not classes
        self.objective = objective
        self.noising = noising
        self.preview_steps = preview_steps
        self._reach = float(np.abs(dataset.train.x).max()) * 1.15
        self._real = dataset.train.x[:_REAL_SHOWN] if dataset.kind == "points" else dataset.train.x[:0]

    def time_of(self, t: Tensor) -> Tensor:
        """Noise step t [batch] on the scale 0..1000 that the network is told."""
        return t.float() * (TIME_SCALE / self.noising.steps)

    def says(self, x: Tensor, t: Tensor, y: Tensor | None, guidance: float = 1.0) -> Prediction:
        """What the best network says about x_t [batch, *shape] at t [batch], neither clipped nor changed.

        Args:
            x: Noisy items.
            t: Their noise steps.
            y: Their classes [batch]; None: unknown.
            guidance: s in out_u + s (out_c - out_u), arXiv:2207.12598: 0 ignores the class, 1 follows it, more exaggerates it.
        """
        output = self._guided(x, self.time_of(t), y, guidance)
        signal, level = self.noising.signal_and_noise(t, x)
        return interpret(self.objective, output, x, signal, level)

    def denoiser(self, y: Tensor | None = None, guidance: float = 1.0) -> Denoise:
        """The trained model as a sampler wants it; pixels are kept in [-1, 1], as in arXiv:2006.11239's own code."""

        def denoise(x: Tensor, t: int) -> Prediction:
            steps = torch.full((len(x),), t, device=x.device)
            said = self.says(x, steps, y, guidance)
            if self.kind != "image":
                return said
            signal, level = self.noising.signal_and_noise(steps, x)
            return clipped(said, x, signal, level)

        return denoise

    def walk(self, request: SampleRequest, first: int, count: int) -> Iterator[Stage]:
        """The sampler's walk for items `first` .. `first + count` of a request."""
        noise = ItemNoise(request.seed, first, count, self.shape, self.device)
        y = self._wanted(request.label, first, count)
        denoise = self.denoiser(y, request.guidance)
        if request.sampler == "ancestral":
            return ancestral(denoise, self.noising, noise(), noise)
        steps = min(request.steps, self.noising.steps)
        return ddim(denoise, self.noising, noise(), noise, steps=steps, eta=request.eta)

    def draw(self, request: SampleRequest, *, batch: int = BATCH) -> FloatArray:
        """Samples [count, *shape]; the same for any `batch`, up to the rounding of the arithmetic."""
        parts = [
            last(self.walk(request, first, min(batch, request.count - first)))
            for first in range(0, request.count, batch)
        ]
        drawn: FloatArray = torch.cat(parts).cpu().numpy()
        return drawn

    def pictures(self) -> list[Picture]:
        """One grid of samples, and one strip that shows some of them coming out of the noise; always the same noise."""
        columns = len(self.classes) if 4 <= len(self.classes) <= 12 else 8
        count = columns * _GRID_ROWS if self.kind == "image" else _POINTS_DRAWN
        request = SampleRequest(count=count, steps=self.preview_steps, seed=self.options.seed)
        stages = list(self.walk(request, 0, count))
        samples = stages[-1].x.cpu().numpy()
        shown = _spread(stages, _STRIP_STAGES)
        clouds = [stage.x.cpu().numpy() for stage in shown]
        if self.kind == "points":
            grid = gallery.point_view(samples, self._real, self._reach)
            strip = gallery.point_strip(clouds, self._real, self._reach)
        else:
            grid = gallery.image_grid(samples, columns)
            strip = gallery.image_grid(np.stack([c[k] for k in range(_STRIP_ROWS) for c in clouds]), len(clouds))
        info = {"count": count, "steps": self.preview_steps, "sampler": "ddim", "seed": self.options.seed}
        return [
            Picture("samples", grid, Text(en="Samples", hi="सैंपल"), info),
            Picture(
                "denoising",
                strip,
                Text(en="From pure noise (left) to the sample (right)", hi="पूरे नॉइज़ (बाएँ) से सैंपल (दाएँ) तक"),
                {**info, "t": [stage.t for stage in shown]},
            ),
        ]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "sample" (see `SampleRequest`) -> x; "predict" (see `PredictRequest`) x, t -> xt, x0, eps."""
        if request == "sample":
            wanted = checked(SampleRequest, values)
            return Answer({"classes": list(self.classes)}, {"x": self.draw(wanted)})
        if request == "predict":
            return self._predict(checked(PredictRequest, values), arrays)
        return super().answer(request, values, arrays)

    def _predict(self, request: PredictRequest, arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        x, t = self._given(arrays)
        if request.add_noise:
            noise = ItemNoise(request.seed, 0, len(x), self.shape, self.device)
            x = self.noising.diffuse(x, t, noise())
        y = self._wanted(request.label, 0, len(x)) if request.label >= 0 else None
        said = self.says(x, t, y, request.guidance)
        found = {"xt": x, "x0": said.x0, "eps": said.eps}
        return Answer({}, {name: value.cpu().numpy() for name, value in found.items()})

    def _given(self, arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[Tensor, Tensor]:
        """x [items, *shape] and t [items] of a "predict" request, checked."""
        x, t = arrays.get("x"), arrays.get("t")
        wanted = "×".join(str(size) for size in ("n", *self.shape))
        if x is None or x.shape[1:] != self.shape or not 1 <= len(x) <= MOST_ITEMS or not np.isfinite(x).all():
            raise Problem(
                Text(en=f"The items must be finite numbers of shape {wanted}, at most {MOST_ITEMS} of them.",
                     hi=f"आइटम {wanted} आकार की सीमित संख्याएँ होने चाहिए, ज़्यादा से ज़्यादा {MOST_ITEMS}।"),
                code="wrong_items", field="x",
            )  # fmt: skip
        steps = np.zeros(0) if t is None else np.asarray(t, dtype=np.float64).reshape(-1)
        steps = np.repeat(steps, len(x)) if len(steps) == 1 else steps
        if len(steps) != len(x) or not ((steps >= 0) & (steps < self.noising.steps) & (steps % 1 == 0)).all():
            raise Problem(
                Text(en=f"Each item needs a noise step from 0 to {self.noising.steps - 1}.",
                     hi=f"हर आइटम के लिए 0 से {self.noising.steps - 1} तक का नॉइज़ स्टेप चाहिए।"),
                code="wrong_noise_step", field="t",
            )  # fmt: skip
        return (
            torch.tensor(x, dtype=torch.float32, device=self.device),
            torch.tensor(steps, dtype=torch.long, device=self.device),
        )

    def _wanted(self, label: int, first: int, count: int) -> Tensor | None:
        """The class of each item: `label`, or each in turn for -1; None when the model knows no classes."""
        if label >= len(self.classes):
            there = f"0–{len(self.classes) - 1}" if self.classes else "–"
            raise Problem(
                Text(en=f"This model knows no class {label} (it knows: {there}).", hi=f"यह मॉडल क्लास {label} नहीं जानता (जानता है: {there})।"),
                code="unknown_class", field="label",
            )  # fmt: skip
        if not self.classes:
            return None
        turn = torch.arange(first, first + count, device=self.device) % len(self.classes)
        return turn if label < 0 else torch.full_like(turn, label)

    def _guided(self, x: Tensor, t: Tensor, y: Tensor | None, guidance: float) -> Tensor:
        network = self.best_network
        if y is None or not self.classes or guidance == 0:
            free: Tensor = network(x, t, None)
            return free
        if guidance == 1:
            wanted: Tensor = network(x, t, y)
            return wanted
        anything = torch.full_like(y, len(self.classes))
        both = network(torch.cat([x, x]), torch.cat([t, t]), torch.cat([anything, y]))
        free, wanted = both.chunk(2)
        return free + guidance * (wanted - free)


def _spread(stages: list[Stage], count: int) -> list[Stage]:
    """At most `count` stages, evenly from first to last."""
    count = min(count, len(stages))
    return [stages[round(k * (len(stages) - 1) / max(1, count - 1))] for k in range(count)]
