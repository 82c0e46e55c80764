"""Every explanation has an id: it is asked again to the same bits, reported, kept as long as a person says, and deleted with all made from it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.samajh import Samajh


def test_explanations_are_replayed_reported_kept_and_deleted(studio: Samajh, tmp_path: Path) -> None:
    explained = {
        "text": studio("explain", "text", "--text", "a warm film", "--no-evidence", "--json"),
        "image": studio("explain", "image", "china", "--method", "saliency", "--no-evidence", "--json"),
        "table": studio("explain", "table", "diabetes", "--model", "linear", "--no-evidence", "--json"),
    }
    ids = {}
    for kind, said in explained.items():
        assert said.code == 0, said
        ids[kind] = said.json["id"]
        again = studio("replay", ids[kind], "--json")
        assert again.code == 0 and again.json["identical"] and again.json["compared"] > 3, again
    for kind, ending, mark in (("table", "html", b"<!doctype html>"), ("text", "pdf", b"%PDF-")):
        out = tmp_path / f"{kind}.{ending}"
        assert studio("explanations", "report", ids[kind], "--out", str(out), "--lang", "hi", "--json").code == 0
        assert out.read_bytes().startswith(mark)
    assert "मॉडल ने ऐसा क्यों कहा" in (tmp_path / "table.html").read_text(encoding="utf-8")
    listed = studio("explanations", "list", "--json").json["explanations"]
    assert {one["id"] for one in listed} >= set(ids.values())
    assert studio("explanations", "keep", ids["text"], "always", "--json").json["until"] is None
    assert studio("explanations", "delete", ids["text"], "--json").json["deleted"] == [ids["text"]]
    assert studio("replay", ids["text"], "--json").error["code"] == "unknown_explanation"
    events = [(one["event"], one["id"]) for one in studio("explanations", "log", "--json").json["log"]]
    for event in ("explained", "replayed", "reported_pdf", "kept_always", "deleted"):
        assert (event, ids["text"]) in events


def test_bad_input_is_told_in_words(studio: Samajh, tmp_path: Path) -> None:
    for arguments, code in (
        (("replay", "../x"), "unknown_explanation"),
        (("explanations", "keep", "0000", "day"), "unknown_explanation"),
        (("explanations", "delete"), "bad_id"),
        (("explanations", "report", "0000", "--out", str(tmp_path / "x.html")), "unknown_explanation"),
    ):
        assert studio(*arguments, "--json").error["code"] == code, arguments
