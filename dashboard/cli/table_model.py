"""Which table and which model a command means: the options they share, and the request that names the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli.declare import told
from dashboard.cli.opening import house
from dashboard.compute.client import ask
from dashboard.compute.framing import Message
from dashboard.jobs import control
from dashboard.settings import Settings
from dashboard.tables import kept
from dashboard.tables.recipe import LEARNERS, Recipe
from data import model_files, tables
from data.example_tables import EXAMPLES
from data.table_reading import LARGEST_FILE
from data.tables import TableAbout
from data.text import Problem, Text

File = Annotated[str, typer.Argument(metavar="FILE", help=told("A CSV, Parquet or .xlsx, the id of a kept table, or credit_german, breast_cancer, diabetes.", "CSV, Parquet या .xlsx फ़ाइल, रखी हुई टेबल की id, या credit_german, breast_cancer, diabetes।"))]  # fmt: skip
Learner = Annotated[str, typer.Option("--model", metavar="MODEL", help=told("forest, boosting, network, linear or tree, trained on it; or a model of your own: a .skops or .onnx file, or its id.", "forest, boosting, network, linear या tree, जिसकी ट्रेनिंग हो; या आपका अपना मॉडल: .skops या .onnx फ़ाइल, या उसकी id।"))]  # fmt: skip
Target = Annotated[str | None, typer.Option(help=told("Column to predict (the last).", "जो कॉलम बताना है (आख़िरी)।"))]
Line = Annotated[int | None, typer.Option(help=told("Line of the file; its names are line 1 (the first line held out).", "फ़ाइल की लाइन; नाम लाइन 1 हैं (अलग रखी पहली लाइन)।"))]  # fmt: skip
Rows = Annotated[
    int,
    typer.Option(
        min=0, help=told("Learn from so many rows at most; 0: from all.", "ज़्यादा से ज़्यादा इतनी पंक्तियों से सीखें; 0: सारी से।")
    ),
]
Seed = Annotated[int, typer.Option(help=told("Seed of the model and its split.", "मॉडल और उसके बँटवारे का सीड।"))]
Klass = Annotated[str | None, typer.Option("--class", help=told("Class that is asked about (the last, or the predicted one).", "किस क्लास के बारे में (आख़िरी, या जो मॉडल कहे)।"))]  # fmt: skip
Timeout = Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))]


@dataclass(frozen=True)
class Asked:
    """A table with a model of it, and the home whose workers are asked."""

    settings: Settings
    about: TableAbout
    recipe: Recipe
    timeout_s: float

    @property
    def request(self) -> dict[str, Any]:
        """The model as requests name it."""
        return self.recipe.model_dump(mode="json")

    def ask(self, request: str, **values: Any) -> Message:
        """The answer of a worker about this model."""
        return ask(self.settings, request, {"model": self.request, **values}, timeout_s=self.timeout_s)

    def facts(self) -> Mapping[str, Any]:
        """What every answer says of its model."""
        return {
            "table": self.about.id,
            "model": self.recipe.learner,
            "target": self.recipe.target,
            "seed": self.recipe.seed,
        }


def asked(file: str, learner: str, target: str | None, seed: int, timeout_s: float, rows: int = 0) -> Asked:
    """The table of a word and the recipe of a model, in a home with workers.

    Raises:
        Problem: There is no such table, or the file is refused.
    """
    with house() as home:
        about = table_of(file, home.settings)
        recipe = Recipe(
            table=about.id,
            target=target or usual_target(about),
            seed=seed,
            rows=rows,
            **_model_of(learner, home.settings),
        )
        control.ensure_supervisor(home.settings)
        return Asked(home.settings, about, recipe, timeout_s)


def _model_of(word: str, settings: Settings) -> dict[str, Any]:
    """The learner of a word, or the model it brings."""
    if word in LEARNERS:
        return {"learner": word}
    path = Path(word)
    if word in {one.id for one in kept.listed(settings.recipes)}:
        recipe = kept.find(word, settings.recipes).recipe
        return {"learner": recipe.learner, "file": recipe.file, "kinds": recipe.kinds}
    if not path.exists() and not path.suffix:
        return {"learner": "foreign", "file": model_files.find(word, settings.models).id}
    return {
        "learner": "foreign",
        "file": model_files.accept(content_of(path, model_files.LARGEST_FILE), path.name, settings.models).id,
    }


def content_of(path: Path, largest: int) -> bytes:
    """The bytes of a file; of one that is too large as many as are refused in words, without reading gigabytes.

    Raises:
        Problem: It cannot be read.
    """
    try:
        return bytes(largest + 1) if path.stat().st_size > largest else path.read_bytes()
    except OSError as error:
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=path, why=error.strerror), code="no_file", field="FILE") from error


def table_of(word: str, settings: Settings) -> TableAbout:
    """A table by its id, or a file that is checked and kept."""
    path = Path(word)
    if word in EXAMPLES or not (path.exists() or path.suffix):
        return tables.find(word, settings.tables)
    return tables.accept(content_of(path, LARGEST_FILE), path.name, settings.tables)


def usual_target(about: TableAbout) -> str:
    """What is predicted when nobody says."""
    return EXAMPLES[about.id].target if about.id in EXAMPLES else about.columns[-1].name
