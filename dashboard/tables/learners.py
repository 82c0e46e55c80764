"""The learners, each for classes and for numbers, seeded; of scikit-learn's every setting is the library's unless a reason stands here."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from dashboard.tables.network import Network
from dashboard.tables.recipe import LearnerName, Task

_TREES = 100
_LEAF = 3
"""Rows of a leaf: leaves of one row make a forest certain of what it learned by heart."""
_SHARE = 1 / 3
"""Of the columns, looked at for each cut of a tree that tells a number (A. Liaw, M. Wiener: Classification and Regression by randomForest, 2002).
scikit-learn looks at all: on 100,000 × 50 that takes over two minutes, and the trees are more alike, so the forest is no better."""
SMALL_TREE = {"max_depth": 3, "min_samples_leaf": 10}
"""At most eight rules: what a person reads in a minute."""


def estimator(learner: LearnerName, task: Task, seed: int) -> Any:
    """An estimator that has not learned yet. One thread: workers share the machine with jobs."""
    if learner == "linear":
        return LogisticRegression(max_iter=2000) if task == "classification" else LinearRegression()
    if learner == "network":
        return Network(task, seed)
    if learner == "tree":
        tree = DecisionTreeClassifier if task == "classification" else DecisionTreeRegressor
        return tree(**SMALL_TREE, random_state=seed)
    if learner == "forest":
        usual = {"min_samples_leaf": _LEAF, "random_state": seed, "n_jobs": 1}
        if task == "classification":
            return RandomForestClassifier(_TREES, **usual)
        return RandomForestRegressor(_TREES, max_features=_SHARE, **usual)
    if learner != "boosting":
        raise ValueError(f"{learner} is not trained here")
    boosting = HistGradientBoostingClassifier if task == "classification" else HistGradientBoostingRegressor
    return boosting(early_stopping=False, max_leaf_nodes=15, random_state=seed)
