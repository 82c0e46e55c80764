"""`samajh explain denoiser|embedding`: trained runs are asked about held-out items and own pictures, kept, replayed, and refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import SHORT
from tests.cli.samajh import Samajh
from tests.hostile import files


@pytest.fixture(scope="module")
def encoder(studio: Samajh) -> str:
    """Id of an encoder that has hardly begun to learn."""
    said = studio("train", "simclr", *SHORT, "--set", "channels=8", "--set", "judged=50", "--wait", "--json")
    assert said.code == 0, said
    return str(said.json["run_id"])


def test_what_drives_a_denoiser_is_told_with_its_evidence_and_replays_to_the_bit(
    studio: Samajh, finished: str, tmp_path: Path
) -> None:
    out = tmp_path / "why.png"
    said = studio(
        "explain", "denoiser", "--model", finished, "--item", "3", "--noise", "20", "--out", str(out), "--json"
    )
    assert said.code == 0, said
    found = said.json
    assert found["noise"]["step"] == round(0.2 * (found["noise"]["steps"] - 1)) and found["sentence"].startswith(
        "At noise step"
    )
    assert sum(found["places"].values()) == pytest.approx(found["prediction"], rel=0.02)
    assert {"completeness", "removal", "seeds", "light"} <= set(found["evidence"]) and "नॉइज़ स्टेप" in found[
        "sentence_hi"
    ]
    with Image.open(out) as drawn:
        assert min(drawn.size) >= 448
    again = studio("replay", found["id"], "--json")
    assert again.code == 0 and again.json["identical"], again
    report = tmp_path / "report.html"
    told = studio("explanations", "report", found["id"], "--out", str(report), "--json")
    assert told.code == 0 and "data:image/png;base64" in report.read_text(encoding="utf-8"), told


def test_the_loss_of_an_own_picture_adds_up(studio: Samajh, finished: str, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(files.picture(size=(30, 20)))
    said = studio(
        "explain", "denoiser", str(tmp_path / "mine.png"), "--model", finished, "--method", "loss_map", "--set", "draws=8", "--json"
    )  # fmt: skip
    assert said.code == 0, said
    assert sum(said.json["places"].values()) == pytest.approx(said.json["loss"], rel=1e-5)
    assert said.json["evidence"]["additivity"]["speaks_for"]


def test_why_two_pictures_are_alike_is_told_of_both(studio: Samajh, encoder: str) -> None:
    said = studio(
        "explain",
        "embedding",
        "--model",
        encoder,
        "--method",
        "alike_parts",
        "--item",
        "0",
        "--other-item",
        "5",
        "--json",
    )
    assert said.code == 0, said
    found = said.json
    assert sum(found["places"].values()) == pytest.approx(found["likeness"], abs=1e-5)
    assert sum(found["other_places"].values()) == pytest.approx(found["likeness"], abs=1e-5)
    assert found["evidence"]["additivity"]["speaks_for"] and 0 <= found["more_than"] <= 1


def test_bad_input_is_told_in_words(studio: Samajh, finished: str, encoder: str, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(files.svg())
    for arguments, code in (
        (("denoiser", "--model", encoder), "no_denoiser"),
        (("embedding", "--model", finished), "no_encoder"),
        (("denoiser", "--model", finished, "--item", "100000"), "unknown_item"),
        (("denoiser", "--model", finished, "--prompt", "red"), "no_words"),
        (("denoiser", "--model", finished, "--label", "77"), "unknown_class"),
        (("denoiser", "--model", finished, "--method", "alike_parts"), "unknown_explainer"),
        (("denoiser", "--model", finished, "--set", "part=12"), "not_a_choice"),
        (("embedding", "--model", encoder, "--other", str(tmp_path / "bad.png")), "not_an_image"),
        (("embedding", "--model", encoder, "--out", "x.jpg"), "bad_file"),
    ):
        assert studio("explain", *arguments, "--json").error["code"] == code, arguments
