"""Explanations that are kept: the same question has one record, time ends it, deleting takes all with it, replays see every bit."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from dashboard.explain import records
from dashboard.explain.contract import Explanation, Finding, to_parts
from dashboard.explain.replaying import compared, request_of
from dashboard.figures.explanation_pdf import as_pdf
from dashboard.figures.explanation_report import as_html, contents
from dashboard.figures.report import STATIC
from dashboard.ui.language import LOCALES
from data.text import Problem, Text

PICTURE = {"picture": np.arange(48, dtype=np.uint8).reshape(4, 4, 3)}
ASKED = {
    "kind": "image",
    "model": "imagenet",
    "method": "saliency",
    "config": {"seed": 3},
    "evidence": True,
    "target": None,
}
MODEL = {"name": "imagenet", "weights": "ab12", "classes": 1000}


def answer(**changes: Any) -> Explanation:
    said = Text(en="It says “<b>cat</b>” & more.", hi="वह कहता है “<b>cat</b>”।")
    one = Explanation(
        np.linspace(-1, 1, 16).reshape(4, 4), 0.25, "cat", base_value=0.125,
        details={"sentence": said.model_dump(), "top": [["cat", 0.25]], "weights": "ab12"},
        arrays={"seen": PICTURE["picture"]},
    )  # fmt: skip
    light = Finding(Text(en="Take this with care", hi="इसे सावधानी से लें"), Text(en="1 of 2.", hi="2 में से 1।"), 0.5, None)
    return replace(one.with_evidence(light=light), **changes)


def kept(folder: Path, **asked: Any) -> str:
    return records.keep(folder, {**ASKED, **asked}, PICTURE, answer(), weights="ab12", model=MODEL)


def test_a_question_has_one_record_and_another_has_another(tmp_path: Path) -> None:
    first = kept(tmp_path)
    assert kept(tmp_path) == first and [one.id for one in records.listed(tmp_path)] == [first]
    others = {kept(tmp_path, method="rise"), kept(tmp_path, config={"seed": 4}), kept(tmp_path, evidence=False)}
    assert len(others | {first}) == 4
    found = records.find(tmp_path, first[:6])
    assert found.id == first and (found.asked_arrays()["picture"] == PICTURE["picture"]).all()
    assert found.versions["numpy"] == np.__version__ and found.data_sha256 == records.data_sha256(ASKED, PICTURE)


def test_a_replay_sees_every_bit(tmp_path: Path) -> None:
    record = records.find(tmp_path, kept(tmp_path))
    assert request_of(record)["record"] is False
    same = compared(record, *to_parts(replace(answer(), seconds=9.0)))
    assert same.identical and same.compared > 64 and "to the last bit" in same.text.en
    moved = answer().attributions.copy()
    moved[2, 2] = np.nextafter(moved[2, 2], 2)
    assert compared(record, *to_parts(answer(attributions=moved))).differs == ("attributions",)
    assert compared(record, *to_parts(answer(prediction=np.nextafter(0.25, 1)))).differs == ("prediction",)
    changed = compared(record, *to_parts(answer(base_value=0.5)), weights="cd34")
    assert changed.changed == ("weights",) and "weights" in changed.text.en and "वज़न" in changed.text.hi


def test_what_is_kept_ends_with_its_time_and_a_person_can_say_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long, ever = kept(tmp_path), kept(tmp_path, method="rise"), kept(tmp_path, method="occlusion")
    records.keep_for(tmp_path, long, "month")
    records.keep_for(tmp_path, ever, "always")
    now = time.time()
    for days, left in ((0.9, {short, long, ever}), (2, {long, ever}), (31, {ever}), (10_000, {ever})):
        monkeypatch.setattr(time, "time", lambda days=days: now + days * 86_400)
        records.prune(tmp_path)
        assert {one.id for one in records.listed(tmp_path)} == left and {
            p.name for p in tmp_path.iterdir() if p.is_dir()
        } == left
    with pytest.raises(Problem, match="No explanation"):
        records.find(tmp_path, short)


def test_deleting_takes_all_that_was_made_from_the_same_and_leaves_a_log_without_it(tmp_path: Path) -> None:
    first, other = kept(tmp_path), kept(tmp_path, method="rise")
    word = {"kind": "text", "model": "sentiment", "method": "word_shap", "text": "my secret words"}
    text = records.keep(tmp_path, word, {}, answer(), weights="ef", model=MODEL)
    row = {"kind": "table", "model": {"table": "abc", "learner": "forest"}, "method": "lime", "row": 2}
    table = records.keep(tmp_path, row, {}, answer(), weights="ef", model=MODEL)
    assert sorted(records.delete(tmp_path, first)) == sorted([first, other])
    assert records.delete_of_table(tmp_path, "abc") == [table] and records.delete_of_table(tmp_path, "") == []
    assert [one.id for one in records.listed(tmp_path)] == [text]
    records.delete(tmp_path, text)
    told = (tmp_path / records.AUDIT).read_text()
    assert "secret" not in told and [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / records.AUDIT]
    events = [one["event"] for one in records.audit(tmp_path)]
    assert events.count("explained") == 4 and events.count("deleted") == 4
    for bad in ("", "../..", "*", first):
        with pytest.raises(Problem):
            records.find(tmp_path, bad)


def test_a_report_is_whole_in_both_languages_and_escapes_what_people_wrote(tmp_path: Path) -> None:
    record = records.find(tmp_path, kept(tmp_path))
    for language, title in (("en", "Why the model said so"), ("hi", "मॉडल ने ऐसा क्यों कहा")):
        found = contents(record, None, (), language)  # type: ignore[arg-type]
        page = as_html(found)
        assert title in page and "<b>cat" not in page and "&lt;b&gt;cat" in page and "<script" not in page
        assert record.id in page and record.data_sha256 in page and "ab12" in page and "data:image/png;base64," in page
        assert "http" not in page.replace("http-equiv", "")
        paper = as_pdf(found)
        assert paper.startswith(b"%PDF-") and paper == as_pdf(found)


def test_the_font_of_the_paper_has_every_letter_of_both_languages() -> None:
    spoken = {
        sign for file in LOCALES.glob("*/explain*.po") for sign in file.read_text(encoding="utf-8") if sign.isalnum()
    }
    for weight in (400, 600):
        assert {chr(point) for point in TTFont(STATIC / f"mukta-{weight}.ttf").getBestCmap()} >= spoken


def test_what_cannot_be_removed_is_said_and_not_logged_as_deleted(tmp_path: Path) -> None:
    wanted = kept(tmp_path)
    (tmp_path / f".old-{wanted}-{os.getpid()}" / "in the way").mkdir(parents=True)
    with pytest.raises(Problem) as caught:
        records.delete(tmp_path, wanted)
    assert caught.value.code == "not_deleted" and "still kept" in caught.value.text.en
    assert records.find(tmp_path, wanted).id == wanted
    assert [line["event"] for line in records.audit(tmp_path)] == ["explained"]


def test_what_is_being_removed_is_kept_no_more(tmp_path: Path) -> None:
    wanted = kept(tmp_path)
    (tmp_path / wanted).rename(tmp_path / f".old-{wanted}-1")  # as `remove` leaves it when it is killed half way
    assert records.listed(tmp_path) == []
    with pytest.raises(Problem):
        records.find(tmp_path, wanted)


def test_a_report_says_in_words_what_the_model_is_and_was_worth(tmp_path: Path) -> None:
    figures = {"auc": {"value": 0.81, "low": 0.753, "high": 0.868, "guess": 0.5}}
    model = {
        "name": "forest",
        "weights": "ab",
        "task": "classification",
        "column": "credit",
        "figures": figures,
        "rows": 750,
        "held out": 250,
    }
    record = records.find(tmp_path, records.keep(tmp_path, ASKED, PICTURE, answer(), weights="ab", model=model))
    hindi = as_html(contents(record, None, [], "hi"))
    assert (
        "रैंडम फ़ॉरेस्ट" in hindi
        and "0.81 (95 % अंतराल 0.753 से 0.868; अंदाज़े से 0.5)" in hindi
        and "forest" not in hindi.split("<body", 1)[-1]
    )
    assert "Rows held out" in as_html(contents(record, None, [], "en"))
