"""The points of runs as files that other programs read: CSV, Parquet, TensorBoard event files. Nothing is thinned."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import wave
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from PIL import Image

from dashboard.tracking import problems
from dashboard.tracking.points import Points
from dashboard.tracking.records import Run
from dashboard.tracking.store import Store
from data.text import Problem, Text

Format = Literal["csv", "parquet", "tensorboard"]
FORMATS: tuple[Format, ...] = get_args(Format)

COLUMNS = ("run", "name", "metric", "step", "time", "value")
"""Columns of CSV and Parquet: one row a point, time in seconds since 1970."""


def export(store: Store, ids: Sequence[str], kind: Format, target: Path) -> Path:
    """Write every point of the runs to `target`: a file, or for TensorBoard a folder with one folder a run.

    Returns:
        `target`.

    Raises:
        Problem: A run is unknown, the format is, the disk is full, or the place cannot be written.
    """
    chosen = [store.run(run) for run in ids]
    try:
        if kind == "tensorboard":
            for run in chosen:
                _tensorboard(store, run, target / run.id)
        elif kind in FORMATS:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as place:
                part = Path(place) / target.name
                (_csv if kind == "csv" else _parquet)(store, chosen, part)
                part.replace(target)
        else:
            raise unknown_format(kind)
    except OSError as error:
        raise problems.of_file(error, target) from error
    return target


def unknown_format(kind: str) -> Problem:
    """Nobody has written an export to this format."""
    return Problem(
        Text(
            en="There is no export to “{kind}”; choose one of {formats}.",
            hi="“{kind}” में एक्सपोर्ट नहीं हो सकता; इनमें से चुनें: {formats}।",
        ).format(kind=kind, formats=", ".join(FORMATS)),
        code="unknown_format",
        field="format",
    )


def _curves(store: Store, run: Run) -> Iterator[tuple[str, Points]]:
    for summary in store.summaries(run.id):
        yield summary.name, Points(*store.points(run.id, summary.name))


def _csv(store: Store, chosen: Sequence[Run], target: Path) -> None:
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for run in chosen:
            for metric, points in _curves(store, run):
                rows = zip(points.steps.tolist(), points.times.tolist(), points.values.tolist(), strict=True)
                # `repr` gives the shortest text that reads back as the same float
                writer.writerows((run.id, run.name, metric, step, repr(at), repr(value)) for step, at, value in rows)


def _parquet(store: Store, chosen: Sequence[Run], target: Path) -> None:
    # pyarrow takes 0.1 s to import and starts threads, which a forking process must not have
    import pyarrow as pa
    import pyarrow.parquet as pq

    word = pa.dictionary(pa.int32(), pa.string())
    types = (word, word, word, pa.int64(), pa.float64(), pa.float64())
    about = {run.id: {"name": run.name, "config": run.config, "seed": run.seed} for run in chosen}
    schema = pa.schema(list(zip(COLUMNS, types, strict=True)), metadata={"samajh": json.dumps(about)})
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for run in chosen:
            for metric, points in _curves(store, run):
                words = [pa.array([text] * len(points)).dictionary_encode() for text in (run.id, run.name, metric)]
                numbers = [pa.array(column) for column in (points.steps, points.times, points.values)]
                writer.write_table(pa.table([*words, *numbers], names=list(COLUMNS)).cast(schema))


def _tensorboard(store: Store, run: Run, folder: Path) -> None:
    # TensorBoard's protocol buffers, without the rest of TensorBoard and without torch
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("events.out.tfevents.*"):
        earlier.unlink()  # an export replaces the one before it
    with (folder / f"events.out.tfevents.{int(run.created_at):010d}.samajh").open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=run.created_at, file_version="brain.Event:2").SerializeToString())
        for event in _events(store, run):
            writer.write(event.SerializeToString())


def _events(store: Store, run: Run) -> Iterator[Any]:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    for metric, points in _curves(store, run):
        rows = zip(points.steps.tolist(), points.times.tolist(), points.values.tolist(), strict=True)
        for step, at, value in rows:
            # as float32, all that TensorBoard keeps of a scalar
            summary = Summary(value=[Summary.Value(tag=metric, simple_value=value)])
            yield Event(wall_time=at, step=step, summary=summary)
    for media in store.media(run.id):
        if media.kind == "image" and media.path.exists():
            with Image.open(media.path) as opened:
                width, height = opened.size
            image = Summary.Image(
                height=height, width=width, colorspace=3, encoded_image_string=media.path.read_bytes()
            )
            summary = Summary(value=[Summary.Value(tag=media.name, image=image)])
            yield Event(wall_time=media.path.stat().st_mtime, step=media.step, summary=summary)
        elif media.kind == "audio" and media.path.exists():
            content = media.path.read_bytes()
            with wave.open(io.BytesIO(content)) as file:
                rate, length = file.getframerate(), file.getnframes()
            sound = Summary.Audio(
                sample_rate=rate, num_channels=1, length_frames=length, encoded_audio_string=content,
                content_type="audio/wav",
            )  # fmt: skip
            summary = Summary(value=[Summary.Value(tag=media.name, audio=sound)])
            yield Event(wall_time=media.path.stat().st_mtime, step=media.step, summary=summary)


def suggested_name(runs: Sequence[Run], kind: Format) -> str:
    """A file name for a download, such as `my-run-2026-11-23.csv`."""
    stem = runs[0].name if len(runs) == 1 else "runs"
    plain = "".join(letter if letter.isalnum() else "-" for letter in stem).strip("-") or "run"
    ending = "" if kind == "tensorboard" else f".{kind}"
    return f"{plain[:60]}-{datetime.now(UTC):%Y-%m-%d}{ending}"
