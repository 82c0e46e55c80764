"""Methods with several optimisers, each stepped once a batch, such as a generator and its critic.

Lightning calls this manual optimisation and then neither clips, nor schedules, nor accumulates, nor counts: `global_step`
grows with every optimiser. Here a step of the run is a batch, addressed by its number. The learning rate is a function of
that number, so there is no scheduler whose state a resume could lose.
"""

from __future__ import annotations

from typing import Any

import torch
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn

from data.text import Problem, Text
from lightning_modules.base import Method, rate_at
from lightning_modules.options import TrainingOptions


class AlternatingMethod(Method):
    """A `Method` that steps its optimisers itself, by `update`.

    Raises:
        Problem: Gradients are to be accumulated: the second optimiser would then see a first that has not moved.
    """

    def __init__(self, options: TrainingOptions) -> None:
        super().__init__(options)
        if options.accumulate > 1:
            raise Problem(
                Text(en="This method takes one batch a step; instead of accumulating gradients, make the batch larger.",
                     hi="यह मेथड एक स्टेप में एक ही बैच लेता है; ग्रेडिएंट जोड़ने के बजाय बैच बड़ा करें।"),
                code="no_accumulation", field="accumulate",
            )  # fmt: skip
        self.automatic_optimization = False

    def adam(self, network: nn.Module, betas: tuple[float, float]) -> torch.optim.Optimizer:
        """AdamW without decay over one network, at the run's learning rate; the schedule is applied by `update`."""
        rate = self.options.learning_rate
        group = {"params": list(network.parameters()), "initial_lr": rate}
        fused = self.options.precision != "16-mixed"  # a fused step cannot be clipped under loss scaling
        return torch.optim.AdamW([group], lr=rate, betas=betas, weight_decay=0.0, fused=fused)

    def update(self, optimizer: LightningOptimizer, loss: Tensor, step: int) -> None:
        """One step of one optimiser down `loss`, at the learning rate that belongs to batch number `step`."""
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * rate_at(step, self.options)
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()

    def both_optimizers(self) -> tuple[LightningOptimizer, LightningOptimizer]:
        """The two optimisers, in the order in which `configure_optimizers` returns them."""
        found = self.optimizers()
        assert isinstance(found, list)
        first, second = found
        assert isinstance(first, LightningOptimizer) and isinstance(second, LightningOptimizer)
        return first, second

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip: Lightning calls this after it has taken the loss scale off, and before the step."""
        if self.options.gradient_clip:
            self.clip_gradients(optimizer, self.options.gradient_clip, "norm")

    def configure_optimizers(self) -> Any:
        """The optimisers, made with `adam`."""
        raise NotImplementedError
