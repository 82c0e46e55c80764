"""Texts that people upload: kept once by their content, trainable, and refused in one plain sentence."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from data import text_uploads, uploads
from data.datasets import text_file
from data.datasets.text_file import TextFileConfig
from data.text import Problem
from data.texts import TextConfig, make_text

POEM = "पानी बरसा, the rain fell.\r\n" * 60


def _random() -> bytes:
    return np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes()


REFUSED = {
    "empty": (b"", "text_too_short"),
    "ten characters": ("दस अक्षर हैं".encode(), "text_too_short"),
    "blanks alone": (b" \n" * 5000, "text_too_short"),
    "Latin-1": ("naïve café\n" * 200).encode("latin-1"),
    "Hindi in ISCII-like bytes": b"\xb3\xda\xc6\xd4 " * 500,
    "binary": _random(),
    "a PNG": b"\x89PNG\r\n\x1a\n" + _random(),
    "zero bytes": (b"a\0b\0" * 1000, "not_text"),
    "control characters": (b"\x01\x02\x03\x1b[0m" * 500, "not_text"),
    "half a UTF-16": "\ufeff".encode("utf-16-le") + b"a\0" * 800 + b"x",
    "too large": (b"a" * (text_uploads.LARGEST_TEXT + 1), "file_too_large"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_text_to_learn_from_is_refused_in_words(kind: str, tmp_path: Path) -> None:
    case = REFUSED[kind]
    content, code = case if isinstance(case, tuple) else (case, "wrong_encoding")
    with pytest.raises(Problem) as caught:
        text_uploads.accept(content, "mine.txt", tmp_path)
    english, hindi = caught.value.text.en, caught.value.text.hi
    assert caught.value.code == code, english
    assert english.endswith(".") and hindi.endswith("।") and "Error" not in english and len(english) < 250
    assert text_uploads.listed(tmp_path) == [] and not list((tmp_path / "texts").glob("*"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_kept_in_one_spelling_whatever_it_came_in(encoding: str, tmp_path: Path) -> None:
    kept = text_uploads.accept(POEM.encode(encoding), "../../कविता\n.txt", tmp_path)
    assert kept.read() == POEM.replace("\r\n", "\n")
    assert kept.name == "../../कविता�.txt" and kept.folder.parent == tmp_path / "texts"
    assert kept.beginning(4) == "पानी"


def test_the_same_text_twice_is_one_upload_and_pictures_do_not_see_it(tmp_path: Path) -> None:
    one, again = (text_uploads.accept(POEM.encode(), name, tmp_path) for name in ("a.txt", "b.txt"))
    assert one == again and len(text_uploads.listed(tmp_path)) == 1
    assert uploads.listed(tmp_path) == [] and uploads.find(one.id, tmp_path) is None
    text_uploads.delete(one.id, tmp_path)
    assert text_uploads.listed(tmp_path) == [] and list((tmp_path / "texts").iterdir()) == []
    for strange in (one.id, "../x", "", "texts"):
        with pytest.raises(Problem) as caught:
            text_uploads.delete(strange, tmp_path)
        assert caught.value.code == "unknown_upload"


def test_an_upload_is_trained_on_by_its_id_as_the_text_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path))
    kept = text_uploads.accept(POEM.encode(), "mine.txt", tmp_path / "uploads")
    own = text_file.load(TextFileConfig(file=kept.id, window=64))
    assert own.fingerprint == make_text(POEM.replace("\r\n", "\n"), TextConfig(window=64)).fingerprint
    text_uploads.delete(kept.id, tmp_path / "uploads")
    with pytest.raises(Problem) as caught:
        text_file.load(TextFileConfig(file=kept.id))
    assert caught.value.code == "dataset_removed" and caught.value.field == "file"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a superuser may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir(mode=0o500)
    with pytest.raises(Problem) as caught:
        text_uploads.accept(POEM.encode(), "mine.txt", tmp_path)
    assert caught.value.code == "not_kept"


def test_a_disk_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("a file where the folder should be")
    with pytest.raises(Problem) as caught:
        text_uploads.accept(POEM.encode(), "mine.txt", tmp_path)
    assert caught.value.code == "not_kept"
