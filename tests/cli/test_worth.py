"""`samajh worth` and `samajh views`: every figure as one JSON object, and what cannot be compared is told in a sentence."""

from __future__ import annotations

from pathlib import Path

from tests.cli.samajh import Samajh
from tests.hostile import files


def test_a_short_run_is_compared_and_a_run_without_a_representation_is_not(studio: Samajh, finished: str) -> None:
    order = (
        "--dataset",
        "digits",
        "--preset",
        "tiny",
        "--set",
        "steps=2",
        "--set",
        "channels=4",
        "--set",
        "judged=100",
    )
    run = studio("train", "simclr", *order, "--wait", "--json").json["run_id"]
    said = studio("worth", run, "--seeds", "1", "--steps", "1", "--json").json
    assert said["left"] == 0 and len(said["figures"]) == 25 and said["classes"] == 10
    assert {one["labels_a_class"] for one in said["figures"]} == {1, 5, 10, 100, None}
    assert all(0 <= one["mean"] <= 1 for one in said["figures"]) and said["sentence"].startswith(
        "With 10 labels a class"
    )
    refused = studio("worth", finished, "--json").error
    assert refused["code"] == "no_representation"
    assert studio("worth", run, "--seeds", "0", "--json").error["field"] == "seeds"
    told = studio("worth", run, "--seeds", "1", "--steps", "1", lang="hi")
    assert "दस्तावेज़ कहता है" in told.out and "हर क्लास के 10" in told.out


def test_two_views_of_an_own_picture_are_made_and_compared(studio: Samajh, tmp_path: Path) -> None:
    order = (
        "--dataset",
        "digits",
        "--preset",
        "tiny",
        "--set",
        "steps=2",
        "--set",
        "channels=4",
        "--set",
        "judged=100",
    )
    run = studio("train", "simclr", *order, "--wait", "--json").json["run_id"]
    (tmp_path / "mine.png").write_bytes(files.picture(size=(300, 200)))
    out = tmp_path / "views.png"
    said = studio("views", run, str(tmp_path / "mine.png"), "--negative", "--out", str(out), "--json").json
    assert len(said["alike"]) == said["pairs"] == 6 and 0 <= said["nearer_than"] <= 1 and out.is_file()
    assert said["alike"] == studio("views", run, str(tmp_path / "mine.png"), "--negative", "--json").json["alike"]
    (tmp_path / "no.png").write_bytes(b"no picture")
    assert "picture" in studio("views", run, str(tmp_path / "no.png"), "--json").error["message"]
    assert studio("views", run, str(tmp_path / "gone.png"), "--json").error["field"] == "PICTURE"
    assert studio("views", run, "--item", "99999", "--json").error["code"] == "unknown_item"
