"""Training options common to all methods. Importing this does not import torch."""

from __future__ import annotations

from typing import Literal

from data.catalog import Config, option
from data.text import Text


class TrainingOptions(Config):
    """How long, how fast and how carefully any method trains."""

    steps: int = option(
        1000, ge=1, le=10_000_000, unit="steps",
        title=Text(en="Steps", hi="स्टेप"),
        help=Text(en="Optimiser steps to train for.", hi="कितने ऑप्टिमाइज़र स्टेप तक ट्रेनिंग चले।"),
    )  # fmt: skip
    batch_size: int = option(
        64, ge=1, le=65_536, unit="items",
        title=Text(en="Batch size", hi="बैच साइज़"),
        help=Text(en="Items the model sees in one step.", hi="एक स्टेप में मॉडल कितने आइटम देखता है।"),
    )  # fmt: skip
    learning_rate: float = option(
        1e-3, gt=0, le=10,
        title=Text(en="Learning rate", hi="लर्निंग रेट"), symbol="η",
        help=Text(en="Size of an optimiser step (AdamW).", hi="ऑप्टिमाइज़र (AdamW) के एक कदम का आकार।"),
        source="arXiv:1711.05101",
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same result, to the last bit.", hi="एक ही सीड, हर बार बिल्कुल वही नतीजा।"),
    )  # fmt: skip
    schedule: Literal["constant", "cosine", "linear"] = option(
        "constant", advanced=True,
        title=Text(en="Learning-rate schedule", hi="लर्निंग रेट शेड्यूल"),
        help=Text(en="How the learning rate falls after the warm-up.", hi="वार्म-अप के बाद लर्निंग रेट कैसे घटे।"),
        labels={"constant": Text(en="Constant", hi="स्थिर"), "cosine": Text(en="Cosine to zero", hi="कोसाइन से शून्य तक"),
                "linear": Text(en="Linear to zero", hi="सीधी रेखा से शून्य तक")},
        source="arXiv:1608.03983",
    )  # fmt: skip
    warmup_steps: int = option(
        0, ge=0, le=1_000_000, unit="steps", advanced=True,
        title=Text(en="Warm-up", hi="वार्म-अप"),
        help=Text(en="Steps over which the learning rate rises linearly from zero.", hi="इतने स्टेप में लर्निंग रेट शून्य से सीधा बढ़ता है।"),
    )  # fmt: skip
    gradient_clip: float = option(
        1.0, ge=0, le=1e6, advanced=True,
        title=Text(en="Gradient clipping", hi="ग्रेडिएंट क्लिपिंग"),
        help=Text(en="Largest gradient norm; 0 switches clipping off.", hi="ग्रेडिएंट का सबसे बड़ा नॉर्म; 0 से क्लिपिंग बंद।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    accumulate: int = option(
        1, ge=1, le=1024, unit="batches", advanced=True,
        title=Text(en="Gradient accumulation", hi="ग्रेडिएंट एक्युमुलेशन"),
        help=Text(en="Batches summed into one optimiser step.", hi="एक ऑप्टिमाइज़र स्टेप में कितने बैच जोड़े जाएँ।"),
    )  # fmt: skip
    ema_decay: float = option(
        0.995, ge=0, lt=1, advanced=True,
        title=Text(en="Weight averaging (EMA)", hi="वेट का औसत (EMA)"),
        help=Text(en="Decay of the moving average of the weights that samples are drawn with; 0 switches it off.",
                  hi="वेट के चलते औसत का डिके; सैंपल इसी औसत से बनते हैं; 0 से बंद।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    precision: Literal["32", "bf16-mixed", "16-mixed"] = option(
        "32", advanced=True,
        title=Text(en="Precision", hi="प्रिसिज़न"),
        help=Text(en="Number format of the arithmetic. 32 is the fastest on a CPU; 16-mixed needs a GPU.",
                  hi="गणना का नंबर फ़ॉर्मैट। CPU पर 32 सबसे तेज़ है; 16-mixed के लिए GPU चाहिए।"),
        labels={"32": Text(en="32 bit", hi="32 बिट"), "bf16-mixed": Text(en="bfloat16 mixed", hi="bfloat16 मिश्रित"),
                "16-mixed": Text(en="float16 mixed (GPU)", hi="float16 मिश्रित (GPU)")},
    )  # fmt: skip
    early_stop: str = option(
        "", max_length=100, advanced=True,
        title=Text(en="Early stopping on", hi="किस मेट्रिक पर जल्दी रुकें"),
        help=Text(en="Metric to watch; empty switches early stopping off.", hi="जिस मेट्रिक पर नज़र रखनी है; खाली हो तो बंद।"),
    )  # fmt: skip
    patience: int = option(
        5, ge=1, le=1000, unit="evaluations", advanced=True,
        title=Text(en="Patience", hi="धैर्य"),
        help=Text(en="Evaluations without improvement before the run ends.", hi="बिना सुधार के कितनी जाँच के बाद रन रुके।"),
    )  # fmt: skip
    evaluate_every: int = option(
        100, ge=1, le=1_000_000, unit="steps", advanced=True,
        title=Text(en="Evaluate every", hi="जाँच का अंतराल"),
        help=Text(en="Steps between evaluations on held-out data.", hi="अलग रखे डेटा पर जाँच के बीच कितने स्टेप।"),
    )  # fmt: skip
    sample_every: int = option(
        100, ge=1, le=1_000_000, unit="steps", advanced=True,
        title=Text(en="Draw samples every", hi="सैंपल का अंतराल"),
        help=Text(en="Steps between sample pictures.", hi="सैंपल की तस्वीरों के बीच कितने स्टेप।"),
    )  # fmt: skip
    checkpoint_every: int = option(
        100, ge=1, le=1_000_000, unit="steps", advanced=True,
        title=Text(en="Checkpoint every", hi="चेकपॉइंट का अंतराल"),
        help=Text(en="Steps between checkpoints; a crash loses no more than this.", hi="चेकपॉइंट के बीच कितने स्टेप; क्रैश में इससे ज़्यादा नहीं जाता।"),
    )  # fmt: skip
    num_workers: int = option(
        0, ge=0, le=64, unit="processes", advanced=True,
        title=Text(en="Loading processes", hi="डेटा लोड करने वाले प्रोसेस"),
        help=Text(en="Extra processes that load data; the result is the same with any number.",
                  hi="डेटा लोड करने के लिए अलग प्रोसेस; संख्या बदलने से नतीजा नहीं बदलता।"),
    )  # fmt: skip
