"""Exports, pruning, backup and restore, samples and uploads from the command line."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.cli.samajh import Samajh


def test_every_point_goes_to_csv_parquet_and_tensorboard(studio: Samajh, finished: str, tmp_path: Path) -> None:
    assert studio("runs", "export", finished, "--out", str(tmp_path / "a.csv"), "--json").json["format"] == "csv"
    with (tmp_path / "a.csv").open() as file:
        losses = [float(row["value"]) for row in csv.DictReader(file) if row["metric"] == "loss"]
    assert len(losses) == 12
    studio("runs", "export", finished, "--out", str(tmp_path / "a.parquet"))
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert table[table["metric"] == "loss"]["value"].tolist() == losses
    assert studio("runs", "export", finished, "--out", str(tmp_path / "events"), "--json").code == 0
    assert list((tmp_path / "events").rglob("events.out.tfevents.*"))


def test_a_run_can_be_written_as_one_page_that_needs_no_network(studio: Samajh, finished: str, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    assert studio("runs", "export", finished, "--out", str(page), "--json").json["format"] == "html"
    text = page.read_text("utf-8")
    assert finished in text
    assert "<script src=" not in text
    assert studio("runs", "export", finished, finished, "--out", str(page), "--json").error["code"] == "one_run"


def test_samples_of_a_trained_run_are_a_picture_or_arrays(studio: Samajh, finished: str, tmp_path: Path) -> None:
    said = studio("sample", finished, "--count", "4", "--seed", "7", "--out", str(tmp_path / "s.npz"), "--json").json
    assert (said["count"], said["shape"]) == (4, [4, 1, 8, 8])
    assert np.load(tmp_path / "s.npz")["x"].std() > 0.1
    studio("sample", finished, "--count", "4", "--seed", "7", "--out", str(tmp_path / "s.png"))
    with Image.open(tmp_path / "s.png") as picture:
        assert min(picture.size) >= 64
    wrong = studio("sample", finished, "--set", "sampler=nope", "--out", str(tmp_path / "s.png"), "--json")
    assert wrong.error["field"] == "sampler"


@pytest.fixture
def carried(studio: Samajh, finished: str, tmp_path: Path) -> Samajh:
    """The shared home, carried into another by backup and restore; what is done there leaves the shared one alone."""
    assert studio("backup", str(tmp_path / "home.tar.gz")).code == 0
    other = Samajh(tmp_path / "other")
    assert other("restore", str(tmp_path / "home.tar.gz"), "--json").json["runs"] >= 1
    return other


def test_a_home_is_carried_elsewhere_by_backup_and_restore(
    studio: Samajh, finished: str, carried: Samajh, tmp_path: Path
) -> None:
    shown = studio("runs", "show", finished, "--json").json
    again = carried("runs", "show", finished, "--json").json
    assert (again["weights_sha256"], again["metrics"]) == (shown["weights_sha256"], shown["metrics"])
    assert carried("restore", str(tmp_path / "home.tar.gz"), "--json").error["code"] == "home_not_empty"


def test_pruning_keeps_the_newest_and_says_what_it_freed(carried: Samajh, finished: str) -> None:
    before = carried("runs", "show", finished, "--json").json["checkpoints"]
    assert [checkpoint["step"] for checkpoint in before] == [4, 8, 12]
    assert carried("prune", "--json").json["freed"] == 0
    assert carried("prune", "--keep", "1", "--json").json["freed"] > 0
    after = carried("runs", "show", finished, "--json").json["checkpoints"]
    assert after[-1] == before[-1]
    assert len(after) < len(before)
    assert all(Path(checkpoint["path"]).is_file() for checkpoint in after)


def test_pictures_are_uploaded_listed_and_deleted(fresh: Samajh, tmp_path: Path) -> None:
    path = tmp_path / "shapes.zip"
    Image.new("RGB", (8, 8), "red").save(tmp_path / "one.png")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "one.png", "red/one.png")
    kept = fresh("data", "upload", str(path), "--json").json
    assert (kept["name"], kept["images"]) == ("shapes.zip", 1)
    assert [one["id"] for one in fresh("data", "list", "--json").json["uploads"]] == [kept["id"]]
    fresh("data", "delete", kept["id"])
    assert fresh("data", "list", "--json").json["uploads"] == []


def test_a_picture_of_ones_own_is_filled_and_the_rest_keeps_every_byte(
    studio: Samajh, finished: str, tmp_path: Path
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 31), dtype=np.uint8)
    mask = np.zeros_like(picture)
    mask[5:12, 8:14] = 255
    for name, pixels in (("picture", picture), ("mask", mask), ("empty", mask * 0)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    order = ("repair", finished, str(tmp_path / "picture.png"), "--out", str(tmp_path / "out.png"), "--set", "steps=4")
    said = studio(*order, "--mask", str(tmp_path / "mask.png"), "--json").json
    result = np.asarray(Image.open(tmp_path / "out.png"))
    assert said["task"] == "inpaint" and len(said["notes"]) == 1
    assert np.array_equal(result[mask == 0], picture[mask == 0]) and not np.array_equal(result, picture)
    assert studio(*order, "--mask", str(tmp_path / "empty.png"), "--json").error["code"] == "nothing_painted"
    assert studio(*order, "--mask", str(tmp_path / "nowhere.png"), "--json").error["field"] == "--mask"
