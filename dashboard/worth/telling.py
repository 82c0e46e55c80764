"""What the figures say: the document's three kinds of learning beside what was measured of each, and one plain sentence.

The source document's table ("Self-Supervised vs Unsupervised vs Supervised") has two columns, "Labels Required" and "Example".
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.contests.statistics import Spread, spread
from dashboard.worth.results import Results
from data.text import LANGUAGES, Text
from lightning_modules.ssl.budgets import ALL, Way

_USUAL_SCATTER = 0.03
"""How far the shares of two draws of labels often lie apart."""

TITLES: dict[Way, Text] = {
    "supervised": Text(en="Supervised from scratch", hi="सुपरवाइज़्ड, शुरू से"),
    "probe": Text(en="Self-supervised + linear probe", hi="सेल्फ़-सुपरवाइज़्ड + लीनियर प्रोब"),
    "fine_tuned": Text(en="Self-supervised + fine-tuning", hi="सेल्फ़-सुपरवाइज़्ड + फ़ाइन-ट्यूनिंग"),
    "pca": Text(en="Unsupervised: PCA + nearest labelled", hi="अनसुपरवाइज़्ड: PCA + सबसे पास के लेबल"),
    "kmeans": Text(en="Unsupervised: k-means clusters", hi="अनसुपरवाइज़्ड: k-means क्लस्टर"),
}
ABOUT: dict[Way, Text] = {
    "supervised": Text(en="The same encoder with fresh weights, trained on the labelled images alone.", hi="वही एनकोडर नए वज़न से, सिर्फ़ लेबल वाली तस्वीरों पर सिखाया गया।"),
    "probe": Text(en="The run's encoder as it is; only a linear layer learns from labels.", hi="रन का एनकोडर जैसा है वैसा; लेबल से सिर्फ़ एक लीनियर लेयर सीखती है।"),
    "fine_tuned": Text(en="The run's encoder, trained further on the labelled images.", hi="रन का एनकोडर, लेबल वाली तस्वीरों पर आगे सिखाया गया।"),
    "pca": Text(en="32 principal components of all images; the nearest labelled ones vote.", hi="सारी तस्वीरों के 32 प्रिंसिपल कंपोनेंट; सबसे पास की लेबल वाली तस्वीरें वोट देती हैं।"),
    "kmeans": Text(en="As many clusters as classes; the labelled images in each name it.", hi="जितनी क्लास उतने क्लस्टर; हर क्लस्टर का नाम उसकी लेबल वाली तस्वीरों से।"),
}  # fmt: skip


UNTRAINED: tuple[Way, ...] = ("pca", "kmeans")
"""Ways that train no network."""


@dataclass(frozen=True)
class Claim:
    """A row of the document's table, in its own words, and the ways that were measured for it."""

    kind: Text
    labels: Text
    example: Text
    ways: tuple[Way, ...]


CLAIMS = (
    Claim(Text(en="Supervised", hi="सुपरवाइज़्ड"), Text(en="Yes", hi="हाँ"),
          Text(en="Classification, Regression", hi="क्लासिफ़िकेशन, रिग्रेशन"), ("supervised",)),
    Claim(Text(en="Unsupervised", hi="अनसुपरवाइज़्ड"), Text(en="No", hi="नहीं"),
          Text(en="Clustering, PCA", hi="क्लस्टरिंग, PCA"), UNTRAINED),
    Claim(Text(en="Self-Supervised", hi="सेल्फ़-सुपरवाइज़्ड"), Text(en="Pseudo", hi="नक़ली (pseudo) लेबल"),
          Text(en="BERT, SimCLR, GPT", hi="BERT, SimCLR, GPT"), ("probe", "fine_tuned")),
)  # fmt: skip


def budget(each: int) -> Text:
    """A budget in words."""
    if each == ALL:
        return Text(en="all labels", hi="सारे")
    return Text(en=f"{each} label{'s' if each > 1 else ''} a class", hi=f"हर क्लास के {each}")


def with_interval(found: Spread | None) -> str:
    """A share in percent, with the reach of its 95 % interval where there are several seeds: "93.9 ± 0.6%"."""
    if found is None:
        return "–"
    if len(found.values) == 1:
        return f"{found.mean:.1%}"
    return f"{100 * found.mean:.1f} ± {100 * (found.interval[1] - found.mean):.1f}%"


def sentence(results: Results) -> Text | None:
    """What pretraining gained with few labels, and how many labels that saved; None before there are figures.

    Judged at the largest of 10, 5 and 1 labels a class that is measured, by the differences to the supervised way of the same seeds, which
    were given the same labels: no difference is claimed where their 95 % interval holds 0.
    """
    for few in (10, 5, 1):
        way = _better(results, few)
        gained = None if way is None else _gained(results, way, "supervised", few)
        if way is not None and gained is not None:
            return _and_without_learning(results, way, few, _told(results, way, few, gained))
    return None


def _and_without_learning(results: Results, way: Way, few: int, told: Text) -> Text:
    """The sentence, and another one where a way that trains no network at all does better still."""
    found = [(spread.mean, plain) for plain in UNTRAINED if (spread := results.spread(plain, few))]
    share, plain = max(found, default=(0.0, UNTRAINED[0]))
    ahead = _gained(results, plain, way, few)
    if ahead is None or ahead.mean <= 0 or not _clear(ahead):
        return told
    en, hi = (TITLES[plain].to(language).partition(": ")[2] for language in LANGUAGES)
    return Text(
        en=f"{told.en} Without training any network, {en} names {share:.0%}.",
        hi=f"{told.hi} कोई नेटवर्क सिखाए बिना ही {hi} {share:.0%} सही पहचानता है।",
    )


def _told(results: Results, way: Way, few: int, gained: Spread) -> Text:
    best, plain = results.spread(way, few), results.spread("supervised", few)
    assert best is not None and plain is not None
    shares, where = f"{best.mean:.0%}", budget(few)
    en = f"With {where.en}, the pretrained model names {shares} of held-out images rightly, one trained from scratch {plain.mean:.0%}"
    hi = f"{where.hi} लेबल से पहले से सीखा मॉडल अलग रखी {shares} तस्वीरें सही पहचानता है, शुरू से सीखा {plain.mean:.0%}"
    if not _clear(gained):
        return Text(
            en=f"{en}: no clear difference yet (seeds: {len(gained.values)}).",
            hi=f"{hi}: अभी कोई साफ़ फ़र्क़ नहीं (सीड: {len(gained.values)})।",
        )
    if gained.mean <= 0:
        return Text(en=f"{en}: pretraining did not help here.", hi=f"{hi}: पहले से सीखना यहाँ काम नहीं आया।")
    more = (each for each in results.budgets if each == ALL or each > few)
    enough = next(
        (each for each in more if (one := results.spread("supervised", each)) and one.mean >= best.mean), None
    )
    if enough is None:
        return Text(en=f"{en}.", hi=f"{hi}।")
    return Text(
        en=f"{en}; from scratch that takes {budget(enough).en}.",
        hi=f"{hi}; शुरू से इतने के लिए {budget(enough).hi} लेबल चाहिए।",
    )


def _clear(gained: Spread) -> bool:
    """Whether a difference is one: its interval leaves 0 out; of a single seed, more than draws of labels usually make."""
    if len(gained.values) == 1:
        return abs(gained.mean) > _USUAL_SCATTER
    return not gained.interval[0] <= 0 <= gained.interval[1]


def _better(results: Results, each: int) -> Way | None:
    """The better of the two pretrained ways at a budget; None until both are measured."""
    probe, further = results.spread("probe", each), results.spread("fine_tuned", each)
    if probe is None or further is None:
        return None
    return "probe" if probe.mean >= further.mean else "fine_tuned"


def _gained(results: Results, way: Way, over: Way, each: int) -> Spread | None:
    """How much more one way named rightly than another, over the seeds both have."""
    seeds = sorted(seed for name, budget_, seed in results.cells if name == over and budget_ == each)
    both = [seed for seed in seeds if (way, each, seed) in results.cells]
    return spread([results.cells[way, each, seed] - results.cells[over, each, seed] for seed in both])
