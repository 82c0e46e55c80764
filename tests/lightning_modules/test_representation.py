"""Measures of representations against hand-computed numbers, published goldens, and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from lightning_modules.ssl import representation
from lightning_modules.ssl.representation import Labelled


def _clusters(shift: float) -> Labelled:
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(60) % 3
    x = torch.randn(60, 5, generator=generator) + shift * F.one_hot(y, 5)
    return Labelled(x[:45], y[:45], x[45:], y[45:], 3)


def test_the_nearest_neighbours_vote_with_their_similarity() -> None:
    train = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    near = torch.tensor([[1.0, 0.2], [0.2, 1.0]])
    items = Labelled(train, torch.tensor([0, 1, 1]), near, torch.tensor([0, 1]), 2)
    assert representation.knn_accuracy(items, neighbours=3) == 1.0  # plain counting would give class 1 both times


def test_neighbours_of_noise_are_no_better_than_guessing() -> None:
    x, y = torch.randn(600, 8, generator=torch.Generator().manual_seed(1)), torch.arange(600) % 3
    found = representation.knn_accuracy(Labelled(x[:400], y[:400], x[400:], y[400:], 3))
    assert found == pytest.approx(1 / 3, abs=0.11)


def test_the_probe_is_the_logistic_regression_of_scikit_learn() -> None:
    items = _clusters(1.0)
    weights = representation.logistic_regression(items.train.double(), items.train_y, 3)
    peer = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(items.train.numpy(), items.train_y.numpy())
    assert np.allclose(weights[:-1].numpy().T, peer.coef_, atol=2e-3)
    bias = weights[-1].numpy()
    assert np.allclose(bias - bias.mean(), peer.intercept_ - peer.intercept_.mean(), atol=2e-3)


def test_the_probe_reads_clusters_and_fails_on_a_collapse() -> None:
    assert representation.linear_accuracy(_clusters(8.0)) == 1.0
    items = _clusters(8.0)
    one = Labelled(torch.ones(45, 5), items.train_y, torch.ones(15, 5), items.test_y, 3)
    assert representation.linear_accuracy(one) == pytest.approx(1 / 3)


def test_few_labels_are_so_many_of_each_class_and_the_same_for_everyone() -> None:
    labels = np.repeat([0, 1, 2], [30, 30, 4])
    chosen = representation.few_of_each(labels, 10, draw=2)
    assert np.bincount(labels[chosen.numpy()]).tolist() == [10, 10, 4]
    assert torch.equal(chosen, representation.few_of_each(labels, 10, draw=2))
    assert not torch.equal(chosen, representation.few_of_each(labels, 10, draw=3))


def test_the_rank_of_a_line_is_one_and_that_of_an_orthonormal_frame_its_size() -> None:
    line = torch.outer(torch.randn(300, generator=torch.Generator().manual_seed(0)), torch.ones(512))
    assert representation.rank_me(line) == pytest.approx(1.0008, abs=2e-3)  # as the paper's epsilon of 1e-7 gives
    assert representation.rank_me(torch.eye(512)) == pytest.approx(512.14, abs=0.3)


def test_alignment_is_the_mean_squared_distance() -> None:
    first, second = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.0, 3.0], [0.0, 5.0]])
    assert representation.alignment(first, second) == pytest.approx(1.0)  # (2 + 0) / 2


def test_uniformity_is_nought_at_a_collapse_and_that_of_a_simplex_by_hand() -> None:
    assert representation.uniformity(torch.ones(20, 4)) == pytest.approx(0.0, abs=1e-6)
    assert representation.uniformity(torch.eye(4)) == pytest.approx(-4.0)  # every pair at squared distance 2


def test_the_spread_is_one_on_the_sphere_and_nought_at_a_point() -> None:
    even = torch.randn(4000, 64, generator=torch.Generator().manual_seed(0))
    assert float(representation.spread(even)) == pytest.approx(1.0, abs=0.01)
    assert float(representation.spread(torch.ones(10, 64))) == pytest.approx(0.0, abs=1e-6)
    assert math.isclose(float(representation.spread(3 * even)), float(representation.spread(even)), rel_tol=1e-5)
