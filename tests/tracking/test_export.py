"""Exports hold every point, as other programs read them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dashboard.settings import Settings
from dashboard.tracking.export import COLUMNS, export, suggested_name
from dashboard.tracking.ingest import collect
from dashboard.tracking.store import Store
from data.text import Problem
from tests.tracking.conftest import Job

POINTS = 2345
BROKEN = {500: math.nan, 900: math.inf, 1200: 1e9}


@pytest.fixture
def job(store: Store, settings: Settings) -> Job:
    made = Job(store, name="Ein Lauf, रन")
    made.start()
    made.log(range(1, POINTS + 1), loss=lambda step: BROKEN.get(step, 1 / step), accuracy=lambda step: step / 7)
    (made.folder / "media").mkdir()
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8)).save(made.folder / "media" / "a.png")
    made.journal.write("media", s=20, n="samples", kind="image", p="media/a.png")
    collect(store, settings)
    return made


def same(ours: list[float], theirs: list[float]) -> None:
    assert list(map(repr, ours)) == list(map(repr, theirs))


def test_csv_reads_back_to_the_last_bit(store: Store, job: Job, tmp_path: Path) -> None:
    target = export(store, [job.run.id], "csv", tmp_path / "out" / "run.csv")
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    for metric in ("loss", "accuracy"):
        steps, values, times = store.points(job.run.id, metric)
        found = [row for row in rows if row["metric"] == metric]
        assert [int(row["step"]) for row in found] == steps.tolist()
        same([float(row["value"]) for row in found], values.tolist())
        same([float(row["time"]) for row in found], times.tolist())
    assert {(row["run"], row["name"]) for row in rows} == {(job.run.id, "Ein Lauf, रन")}
    assert [path.name for path in target.parent.iterdir()] == ["run.csv"]


def test_parquet_reads_back_to_the_last_bit_with_the_config(store: Store, job: Job, tmp_path: Path) -> None:
    second = Job(store)
    target = export(store, [job.run.id, second.run.id], "parquet", tmp_path / "run.parquet")
    table = pq.read_table(target)
    assert tuple(table.column_names) == COLUMNS
    frame = table.to_pandas()
    loss = frame[frame.metric == "loss"]
    steps, values, _ = store.points(job.run.id, "loss")
    assert loss.step.tolist() == steps.tolist()
    same(loss.value.tolist(), values.tolist())
    about = json.loads(table.schema.metadata[b"samajh"])
    assert about[job.run.id]["config"] == {"width": 8}
    assert set(about) == {job.run.id, second.run.id}


def test_tensorboard_itself_reads_every_point_and_picture(store: Store, job: Job, tmp_path: Path) -> None:
    for _ in range(2):  # an export over an earlier one does not double the points
        export(store, [job.run.id], "tensorboard", tmp_path / "tb")
    reader = EventAccumulator(str(tmp_path / "tb" / job.run.id), size_guidance={"scalars": 0, "images": 0})
    reader.Reload()
    assert reader.Tags()["scalars"] == ["accuracy", "loss"]
    steps, values, times = store.points(job.run.id, "loss")
    found = reader.Scalars("loss")
    assert [event.step for event in found] == steps.tolist()
    assert np.array_equal([event.value for event in found], values.astype(np.float32), equal_nan=True)
    assert np.allclose([event.wall_time for event in found], times)
    (picture,) = reader.Images("samples")
    assert (picture.step, picture.width, picture.height) == (20, 8, 6)
    assert picture.encoded_image_string == (job.folder / "media" / "a.png").read_bytes()


def test_an_unknown_run_or_format_is_a_problem_and_writes_nothing(store: Store, job: Job, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        export(store, ["nosuch"], "csv", tmp_path / "x.csv")
    assert caught.value.code == "unknown_run"
    with pytest.raises(Problem) as caught:
        export(store, [job.run.id], "xlsx", tmp_path / "x.xlsx")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("unknown_format", "format")
    assert not list(tmp_path.glob("x.*"))


def test_a_download_is_named_after_its_run(store: Store, job: Job) -> None:
    assert suggested_name([job.run], "csv").startswith("Ein-Lauf--र")
    assert suggested_name([job.run, job.run], "parquet").startswith("runs-")
    assert suggested_name([job.run], "csv").endswith(".csv")
