"""Arrays into a `Dataset`: splits that never change, scaling, and the hash that names the data of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.catalog import Dataset, FloatArray, IntArray, Kind, Split
from data.text import Text


def fingerprint(*arrays: npt.NDArray[np.float32] | npt.NDArray[np.int64] | None) -> str:
    """SHA-256 over shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        if array is not None:
            digest.update(f"{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def make_dataset(
    kind: Kind,
    train: Split,
    test: Split,
    classes: Sequence[str] = (),
    *,
    captions: Sequence[Text] = (),
    caption_class: Sequence[int] = (),
    rate_hz: int = 0,
    overlap: int = 0,
) -> Dataset:
    """A `Dataset` with its fingerprint; the arguments are its fields."""
    return Dataset(
        kind=kind,
        train=train,
        test=test,
        classes=tuple(classes),
        fingerprint=fingerprint(train.x, train.y, test.x, test.y),
        captions=tuple(captions),
        caption_class=tuple(caption_class),
        rate_hz=rate_hz,
        overlap=overlap,
    )


def held_out(labels: IntArray, share: float, seed: int = 0) -> npt.NDArray[np.bool_]:
    """A mask of held-out items: `share` of each class, the same on every machine."""
    mask = np.zeros(len(labels), dtype=bool)
    generator = np.random.Generator(np.random.PCG64(seed))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        mask[generator.permutation(members)[: round(share * len(members))]] = True
    return mask


def images_from_bytes(pixels: npt.NDArray[np.uint8]) -> FloatArray:
    """[items, height, width] or [items, height, width, channels] bytes to [items, channels, height, width] in [-1, 1]."""
    whole = pixels[..., None] if pixels.ndim == 3 else pixels
    return np.ascontiguousarray(whole.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(127.5) - np.float32(1)
