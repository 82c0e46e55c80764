"""Latent diffusion (Stable Diffusion), arXiv:2112.10752: a picture is made small by an autoencoder, and denoised there.

Stage 1 trains the autoencoder: reconstruction error a pixel + weight · KL(q(z|x) || N(0, I)) a pixel. Stage 2 freezes it and
trains a U-Net on x_0 = scale · z, scale = 1 / std(z) over the training data (section 3.3 and appendix G), which attends to
the tokens of the caption. Notation: z [batch, 4, height / 4, width / 4].
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Dataset, MethodCard, MetricCard, Preset, ReferenceLine, Split, option
from data.text import Problem, Text
from lightning_modules import quality
from lightning_modules.base import Picture, Shown
from lightning_modules.blocks.autoencoder import FACTOR, Autoencoder
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.measures.caption_match import PROMPT_METRICS
from lightning_modules.diffusion.measures.fidelity import psnr
from lightning_modules.diffusion.parts.prompts import PromptedOptions
from lightning_modules.diffusion.parts.training_stages import StagedMethod, Stages
from lightning_modules.options import TrainingOptions

_BATCH = 256
_SHOWN = 24


class LatentDiffusionConfig(PromptedOptions):
    """What a person chooses about latent diffusion."""

    autoencoder_share: float = option(
        0.35, gt=0, lt=1,
        title=Text(en="Share of the autoencoder", hi="ऑटोएनकोडर का हिस्सा"),
        help=Text(en="Share of the training steps that go to the autoencoder, before the denoiser begins.",
                  hi="ट्रेनिंग के कितने स्टेप ऑटोएनकोडर को मिलें, डीनॉइज़र शुरू होने से पहले।"),
    )  # fmt: skip
    autoencoder_channels: int = option(
        32, ge=8, le=512, unit="channels", advanced=True,
        title=Text(en="Channels of the autoencoder", hi="ऑटोएनकोडर के चैनल"),
        help=Text(en="Its width at half the size of the picture; twice as many at a quarter.",
                  hi="तस्वीर के आधे आकार पर उसकी चौड़ाई; चौथाई पर दोगुनी।"),
    )  # fmt: skip
    latent_channels: int = option(
        4, ge=1, le=32, unit="channels", advanced=True,
        title=Text(en="Channels of the latent", hi="लेटेंट के चैनल"),
        help=Text(en="Numbers kept for each square of 4×4 pixels: more keep more detail and are harder to denoise.",
                  hi="हर 4×4 पिक्सेल के लिए कितनी संख्याएँ रखी जाएँ: ज़्यादा से बारीकी बचती है, पर नॉइज़ हटाना कठिन होता है।"),
        source="arXiv:2112.10752, table 8",
    )  # fmt: skip
    reconstruction: Literal["l1", "l2"] = option(
        "l1", advanced=True,
        title=Text(en="Reconstruction error", hi="वापस बनी तस्वीर की त्रुटि"),
        help=Text(en="Mean absolute error keeps edges sharper, squared error gives the best PSNR.",
                  hi="औसत निरपेक्ष त्रुटि से किनारे साफ़ रहते हैं, वर्ग त्रुटि से PSNR सबसे अच्छा।"),
        labels={"l1": Text(en="absolute", hi="निरपेक्ष"), "l2": Text(en="squared", hi="वर्ग")},
    )  # fmt: skip
    kl_weight: float = option(
        1e-4, ge=0, le=10, advanced=True,
        title=Text(en="Weight of the KL", hi="KL का वज़न"),
        help=Text(en="How strongly latents are pulled towards a standard normal distribution: too much blurs, too little scatters them.",
                  hi="लेटेंट को मानक सामान्य वितरण की ओर कितना खींचा जाए: ज़्यादा से धुंधला, कम से बिखराव।"),
        source="arXiv:2112.10752, section 3.1",
    )  # fmt: skip


class LatentDiffusion(StagedMethod):
    """The module that Lightning trains."""

    averaged_parts: ClassVar[tuple[str | None, ...]] = (None, "")
    stage_names: ClassVar[tuple[Text, ...]] = (
        Text(en="autoencoder", hi="ऑटोएनकोडर"),
        Text(en="denoiser", hi="डीनॉइज़र"),
    )
    scale: Tensor

    def __init__(self, config: LatentDiffusionConfig, dataset: Dataset, options: TrainingOptions) -> None:
        colours, height, width = dataset.shape
        if height % FACTOR or width % FACTOR:
            raise Problem(
                Text(en=f"Latent diffusion needs pictures whose sides divide by {FACTOR}; these are {width}×{height}.",
                     hi=f"लेटेंट डिफ़्यूज़न को ऐसी तस्वीरें चाहिए जिनकी भुजाएँ {FACTOR} से बँटें; ये {width}×{height} हैं।"),
                code="sides_do_not_divide", field="dataset",
            )  # fmt: skip
        shape = (config.latent_channels, height // FACTOR, width // FACTOR)
        super().__init__(config, dataset, options, shape=shape)
        self.config = config
        self.begin_stages(Stages.shared([config.autoencoder_share], options.steps))
        self.register_buffer("scale", torch.zeros(()))
        self.autoencoder = Autoencoder(colours, channels=config.autoencoder_channels, latent=config.latent_channels)
        self._train = dataset.train
        self._shown = torch.from_numpy(np.ascontiguousarray(dataset.test.x[:_SHOWN]))
        unet = UNetShape(
            shape, channels=config.channels, multipliers=(1, 2), blocks=config.blocks, text=self.text_width
        )  # fmt: skip
        self.adopt(UNet(unet))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The autoencoder's loss in stage 1, the denoiser's in stage 2."""
        if self.in_stage() == 1:
            if self.scale == 0:
                self.scale.fill_(self.measured_scale())
            return super().training_step(batch, batch_idx)
        self.scale.zero_()  # a run may begin with the weights of another
        items, _ = batch
        posterior = self.autoencoder.encode(items)
        error = F.l1_loss if self.config.reconstruction == "l1" else F.mse_loss
        reconstruction = error(self.autoencoder.decode(posterior.sample()), items)
        kl = posterior.kl().mean()
        loss = reconstruction + self.config.kl_weight * kl / items[0].numel()
        self.log("loss", loss.detach())
        self.log("kl", kl.detach())
        return loss

    @torch.no_grad()
    def measured_scale(self) -> float:
        """1 / std of the latents of the training data: variance of their means and mean of their variances."""
        count, total, squares = 0, 0.0, 0.0
        for first in range(0, len(self._train), _BATCH):
            items = torch.from_numpy(self._train.x[first : first + _BATCH]).to(self.device)
            posterior = self.autoencoder.encode(items)
            mean = posterior.mean.double()
            count += mean.numel()
            total += float(mean.sum())
            squares += float((mean.square() + posterior.log_variance.double().exp()).sum())
        return 1 / math.sqrt(max(squares / count - (total / count) ** 2, 1e-12))

    @torch.no_grad()
    def encode(self, items: Tensor) -> Tensor:
        """Scaled latents [n, *shape]: drawn while training, their means otherwise."""
        posterior = self.autoencoder.encode(items)
        return self.scale * (posterior.sample() if self.training else posterior.mean)

    @torch.no_grad()
    def decode(self, x: Tensor) -> Tensor:
        """Pictures [n, *data shape] in [-1, 1]."""
        pictures: Tensor = self.autoencoder.decode(x / self.scale).clamp(-1, 1)
        return pictures

    def reconstructed(self, items: Tensor) -> Tensor:
        """Pictures through the autoencoder and back."""
        return self.autoencoder.decode(self.autoencoder.encode(items).mean).clamp(-1, 1)

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """How well pictures come back; once the denoiser learns, also what every denoiser is measured by."""
        found = {"psnr": self._psnr(dataset.test), "train_psnr": self._psnr(dataset.train)}
        return found | super().evaluate(dataset) if self.complete else found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """And what as many principal components reach."""
        numbers = math.prod(self.shape)
        train, test = quality.flat(dataset.train.x[:2000]), quality.flat(dataset.test.x[:2000])
        line = quality.PrincipalComponents.of(train, min(numbers, len(train) - 1))
        back = np.clip(line.mean + line.project(test) @ line.directions.T, -1, 1)
        label = Text(en=f"{line.directions.shape[1]} principal components", hi=f"{line.directions.shape[1]} मुख्य घटक")
        return [*super().reference_lines(dataset), ReferenceLine("psnr", _mean_psnr(back, test), label)]

    def pictures(self) -> list[Shown]:
        """Held-out pictures above what comes back of them; once the denoiser learns, its samples as well."""
        back = self.reconstructed(self._shown.to(self.device)).cpu().numpy()
        rows = np.concatenate(
            [
                np.stack([self._shown.numpy(), back])[:, k : k + 8].reshape(-1, *back.shape[1:])
                for k in range(0, len(back), 8)
            ]
        )
        columns = min(8, len(back))
        caption = Text(
            en="Held-out pictures, and below each what the autoencoder makes of it",
            hi="अलग रखी तस्वीरें, और हर एक के नीचे ऑटोएनकोडर ने उससे क्या बनाया",
        )
        shown: list[Shown] = [Picture("reconstructions", gallery.image_grid(rows, columns), caption)]
        return [*super().pictures(), *shown] if self.complete else shown

    def _psnr(self, split: Split) -> float:
        items = split.x[:500]
        back = self.reconstructed(torch.from_numpy(items).to(self.device)).cpu().numpy()
        return _mean_psnr(back, items)


def _mean_psnr(found: npt.NDArray[np.floating[Any]], true: npt.NDArray[np.floating[Any]]) -> float:
    """In dB, of pictures [n, ...]."""
    return float(psnr(torch.from_numpy(found), torch.from_numpy(true)).mean())


_QUICK = {
    "steps": 200,
    "batch_size": 16,
    "learning_rate": 3e-3,
    "ema_decay": 0.98,
    "channels": 32,
    "autoencoder_channels": 16,
    "quality_samples": 48,
    "preview_steps": 10,
    "evaluate_every": 100,
    "sample_every": 50,
    "checkpoint_every": 50,
}
_CAREFUL = {
    "steps": 1200,
    "batch_size": 24,
    "learning_rate": 3e-3,
    "optimizer": "muon",
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.998,
    "evaluate_every": 400,
    "sample_every": 200,
    "checkpoint_every": 200,
}
_LARGE = {
    "steps": 100_000,
    "batch_size": 128,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 128,
    "blocks": 2,
    "autoencoder_channels": 64,
    "quality_samples": 5000,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}

METHOD = MethodCard(
    name="latent_diffusion",
    title=Text(en="Latent diffusion: pictures from words, made small first", hi="लेटेंट डिफ़्यूज़न: शब्दों से तस्वीर, पहले छोटी करके"),
    summary=Text(
        en="An autoencoder makes pictures small, a denoiser that reads the prompt draws there: the way of Stable Diffusion.",
        hi="ऑटोएनकोडर तस्वीर को छोटा करता है, प्रॉम्प्ट पढ़ने वाला डीनॉइज़र वहीं बनाता है: Stable Diffusion का तरीका।",
    ),
    family="prompts",
    source="R. Rombach et al.: High-Resolution Image Synthesis with Latent Diffusion Models, 2021, arXiv:2112.10752",
    config=LatentDiffusionConfig,
    build=LatentDiffusion,
    accepts=("image",),
    presets=(Preset("tiny", _QUICK), Preset("small", _CAREFUL), Preset("base", _LARGE)),
    metrics=(
        *PROMPT_METRICS,
        MetricCard(
            "psnr",
            Text(en="Held-out pictures through the autoencoder", hi="अलग रखी तस्वीरें ऑटोएनकोडर से गुज़रकर"),
            Text(en="Peak signal-to-noise ratio of what comes back: no sample can be sharper than this.",
                 hi="वापस मिली तस्वीर का पीक सिग्नल-टू-नॉइज़ अनुपात: कोई सैंपल इससे साफ़ नहीं हो सकता।"),
            better="higher", unit="dB",
        ),
        MetricCard(
            "train_psnr",
            Text(en="The same on training pictures", hi="वही ट्रेनिंग की तस्वीरों पर"),
            Text(en="Far above the held-out ones means that the autoencoder knows its pictures by heart.",
                 hi="अलग रखी तस्वीरों से बहुत ऊपर हो तो ऑटोएनकोडर ने तस्वीरें रट ली हैं।"),
            better="higher", unit="dB",
        ),
        MetricCard(
            "kl",
            Text(en="KL of the latents", hi="लेटेंट का KL"),
            Text(en="How far the latents of a picture are from a standard normal distribution, in nats a picture.",
                 hi="एक तस्वीर के लेटेंट मानक सामान्य वितरण से कितने दूर हैं, प्रति तस्वीर nats में।"),
            better="lower", unit="nat",
        ),
    ),
    needs_captions=True,
    answers=("words",),
)  # fmt: skip
