"""Measures of samples and the levels they are read against, the same for every generative method and named the same.

A method gives flat samples and a `Ruler`; so a GAN, a VAE and a diffusion model on one data set are compared by one
arithmetic. How each number is worked out: `lightning_modules.quality`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from data.catalog import Dataset, MetricCard, ReferenceLine
from data.text import Text
from lightning_modules import quality

ON_DATA = 0.99
"""Share of held-out items that count as lying on the data."""
_FITTED = 10_000
_COVERED = 2000
Flat = npt.NDArray[np.float64]


class Ruler:
    """Everything about one data set that does not depend on the model, worked out once when needed."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.train = quality.flat(dataset.train.x[:_FITTED])
        self.test = quality.flat(dataset.test.x[:_FITTED])

    @cached_property
    def components(self) -> quality.PrincipalComponents:
        """The first sixteen principal components of the training data."""
        return quality.PrincipalComponents.of(self.train)

    @cached_property
    def usual_distances(self) -> Flat:
        """How far held-out real items are from the nearest training item."""
        return quality.nearest_distances(self.test, self.train)

    @cached_property
    def neighbourhoods(self) -> tuple[Flat, Flat]:
        """Some held-out items, and how far each one's neighbourhood reaches."""
        some = self.test[:_COVERED]
        return some, quality.neighbourhood_radii(some)

    @cached_property
    def judge(self) -> quality.Judge | None:
        """A classifier of samples; None when the data has no classes."""
        labels, classes = self.dataset.labels(self.dataset.train), len(self.dataset.classes)
        return None if labels is None or classes < 2 else quality.Judge(self.train, labels[:_FITTED], classes)


def measured(samples: Flat, ruler: Ruler, *, asked: int = 0) -> dict[str, float]:
    """Every measure that fits the data, by metric name; none when samples are not finite.

    Clouds have none here: their points have no order in which they could be compared.

    Args:
        samples: The samples [count, features].
        ruler: What the data set is measured with.
        asked: Number of classes that were asked for in turn; 0: none.
    """
    if ruler.dataset.kind == "cloud" or not np.isfinite(samples).all():
        return {}
    found: dict[str, float] = {}
    near, usual = quality.nearest_distances(samples, ruler.train), ruler.usual_distances
    labels = None if ruler.judge is None else ruler.judge.labels(samples)
    if ruler.dataset.kind == "points":
        on_data = near <= np.quantile(usual, ON_DATA)
        found["sliced_w2"] = quality.sliced_wasserstein(samples, ruler.test)
        found["on_data"] = float(np.mean(on_data))
        found["coverage"] = quality.coverage(samples, *ruler.neighbourhoods)
        if labels is not None:
            shares = quality.mode_shares(labels, on_data, len(ruler.dataset.classes))
            found["modes"] = float(quality.modes_covered(shares))
            found["mode_spread"] = float(shares.std())
    else:
        seen, real = ruler.components.project(samples), ruler.components.project(ruler.test)
        found["fd_pca16"] = quality.frechet_distance(seen, real)
        found |= _reached(seen, real)
        found["nn_ratio"] = float(near.mean() / max(usual.mean(), 1e-12))
        found["copied"] = quality.copied_share(samples, ruler.train)
    if ruler.judge is not None and labels is not None:
        found["classes"] = ruler.judge.seen(samples)
        if asked:
            found["class_accuracy"] = float(np.mean(labels == np.arange(len(samples)) % asked))
    return found


def _reached(samples: Flat, real: Flat) -> dict[str, float]:
    """Precision, recall and coverage of items as the principal components see them, as many of one kind as of the other."""
    count = min(len(samples), len(real), _COVERED)
    if count <= quality.NEIGHBOURS:
        return {}
    samples, real = samples[:count], real[:count]
    precision, recall = quality.precision_and_recall(samples, real)
    covered = quality.coverage(samples, real, quality.neighbourhood_radii(real))
    return {"precision": precision, "recall": recall, "coverage": covered}


def real_lines(ruler: Ruler, *, asked: int = 0) -> list[ReferenceLine]:
    """What real training data scores against real held-out data, and chance where a class is asked for."""
    if ruler.dataset.kind == "cloud":
        return []
    real = Text(
        en=f"real training data against real held-out data (n = {len(ruler.test):,})",
        hi=f"असली ट्रेनिंग डेटा बनाम असली अलग रखा डेटा (n = {len(ruler.test):,})",
    )
    if ruler.dataset.kind == "points":
        lines = [
            ReferenceLine("sliced_w2", quality.sliced_wasserstein(ruler.train, ruler.test), real),
            ReferenceLine("on_data", ON_DATA, real),
        ]
    else:
        known, held_out = ruler.components.project(ruler.train), ruler.components.project(ruler.test)
        floors = {"fd_pca16": quality.frechet_distance(known, held_out), **_reached(known, held_out)}
        lines = [ReferenceLine(metric, value, real) for metric, value in floors.items()]
        lines += newness_lines(quality.copied_share(ruler.test, ruler.train))
    if ruler.judge is not None:
        there = Text(en="all there are", hi="जितने हैं, सब")
        lines.append(ReferenceLine("classes", 1.0, there))
        if ruler.dataset.kind == "points":
            lines.append(ReferenceLine("modes", float(len(ruler.dataset.classes)), there))
    if asked:
        lines.append(ReferenceLine("class_accuracy", 1 / asked, Text(en="chance", hi="संयोग")))
    return lines


def newness_lines(copied: float) -> list[ReferenceLine]:
    """How new held-out real data is, seen from the training data; `copied` is its share of seeming copies."""
    real = Text(en="held-out real data", hi="अलग रखा असली डेटा")
    return [ReferenceLine("nn_ratio", 1.0, real), ReferenceLine("copied", copied, real)]


NEWNESS = (
    MetricCard(
        "nn_ratio",
        Text(en="Newness of samples", hi="सैंपल कितने नए हैं"),
        Text(en="Distance to the nearest training item, relative to that of held-out real data: 1 is as new as real data, near 0 are copies.",
             hi="सबसे पास के ट्रेनिंग आइटम से दूरी, अलग रखे असली डेटा की तुलना में: 1 यानी असली जितने नए, 0 के पास यानी नकल।"),
    ),
    MetricCard(
        "copied",
        Text(en="Copies of training data", hi="ट्रेनिंग डेटा की नकल"),
        Text(en="Share of the samples that are less than a third as far from one training item as from every other (arXiv:2505.17638).",
             hi="कितने सैंपल किसी एक ट्रेनिंग आइटम से, बाकी सबकी तुलना में, एक तिहाई से कम दूर हैं (arXiv:2505.17638)।"),
        better="lower",
    ),
)  # fmt: skip
"""How new samples are, as people read it."""

CARDS = (
    MetricCard(
        "fd_pca16",
        Text(en="Distance of samples from real data", hi="सैंपल की असली डेटा से दूरी"),
        Text(en="Fréchet distance over the first 16 principal components, samples against held-out data. It depends on how many samples are drawn (see the config, “samples for quality”).",
             hi="पहले 16 मुख्य घटकों पर फ़्रेशे दूरी, सैंपल और अलग रखे डेटा के बीच। यह इस पर निर्भर है कि कितने सैंपल बने (सेटिंग “जाँच के सैंपल” देखें)।"),
        better="lower", headline=True, log_axis=True,
    ),
    *NEWNESS,
    MetricCard(
        "classes",
        Text(en="Classes seen", hi="कितनी क्लास दिखीं"),
        Text(en="Share of the classes that occur among the samples, as a small classifier fitted on real data sees it.",
             hi="सैंपल में कितनी क्लास दिखीं (हिस्सा), असली डेटा पर फ़िट किए छोटे क्लासिफ़ायर के हिसाब से।"),
        better="higher",
    ),
    MetricCard(
        "class_accuracy",
        Text(en="Asked class, drawn class", hi="जो क्लास माँगी, वही बनी"),
        Text(en="Share of the samples that look like the class that was asked for.", hi="कितने सैंपल माँगी गई क्लास जैसे दिखते हैं।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "sliced_w2",
        Text(en="Distance of samples from real data", hi="सैंपल की असली डेटा से दूरी"),
        Text(en="Sliced Wasserstein distance to held-out points, over 256 directions.", hi="अलग रखे बिंदुओं से स्लाइस्ड वासरस्टीन दूरी, 256 दिशाओं में।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "on_data",
        Text(en="Samples where data lies", hi="डेटा की जगह पर सैंपल"),
        Text(en="Share of the samples as close to a training point as 99 % of held-out points are.",
             hi="कितने सैंपल किसी ट्रेनिंग बिंदु के उतने पास हैं जितने अलग रखे 99 % बिंदु।"),
        better="higher",
    ),
    MetricCard(
        "coverage",
        Text(en="Data that samples reach", hi="सैंपल डेटा के कितने हिस्से तक पहुँचे"),
        Text(en="Share of held-out items that have a sample closer than their fifth nearest neighbour (arXiv:2002.09797); images along 16 principal components.",
             hi="अलग रखे कितने आइटम के पास कोई सैंपल है, उनके पाँचवें सबसे पास के पड़ोसी से भी पास (arXiv:2002.09797); तस्वीरें 16 मुख्य घटकों में।"),
        better="higher",
    ),
    MetricCard(
        "precision",
        Text(en="Samples that might be real", hi="कितने सैंपल असली जैसे"),
        Text(en="Precision: share of the samples that lie among real images, along 16 principal components, not Inception's features (arXiv:1904.06991).",
             hi="प्रिसिज़न: कितने सैंपल असली तस्वीरों के बीच पड़ते हैं, 16 मुख्य घटकों में, Inception के फ़ीचर में नहीं (arXiv:1904.06991)।"),
        better="higher",
    ),
    MetricCard(
        "recall",
        Text(en="Real images that samples might be", hi="कितनी असली तस्वीरें सैंपल की पहुँच में"),
        Text(en="Recall: share of real images that lie among the samples, along 16 principal components. Low when the samples are all alike.",
             hi="रिकॉल: कितनी असली तस्वीरें सैंपल के बीच पड़ती हैं, 16 मुख्य घटकों में। सैंपल एक जैसे हों तो कम।"),
        better="higher",
    ),
    MetricCard(
        "modes",
        Text(en="Modes covered", hi="कितने मोड मिले"),
        Text(en="Clouds that get at least a fifth of their equal share of the samples; only samples that lie on the data count. Fewer than there are is mode collapse.",
             hi="कितने झुंडों को सैंपल में अपने बराबर हिस्से का कम से कम पाँचवाँ भाग मिला; सिर्फ़ डेटा की जगह वाले सैंपल गिने जाते हैं। कम हों तो मोड कोलैप्स है।"),
        better="higher",
    ),
    MetricCard(
        "mode_spread",
        Text(en="Unevenness of modes", hi="मोड में असमानता"),
        Text(en="Standard deviation of the modes' shares of the samples; 0 when all are equally frequent.",
             hi="सैंपल में मोड के हिस्सों का मानक विचलन; सब बराबर हों तो 0।"),
        better="lower",
    ),
)  # fmt: skip
"""The measures of samples, as people read them."""
