"""Denoising diffusion probabilistic models: arXiv:2006.11239, with the objectives eps, x0 and v (arXiv:2202.00512).

A network learns to tell noise from data at every noise level; run backwards from pure noise it draws new data.
Training (algorithm 1): x_t = sqrt(ab_t) x_0 + sqrt(1 - ab_t) eps for random t; minimise the squared error of the
network's output against eps, x_0 or v, equally at every t (L_simple, equation 14) or weighted by the signal-to-noise ratio.
"""

from __future__ import annotations

from typing import Literal

from data.catalog import Config, Dataset, MethodCard, option
from data.text import Text
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.measures.metrics import METRICS
from lightning_modules.diffusion.parts.networks import DenoiserOptions, denoiser_network
from lightning_modules.diffusion.parts.presets import DENOISER_PRESETS
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions


class _Process(Config):
    """The process and what is learned of it; these fields come first in the form."""

    objective: Literal["eps", "x0", "v"] = option(
        "v",
        title=Text(en="The network predicts", hi="नेटवर्क क्या बताए"),
        help=Text(en="The noise ε, as in the first paper; the clean data x₀; or v = √ᾱ·ε − √(1−ᾱ)·x₀, which stays well scaled at every noise level.",
                  hi="नॉइज़ ε, जैसा पहले पेपर में; साफ़ डेटा x₀; या v = √ᾱ·ε − √(1−ᾱ)·x₀, जिसका पैमाना हर नॉइज़ लेवल पर ठीक रहता है।"),
        labels={"eps": Text(en="the noise (ε)", hi="नॉइज़ (ε)"), "x0": Text(en="the clean data (x₀)", hi="साफ़ डेटा (x₀)"),
                "v": Text(en="the velocity (v)", hi="वेग (v)")},
        source="arXiv:2202.00512, section 4",
    )  # fmt: skip
    noise_schedule: Literal["cosine", "linear", "sigmoid"] = option(
        "cosine",
        title=Text(en="Noise schedule", hi="नॉइज़ शेड्यूल"),
        help=Text(en="How the share of signal ᾱ falls from 1 to 0. Cosine keeps small images recognisable for longer.",
                  hi="सिग्नल का हिस्सा ᾱ 1 से 0 तक कैसे घटे। कोसाइन में छोटी तस्वीरें देर तक पहचानी जाती हैं।"),
        labels={"cosine": Text(en="Cosine", hi="कोसाइन"), "linear": Text(en="Linear", hi="सीधी रेखा"),
                "sigmoid": Text(en="Sigmoid", hi="सिग्मॉइड")},
        source="arXiv:2102.09672, equation 17",
    )  # fmt: skip
    noise_steps: int = option(
        1000, ge=10, le=10_000, unit="steps", symbol="T", advanced=True,
        title=Text(en="Noise steps", hi="नॉइज़ स्टेप"),
        help=Text(en="Steps from clean data to pure noise. The linear schedule is rescaled so that no signal is left at the end.",
                  hi="साफ़ डेटा से पूरे नॉइज़ तक कितने स्टेप। सीधा शेड्यूल इस तरह बदला जाता है कि अंत में सिग्नल न बचे।"),
        source="arXiv:2006.11239, section 4",
    )  # fmt: skip
    weighting: Literal["simple", "min_snr", "edm"] = option(
        "simple", advanced=True,
        title=Text(en="Weight of noise levels", hi="नॉइज़ लेवल का वज़न"),
        help=Text(en="How much each noise level counts in the loss: all alike; min-SNR, w = min(SNR, 5) on the error in x₀, which often learns faster; or as in EDM.",
                  hi="लॉस में हर नॉइज़ लेवल कितना गिना जाए: सब बराबर; min-SNR, x₀ की त्रुटि पर w = min(SNR, 5), जो अक्सर जल्दी सीखता है; या EDM जैसा।"),
        labels={"simple": Text(en="All alike", hi="सब बराबर"), "min_snr": Text(en="min-SNR", hi="min-SNR वाला"),
                "edm": Text(en="EDM", hi="EDM जैसा")},
        source="arXiv:2303.09556, section 3.4",
    )  # fmt: skip


class DDPMConfig(DenoiserOptions, _Process):
    """What a person chooses about a DDPM."""


class DDPM(DenoisingMethod):
    """The module that Lightning trains."""

    def __init__(self, config: DDPMConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset,
            options,
            objective=OBJECTIVES[config.objective],
            noising=noise_schedule(config.noise_schedule, config.noise_steps),
            weighting=config.weighting,
            sigma_data=float(dataset.train.x.std()),
            use_labels=config.use_labels,
            label_dropout=config.label_dropout,
            preview_steps=config.preview_steps,
            preview_guidance=config.preview_guidance,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
        )
        self.config = config
        self.adopt(denoiser_network(config, dataset, len(self.classes)))


METHOD = MethodCard(
    name="ddpm",
    title=Text(en="DDPM: images out of noise", hi="DDPM: नॉइज़ से तस्वीरें"),
    summary=Text(
        en="Learns to remove noise step by step; run backwards from pure noise it draws new data.",
        hi="धीरे-धीरे नॉइज़ हटाना सीखता है; पूरे नॉइज़ से उल्टा चलाने पर नया डेटा बनाता है।",
    ),
    family="diffusion",
    source="J. Ho, A. Jain, P. Abbeel: Denoising Diffusion Probabilistic Models, 2020, arXiv:2006.11239",
    config=DDPMConfig,
    build=DDPM,
    accepts=("image", "points"),
    presets=DENOISER_PRESETS,
    metrics=METRICS,
)
