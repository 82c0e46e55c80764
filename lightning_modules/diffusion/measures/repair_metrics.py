"""Metrics and presets that super-resolution, colorization and filling share."""

from __future__ import annotations

from typing import Any

from data.catalog import MetricCard, Preset
from data.text import Text
from lightning_modules.diffusion.measures.metrics import METRICS

_DENOISING = tuple(card for card in METRICS if card.name in ("eps_mse", "train_eps_mse"))
_LOSS = MetricCard(
    "loss",
    Text(en="Training loss", hi="ट्रेनिंग लॉस"),
    Text(en="Mean squared error of the network's output, which has unit variance at every noise level: 1 is knowing nothing.",
         hi="नेटवर्क के आउटपुट की औसत वर्ग त्रुटि; हर नॉइज़ लेवल पर उसका प्रसरण 1 है, यानी 1 का मतलब कुछ न जानना।"),
    better="lower", headline=True, log_axis=True,
)  # fmt: skip
_PSNR = MetricCard(
    "psnr",
    Text(en="Nearness to the true picture (PSNR)", hi="असली तस्वीर से नज़दीकी (PSNR)"),
    Text(en="10 log₁₀(range² / mean squared error) of one drawn result, a mean over held-out pictures. A draw is never as near as the mean of all draws would be.",
         hi="एक बनाए गए नतीजे का 10 log₁₀(परास² / औसत वर्ग त्रुटि), अलग रखी तस्वीरों पर औसत। एक सैंपल कभी उतना पास नहीं होता जितना सभी सैंपलों का औसत।"),
    better="higher", headline=True, unit="dB",
)  # fmt: skip
_PSNR_HOLE = MetricCard(
    "psnr",
    Text(en="Nearness of the filled part (PSNR)", hi="भरे हिस्से की नज़दीकी (PSNR)"),
    Text(en="10 log₁₀(range² / mean squared error) over the painted pixels alone, a mean over held-out pictures. There are many right ways to fill.",
         hi="सिर्फ़ रंगे पिक्सेल पर 10 log₁₀(परास² / औसत वर्ग त्रुटि), अलग रखी तस्वीरों पर औसत। भरने के कई सही तरीके होते हैं।"),
    better="higher", headline=True, unit="dB",
)  # fmt: skip
_SSIM = MetricCard(
    "ssim",
    Text(en="Likeness of structure (SSIM)", hi="बनावट की समानता (SSIM)"),
    Text(en="Structural similarity, Gaussian window of 11 pixels; 1 for equal pictures.", hi="स्ट्रक्चरल समानता, 11 पिक्सेल की गाउसी खिड़की; एक जैसी तस्वीरों पर 1।"),
    better="higher", headline=True,
)  # fmt: skip
_COLOURFULNESS = MetricCard(
    "colourfulness",
    Text(en="Colourfulness", hi="रंगीनी"),
    Text(en="Hasler and Süsstrunk's measure: 0 is grey, 15 slight, 45 moderate; compare with that of the true pictures.",
         hi="हैसलर और ज़ूसश्ट्रुंक का माप: 0 धूसर, 15 हल्का, 45 मध्यम; असली तस्वीरों से मिलाएँ।"),
)  # fmt: skip

IMAGE_METRICS = (_LOSS, _PSNR, _SSIM, *_DENOISING)
COLOUR_METRICS = (_LOSS, _PSNR, _SSIM, _COLOURFULNESS, *_DENOISING)
INPAINT_METRICS = (_LOSS, _PSNR_HOLE, _SSIM, *_DENOISING)

_TINY: dict[str, Any] = {
    "steps": 150,
    "batch_size": 32,
    "learning_rate": 2e-3,
    "ema_decay": 0.98,
    "channels": 16,
    "quality_samples": 32,
    "evaluate_every": 75,
    "sample_every": 50,
    "checkpoint_every": 50,
}
_SMALL: dict[str, Any] = {
    "steps": 1200,
    "batch_size": 32,
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.995,
    "evaluate_every": 300,
    "sample_every": 200,
}
_BASE: dict[str, Any] = {
    "steps": 100_000,
    "batch_size": 64,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 64,
    "levels": 3,
    "blocks": 2,
    "quality_samples": 500,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}
_LARGER = ("mnist", "image_folder", "mnist_captions", "emoji", "faces", "photos")
"""Data sets of 24 pixels and more, which enter as patches of 2."""

REPAIR_PRESETS = (
    Preset("tiny", _TINY),
    Preset("small", _SMALL),
    Preset("base", _BASE),
    Preset("tiny", {"patch": 2, "steps": 100, "evaluate_every": 50, "quality_samples": 16}, datasets=_LARGER),
    Preset(
        "small",
        {"patch": 2, "steps": 800, "batch_size": 16, "learning_rate": 3e-3, "optimizer": "muon", "evaluate_every": 400},
        datasets=_LARGER,
    ),
)
