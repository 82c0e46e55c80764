"""Several trainings one after the other in one run: which stage a step belongs to follows from the step and the state.

So a run that is killed goes on in the right stage, exactly. Each stage has its own warm-up and decay of the learning rate and
its own moving average; what the other stages train gets no gradients, and so neither moves nor is averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

import torch
from torch import Tensor, nn

from data.catalog import Dataset, ReferenceLine
from data.text import Problem, Text
from lightning_modules.averages import Paired, decay_at
from lightning_modules.base import rate_at
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.parts.prompts import PromptedMethod
from lightning_modules.options import TrainingOptions


@dataclass(frozen=True)
class Stages:
    """`ends` are the steps at which the stages end (exclusive), rising; the last is that of the run."""

    ends: tuple[int, ...]

    @classmethod
    def shared(cls, shares: Sequence[float], steps: int) -> Stages:
        """Stages with these shares of `steps`, and one more with the rest; each has a step at least, as far as there are."""
        ends = [max(k + 1, round(end * steps)) for k, end in enumerate(accumulate(shares))]
        return cls((*(min(end, steps) for end in ends), steps))

    def at(self, step: int) -> int:
        """The stage, counted from 0, of step `step`, counted from 0; the last one beyond the end."""
        return sum(step >= end for end in self.ends[:-1])

    def begin(self, stage: int) -> int:
        """Its first step."""
        return self.ends[stage - 1] if stage else 0

    def within(self, step: int) -> tuple[int, int]:
        """How far step `step` is in its stage, and how long that is."""
        stage = self.at(step)
        return step - self.begin(stage), self.ends[stage] - self.begin(stage)


class StagedMethod(PromptedMethod):
    """A `PromptedMethod` that is trained in stages. A subclass sets `stages` and calls `in_stage` in each training step."""

    stages: Stages
    stage: Tensor
    averaged_parts: ClassVar[tuple[str | None, ...]]
    """The part of `network` that each stage trains and averages, by its path; "" all of it, None nothing of it."""
    stage_names: ClassVar[tuple[Text, ...]]

    def begin_stages(self, stages: Stages) -> None:
        """Call it once in the constructor."""
        self.stages = stages
        self.register_buffer("stage", torch.zeros((), dtype=torch.long))
        self._paired_parts: dict[int, Paired] = {}
        self._ruled_stage = -1

    def in_stage(self) -> int:
        """The stage of the step that is trained now; noted in the state, where hooks and requests find it.

        A run that is trained longer than first planned does not go back to a stage that is over, though its shares grow.
        """
        step = self.global_step
        stage = self.stages.at(step) if step == 0 else max(self.stages.at(step), int(self.stage))
        self.stage.fill_(stage)
        return stage

    @property
    def complete(self) -> bool:
        """Whether the last stage has begun, so that there is something to draw."""
        return int(self.stage) == len(self.stages.ends) - 1

    def check(self, wanted: SampleRequest, arrays: Arrays) -> None:
        """Refuse samples of a model whose last stage has not begun."""
        super().check(wanted, arrays)
        self.check_complete()

    def check_complete(self) -> None:
        """Refuse what needs the last stage while it has not begun.

        Raises:
            Problem: It has not (`not_trained_yet`).
        """
        if not self.complete:
            name, last = self.stage_names[int(self.stage)], len(self.stages.ends)
            raise Problem(
                Text(en=f"This model is still in stage {int(self.stage) + 1} of {last} ({name.en}) and draws nothing yet: ask again after step {self.stages.begin(last - 1):,}.",
                     hi=f"यह मॉडल अभी {last} में से चरण {int(self.stage) + 1} ({name.hi}) में है और कुछ नहीं बना सकता: स्टेप {self.stages.begin(last - 1):,} के बाद पूछें।"),
                code="not_trained_yet", field="prompt",
            )  # fmt: skip

    def moved(self) -> list[nn.Parameter]:
        """Everything that any stage trains."""
        return [value for value in self.parameters() if value.requires_grad]

    def rate(self, step: int) -> float:
        """Learning rate at a step as a share of the chosen one; it begins anew with each stage."""
        done, length = self.stages.within(step)
        of_stage: TrainingOptions = self.options.model_copy(update={"steps": length})
        return rate_at(done, of_stage)

    def move_average(self, step: int) -> None:
        """The average of what this stage trains."""
        stage = int(self.stage)
        part, begun = self.averaged_parts[stage], self.stages.begin(stage)
        if part is None or self.average is None:
            return
        if stage not in self._paired_parts:
            pair = (whole.get_submodule(part) for whole in (self.average, self.network))
            self._paired_parts[stage] = Paired.of(*pair)
        since = step - begun if step >= begun else step
        self._paired_parts[stage].update(decay_at(since, self.options.ema_decay))

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Those of the samples: what a denoiser is measured against depends on what earlier stages have yet to learn."""
        ruler = self._ruler(dataset)
        best = Text(en="best linear denoiser", hi="सबसे अच्छा रेखीय डीनॉइज़र")
        return [
            *evaluation.sample_lines(self, ruler),
            *self.match(ruler).lines(),
            ReferenceLine("eps_mse_ratio", 1.0, best),
        ]

    def _ruler(self, dataset: Dataset) -> evaluation.Ruler:
        if self._ruled_stage != int(self.stage):
            self._held_ruler, self._ruled_stage = None, int(self.stage)
        return super()._ruler(dataset)
