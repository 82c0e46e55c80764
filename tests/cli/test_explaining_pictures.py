"""`samajh explain image`: the palace is said to be one, a file of one's own works, and bad input is told in words."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.cli.samajh import Samajh
from tests.hostile import files


def test_the_palace_is_explained_with_its_evidence_and_its_map_written(studio: Samajh, tmp_path: Path) -> None:
    out = tmp_path / "why.png"
    said = studio("explain", "image", "china", "--out", str(out), "--region", "20,20,80,90", "--json")
    assert said.code == 0, said
    found = said.json
    assert found["class"] == "palace" and found["sentence"].startswith(
        "The model says “palace” (0.31), mainly because of"
    )
    assert "मॉडल का अनुमान है “palace”" in found["sentence_hi"]
    assert found["evidence"]["light"]["speaks_for"] is not None and {
        "deletion_blur",
        "randomisation",
        "stability",
    } <= set(found["evidence"])
    assert max(found["places"], key=lambda name: found["places"][name]) in ("the middle", "the left side")
    pointing = found["pointing"]
    assert pointing["hit"] and pointing["inside"] > pointing["area"] and 0.4 < pointing["area"] < 0.45
    with Image.open(out) as drawn:
        assert drawn.size == (448, 448)


def test_an_own_picture_is_explained_for_a_class_one_asks_about(studio: Samajh, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(files.picture(size=(300, 200)))
    said = studio(
        "explain",
        "image",
        str(tmp_path / "mine.png"),
        "--method",
        "saliency",
        "--target",
        "castle",
        "--no-evidence",
        "--json",
    )
    assert said.code == 0, said
    assert said.json["class"] == "castle" and said.json["evidence"] == {}


def test_bad_input_is_told_in_words(studio: Samajh, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(files.svg())
    for arguments, code in (
        ((str(tmp_path / "none.png"),), "no_file"),
        ((str(tmp_path / "bad.png"),), "not_an_image"),
        (("china", "--target", "unicorn"), "unknown_class"),
        (("china", "--method", "lime"), "unknown_explainer"),
        (("china", "--set", "layer=nowhere"), "unknown_layer"),
        (("china", "--out", "x.jpg"), "bad_file"),
        (("china", "--region", "1,2,3"), "bad_region"),
        (("china", "--region", "50,0,40,10"), "bad_region"),
    ):
        assert studio("explain", "image", *arguments, "--json").error["code"] == code, arguments
