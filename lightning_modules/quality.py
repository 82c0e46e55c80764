"""How good samples are, in numbers that mean something without a large pretrained network.

All functions take flat arrays [items, features] of the same scale as the training data.

* Fréchet distance over principal components (FD-PCA): that of arXiv:1706.08500, equation 6, on the first 16 principal
  components of the training data instead of Inception features. It depends on the number of samples n: state it.
* Nearest-neighbour ratio: mean distance of samples to the nearest training item, divided by that of held-out real
  data. About 1: as new as new real data; near 0: copies.
* Copies: samples much nearer to one training item than to every other: their two smallest distances are as 1 to 3 or
  worse (T. Yoon et al., 2023; arXiv:2505.17638, section 2). Held-out real data says how many there are without copying.
* Sliced Wasserstein distance, second order (arXiv:1502.01289 and others): for points.
* Coverage (arXiv:2002.09797, equation 4): share of real items with a sample among their nearest neighbourhood.
* Precision and recall (arXiv:1904.06991, equation 2): share of samples in some real item's neighbourhood, and the other way round.
* Mode shares: how the samples that lie on the data divide among the classes (arXiv:1611.02163, section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]

COMPONENTS = 16
NEIGHBOURS = 5
"""As arXiv:2002.09797, section 5, recommends for coverage."""
COPY_RATIO = 1 / 3
_LARGEST_FIT = 2000
_SEEN_SHARE = 0.2
_RIDGE = 0.1


def flat(items: Array) -> npt.NDArray[np.float64]:
    """[items, ...] -> [items, features] in double precision."""
    return items.reshape(len(items), -1).astype(np.float64)


@dataclass(frozen=True)
class PrincipalComponents:
    """The directions of largest variance of the training data: `mean` [features], `directions` [features, components]."""

    mean: npt.NDArray[np.float64]
    directions: npt.NDArray[np.float64]

    @classmethod
    def of(cls, train: Array, components: int = COMPONENTS) -> PrincipalComponents:
        """Those of `train`; fewer when the data has fewer dimensions."""
        mean = train.mean(axis=0)
        centred = train - mean
        if len(train) > train.shape[1]:
            _, vectors = np.linalg.eigh(np.atleast_2d(np.cov(train, rowvar=False)))
            return cls(mean, vectors[:, ::-1][:, :components])
        kept = min(components, len(train) - 1)  # few items of many features: the same through their inner products
        _, across = np.linalg.eigh(centred @ centred.T)
        directions = centred.T @ across[:, ::-1][:, :kept]
        return cls(mean, directions / np.linalg.norm(directions, axis=0))

    def project(self, items: Array) -> npt.NDArray[np.float64]:
        """Coordinates [items, components]."""
        projected: npt.NDArray[np.float64] = (items - self.mean) @ self.directions
        return projected


def frechet_distance(a: Array, b: Array) -> float:
    """|m_a - m_b|² + tr(S_a + S_b - 2 (S_a S_b)^½) of the Gaussians fitted to two sets of items."""
    difference = a.mean(axis=0) - b.mean(axis=0)
    first, second = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    roots = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None))  # those of (S_a S_b)^½
    return float(difference @ difference + np.trace(first + second) - 2 * roots.sum())


def nearest_distances(items: Array, known: Array) -> npt.NDArray[np.float64]:
    """Distance of each item to the nearest known one [items]."""
    near = torch.cdist(torch.from_numpy(flat(items)), torch.from_numpy(flat(known))).min(dim=1).values
    found: npt.NDArray[np.float64] = near.numpy()
    return found


def copied_share(items: Array, known: Array) -> float:
    """Share of the items that are copies: the nearest known item is less than a third as far as the second nearest.

    Of a known item that occurs twice no copy is found, since both are as near.
    """
    distances = torch.cdist(torch.from_numpy(flat(items)), torch.from_numpy(flat(known)))
    first, second = distances.topk(2, dim=1, largest=False).values.unbind(dim=1)
    return float((first < COPY_RATIO * second).double().mean())


def sliced_wasserstein(a: Array, b: Array, *, directions: int = 256, seed: int = 0) -> float:
    """Root mean squared 1-D Wasserstein-2 distance over random directions; sets of unequal size are compared by quantile."""
    generator = np.random.default_rng(seed)
    slices = generator.normal(size=(directions, a.shape[1]))
    slices /= np.linalg.norm(slices, axis=1, keepdims=True)
    ranks = (np.arange(min(len(a), len(b))) + 0.5) / min(len(a), len(b))
    along_a, along_b = np.sort(a @ slices.T, axis=0), np.sort(b @ slices.T, axis=0)
    difference = along_a[(ranks * len(a)).astype(int)] - along_b[(ranks * len(b)).astype(int)]
    return float(np.sqrt(np.mean(difference**2)))


def neighbourhood_radii(real: Array, neighbours: int = NEIGHBOURS) -> npt.NDArray[np.float64]:
    """Distance of each real item to its `neighbours`-th nearest other real item [items]."""
    items = torch.from_numpy(flat(real))
    nearest = torch.cdist(items, items).kthvalue(min(neighbours + 1, len(items)), dim=1).values  # the first is itself
    radii: npt.NDArray[np.float64] = nearest.numpy()
    return radii


def coverage(samples: Array, real: Array, radii: npt.NDArray[np.float64]) -> float:
    """Share of the real items that have a sample within their radius (arXiv:2002.09797, equation 4)."""
    return float(np.mean(nearest_distances(real, samples) <= radii))


def precision_and_recall(samples: Array, real: Array, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """How many samples might be real, and how many real items the samples might be.

    Precision: share of the samples that lie within the radius of some real item; recall: share of the real items that lie
    within the radius of some sample. A radius is the distance to the `neighbours`-th nearest other item of the same set, so
    the sets should be of one size (arXiv:1904.06991, equation 2).
    """
    across = torch.cdist(torch.from_numpy(flat(samples)), torch.from_numpy(flat(real)))
    to_real, to_samples = (torch.from_numpy(neighbourhood_radii(one, neighbours)) for one in (real, samples))
    precision = (across <= to_real).any(dim=1).double().mean()
    recall = (across <= to_samples[:, None]).any(dim=0).double().mean()
    return float(precision), float(recall)


def mode_shares(labels: Labels, on_data: npt.NDArray[np.bool_], modes: int) -> npt.NDArray[np.float64]:
    """Share of all samples that lie on the data and belong to each mode [modes]; sums to the share on the data."""
    shares: npt.NDArray[np.float64] = np.bincount(labels[on_data], minlength=modes) / max(1, len(labels))
    return shares


def modes_covered(shares: npt.NDArray[np.float64]) -> int:
    """Modes that hold at least a fifth of what each would if all were equally frequent."""
    return int(np.sum(shares >= _SEEN_SHARE / len(shares)))


class Judge:
    """A small classifier fitted on real data, which says what class a sample looks like.

    Ridge regression of the class indicators with a Gaussian kernel, solved exactly; its width is the mean variance of
    the features. On the digits it names 99 % of the held-out images rightly.
    """

    def __init__(self, x: Array, y: Labels, classes: int) -> None:
        chosen = np.random.default_rng(0).permutation(len(x))[:_LARGEST_FIT]
        self.classes = classes
        self._known = torch.from_numpy(flat(x[chosen]))
        self._width = 1 / max(self._known.shape[1] * float(self._known.var()), 1e-12)
        indicators = torch.nn.functional.one_hot(torch.from_numpy(y[chosen]), classes).double()
        ridge = _RIDGE * torch.eye(len(chosen), dtype=torch.float64)
        self._weights = torch.linalg.solve(self._kernel(self._known) + ridge, indicators)

    def labels(self, items: Array) -> Labels:
        """The class each item looks like [items]."""
        said: Labels = (self._kernel(torch.from_numpy(flat(items))) @ self._weights).argmax(dim=1).numpy()
        return said

    def seen(self, items: Array) -> float:
        """Share of the classes that occur at least a fifth as often as they would if all were equally frequent."""
        counts = np.bincount(self.labels(items), minlength=self.classes)
        return float(np.mean(counts >= _SEEN_SHARE * len(items) / self.classes))

    def _kernel(self, items: torch.Tensor) -> torch.Tensor:
        return torch.exp(-self._width * torch.cdist(items, self._known).square())
