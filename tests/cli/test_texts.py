"""Language models from the command line: they write, fill in, and refuse in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.samajh import Samajh

SHORT = (
    "--preset",
    "tiny",
    "--set",
    "steps=2",
    "--set",
    "width=16",
    "--set",
    "judged=200",
    "--set",
    "tokenizer=characters",
)


@pytest.fixture(scope="session")
def writer(studio: Samajh) -> str:
    """Id of a GPT that has hardly read any Hindi."""
    said = studio("train", "gpt", "--dataset", "sentences_hindi", *SHORT, "--wait", "--json")
    assert said.code == 0, said
    return str(said.json["run_id"])


def test_a_language_model_goes_on_from_a_beginning_the_same_way_each_time(
    studio: Samajh, writer: str, tmp_path: Path
) -> None:
    order = ("sample", writer, "--set", "prompt=फ़ाइल", "--set", "length=12", "--seed", "3")
    said = studio(*order, "--json").json
    assert said["prompt"] == "फ़ाइल" and len(said["texts"]) == 1 and len(said["texts"][0]) == 12
    assert studio(*order).out.rstrip("\n") == ("फ़ाइल" + said["texts"][0]).rstrip("\n")
    written = studio(*order, "--count", "2", "--out", str(tmp_path / "x.txt"), "--json")
    assert written.json["texts"][0] == said["texts"][0]  # the first of two is the same
    assert (tmp_path / "x.txt").read_text("utf-8").startswith("फ़ाइल" + said["texts"][0])


def test_what_a_model_of_texts_cannot_do_is_one_sentence(studio: Samajh, writer: str, finished: str) -> None:
    assert studio("sample", writer, "--set", "prompt=дождь", "--json").error["code"] == "unknown_script"
    assert studio("sample", writer, "--out", "x.png", "--json").error["code"] == "bad_file"
    assert studio("fill", writer, "एक ____", "--json").error["code"] == "unknown_request"
    assert studio("sample", finished, "--json").error == {
        "code": "missing_value", "field": "--out", "message": "Name the file to write with --out.",
    }  # fmt: skip


def test_blanks_are_filled_with_the_likeliest_tokens_and_their_chances(studio: Samajh) -> None:
    run = studio("train", "bert", "--dataset", "topics", *SHORT, "--wait", "--json").json["run_id"]
    said = studio("fill", run, "th[MASK] rain ____", "--expected", "3", "--json").json
    assert [len(blank) for blank in said["blanks"]] == [3, 3]
    best = said["blanks"][0][0]
    assert 0 < best["chance"] < 1 and said["filled"].startswith("th") and "MASK" not in said["filled"]
    shown = studio("fill", run, "th[MASK] rain", "--expected", "3").out
    assert f"{best['chance']:6.1%}" in shown and shown.startswith("th")
    for sentence, code in (("", "empty_prompt"), ("the rain", "no_blank"), ("x" * 500 + "____", "too_long")):
        assert studio("fill", run, sentence, "--json").error["code"] == code


def test_a_text_of_ones_own_is_kept_listed_trained_on_and_removed(studio: Samajh, tmp_path: Path) -> None:
    (tmp_path / "rain.txt").write_text("the rain fell on the roof\n" * 60, "utf-8")
    kept = studio("data", "upload", str(tmp_path / "rain.txt"), "--json").json
    assert (kept["name"], kept["characters"]) == ("rain.txt", 1560)
    assert kept["id"] in [one["id"] for one in studio("data", "list", "--json").json["texts"]]
    said = studio("train", "gpt", "--dataset", "text_file", "--set", f"file={kept['id']}", *SHORT, "--wait", "--json")
    assert said.code == 0 and said.json["metrics"]["bits_per_character"] > 0
    assert studio("data", "delete", kept["id"], "--json").json == {"deleted": kept["id"]}
    (tmp_path / "bad.txt").write_bytes("café".encode("latin-1") * 500)
    assert studio("data", "upload", str(tmp_path / "bad.txt"), "--json").error["code"] == "wrong_encoding"
