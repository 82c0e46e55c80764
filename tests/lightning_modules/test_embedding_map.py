"""Maps of embedded items: principal components as they are, neighbours kept by t-SNE, and the same map for the same seed."""

from __future__ import annotations

import math

import numpy as np
import torch

from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.embedding import nearest, placed
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig
from lightning_modules.ssl.umap import tied, ties
from tests.lightning_modules.training import tiny_images


def _clusters() -> np.ndarray:
    generator = np.random.default_rng(0)
    return (5 * np.eye(8)[np.arange(60) % 3] + generator.normal(size=(60, 8))).astype(np.float32)


def test_nearest_leaves_the_item_itself_out_and_goes_by_cosine() -> None:
    vectors = np.array([[1, 0], [9, 1], [0, 1], [1, 8]], dtype=np.float32)
    assert nearest(vectors, 1)[:, 0].tolist() == [1, 0, 3, 2]


def test_principal_components_keep_the_largest_spread_of_the_directions() -> None:
    vectors = _clusters()
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    place = placed(vectors, "pca", 0)
    variances = np.linalg.eigvalsh(np.cov(directions.T))[::-1]
    found = place.var(axis=0)
    assert np.isclose(found[0] / found[1], variances[0] / variances[1], rtol=1e-3)


def test_t_sne_keeps_clusters_together_and_gives_the_same_map_again() -> None:
    vectors = _clusters()
    place = placed(vectors, "tsne", 3)
    near = np.argsort(np.square(place[:, None] - place[None]).sum(-1), axis=1)[:, 1:6]
    assert ((near % 3) == (np.arange(60) % 3)[:, None]).mean() > 0.9
    assert np.array_equal(place, placed(vectors, "tsne", 3))


def test_umap_ties_are_those_of_the_paper() -> None:
    """arXiv:2103.14608 and section 3.1 of arXiv:1802.03426: the nearest is tied wholly, all together by log2 k, both ways by p = v + w - v w."""
    near = torch.rand(20, 15, generator=torch.Generator().manual_seed(0)).sort(dim=1).values
    v = tied(near)
    assert torch.allclose(v[:, 0], torch.ones(20)) and torch.allclose(
        v.sum(dim=1), torch.full((20,), math.log2(15)), atol=1e-3
    )
    pairs, weight = ties(torch.nn.functional.normalize(torch.from_numpy(_clusters()), dim=1), 5)
    p = torch.zeros(60, 60)
    p[pairs[0], pairs[1]] = weight
    assert torch.allclose(p, p.T) and p.max() <= 1 + 1e-6 and not p.diagonal().any()


def test_umap_keeps_clusters_together_keeps_more_neighbours_than_components_and_has_no_chance_in_it() -> None:
    vectors = _clusters()
    place = placed(vectors, "umap", 3)

    def nearest_drawn(on: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.argsort(np.square(on[:, None] - on[None]).sum(-1), axis=1)[:, 1:6]
        return found

    near = nearest_drawn(place)
    assert ((near % 3) == (np.arange(60) % 3)[:, None]).mean() > 0.9
    true = nearest(vectors, 5)

    def kept(drawn: np.ndarray) -> float:
        return float((drawn[:, :, None] == true[:, None, :]).any(axis=2).mean())

    assert kept(near) > kept(nearest_drawn(placed(vectors, "pca", 3)))
    assert np.array_equal(place, placed(vectors, "umap", 4))


def test_a_map_is_drawn_of_few_items_and_of_a_collapse() -> None:
    assert placed(np.ones((5, 4), np.float32), "tsne", 0).shape == (5, 2)
    assert np.isfinite(placed(np.ones((30, 4), np.float32), "umap", 0)).all()
    assert np.isfinite(placed(np.ones((30, 4), np.float32), "pca", 0)).all()


def test_the_request_tells_places_neighbours_and_pictures() -> None:
    data = tiny_images()
    model = SimCLR(SimCLRConfig(channels=4), data, TrainingOptions()).eval()
    found = model.answer("embed", {"map": "pca", "count": 10}, {}).arrays
    assert found["place"].shape == (10, 2) and found["near"].shape == (10, 6)
    assert np.array_equal(found["x"], data.test.x[found["item"]])
