"""The design matrix: what linear models and trees are given of the features. Learned from the training rows alone.

A number becomes one column (empty cells take the median of the training rows, then mean 0 and deviation 1); a category one
column a level, and one for an empty cell. `group` [columns] says which feature a column belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.table import Column

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Fitted on x [rows, features]; called on others of the same features."""

    categories: tuple[int, ...]
    numbers: tuple[int, ...]
    levels: tuple[int, ...]
    median: Array
    mean: Array
    scale: Array

    @classmethod
    def of(cls, x: Array, features: Sequence[Column]) -> Design:
        """Learn medians, means and deviations."""
        categories = tuple(k for k, one in enumerate(features) if one.kind == "category")
        numbers = tuple(k for k, one in enumerate(features) if one.kind != "category")
        values = x[:, numbers]
        median = np.array([np.median(v[~np.isnan(v)]) if (~np.isnan(v)).any() else 0.0 for v in values.T])
        filled = np.where(np.isnan(values), median, values)
        mean, scale = filled.mean(axis=0), filled.std(axis=0)
        levels = tuple(len(features[k].levels) for k in categories)
        return cls(categories, numbers, levels, median, mean, np.where(scale > 0, scale, 1.0))

    @property
    def group(self) -> npt.NDArray[np.int64]:
        """The feature each column belongs to [columns]."""
        wide = [k for k, n in zip(self.categories, self.levels, strict=True) for _ in range(n + 1)]
        return np.array([*self.numbers, *wide], dtype=np.int64)

    def __call__(self, x: Array) -> Array:
        """The design matrix [rows, columns]."""
        values = x[:, self.numbers]
        parts = [(np.where(np.isnan(values), self.median, values) - self.mean) / self.scale]
        for feature, count in zip(self.categories, self.levels, strict=True):
            codes = np.nan_to_num(x[:, feature], nan=count).astype(np.int64)
            parts.append((codes[:, None] == np.arange(count + 1)).astype(np.float64))
        return np.concatenate(parts, axis=1)
