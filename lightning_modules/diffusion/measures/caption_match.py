"""Whether a picture is what its caption says, by a measure that needs no large model and says what it is.

Where captions have classes (digits), the judge of `quality`, a classifier fitted on real pictures, must see the asked class.
Where each caption has its own picture (emoji), the nearest of all real pictures, held-out ones too, by distance over pixels
must be one of the asked caption: shape and colour have to be right, and a look-alike of another name counts as wrong.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from data.catalog import Dataset, MetricCard, ReferenceLine
from data.text import Text
from lightning_modules import quality
from lightning_modules.diffusion.measures.metrics import METRICS

_USED = (
    *("loss", "eps_mse", "train_eps_mse", "eps_mse_ratio", "fd_pca16", "precision", "recall", "coverage"),
    *("nn_ratio", "copied", "classes"),
)

PROMPT_METRICS = (
    *(card for card in METRICS if card.name in _USED),
    MetricCard(
        "caption_match",
        Text(en="Asked caption, drawn picture", hi="जो कैप्शन माँगा, वही बना"),
        Text(en="Share of the samples that are what their caption says: the class a classifier sees, or, where each caption has one picture, the nearest of all real pictures by pixels.",
             hi="कितने सैंपल वही हैं जो कैप्शन कहता है: क्लासिफ़ायर को दिखी क्लास, या जहाँ हर कैप्शन की एक तस्वीर है, पिक्सेल से सबसे पास की असली तस्वीर।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "new_caption_match",
        Text(en="The same for captions never trained on", hi="वही, उन कैप्शन पर जो ट्रेनिंग में नहीं थे"),
        Text(en="As above, for captions of the held-out data only.", hi="ऊपर जैसा ही, सिर्फ़ अलग रखे डेटा के कैप्शन पर।"),
        better="higher",
    ),
)  # fmt: skip


class CaptionMatch:
    """Judges samples of a captioned data set."""

    def __init__(self, dataset: Dataset, judge: quality.Judge | None) -> None:
        self.judge = judge
        self.classes = len(dataset.classes)
        self.caption_class = np.asarray(dataset.caption_class, dtype=np.int64)
        if dataset.train.y is None or dataset.test.y is None:
            raise ValueError("the data has no captions")
        self._captions = len(dataset.captions)
        self._test = (quality.flat(dataset.test.x), dataset.test.y)
        self._all = torch.from_numpy(np.concatenate([quality.flat(dataset.train.x), self._test[0]])).float()
        self._caption_of = np.concatenate([dataset.train.y, dataset.test.y])

    def right(self, samples: npt.NDArray[np.floating], asked: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether each sample [n, ...] is what the caption numbered `asked` [n] says."""
        flat = quality.flat(samples)
        if self.judge is not None and len(self.caption_class):
            same: npt.NDArray[np.bool_] = self.judge.labels(flat) == self.caption_class[asked]
            return same
        nearest = torch.cdist(torch.from_numpy(flat).float(), self._all).argmin(dim=1).numpy()
        found: npt.NDArray[np.bool_] = self._caption_of[nearest] == asked
        return found

    def lines(self) -> list[ReferenceLine]:
        """Chance, and what the judge says of real held-out pictures."""
        by_class = self.judge is not None and len(self.caption_class) > 0
        chance = 1 / (self.classes if by_class else self._captions)
        names = ("caption_match", "new_caption_match")
        lines = [ReferenceLine(name, chance, Text(en="chance", hi="संयोग")) for name in names]
        if by_class:
            real = float(self.right(*self._test).mean())
            label = Text(en="real held-out pictures", hi="अलग रखी असली तस्वीरें")
            lines.append(ReferenceLine("caption_match", real, label))
        return lines
