"""Flow matching (arXiv:2210.02747) along straight paths, which is rectified flow (arXiv:2209.03003).

x_tau = (1 - tau) x_0 + tau eps for tau evenly in (0, 1); the network learns the velocity u = eps - x_0 in the squared error
(arXiv:2209.03003, equation 1). A sample follows the learned velocity back from tau = 1 to 0 with few, nearly straight steps.
The papers' time runs the other way, 1 - tau, and their velocity is -u.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from data.catalog import Dataset, MethodCard
from data.text import Text
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.measures.metrics import METRICS
from lightning_modules.diffusion.parts.networks import DenoiserOptions, denoiser_network
from lightning_modules.diffusion.parts.presets import DENOISER_PRESETS
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import rectified_flow
from lightning_modules.options import TrainingOptions


class FlowMatchingConfig(DenoiserOptions):
    """What a person chooses about flow matching: the path has no settings."""


class FlowMatching(DenoisingMethod):
    """The module that Lightning trains."""

    preview_sampler: ClassVar[str] = "euler"

    def __init__(self, config: FlowMatchingConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset,
            options,
            objective=OBJECTIVES["flow"],
            noising=rectified_flow(),
            use_labels=config.use_labels,
            label_dropout=config.label_dropout,
            preview_steps=config.preview_steps,
            preview_guidance=config.preview_guidance,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
        )
        self.config = config
        self.adopt(denoiser_network(config, dataset, len(self.classes)))

    def times_at(self, u: Tensor) -> Tensor:
        """Any tau, not only those of the table: t is linear in tau."""
        return u.to(torch.float64) * (self.noising.steps - 1)


METHOD = MethodCard(
    name="flow_matching",
    title=Text(en="Flow matching: straight from noise to data", hi="फ़्लो मैचिंग: नॉइज़ से डेटा तक सीधे"),
    summary=Text(
        en="Learns the velocity of a straight way between noise and data, and follows it back in few steps (rectified flow).",
        hi="नॉइज़ और डेटा के बीच के सीधे रास्ते का वेग सीखता है, और थोड़े कदमों में उस पर लौटता है (रेक्टिफ़ाइड फ़्लो)।",
    ),
    family="diffusion",
    source="Y. Lipman et al.: Flow Matching for Generative Modeling, 2022, arXiv:2210.02747; X. Liu et al.: Flow Straight and Fast, 2022, arXiv:2209.03003",
    config=FlowMatchingConfig,
    build=FlowMatching,
    accepts=("image", "points"),
    presets=DENOISER_PRESETS,
    metrics=METRICS,
)
