"""What every self-supervised method on images (or films) can do: say what its representation is worth, show it, and hand it out.

A subclass trains a `network` (see `Method.adopt`) whose part `encoder` turns images into vectors, and calls `watch`.
Everything here looks through `best_network` on data that is never trained on; labels are used to judge alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Config, Dataset, FloatArray, IntArray, ReferenceLine, Split, option
from data.text import Text
from lightning_modules.base import Answer, Method, Picture
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.ssl import attending, embedding, pairing, representation
from lightning_modules.ssl.representation import Labelled
from lightning_modules.ssl.views import ViewOptions, two_views

_BATCH = 256
_HELD_OUT = 1000
_PAIRS = 500
"""Held-out images whose pairs are compared."""
_SHOWN, _NEIGHBOURS, _SEARCHED = 8, 6, 1000


class JudgeOptions(Config):
    """How the representation is judged while it is learned."""

    judged: int = option(
        4000, ge=10, le=1_000_000, unit="items", advanced=True,
        title=Text(en="Labelled items for judging", hi="जाँच के लेबल वाले आइटम"),
        help=Text(en="Training items whose labels the probes use, at most; up to 1,000 held-out items are judged. The training itself sees no label.",
                  hi="जाँच में ज़्यादा से ज़्यादा इतने ट्रेनिंग आइटम के लेबल काम में आते हैं; 1,000 तक अलग रखे आइटम परखे जाते हैं। ट्रेनिंग ख़ुद कोई लेबल नहीं देखती।"),
    )  # fmt: skip


class RepresentationMethod(Method):
    """A `Method` that turns images [batch, colours, height, width] into vectors [batch, features]."""

    contrasts = False
    """Whether the loss compares projections of views, whose spread is then logged at every step."""

    def watch(self, dataset: Dataset, judged: int, views: ViewOptions | None = None) -> None:
        """Take over what the representation is judged on.

        Args:
            dataset: Its held-out images are embedded, its training images are searched for neighbours.
            judged: Training items the probes may use.
            views: What two views of an image are, for the alignment; None: the method knows no views.
        """
        self.data = dataset
        self._judged = judged
        self.views = views
        self._shown = torch.from_numpy(dataset.test.x[_some(len(dataset.test), _SHOWN)])

    def represent(self, x: Tensor) -> Tensor:
        """The vectors of images by the best network, [batch, features]: what its encoder says, without any head on it."""
        found: Tensor = self.best_network.get_submodule("encoder")(x.contiguous(memory_format=torch.channels_last))
        return found

    def embedded(self, x: FloatArray) -> Tensor:
        """Vectors of any number of images, on the processor: [items, features]."""
        parts = torch.split(torch.from_numpy(np.ascontiguousarray(x)), _BATCH)
        return torch.cat([self.represent(part.to(self.device)).float().cpu() for part in parts])

    def stills(self, x: FloatArray) -> FloatArray:
        """Items as pictures to show, [items, colours, height, width]."""
        return x

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """How labels can be read off the representation, and how it is spread."""
        test, test_y = _chosen(dataset, dataset.test, _HELD_OUT)
        features = self.embedded(test)
        found = {
            "uniformity": representation.uniformity(features[:_PAIRS]),
            "rank": representation.rank_me(features),
            "feature_spread": float(representation.spread(features)),
        }
        if self.views is not None:
            pairs = two_views(torch.from_numpy(test[:_PAIRS]).to(self.device), self.views)
            first, second = self.embedded(pairs.cpu().numpy()).chunk(2)
            found["alignment"] = representation.alignment(first, second)
        if test_y is not None:
            train, train_y = _chosen(dataset, dataset.train, self._judged)
            assert train_y is not None
            found |= accuracies(self.embedded(train), train_y, features, test_y, len(dataset.classes))
        played = attending.found_object(dataset, self.best_network.get_submodule("encoder"), self.device)
        if played is not None:
            found["pointing"] = float(played.attention)
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Raw pixels and chance at the probes, and what a collapse would be."""
        collapsed = Text(en="collapsed", hi="ढहा हुआ")
        lines = [
            ReferenceLine("uniformity", 0.0, collapsed),
            ReferenceLine("rank", 1.0, collapsed),
            ReferenceLine("feature_spread", 0.0, collapsed),
        ]
        lines += [ReferenceLine("projection_spread", 0.0, collapsed)] if self.contrasts else []
        played = attending.found_object(dataset, self.best_network.get_submodule("encoder"), self.device)
        if played is not None:
            lines += [
                ReferenceLine("pointing", played.chance, Text(en="any place", hi="कोई भी जगह")),
                ReferenceLine("pointing", played.middle, Text(en="always the middle", hi="हमेशा बीच")),
            ]
        test, test_y = _chosen(dataset, dataset.test, _HELD_OUT)
        train, train_y = _chosen(dataset, dataset.train, self._judged)
        if test_y is None or train_y is None:
            return lines
        pixels = Text(en="raw pixels", hi="कच्चे पिक्सेल")
        guess = Text(en="guessing", hi="अंदाज़ा")
        commonest = float(np.bincount(test_y).max() / len(test_y))
        reached = accuracies(_from_black(train), train_y, _from_black(test), test_y, len(dataset.classes))
        for name, value in reached.items():
            lines += [ReferenceLine(name, value, pixels), ReferenceLine(name, commonest, guess)]
        return lines

    def pictures(self) -> list[Picture]:
        """Two views of some held-out images, the training images that lie nearest to them, and where a transformer looks."""
        looked = attending.seen_while_training(self.best_network.get_submodule("encoder"), self._shown.to(self.device))
        found = [self._neighbours(), *([looked] if looked is not None else [])]
        if self.views is not None:
            pairs = two_views(self._shown, self.views)
            grid = gallery.image_grid(torch.cat([self._shown, pairs]).numpy(), len(self._shown))
            found.insert(
                0, Picture("views", grid, Text(en="Images and two views of each", hi="तस्वीरें और हर एक के दो व्यू"))
            )
        return found

    def _neighbours(self) -> Picture:
        known = self.data.train.x[_some(len(self.data.train), _SEARCHED)]
        similar = representation.similarity(self.embedded(self._shown.numpy()), self.embedded(known))
        nearest = similar.topk(min(_NEIGHBOURS, len(known)), dim=1).indices
        rows = [np.concatenate([self._shown[k : k + 1].numpy(), known[row.numpy()]]) for k, row in enumerate(nearest)]
        grid = gallery.image_grid(self.stills(np.concatenate(rows)), 1 + nearest.shape[1])
        caption = Text(
            en="Held-out images and their nearest training images", hi="अलग रखी तस्वीरें और उनके सबसे पास की ट्रेनिंग तस्वीरें"
        )
        return Picture("neighbours", grid, caption)

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """What these requests bring is told in `embedding` ("embed": vectors and maps), `pairing` ("views") and `attending` ("attention", "pointing")."""
        if request == "embed":
            return embedding.answered(self.data, self.embedded, self.stills, values, arrays)
        if request == "views":
            return pairing.answered(self.data, self.embedded, self.views, values, arrays)
        if request == "attention":
            encoder = self.best_network.get_submodule("encoder")
            return attending.answered(self.data, encoder, self.device, values, arrays)
        if request == "pointing":
            return attending.pointed(self.data, self.best_network.get_submodule("encoder"), self.device, values)
        return super().answer(request, values, arrays)


def accuracies(train: Tensor, train_y: IntArray, test: Tensor, test_y: IntArray, classes: int) -> dict[str, float]:
    """The three probes of features [items, features]."""
    items = Labelled(train, torch.from_numpy(train_y), test, torch.from_numpy(test_y), classes)
    return {
        "knn_accuracy": representation.knn_accuracy(items),
        "linear_accuracy": representation.linear_accuracy(items),
        "few_label_accuracy": representation.few_label_accuracy(items),
    }


def _some(items: int, most: int) -> npt.NDArray[np.int64]:
    """Indices of at most `most` of the items, from everywhere, always the same."""
    return np.random.default_rng(0).permutation(items)[:most]


def _chosen(dataset: Dataset, split: Split, most: int) -> tuple[FloatArray, IntArray | None]:
    labels, chosen = dataset.labels(split), _some(len(split), most)
    return split.x[chosen], None if labels is None else labels[chosen]


def _from_black(x: FloatArray) -> Tensor:
    """Pixels as vectors from 0 (black) to 1: cosines of digits are then those of their ink, a stronger baseline than -1 to 1."""
    return torch.from_numpy((x.reshape(len(x), -1) + 1) / 2)
