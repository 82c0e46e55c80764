"""A person's own images as a data set: folder, zip or upload; and what is said when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data import uploads
from data.catalog import Dataset
from data.datasets.image_folder import ImageFolderConfig, load
from data.text import Problem
from tests.hostile import files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k in range(20):
        place = tmp_path / "pets" / ("cats" if k % 2 else "dogs")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{k:02d}.png").write_bytes(files.picture(size=(12 + k, 20)))
    (tmp_path / "pets" / "notes.txt").write_text("not a picture")
    return tmp_path / "pets"


def _load(images: object, **more: object) -> Dataset:
    return load(ImageFolderConfig.model_validate({"images": str(images), "size": 8, **more}))


def _problem(images: object, **more: object) -> Problem:
    with pytest.raises(Problem) as caught:
        _load(images, **more)
    assert caught.value.text.en != caught.value.text.hi
    return caught.value


def test_a_folder_of_folders_is_a_data_set_with_classes(folder: Path) -> None:
    found = _load(folder)
    assert (found.shape, found.classes, len(found.train), len(found.test)) == ((3, 8, 8), ("cats", "dogs"), 16, 4)
    assert found.train.x.min() >= -1 and found.train.x.max() <= 1
    assert found.test.y is not None and sorted(found.test.y.tolist()) == [0, 0, 1, 1]


def test_grey_images_have_one_channel(folder: Path) -> None:
    assert _load(folder, colour="grey").shape == (1, 8, 8)


def test_a_flat_folder_has_no_classes(folder: Path) -> None:
    for k in range(20, 32):
        (folder / "cats" / f"{k}.png").write_bytes(files.picture())
    found = _load(folder / "cats")
    assert found.classes == () and found.train.y is None


def test_a_zip_and_its_upload_and_its_folder_give_the_same_classes(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    path.write_bytes(files.album(40))
    from_zip = _load(path)
    upload = uploads.accept(path.read_bytes(), path.name, tmp_path / "uploads")
    from_upload = _load(upload.folder)
    assert from_zip.classes == from_upload.classes == ("cats", "dogs")
    assert from_zip.train.x.shape == from_upload.train.x.shape


def test_an_upload_is_found_by_its_id_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path))
    upload = uploads.accept(files.album(), "pets.zip", tmp_path / "uploads")
    assert len(_load(upload.id).train) > 0


def test_images_that_are_gone_are_told_at_their_field(tmp_path: Path) -> None:
    upload = uploads.accept(files.album(), "pets.zip", tmp_path)
    uploads.delete(upload.id, tmp_path)
    problem = _problem(upload.folder)
    assert (problem.code, problem.field) == ("dataset_removed", "images")


@pytest.mark.parametrize("images", ["/nowhere/at/all", "\0", "x" * 4000, "~nobody/pictures"])
def test_a_path_that_leads_nowhere_is_told(images: str) -> None:
    assert _problem(images).code == "dataset_removed"


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    assert _problem(tmp_path).code == "no_images"


def test_too_few_images_are_told_with_their_number(tmp_path: Path) -> None:
    for k in range(3):
        (tmp_path / f"{k}.png").write_bytes(files.picture())
    problem = _problem(tmp_path)
    assert problem.code == "too_few_images" and " 3 " in problem.text.en


def test_folders_of_one_image_each_still_leave_something_to_test_on(tmp_path: Path) -> None:
    for k in range(12):
        (tmp_path / f"person{k}").mkdir()
        (tmp_path / f"person{k}" / "face.png").write_bytes(files.picture(size=(8 + k, 9)))
    found = _load(tmp_path, test_share=0.05)
    assert len(found.test) == 2 and len(found.train) == 10 and len(found.classes) == 12


def test_more_images_than_the_memory_takes_are_told_at_the_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.datasets.image_folder.LARGEST_ARRAY", 5000)
    problem = _problem(folder)
    assert (problem.code, problem.field) == ("too_many_images", "size")


def test_one_damaged_image_is_named(folder: Path) -> None:
    (folder / "cats" / "99.png").write_bytes(files.picture(size=(64, 64))[:-40])
    problem = _problem(folder)
    assert problem.field == "images" and "99.png" in problem.text.en


def test_links_out_of_the_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(files.picture())
    (folder / "cats" / "link.png").symlink_to(secret)
    assert len(_load(folder).train) + len(_load(folder).test) == 20


def test_the_same_images_have_the_same_fingerprint(folder: Path) -> None:
    first = _load(folder)
    assert first.fingerprint == _load(folder).fingerprint != _load(folder, size=9).fingerprint
    assert np.array_equal(first.train.x, _load(folder).train.x)
