"""One picture that a person wants explained: checked and re-encoded in a process of its own; and the two that ship with scikit-learn.

What was sent is deleted as soon as it is checked. What goes on is pixels: upright, 8 bits, at most `LARGEST_SIDE` a side.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from data.child import ABOUT, check_in_child, limit_memory, tell
from data.images import LARGEST_FILE, decode_image, refused
from data.text import Problem, Text

LARGEST_SIDE = 1024
TIME_LIMIT_S = 10.0
_PICTURE = "picture.png"

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """A picture to try with: its title, and whom to credit."""

    title: Text
    credit: str


_FROM = "scikit-learn, load_sample_images; danielbuechele and vultilion on Flickr, CC BY 2.0"
SAMPLES = {
    "china": Sample(Text(en="A palace in China", hi="चीन का एक महल"), _FROM),
    "flower": Sample(Text(en="A flower", hi="एक फूल"), _FROM),
}
"""By name; the file of each is `<name>.jpg` in scikit-learn's `datasets/images`."""


def accept(content: bytes, name: str, *, time_limit_s: float = TIME_LIMIT_S) -> Pixels:
    """The picture in a file of unknown origin, [height, width, 3] bytes; nothing of it is kept.

    Args:
        content: The bytes that were sent.
        name: The name they were sent under; shown, never used as a path.
        time_limit_s: The check is ended after this long.

    Raises:
        Problem: It is no picture, damaged, too large, or cannot be checked.
    """
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    try:
        with tempfile.TemporaryDirectory(prefix="samajh-picture-") as scratch:
            work = Path(scratch)
            (work / "sent").write_bytes(content)
            check_in_child("data.pictures", work, name, "picture", time_limit_s)
            with Image.open(work / _PICTURE, formats=("PNG",)) as own:
                return np.asarray(own.convert("RGB"), dtype=np.uint8)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refused("not_checked", name, f"could not be checked: {reason}", f"की जाँच नहीं हो सकी: {reason}") from error


def sample(name: str) -> Pixels:
    """A picture that ships, [height, width, 3] bytes.

    Raises:
        Problem: There is none of this name.
    """
    found = importlib.util.find_spec("sklearn")
    if name not in SAMPLES or found is None or found.origin is None:
        known = ", ".join(SAMPLES)
        raise Problem(
            Text(en=f"There is no sample picture “{name}”; there are: {known}.", hi=f"“{name}” नाम की कोई सैंपल तस्वीर नहीं है; ये हैं: {known}।"),
            code="unknown_sample", field="sample",
        )  # fmt: skip
    with Image.open(Path(found.origin).parent / "datasets" / "images" / f"{name}.jpg") as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def check(work: Path, name: str) -> None:
    """The child's part: `work/sent` -> `work/picture.png` and `work/about.json`, or `work/problem.json`."""
    try:
        image = decode_image((work / "sent").read_bytes(), name).convert("RGB")
    except Problem as problem:
        tell(work, problem)
        return
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    (work / _PICTURE).write_bytes(buffer.getvalue())
    (work / ABOUT).write_text("{}", encoding="utf-8")


if __name__ == "__main__":
    limit_memory()
    check(Path(sys.argv[1]), sys.argv[3])
