"""The request "worth": the next few figures of what a run's representation is worth, and all that are known.

A worker answers one request at a time, and a whole comparison takes minutes. So each request works for about `SLICE_S` and hands back
everything known; whoever wants more asks again (`dashboard.worth.asking`), and others get their answers in between.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.compute import words
from dashboard.compute.served import Served
from dashboard.jobs.workshop import Checked, declared
from dashboard.settings import settings
from dashboard.worth import results
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from data.catalog import Dataset, FloatArray, IntArray, Split
from data.text import Problem
from lightning_modules.base import Method
from lightning_modules.exact import reseed
from lightning_modules.ssl.budgets import budgets_for
from lightning_modules.ssl.label_budgets import Bench, as_shape
from lightning_modules.ssl.learner import RepresentationMethod

SLICE_S = 2.0
_MOST_TRAIN, _MOST_HELD_OUT = 10_000, 1000
_BENCHES_HELD = 2


def measure(asked: WorthRequest, model: Method, checked: Checked, step: int) -> Served:
    """All figures known, after about `SLICE_S` more of work; `left` is how many are missing.

    Args:
        asked: What is wanted.
        model: The model of the run at its newest checkpoint, which is of step `step`.
        checked: The order the run was trained by.

    Raises:
        Problem: The run learns no representation of images, or the data has no labels or is of another kind.
    """
    began = time.monotonic()
    if not isinstance(model, RepresentationMethod):
        raise Problem(words.NO_REPRESENTATION, code="no_representation", field="run")
    data = _data(asked, checked)
    folder = settings().runs / asked.run
    path = results.path_of(folder, step=step, fingerprint=data.fingerprint, steps=asked.steps)
    known = results.read(path) or Results(_facts(data, asked.dataset or checked.spec.dataset, checked, step))
    for way, each, seed in () if asked.only_known else known.left(asked.seeds):
        bench = _benches.get(path, asked, model, checked, data)
        known.cells[way, each, seed] = bench.accuracy(way, each, seed)
        results.write(path, known)
        if time.monotonic() - began > SLICE_S:
            break
    return Served({**known.plain(), "left": len(known.left(asked.seeds)), "total": known.total(asked.seeds)})


class _Benches:
    """The comparisons under way: features and components of their images need not be worked out for each slice."""

    def __init__(self) -> None:
        self._held: OrderedDict[Path, Bench] = OrderedDict()

    def get(
        self, path: Path, asked: WorthRequest, model: RepresentationMethod, checked: Checked, data: Dataset
    ) -> Bench:
        """The bench whose figures are kept at `path`."""
        if path not in self._held:
            self._held[path] = _bench(asked, model, checked, data)
            while len(self._held) > _BENCHES_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(path)
        return self._held[path]


_benches = _Benches()


def _bench(asked: WorthRequest, model: RepresentationMethod, checked: Checked, data: Dataset) -> Bench:
    own = model.data

    def fresh(seed: int) -> RepresentationMethod:
        reseed(seed, 0, "weights")
        made = checked.method.build(checked.method_config, own, checked.options)
        assert isinstance(made, RepresentationMethod)
        return made

    train, train_y = _some(data, data.train, _MOST_TRAIN)
    test, test_y = _some(data, data.test, _MOST_HELD_OUT)
    return Bench(
        model, fresh, as_shape(train, own.shape), train_y, as_shape(test, own.shape), test_y, len(data.classes), asked.steps
    )  # fmt: skip


def _data(asked: WorthRequest, checked: Checked) -> Dataset:
    if asked.dataset and asked.dataset != checked.spec.dataset:
        if asked.dataset not in declared(settings().plugins).datasets:
            raise Problem(words.UNKNOWN_DATA.format(name=asked.dataset), code="unknown_dataset", field="dataset")
        data = _loaded(asked.dataset, "{}")
    else:
        data = _loaded(checked.spec.dataset, json.dumps(checked.spec.dataset_config, sort_keys=True))
    if data.kind != "image":
        raise Problem(words.NO_IMAGES, code="no_images", field="dataset")
    if len(data.classes) < 2 or data.labels(data.train) is None or not len(data.test):
        raise Problem(words.NO_LABELS, code="no_labels", field="dataset")
    return data


@lru_cache(maxsize=2)
def _loaded(name: str, config: str) -> Dataset:
    """A data set, kept from slice to slice."""
    card = declared(settings().plugins).datasets[name]
    return card.load(card.config.model_validate_json(config))


def _facts(data: Dataset, dataset: str, checked: Checked, step: int) -> dict[str, Any]:
    _, train_y = _some(data, data.train, _MOST_TRAIN)
    _, test_y = _some(data, data.test, _MOST_HELD_OUT)
    counts = np.bincount(train_y, minlength=len(data.classes))
    return {
        "dataset": dataset, "pretrained_on": checked.spec.dataset, "method": checked.spec.method, "step": step,
        "classes": len(data.classes), "train": len(train_y), "held_out": len(test_y),
        "guessing": float(np.bincount(test_y).max() / len(test_y)), "budgets": list(budgets_for(counts[counts > 0].tolist())),
    }  # fmt: skip


def _some(data: Dataset, split: Split, most: int) -> tuple[FloatArray, IntArray]:
    """At most so many items of a split, always the same, and their classes."""
    labels = data.labels(split)
    assert labels is not None
    chosen = np.random.default_rng(0).permutation(len(split))[:most]
    return split.x[chosen], labels[chosen]
