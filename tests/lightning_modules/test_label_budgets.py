"""Few labels with and without pretraining: the same labels for every way, the arithmetic of clusters and probes, nothing of the model changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from lightning_modules.exact import reseed, weights_sha256
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import representation
from lightning_modules.ssl.budgets import ALL, WAYS, budgets_for, cells_of
from lightning_modules.ssl.label_budgets import Bench, as_shape, names_of, probe_into, steps_for
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig

_CONFIG = SimCLRConfig(channels=4, erase=0.0)


def _bright_and_dark(items: int = 60) -> Dataset:
    """Two classes that anything can tell apart: bright images and dark ones."""
    generator = np.random.default_rng(0)
    y = (np.arange(items) % 2).astype(np.int64)
    x = (0.1 * generator.normal(size=(items, 1, 8, 8)) + np.where(y, 0.6, -0.6)[:, None, None, None]).clip(-1, 1)
    x = x.astype(np.float32)
    return make_dataset("image", Split(x[:40], y[:40]), Split(x[40:], y[40:]), ["dark", "bright"])


def _bench(steps: int = 10) -> Bench:
    data = _bright_and_dark()

    def fresh(seed: int) -> SimCLR:
        reseed(seed, 0, "weights")
        return SimCLR(_CONFIG, data, TrainingOptions())

    train_y, test_y = data.train.y, data.test.y
    assert train_y is not None and test_y is not None
    return Bench(fresh(0).eval(), fresh, data.train.x, train_y, data.test.x, test_y, 2, steps)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_names_what_is_plain_rightly_and_the_same_again(way: str) -> None:
    bench = _bench(steps=30)
    for each in (5, ALL):
        found = bench.accuracy(way, each, 1)  # type: ignore[arg-type]
        assert found == 1.0, (way, each)
        assert bench.accuracy(way, each, 1) == found  # type: ignore[arg-type]


def test_trying_a_model_changes_nothing_in_it() -> None:
    bench = _bench()
    before = weights_sha256(bench.pretrained.state_dict())
    bench.accuracy("fine_tuned", 1, 0)
    assert weights_sha256(bench.pretrained.state_dict()) == before and not bench.pretrained.training


def test_labels_are_drawn_anew_by_each_seed_so_many_of_each_class() -> None:
    bench = _bench()
    first, again, other = bench.labelled(3, 0), bench.labelled(3, 0), bench.labelled(3, 1)
    assert first.tolist() == again.tolist() != other.tolist()
    assert np.bincount(bench.train_y[first.numpy()]).tolist() == [3, 3]
    assert sorted(bench.labelled(ALL, 5).tolist()) == list(range(40))


def test_a_cluster_is_called_like_its_majority_and_an_unnamed_one_like_the_nearest_named() -> None:
    centres = np.array([[0.0, 0], [10, 0], [9, 1], [0, 5]], dtype=np.float32)
    cluster, y = np.array([0, 0, 0, 1, 1]), np.array([2, 2, 1, 0, 0])
    assert names_of(centres, cluster, y, 3).tolist() == [2, 0, 0, 2]


def test_a_head_made_of_the_probe_says_what_the_probe_says() -> None:
    generator = torch.Generator().manual_seed(0)
    features, y = 3 + 2 * torch.randn(50, 6, generator=generator), torch.arange(50) % 3
    head = nn.Linear(6, 3)
    probe_into(head, features, y, 3)
    mean, scale = representation.centre_and_scale(features)
    weights = representation.logistic_regression((features - mean) / scale, y, 3)
    expected = ((features - mean) / scale) @ weights[:-1] + weights[-1]
    assert torch.allclose(head(features), expected, atol=1e-4)


def test_fine_tuning_without_a_step_is_the_probe() -> None:
    bench = _bench(steps=0)
    for each in (1, 5):
        assert bench.accuracy("fine_tuned", each, 0) == bench.accuracy("probe", each, 0)


def test_budgets_leave_something_unlabelled_and_quick_figures_come_first() -> None:
    assert budgets_for([143] * 10) == (1, 5, 10, 100, ALL)
    assert budgets_for([8] * 40) == (1, 5, ALL)
    cells = cells_of((1, ALL), 2)
    assert len(cells) == len(set(cells)) == 5 * 2 * 2
    assert {way for way, _, _ in cells[:6]} == {"probe", "pca", "kmeans"}
    assert cells[6:10] == [("supervised", 1, 0), ("fine_tuned", 1, 0), ("supervised", ALL, 0), ("fine_tuned", ALL, 0)]
    assert steps_for(10, 400) == 81 and steps_for(4000, 400) == 400


def test_images_of_another_data_set_are_brought_to_the_size_and_colours_the_encoder_knows() -> None:
    red = np.zeros((2, 3, 32, 32), np.float32)
    red[:, 0] = 1
    grey = as_shape(red, (1, 8, 8))
    assert grey.shape == (2, 1, 8, 8) and np.allclose(grey, 0.299, atol=1e-3)
    colour = as_shape(grey, (3, 28, 28))
    assert colour.shape == (2, 3, 28, 28) and np.allclose(colour[:, 0], colour[:, 2])
