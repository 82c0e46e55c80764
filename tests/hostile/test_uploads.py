"""Hostile and odd files: refused in one plain sentence in both languages, or taken as a person would expect."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from data import uploads
from data.archives import pictures_in
from data.images import decode_image, square
from data.text import Problem
from tests.hostile import files


def _assert_plain(problem: Problem, code: str) -> None:
    english, hindi = problem.text.en, problem.text.hi
    assert problem.code == code, english
    assert english.endswith(".") and hindi.endswith("।") and "\n" not in english + hindi
    assert "Traceback" not in english and "Error" not in english and len(english) < 250
    assert any("\u0900" <= c <= "\u097f" for c in hindi)


@pytest.mark.parametrize("kind", files.REFUSED_PICTURES)
def test_a_hostile_picture_is_refused_in_words(kind: str) -> None:
    make, code = files.REFUSED_PICTURES[kind]
    with pytest.raises(Problem) as caught:
        decode_image(make(), "cat.png")
    _assert_plain(caught.value, code)
    assert "cat.png" in caught.value.text.en and "cat.png" in caught.value.text.hi


@pytest.mark.parametrize("kind", files.REFUSED_ZIPS)
def test_a_hostile_zip_is_refused_in_words(kind: str) -> None:
    make, code = files.REFUSED_ZIPS[kind]
    with pytest.raises(Problem) as caught:
        list(pictures_in(make(), "album.zip"))
    _assert_plain(caught.value, code)


def test_a_vast_picture_is_refused_before_it_is_decoded() -> None:
    resource = pytest.importorskip("resource")
    content = files.vast_png()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Problem):
        decode_image(content, "cat.png")
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 20_000


def test_an_animation_gives_its_first_frame() -> None:
    image = decode_image(files.gif_of_many_frames(), "film.gif")
    assert abs(int(np.asarray(image.convert("L")).mean()) - 128) <= 1


def test_a_picture_lying_on_its_side_is_turned_once() -> None:
    assert decode_image(files.turned_jpeg(), "phone.jpg").size == (9, 12)


def test_sixteen_bits_become_eight_without_losing_the_range() -> None:
    levels = np.asarray(decode_image(files.deep_png(), "scan.png"))
    assert levels.dtype == np.uint8 and levels[0, 0] == 0 and levels[0, -1] == 255
    assert np.all(np.diff(levels[0].astype(int)) > 0)


def test_what_is_transparent_becomes_white() -> None:
    pixels = np.asarray(decode_image(files.seen_through_png(), "logo.png"))
    assert pixels[0, 0].tolist() == [255, 0, 0] and pixels[0, 7].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("form", "mode", "expected"),
    [("PNG", "1", "L"), ("PNG", "L", "L"), ("PNG", "P", "RGB"), ("PNG", "LA", "L"), ("JPEG", "CMYK", "RGB"), ("BMP", "RGB", "RGB"),
     ("WEBP", "RGB", "RGB"), ("TIFF", "CMYK", "RGB")],
)  # fmt: skip
def test_every_common_mode_becomes_grey_or_rgb(form: str, mode: str, expected: str) -> None:
    assert decode_image(files.picture(form, mode), "any").mode == expected


def test_one_pixel_is_a_picture() -> None:
    assert square(decode_image(files.picture(size=(1, 1)), "dot.png"), 8, grey=True).shape == (8, 8, 1)


def test_a_picture_with_a_zip_behind_it_is_kept_as_a_picture_only(tmp_path: Path) -> None:
    both = files.picture() + files.zipped({"evil.txt": b"evil"})
    upload = uploads.accept(files.zipped({"a.png": both}), "p.zip", tmp_path)
    with zipfile.ZipFile(upload.archive) as archive:
        assert b"evil" not in archive.read("0000/000000.png")


def test_a_name_with_markup_and_controls_is_shown_as_text() -> None:
    with pytest.raises(Problem) as caught:
        decode_image(b"", "<img src=x onerror=alert(1)>\x1b[2J\n" + "y" * 500)
    assert "\x1b" not in caught.value.text.en and "\n" not in caught.value.text.en and len(caught.value.text.en) < 200


def test_an_honest_album_is_kept_with_its_folders_as_classes(tmp_path: Path) -> None:
    upload = uploads.accept(files.album(), "pets.zip", tmp_path)
    assert (upload.images, set(upload.classes), upload.name) == (12, {"cats", "dogs"}, "pets.zip")
    assert uploads.listed(tmp_path) == [upload] and uploads.find(upload.id, tmp_path) == upload
    assert sorted(p.name for p in upload.folder.iterdir()) == ["about.json", "images.zip"]


def test_the_same_file_twice_is_one_upload(tmp_path: Path) -> None:
    first = uploads.accept(files.album(), "pets.zip", tmp_path)
    assert uploads.accept(files.album(), "again.zip", tmp_path) == first
    assert len(uploads.listed(tmp_path)) == 1


def test_a_refused_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        uploads.accept(files.zip_with_link(), "x.zip", tmp_path)
    _assert_plain(caught.value, "hostile_member")
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_never_ends_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        uploads.accept(files.album(), "pets.zip", tmp_path, time_limit_s=0.01)
    _assert_plain(caught.value, "check_too_slow")
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(Problem) as caught:
        uploads.accept(files.album(), "pets.zip", tmp_path)
    _assert_plain(caught.value, "check_failed")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Problem) as caught:
        uploads.accept(files.album(), "pets.zip", tmp_path)
    _assert_plain(caught.value, "not_kept")
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_upload_is_gone(tmp_path: Path) -> None:
    upload = uploads.accept(files.album(), "pets.zip", tmp_path)
    uploads.delete(upload.id, tmp_path)
    assert uploads.listed(tmp_path) == [] and list(tmp_path.iterdir()) == []
    with pytest.raises(Problem) as caught:
        uploads.delete(upload.id, tmp_path)
    _assert_plain(caught.value, "unknown_upload")


@pytest.mark.parametrize("identity", ["../../etc", "..", "", "/", "0" * 15 + "/", "x" * 16, "\0" * 16])
def test_only_an_id_finds_an_upload(tmp_path: Path, identity: str) -> None:
    assert uploads.find(identity, tmp_path / "uploads") is None
