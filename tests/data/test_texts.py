"""Texts become windows and come back; a person's own file is read, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.datasets import sentences, text_file, topics
from data.text import Problem
from data.texts import TextConfig, code_points, joined, make_text, text_of, windows

MIXED = "Topic 1:\n\tसमझ – understanding 🙂\n" * 60


def test_every_character_survives_the_way_into_numbers_and_back() -> None:
    assert text_of(code_points(MIXED + "\U0010ffff")) == MIXED + "\U0010ffff"


@pytest.mark.parametrize("overlap", [0, 1, 20])
def test_windows_that_overlap_are_joined_to_the_text_they_were_cut_from(overlap: int) -> None:
    x = windows(MIXED, 40, overlap)
    assert MIXED.startswith(joined(x, overlap)) and len(joined(x, overlap)) > len(MIXED) - 40
    assert [text_of(item) for item in x[:3]] == [MIXED[k * (40 - overlap) :][:40] for k in range(3)]


def test_the_end_of_a_text_is_held_out_and_is_nowhere_in_what_is_trained_on() -> None:
    text = "".join(f"{k:05d} " for k in range(3000))
    found = make_text(text, TextConfig(window=60, test_share=0.1))
    trained, tested = joined(found.train.x, found.overlap), joined(found.test.x)
    assert text.startswith(trained) and tested == text[-1800:]
    assert len(trained) > len(text) - 1800 - 60


def test_the_python_reference_has_the_size_that_is_told() -> None:
    found = topics.load(TextConfig())
    text = joined(found.train.x, found.overlap)
    assert len(set(text) | set(joined(found.test.x))) == 103 and "assert_stmt ::=" in text


def test_hindi_sentences_are_in_devanagari_and_stand_once() -> None:
    found = sentences.lines("hi")
    assert len(found) == len(set(found)) > 8000
    letters = [c for line in found for c in line if c.isalpha()]
    assert sum("\u0900" <= c <= "\u097f" for c in letters) > 0.8 * len(letters)


def _refusal(content: bytes | None, folder: Path) -> Problem:
    path = folder / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        text_file.load(text_file.TextFileConfig(file=str(path)))
    assert refused.value.field == "file"
    return refused.value


def test_an_own_text_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    assert _refusal(None, tmp_path).code == "dataset_removed"
    short = _refusal("दस अक्षर".encode(), tmp_path)
    assert short.code == "text_too_short" and "only 8 characters" in short.text.en
    latin = _refusal(b"caf\xe9 " * 1000, tmp_path)
    assert latin.code == "wrong_encoding" and "byte 4 " in latin.text.en and "UTF-8" in latin.text.hi
    assert _refusal(b"\0\1\2\3" * 1000, tmp_path).code == "not_text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_own_text_is_read_in_utf_8_and_utf_16(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(MIXED.replace("\n", "\r\n").encode(encoding))
    found = text_file.load(text_file.TextFileConfig(file=str(tmp_path / "mine.txt"), window=32))
    assert MIXED.startswith(joined(found.train.x, found.overlap))
