"""A small neural network for tables: two hidden layers on the design matrix, trained until rows set aside get no better.

Smooth units (SiLU), so that gradients, and the explanations made of them, have no kinks. Weights are 64-bit: a table is small, and sums of
shares then meet the prediction to many digits. AdamW (arXiv:1711.05101) with its usual settings; an eighth of the training rows decides
when to stop.
"""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from dashboard.tables.recipe import Task

Array = npt.NDArray[np.float64]

WIDTH = 64
_BATCH = 128
_RATE = 3e-3
_DECAY = 1e-2
_DROPOUT = 0.1
_MOST_STEPS = 3000
_PATIENCE = 12
"""Looks without a better one."""
_SET_ASIDE = 8


class Network:
    """A network that learns and answers like an estimator of scikit-learn.

    Args:
        task: Classes or a number.
        seed: Of its first weights, its batches and the rows set aside. The global generators stay as they were.
    """

    def __init__(self, task: Task, seed: int) -> None:
        self.task = task
        self._seed = seed
        self._module = nn.Sequential()
        self._shift, self._scale = 0.0, 1.0

    def fit(self, z: Array, y: Array) -> Network:
        """Learn from a design matrix z [rows, columns] and positions of classes or numbers y [rows]."""
        classed = self.task == "classification"
        if not classed:
            self._shift, self._scale = float(y.mean()), float(y.std()) or 1.0
        inputs = torch.from_numpy(np.ascontiguousarray(z, dtype=np.float64))
        told = torch.from_numpy(y.astype(np.int64) if classed else (y - self._shift) / self._scale)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed)
            self._module = _network(z.shape[1], int(y.max()) + 1 if classed else 1)
            self._learn(inputs, told, np.random.default_rng(self._seed))
        self._module.eval()
        return self

    def _learn(self, z: Tensor, y: Tensor, generator: np.random.Generator) -> None:
        mixed = torch.from_numpy(generator.permutation(len(z)))
        aside, own = mixed[: len(z) // _SET_ASIDE], mixed[len(z) // _SET_ASIDE :]
        optimiser = torch.optim.AdamW(self._module.parameters(), lr=_RATE, weight_decay=_DECAY)
        best, kept, worse = np.inf, copy.deepcopy(self._module.state_dict()), 0
        look_every = max(10, min(100, len(own) // _BATCH))
        for step in range(1, _MOST_STEPS + 1):
            rows = own[torch.from_numpy(generator.integers(len(own), size=_BATCH))]
            self._module.train()
            optimiser.zero_grad()
            self._loss(z[rows], y[rows]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if step % look_every:
                continue
            self._module.eval()
            with torch.no_grad():
                loss = float(self._loss(z[aside], y[aside]))
            worse = 0 if loss < best else worse + 1
            if loss < best:
                best, kept = loss, copy.deepcopy(self._module.state_dict())
            if worse == _PATIENCE:
                break
        self._module.load_state_dict(kept)

    def _loss(self, z: Tensor, y: Tensor) -> Tensor:
        said = self._module(z)
        if self.task == "classification":
            return functional.cross_entropy(said, y)
        return functional.mse_loss(said[:, 0], y)

    @property
    def weights(self) -> int:
        """How many numbers it has learned."""
        return sum(one.numel() for one in self._module.parameters())

    def answer(self, z: Tensor) -> Tensor:
        """Probabilities [rows, classes], or the number [rows, 1], with their gradients."""
        said: Tensor = self._module(z)
        return said.softmax(dim=1) if self.task == "classification" else said * self._scale + self._shift

    def predict_proba(self, z: Array) -> Array:
        """Probabilities of the classes [rows, classes]."""
        with torch.no_grad():
            found: Array = self.answer(torch.from_numpy(z)).numpy()
        return found

    def predict(self, z: Array) -> Array:
        """The number [rows], or the most probable class."""
        found = self.predict_proba(z)
        return found.argmax(axis=1).astype(np.float64) if self.task == "classification" else found[:, 0]


def _network(columns: int, outputs: int) -> nn.Sequential:
    layers = [
        nn.Linear(columns, WIDTH), nn.SiLU(), nn.Dropout(_DROPOUT),
        nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Dropout(_DROPOUT),
        nn.Linear(WIDTH, outputs),
    ]  # fmt: skip
    return nn.Sequential(*layers).double()
