"""Small homes with made runs, for the tests of the watching pages: written through the journal, as a job would."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.journal import Journal
from dashboard.tracking.records import NewRun, Reason, State
from dashboard.tracking.store import Store
from data.text import Text

DONE = Reason("finished", Text(en="All steps are done.", hi="सारे स्टेप पूरे हुए।"))


def make_run(
    store: Store,
    *,
    name: str = "Digits from noise",
    losses: list[float] | None = None,
    state: State = State.FINISHED,
    reason: Reason | None = DONE,
    total: int | None = None,
    group: str | None = None,
    seed: int = 0,
    pictures_every: int = 0,
    learning_rate: float = 1e-3,
    method: str = "ddpm",
    more: Mapping[str, Sequence[float]] | None = None,
    line: tuple[str, float] = ("loss", 0.05),
) -> str:
    """A run with a loss a step, `more` metrics by name, one reference line and, if wanted, pictures; collected into the store."""
    values = losses if losses is not None else (1.0 / np.arange(1, 61)).tolist()
    config = {
        "method": method, "dataset": "digits", "preset": "tiny", "method_config": {"channels": 16} if method == "ddpm" else {}, "dataset_config": {},
        "training": {"steps": total or len(values), "seed": seed, "learning_rate": learning_rate},
    }  # fmt: skip
    run, _ = store.create_run(NewRun(name, method, "digits", "tiny", config, seed, total or len(values), group=group))
    folder = store.folder(run.id)
    journal = Journal(folder, 1)
    journal.write("start", pid=1, env={"python": "3.11"})
    level = {"metric": line[0], "value": line[1], "label": {"en": "memorised", "hi": "रटा हुआ"}}
    journal.write("info", v={"reference_lines": [level], "items": 640, "batch_size": 32})
    for step, value in enumerate(values, 1):
        journal.metrics(step, {"loss": value, **{name: each[step - 1] for name, each in (more or {}).items()}})
        if pictures_every and step % pictures_every == 0:
            _picture(journal, folder, step)
    journal.write("end", s=len(values), state=str(state), code="x", text={"en": "x", "hi": "x"})
    journal.close()
    collect(store, store.settings, run.id)
    began = time.time() - 100
    store.set_state(run.id, state, reason, step=len(values), started_at=began, ended_at=began + 60, attempt=1)
    return run.id


def _picture(journal: Journal, folder: Path, step: int) -> None:
    (folder / "media").mkdir(exist_ok=True)
    pixels = np.full((16, 16), step % 256, dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    path = f"media/samples-{step}.png"
    (folder / path).write_bytes(written.getvalue())
    journal.write("media", s=step, n="samples", kind="image", p=path, c={"en": "Samples", "hi": "सैंपल"}, i={})


def home(path: Path) -> Settings:
    """Settings of a fresh home."""
    return Settings(home=path / "home")
