"""Denoising diffusion probabilistic models: arXiv:2006.11239, with the objectives eps and v (arXiv:2202.00512).

A network learns to tell noise from data at every noise level; run backwards from pure noise it draws new data.
Training (algorithm 1): x_t = sqrt(ab_t) x_0 + sqrt(1 - ab_t) eps for random t; minimise the squared error of the
network's output against eps or v, equally at every t (L_simple, equation 14). Noise levels are drawn spread evenly over
the batch (arXiv:2107.00630, appendix I.1), which makes the loss less noisy and changes nothing in expectation.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Config, Dataset, MethodCard, Preset, ReferenceLine, option
from data.text import Problem, Text
from lightning_modules.blocks.mlp import PointDenoiser
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion import evaluation
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.metrics import METRICS
from lightning_modules.diffusion.objectives import target
from lightning_modules.diffusion.schedule import noise_schedule
from lightning_modules.options import TrainingOptions

_MULTIPLIERS = (1, 2, 3, 4)


class DDPMConfig(Config):
    """What a person chooses about a DDPM."""

    objective: Literal["eps", "v"] = option(
        "v",
        title=Text(en="The network predicts", hi="नेटवर्क क्या बताए"),
        help=Text(en="The noise ε, as in the first paper, or v = √ᾱ·ε − √(1−ᾱ)·x₀, which stays well scaled at every noise level.",
                  hi="नॉइज़ ε, जैसा पहले पेपर में, या v = √ᾱ·ε − √(1−ᾱ)·x₀, जिसका पैमाना हर नॉइज़ लेवल पर ठीक रहता है।"),
        labels={"eps": Text(en="the noise (ε)", hi="नॉइज़ (ε)"), "v": Text(en="the velocity (v)", hi="वेग (v)")},
        source="arXiv:2202.00512, section 4",
    )  # fmt: skip
    noise_schedule: Literal["cosine", "linear"] = option(
        "cosine",
        title=Text(en="Noise schedule", hi="नॉइज़ शेड्यूल"),
        help=Text(en="How the share of signal ᾱ falls from 1 to 0. Cosine keeps small images recognisable for longer.",
                  hi="सिग्नल का हिस्सा ᾱ 1 से 0 तक कैसे घटे। कोसाइन में छोटी तस्वीरें देर तक पहचानी जाती हैं।"),
        labels={"cosine": Text(en="Cosine", hi="कोसाइन"), "linear": Text(en="Linear", hi="सीधी रेखा")},
        source="arXiv:2102.09672, equation 17",
    )  # fmt: skip
    noise_steps: int = option(
        1000, ge=10, le=10_000, unit="steps", symbol="T", advanced=True,
        title=Text(en="Noise steps", hi="नॉइज़ स्टेप"),
        help=Text(en="Steps from clean data to pure noise. The linear schedule is rescaled so that no signal is left at the end.",
                  hi="साफ़ डेटा से पूरे नॉइज़ तक कितने स्टेप। सीधा शेड्यूल इस तरह बदला जाता है कि अंत में सिग्नल न बचे।"),
        source="arXiv:2006.11239, section 4",
    )  # fmt: skip
    channels: int = option(
        32, ge=8, le=512, unit="channels", kinds=("image",),
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Width of the U-Net at full resolution; deeper levels have 2, 3 and 4 times as many.",
                  hi="पूरे रिज़ॉल्यूशन पर U-Net की चौड़ाई; गहरे स्तरों पर 2, 3 और 4 गुना।"),
    )  # fmt: skip
    levels: int = option(
        2, ge=1, le=4, unit="levels", advanced=True, kinds=("image",),
        title=Text(en="Levels", hi="स्तर"),
        help=Text(en="Resolutions the U-Net works at, each half the one above.", hi="U-Net कितने रिज़ॉल्यूशन पर काम करे; हर स्तर पिछले का आधा।"),
    )  # fmt: skip
    blocks: int = option(
        1, ge=1, le=4, unit="blocks", advanced=True, kinds=("image",),
        title=Text(en="Blocks a level", hi="हर स्तर पर ब्लॉक"),
        help=Text(en="Residual blocks at each level on the way down.", hi="नीचे जाते समय हर स्तर पर कितने रेज़िड्युअल ब्लॉक।"),
    )  # fmt: skip
    attention: str = option(
        "", max_length=40, pattern=r"^(\d{1,3}(,\d{1,3})*)?$", unit="px", advanced=True, kinds=("image",),
        title=Text(en="Attention at", hi="अटेंशन कहाँ"),
        help=Text(en="Feature-map heights with self-attention, such as 4,7; the narrowest level always has it.",
                  hi="फ़ीचर मैप की वे ऊँचाइयाँ जहाँ सेल्फ़-अटेंशन हो, जैसे 4,7; सबसे छोटे स्तर पर हमेशा होता है।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    patch: int = option(
        1, ge=1, le=8, unit="px", advanced=True, kinds=("image",),
        title=Text(en="Patch size", hi="पैच का आकार"),
        help=Text(en="The image enters as patches of this size: faster, a little coarser. Must divide height and width.",
                  hi="तस्वीर इस आकार के टुकड़ों में जाती है: तेज़, थोड़ा मोटा। ऊँचाई और चौड़ाई इससे पूरी बँटनी चाहिए।"),
    )  # fmt: skip
    dropout: float = option(
        0.0, ge=0, lt=1, advanced=True, kinds=("image",),
        title=Text(en="Dropout", hi="ड्रॉपआउट"),
        help=Text(en="Share of features switched off at random while training; works against memorising.",
                  hi="ट्रेनिंग में कितने फ़ीचर यूँ ही बंद रहें; रट लेने से बचाता है।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    width: int = option(
        128, ge=8, le=2048, unit="units", kinds=("points",),
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Units of each layer of the network for points.", hi="बिंदुओं वाले नेटवर्क की हर परत में कितनी इकाइयाँ।"),
    )  # fmt: skip
    layers: int = option(
        3, ge=1, le=16, unit="layers", advanced=True, kinds=("points",),
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Layers of the network for points.", hi="बिंदुओं वाले नेटवर्क की परतें।"),
    )  # fmt: skip
    use_labels: bool = option(
        True, advanced=True,
        title=Text(en="Use the labels", hi="लेबल काम में लें"),
        help=Text(en="Tell the network the class, where the data has classes; then a class can be asked for.",
                  hi="डेटा में क्लास हों तो नेटवर्क को बताएँ; फिर किसी एक क्लास के सैंपल माँगे जा सकते हैं।"),
    )  # fmt: skip
    label_dropout: float = option(
        0.1, ge=0, le=1, advanced=True,
        title=Text(en="Hidden labels", hi="छिपे लेबल"),
        help=Text(en="Share of the items whose class is hidden while training, so that samples can be guided later.",
                  hi="ट्रेनिंग में कितने आइटम की क्लास छिपाई जाए, ताकि बाद में सैंपल को दिशा दी जा सके।"),
        source="arXiv:2207.12598, algorithm 1",
    )  # fmt: skip
    quality_samples: int = option(
        500, ge=0, le=50_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Samples drawn at every evaluation to measure quality; 0 leaves it out, 32 or more make sense.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने सैंपल; 0 से यह जाँच बंद, 32 या ज़्यादा ठीक हैं।"),
    )  # fmt: skip
    preview_steps: int = option(
        25, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="DDIM steps for the pictures and the quality measures of this run.", hi="इस रन की तस्वीरों और जाँच के लिए DDIM के स्टेप।"),
        source="arXiv:2010.02502, table 1",
    )  # fmt: skip


class DDPM(DenoisingMethod):
    """The module that Lightning trains."""

    def __init__(self, config: DDPMConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset,
            options,
            objective=config.objective,
            noising=noise_schedule(config.noise_schedule, config.noise_steps),
            use_labels=config.use_labels,
            preview_steps=config.preview_steps,
        )
        self.config = config
        self.adopt(_network(config, dataset, len(self.classes)))
        self._held_ruler: evaluation.Ruler | None = None

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Algorithm 1 of arXiv:2006.11239: x [batch, *shape], y [batch] -> the loss."""
        x0, y = batch
        t = self._spread_levels(len(x0), x0.device)
        noise = torch.randn_like(x0)
        signal, level = self.noising.signal_and_noise(t, x0)
        output = self.network(signal * x0 + level * noise, self.time_of(t), self._partly_hidden(y))
        loss = F.mse_loss(output, target(self.objective, x0, noise, signal, level))
        self.log("loss", loss.detach())
        return loss

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Denoising errors, and the quality of some samples."""
        ruler = self._ruler(dataset)
        found = evaluation.denoising_metrics(self, ruler)
        if self.config.quality_samples:
            count, steps = self.config.quality_samples, self.config.preview_steps
            found |= evaluation.sample_metrics(self, ruler, count=count, steps=steps)
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Best linear denoiser, memoriser, real against real."""
        return evaluation.reference_lines(self, self._ruler(dataset))

    def _ruler(self, dataset: Dataset) -> evaluation.Ruler:
        if self._held_ruler is None or self._held_ruler.dataset is not dataset:
            self._held_ruler = evaluation.Ruler(dataset, self.noising)
        return self._held_ruler

    def _spread_levels(self, count: int, device: torch.device) -> Tensor:
        """Noise steps [count] spread evenly over 0..T-1 from a random start, in random order."""
        spread = (torch.randperm(count, device=device) + torch.rand((), device=device)) / count
        return (spread * self.noising.steps).long().clamp(max=self.noising.steps - 1)

    def _partly_hidden(self, y: Tensor) -> Tensor | None:
        if not self.classes:
            return None
        hidden = torch.rand(len(y), device=y.device) < self.config.label_dropout
        return torch.where(hidden, len(self.classes), y)


def _network(config: DDPMConfig, dataset: Dataset, classes: int) -> torch.nn.Module:
    if dataset.kind == "points":
        return PointDenoiser(dataset.shape[0], width=config.width, layers=config.layers, classes=classes)
    colours, height, width = dataset.shape
    if height % config.patch or width % config.patch:
        raise Problem(
            Text(
                en=f"Images of {height}×{width} pixels do not divide into patches of {config.patch}.",
                hi=f"{height}×{width} पिक्सेल की तस्वीरें {config.patch} के पैच में पूरी नहीं बँटतीं।",
            ),
            code="patch_does_not_divide",
            field="patch",
        )
    shape = UNetShape(
        (colours, height, width),
        channels=config.channels,
        multipliers=_MULTIPLIERS[: config.levels],
        blocks=config.blocks,
        attention=tuple(int(size) for size in config.attention.split(",") if size),
        dropout=config.dropout,
        patch=config.patch,
        classes=classes,
    )
    network = UNet(shape)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
    return network


_QUICK: dict[str, Any] = {
    "learning_rate": 2e-3,
    "quality_samples": 200,
    "preview_steps": 15,
    "evaluate_every": 50,
    "sample_every": 25,
    "checkpoint_every": 50,
}
_CAREFUL: dict[str, Any] = {
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.998,
    "evaluate_every": 250,
}
_LARGE: dict[str, Any] = {
    "batch_size": 128,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 128,
    "quality_samples": 5000,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}
_LARGER_IMAGES: dict[str, Any] = {
    "patch": 2,
    "learning_rate": 3e-3,
    "ema_decay": 0.98,
    "quality_samples": 150,
    "evaluate_every": 120,
    "sample_every": 30,
}
"""A tiny run on images of 28 pixels and more: fewer looks, a shorter average."""
_POINTS: dict[str, Any] = {"batch_size": 512, "use_labels": False, "quality_samples": 2000}
"""Labels would tell the model where the clouds are; without them it has to find all of them."""


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
    presets=(
        Preset("tiny", {**_QUICK, "steps": 150, "channels": 16, "patch": 1}, kinds=("image",)),
        Preset("small", {**_CAREFUL, "steps": 1000, "patch": 1}, kinds=("image",)),
        Preset("base", {**_LARGE, "steps": 100_000, "levels": 3, "blocks": 2, "attention": "8,16"}, kinds=("image",)),
        Preset("tiny", {**_QUICK, **_LARGER_IMAGES, "steps": 120}, datasets=("mnist", "image_folder")),
        Preset(
            "small",
            {"steps": 400, "patch": 2, "evaluate_every": 100, "quality_samples": 200},
            datasets=("mnist", "image_folder"),
        ),
        Preset("base", {"attention": "7,14"}, datasets=("mnist",)),
        Preset(
            "tiny",
            {**_QUICK, **_LARGER_IMAGES, "steps": 80, "evaluate_every": 80, "sample_every": 20, "quality_samples": 50},
            datasets=("emoji", "mnist_captions", "photos"),
        ),
        Preset(
            "tiny",
            {
                **_QUICK,
                **_LARGER_IMAGES,
                "steps": 80,
                "evaluate_every": 80,
                "sample_every": 20,
                "quality_samples": 50,
                "patch": 4,
            },
            datasets=("faces",),
        ),
        Preset(
            "small",
            {"steps": 400, "patch": 2, "evaluate_every": 200, "quality_samples": 100},
            datasets=("emoji", "mnist_captions", "photos"),
        ),
        Preset("small", {"steps": 600, "patch": 4, "evaluate_every": 300, "quality_samples": 100}, datasets=("faces",)),
        Preset("base", {"attention": "7,14"}, datasets=("mnist_captions", "faces")),
        Preset(
            "tiny", {**_QUICK, **_POINTS, "steps": 500, "evaluate_every": 100, "sample_every": 50}, kinds=("points",)
        ),
        Preset("small", {**_CAREFUL, **_POINTS, "steps": 4000, "evaluate_every": 500}, kinds=("points",)),
        Preset("base", {**_LARGE, **_POINTS, "steps": 20_000, "batch_size": 4096, "width": 256}, kinds=("points",)),
    ),
    metrics=METRICS,
)
