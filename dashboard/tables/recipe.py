"""How a model came to be: table, target, learner, seed. The same recipe gives the same model, so the recipe is what is kept."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from data.table import Column, ColumnKind
from data.text import Text

LearnerName = Literal["forest", "boosting", "network", "linear", "tree", "foreign"]
Task = Literal["classification", "regression"]

LEARNERS: dict[LearnerName, Text] = {
    "forest": Text(en="Random forest", hi="रैंडम फ़ॉरेस्ट"),
    "boosting": Text(en="Gradient boosting", hi="ग्रेडिएंट बूस्टिंग"),
    "network": Text(en="Neural network", hi="न्यूरल नेटवर्क"),
    "linear": Text(en="Linear or logistic regression", hi="लीनियर या लॉजिस्टिक रिग्रेशन"),
    "tree": Text(en="Small decision tree", hi="छोटा डिसीज़न ट्री"),
}
NAMES: dict[LearnerName, Text] = {**LEARNERS, "foreign": Text(en="Your own model", hi="आपका अपना मॉडल")}
"""Every model by name: those that are trained here, and one that was brought."""
READABLE: tuple[LearnerName, ...] = ("tree", "linear")
"""Models that a person can read from end to end."""
TREES: tuple[LearnerName, ...] = ("forest", "boosting", "tree")
"""Models that are sums of trees."""


class Recipe(BaseModel):
    """One model. `kinds` holds what a person changed about the guessed kinds of columns; `file` is the id of a model that was brought
    (`learner` "foreign"); `rows`, when not 0, is how many rows at most it learns from, drawn by the seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    target: str
    learner: LearnerName = "forest"
    file: str = ""
    kinds: dict[str, ColumnKind] = {}
    seed: int = Field(0, ge=0, le=2**31 - 1)
    rows: int = Field(0, ge=0)

    def id(self, table_sha256: str) -> str:
        """Names the model: a hash of the recipe and of the table's content."""
        said = self.model_dump_json(exclude=set() if self.rows else {"rows"})  # as when there was no such choice
        return hashlib.sha256(f"{said}{table_sha256}".encode()).hexdigest()[:16]

    def kind_of(self, column: Column) -> ColumnKind:
        """What a column is taken for."""
        return self.kinds.get(column.name, column.kind)


def task_of(target: Column, kind: ColumnKind) -> Task:
    """A category is classified, and so is a number that takes two values; any other number is predicted as a number."""
    return "classification" if kind == "category" or target.distinct == 2 else "regression"
