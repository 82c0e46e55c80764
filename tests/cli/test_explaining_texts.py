"""`samajh explain text`: a review is explained with its evidence, two scripts are compared, and bad input is told in words."""

from __future__ import annotations

from pathlib import Path

from tests.cli.samajh import Samajh


def test_a_review_is_explained_with_its_evidence_and_the_model_tells_how_good_it_is(
    studio: Samajh, tmp_path: Path
) -> None:
    (tmp_path / "review.txt").write_text("\ufeffa dull plot but wonderful actors\n", encoding="utf-8")
    said = studio("explain", "text", str(tmp_path / "review.txt"), "--target", "positive", "--json")
    assert said.code == 0, said
    found = said.json
    shares = {one["word"]: one["share"] for one in found["shares"]}
    assert shares["wonderful"] > 0 > shares["dull"] and found["held_out"]["accuracy"] > 0.75
    assert found["base_value"] + sum(shares.values()) - found["prediction"] < 1e-6
    assert found["evidence"]["light"]["speaks_for"] is not None and "removal" in found["evidence"]
    assert "“wonderful”" in found["sentence"] and "मॉडल के हिसाब से" in found["sentence_hi"]


def test_a_hindi_text_is_compared_by_the_encoder_that_reads_it(studio: Samajh) -> None:
    arguments = ("explain", "text", "--text", "लाल दिल", "--other", "a red heart", "--no-evidence", "--json")
    said = studio(*arguments, "--model", "english_hindi", "--method", "leave_one_out")
    assert said.code == 0 and [one["word"] for one in said.json["shares"]] == ["लाल", "दिल"], said
    assert studio(*arguments, "--model", "minilm").error["code"] == "english_only"


def test_bad_input_is_told_in_words(studio: Samajh, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "long.txt").write_text("word " * 30_000)
    for arguments, code in (
        ((), "bad_file"),
        ((str(tmp_path / "none.txt"),), "no_file"),
        ((str(tmp_path / "binary.txt"),), "not_text"),
        ((str(tmp_path / "long.txt"),), "text_too_long"),
        (("--text", "नमस्ते"), "english_only"),
        (("--text", ""), "empty_text"),
        (("--text", "fine", "--model", "minilm"), "empty_text"),
        (("--text", "fine", "--target", "purple"), "unknown_class"),
        (("--text", "fine", "--method", "grad_cam"), "unknown_explainer"),
        (("--text", "fine", "--set", "samples=2", "--method", "word_lime"), "too_small"),
    ):
        assert studio("explain", "text", *arguments, "--json").error["code"] == code, arguments
