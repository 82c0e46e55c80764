"""A seeded table of many rows and columns, half numbers and half categories, with a class and a number to predict; written as a CSV."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

CLASS, NUMBER = "approved", "amount"
_LEVELS = (2, 3, 5, 8, 12, 30)


def as_csv(rows: int, columns: int, target: str, seed: int) -> bytes:
    """A table whose last column is the target (`CLASS` or `NUMBER`), so `columns` in all; a hundredth of the cells is empty.

    The target follows six numbers and four categories, one product among them, and noise.
    """
    generator = np.random.default_rng(seed)
    features = columns - 1
    numbers = features // 2
    table: dict[str, np.ndarray] = {}
    x = generator.standard_normal((rows, numbers))
    log_odds = 1.2 * x[:, 0] - 0.8 * x[:, 1] + 0.6 * x[:, 2] * x[:, 3] + 0.5 * np.abs(x[:, 4]) - 0.4 * (x[:, 5] > 0)
    for k in range(numbers):
        scaled = (
            (40 + 12 * x[:, k]).round(0)
            if k % 3 == 0
            else (1000 * x[:, k]).round(2)
            if k % 3 == 1
            else x[:, k].round(4)
        )
        table[f"number {k + 1}"] = scaled.astype(object)
    for k in range(features - numbers):
        levels = _LEVELS[k % len(_LEVELS)]
        codes = generator.integers(levels, size=rows)
        if k < 4:
            log_odds = log_odds + generator.normal(0, 0.7, levels)[codes]
        table[f"choice {k + 1}"] = np.array([f"level {j + 1}" for j in range(levels)], dtype=object)[codes]
    for cells in table.values():
        cells[generator.random(rows) < 0.01] = ""
    if target == CLASS:
        table[CLASS] = np.where(generator.random(rows) < 1 / (1 + np.exp(-log_odds)), "yes", "no")
    else:
        table[NUMBER] = (5000 + 1500 * log_odds + 700 * generator.standard_normal(rows)).round(2)
    written = io.StringIO()
    pd.DataFrame(table).to_csv(written, index=False)
    return written.getvalue().encode()
