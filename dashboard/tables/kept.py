"""Models of tables that a person keeps: the recipe under a name, with what it was worth. The same recipe is the same model (decision 0041)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.tables.recipe import Recipe
from data.durable import write_durably
from data.images import shown_name
from data.text import Problem, Text

_LONGEST = 80


class KeptModel(BaseModel):
    """A recipe with its name; `figures` are the measures on held-out rows when it was kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern="^[0-9a-f]{16}$")
    name: str
    recipe: Recipe
    figures: dict[str, float]
    kept_at: float


def keep(identity: str, name: str, recipe: Recipe, figures: Mapping[str, float], folder: Path) -> KeptModel:
    """Keep a model under a name; the same model again changes its name.

    Args:
        identity: Its id, as "fit_table" tells it.
        name: What a person calls it; without one, what it predicts.
        recipe: How it came to be.
        figures: What it is worth.
        folder: Folder of kept recipes.
    """
    plain = shown_name(" ".join(name.split()))[:_LONGEST] or recipe.target
    one = KeptModel(id=identity, name=plain, recipe=recipe, figures=dict(figures), kept_at=time.time())
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / f"{one.id}.json", one.model_dump_json(indent=1).encode())
    return one


def listed(folder: Path) -> list[KeptModel]:
    """Kept models, newest first; what is none is passed over."""
    found = []
    for path in folder.glob("*.json"):
        with contextlib.suppress(OSError, ValidationError):
            found.append(KeptModel.model_validate_json(path.read_bytes()))
    return sorted(found, key=lambda one: one.kept_at, reverse=True)


def find(identity: str, folder: Path) -> KeptModel:
    """The kept model with this id.

    Raises:
        Problem: There is none.
    """
    for one in listed(folder):
        if one.id == identity:
            return one
    text = Text(en="No model “{name}” is kept.", hi="“{name}” नाम का कोई मॉडल रखा नहीं है।")
    raise Problem(text.format(name=shown_name(identity)), code="unknown_model", field="model")


def delete(identity: str, folder: Path) -> None:
    """Keep a model no longer.

    Raises:
        Problem: There is no such model.
    """
    (folder / f"{find(identity, folder).id}.json").unlink()
