"""What ways that follow a network's gradients share: the score as a function of the design matrix, and columns gathered into features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from dashboard.explain.table import words
from dashboard.explain.table.subject import Array, TableSubject
from dashboard.tables.design import Design
from dashboard.tables.network import Network
from data.text import Problem

Score = Callable[[Tensor], Tensor]


def network_of(subject: TableSubject) -> tuple[Score, Design]:
    """The score of the target of a design matrix [rows, columns] -> [rows], with gradients; and the design.

    Raises:
        Problem: The model has no gradients.
    """
    fitted = subject.fitted
    if fitted is None or not isinstance(fitted.model, Network):
        raise Problem(words.NO_GRADIENTS, code="no_gradients", field="method")
    network, target = fitted.model, subject.target_index
    return lambda z: network.answer(z)[:, target], fitted.design


def as_design(design: Design, rows: Array) -> Tensor:
    """Rows [rows, features] as the network is given them [rows, columns]."""
    return torch.from_numpy(design(rows))


def of_features(design: Design, columns: Tensor) -> Array:
    """What columns [columns] get, summed over the columns of each feature [features]."""
    group = design.group
    found = np.zeros(int(group.max()) + 1)
    np.add.at(found, group, columns.detach().numpy())
    return found
