"""A person's own images: a folder or a zip on this computer, or an upload."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from data import uploads
from data.archives import common_depth, pictures_in
from data.arrays import held_out, images_from_bytes, make_dataset
from data.catalog import Config, Dataset, DatasetCard, Split, option
from data.images import SUFFIXES, decode_image, shown_name, square
from data.text import Problem, Text

FEWEST = 10
LARGEST_ARRAY = 1024 * 2**20
_BYTES_PER_VALUE = 4
_FEWEST_HELD_OUT = 2

Labelled = tuple[npt.NDArray[np.uint8], str]
"""A square picture [side, side, colours] and the folder it lay in."""


class ImageFolderConfig(Config):
    """Which images, and how they are made equal."""

    images: str = option(
        ..., min_length=1, max_length=4096,
        title=Text(en="Images", hi="तस्वीरें"),
        help=Text(en="An upload, or the path of a folder or zip on this computer. Sub-folders become classes.",
                  hi="कोई अपलोड, या इस कंप्यूटर के किसी फ़ोल्डर या ज़िप का पाथ। अंदर के फ़ोल्डर क्लास बन जाते हैं।"),
    )  # fmt: skip
    size: int = option(
        32, ge=8, le=128, unit="px",
        title=Text(en="Size", hi="आकार"),
        help=Text(en="Every image is cut to its centre square and resized to this many pixels a side.",
                  hi="हर तस्वीर बीच से चौकोर काटकर इतने पिक्सेल की की जाती है।"),
    )  # fmt: skip
    colour: Literal["grey", "colour"] = option(
        "colour",
        title=Text(en="Colour", hi="रंग"),
        help=Text(en="Grey needs a third of the numbers; choose it when colour tells nothing.", hi="ग्रे में एक-तिहाई संख्याएँ लगती हैं; रंग से कुछ पता न चले तो यही चुनें।"),
        labels={"grey": Text(en="Grey", hi="ग्रे"), "colour": Text(en="Colour", hi="रंगीन")},
    )  # fmt: skip
    test_share: float = option(
        0.2, ge=0.05, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Share of the images that is kept for testing and never trained on.",
                  hi="तस्वीरों का वह हिस्सा जो सिर्फ़ जाँच के लिए रखा जाता है, ट्रेनिंग में नहीं आता।"),
    )  # fmt: skip


def load(config: ImageFolderConfig) -> Dataset:
    """The images as [items, 1 or 3, size, size] in [-1, 1]; classes are the folders, when there is more than one.

    Raises:
        Problem: The images are gone, refused, too few, or too many for the memory; `field` is "images" or "size".
    """
    try:
        found = _gathered(config)
    except Problem as problem:
        raise Problem(problem.text, code=problem.code, field=problem.field or "images") from problem
    if len(found) < FEWEST:
        raise Problem(
            Text(
                en=f"There are only {len(found)} images; at least {FEWEST} are needed to train and to test.",
                hi=f"सिर्फ़ {len(found)} तस्वीरें हैं; ट्रेनिंग और जाँच के लिए कम से कम {FEWEST} चाहिए।",
            ),
            code="too_few_images",
            field="images",
        )
    x = images_from_bytes(np.stack([pixels for pixels, _ in found]))
    folders = sorted({folder for _, folder in found})
    y = np.array([folders.index(folder) for _, folder in found], dtype=np.int64)
    test = held_out(y, config.test_share)
    if test.sum() < _FEWEST_HELD_OUT:  # folders of a picture or two each
        test = held_out(np.zeros_like(y), max(config.test_share, _FEWEST_HELD_OUT / len(y)))
    if len(folders) == 1:
        return make_dataset("image", Split(x[~test]), Split(x[test]))
    return make_dataset("image", Split(x[~test], y[~test]), Split(x[test], y[test]), folders)


def _gathered(config: ImageFolderConfig) -> list[Labelled]:
    found: list[Labelled] = []
    values = config.size**2 * (1 if config.colour == "grey" else 3)
    for picture in _source(config):
        found.append(picture)
        if len(found) * values * _BYTES_PER_VALUE > LARGEST_ARRAY:
            raise Problem(
                Text(
                    en=f"More than {len(found) - 1:,} images of this size need over {LARGEST_ARRAY // 2**20} MB; choose a smaller size.",
                    hi=f"इस आकार की {len(found) - 1:,} से ज़्यादा तस्वीरों को {LARGEST_ARRAY // 2**20} MB से ज़्यादा चाहिए; छोटा आकार चुनें।",
                ),
                code="too_many_images",
                field="size",
            )
    return found


def _source(config: ImageFolderConfig) -> Iterator[Labelled]:
    grey = config.colour == "grey"
    path = Path(config.images).expanduser()
    try:
        upload = uploads.find(path.name, path.parent) or uploads.find(config.images, uploads.default_folder())
        if upload is not None:
            return _from_upload(upload, config.size, grey)
        if path.is_dir():
            return _from_folder(path, config.size, grey)
        if path.is_file():
            return _from_zip(path, config.size, grey)
    except (OSError, ValueError) as error:  # no permission, a name too long, a NUL in it
        raise _gone(config.images) from error
    raise _gone(config.images)


def _from_upload(upload: uploads.Upload, size: int, grey: bool) -> Iterator[Labelled]:
    try:
        with zipfile.ZipFile(upload.archive) as archive:
            for name in sorted(archive.namelist()):
                folder = upload.classes[int(name.split("/")[0])] if upload.classes else ""
                yield square(decode_image(archive.read(name), name), size, grey=grey), folder
    except (OSError, zipfile.BadZipFile) as error:
        raise _gone(upload.name) from error


def _from_folder(folder: Path, size: int, grey: bool) -> Iterator[Labelled]:
    """Every picture below `folder`; links are not followed, so nothing outside it is read."""
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file() and not p.is_symlink())
    if not files:
        shown = shown_name(str(folder))
        raise Problem(
            Text(en=f"There are no pictures in “{shown}”.", hi=f"“{shown}” में कोई तस्वीर नहीं है।"), code="no_images"
        )
    names = [path.relative_to(folder).as_posix() for path in files]
    depth = common_depth(names)
    for path, name in zip(files, names, strict=True):
        parts = name.split("/")
        label = parts[depth] if len(parts) > depth + 1 else ""
        yield square(decode_image(path.read_bytes(), name), size, grey=grey), label


def _from_zip(path: Path, size: int, grey: bool) -> Iterator[Labelled]:
    if path.stat().st_size > uploads.LARGEST_UPLOAD:
        limit = uploads.LARGEST_UPLOAD // 2**20
        shown = shown_name(path.name)
        raise Problem(
            Text(en=f"“{shown}” is larger than {limit} MB.", hi=f"“{shown}” {limit} MB से बड़ी है।"), code="file_too_large"
        )
    for picture in pictures_in(path.read_bytes(), path.name):
        yield square(picture.image, size, grey=grey), picture.folder


def _gone(given: str) -> Problem:
    shown = shown_name(given)
    return Problem(
        Text(
            en=f"There are no images at “{shown}”; they may have been moved or deleted.",
            hi=f"“{shown}” पर तस्वीरें नहीं हैं; शायद हटा दी गई हैं या जगह बदल गई है।",
        ),
        code="dataset_removed",
        field="images",
    )


DATASET = DatasetCard(
    name="image_folder",
    title=Text(en="Your own images", hi="आपकी अपनी तस्वीरें"),
    summary=Text(
        en="A folder or zip of your images, or an upload. Nothing leaves this computer.",
        hi="आपकी तस्वीरों का फ़ोल्डर या ज़िप, या कोई अपलोड। कुछ भी इस कंप्यूटर से बाहर नहीं जाता।",
    ),
    kind="image",
    licence=Text(en="yours", hi="आपकी अपनी"),
    source="your files",
    config=ImageFolderConfig,
    load=load,
)
