"""EDM: the preconditioned denoiser of T. Karras et al., arXiv:2206.00364, table 1, last column.

x = x_0 + sigma eps with ln sigma ~ N(-1.2, 1.2²) while training; D(x) = c_skip x + c_out F(c_in x, ln(sigma) / 4), whose parts keep
input and target of the network F at unit variance; the loss lambda(sigma) |D - x_0|² is then |F - F*|². Samples fall down the
ladder of rho 7 from sigma 80 to 0.002 by Heun's method. sigma_data is the spread of the training data, measured.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from data.catalog import Dataset, MethodCard, option
from data.text import Text
from lightning_modules.blocks.conditioning import TIME_SCALE
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.measures.metrics import METRICS
from lightning_modules.diffusion.parts.networks import DenoiserOptions, denoiser_network
from lightning_modules.diffusion.parts.presets import DENOISER_PRESETS
from lightning_modules.diffusion.process.objectives import EDM as EDMObjective
from lightning_modules.diffusion.process.schedule import edm_sigmas, exploding
from lightning_modules.options import TrainingOptions

LEVELS = 1000


class EDMConfig(DenoiserOptions):
    """What a person chooses about EDM."""

    sigma_mean: float = option(
        -1.2, ge=-6, le=4, symbol="P_mean", advanced=True,
        title=Text(en="Middle of the noise levels", hi="नॉइज़ लेवल का बीच"),
        help=Text(en="Mean of ln σ while training: σ is drawn around its exponential, 0.30.", hi="ट्रेनिंग में ln σ का औसत: σ इसके घातांक, 0.30, के आसपास चुना जाता है।"),
        source="arXiv:2206.00364, table 1",
    )  # fmt: skip
    sigma_spread: float = option(
        1.2, gt=0, le=4, symbol="P_std", advanced=True,
        title=Text(en="Spread of the noise levels", hi="नॉइज़ लेवल का फैलाव"),
        help=Text(en="Standard deviation of ln σ while training.", hi="ट्रेनिंग में ln σ का मानक विचलन।"),
        source="arXiv:2206.00364, table 1",
    )  # fmt: skip


class EDM(DenoisingMethod):
    """The module that Lightning trains."""

    preview_sampler: ClassVar[str] = "heun"

    def __init__(self, config: EDMConfig, dataset: Dataset, options: TrainingOptions) -> None:
        sigma_data = float(dataset.train.x.std())
        super().__init__(
            dataset,
            options,
            objective=EDMObjective(sigma_data),
            noising=exploding(edm_sigmas(LEVELS)),
            sigma_data=sigma_data,
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
        """The t whose sigma is the quantile u of the log-normal distribution of the training."""
        normal = math.sqrt(2) * torch.erfinv(2 * u.double() - 1)
        return self.noising.t_of(torch.exp(self.config.sigma_mean + self.config.sigma_spread * normal))

    def time_of(self, t: Tensor) -> Tensor:
        """c_noise = ln(sigma) / 4, moved and stretched to 0..1000 for the sinusoids of our networks."""
        signal, level = self.noising.signal_and_noise(t, torch.empty(1, device=t.device))
        c_noise = EDMObjective.c_noise(level / signal)
        lowest, highest = (math.log(float(sigma)) / 4 for sigma in self.noising.sigmas[[0, -1]])
        return (c_noise - lowest) * (TIME_SCALE / (highest - lowest))


METHOD = MethodCard(
    name="edm",
    title=Text(en="EDM: diffusion with everything scaled right", hi="EDM: डिफ़्यूज़न, हर चीज़ सही पैमाने पर"),
    summary=Text(
        en="Keeps what enters and leaves the network at unit scale at every noise level; samples well in few steps.",
        hi="हर नॉइज़ लेवल पर नेटवर्क में आने-जाने वाली चीज़ें एक पैमाने पर रखता है; थोड़े कदमों में अच्छे सैंपल देता है।",
    ),
    family="diffusion",
    source="T. Karras, M. Aittala, T. Aila, S. Laine: Elucidating the Design Space of Diffusion-Based Generative Models, 2022, arXiv:2206.00364",
    config=EDMConfig,
    build=EDM,
    accepts=("image", "points"),
    presets=DENOISER_PRESETS,
    metrics=METRICS,
)
