"""What people upload: checked in a process of its own, kept by the hash of its content, listed, deleted.

An upload is a folder `uploads/<id>` with `about.json` and `images.zip`. The id is the start of the SHA-256 of the file
that was sent. The archive holds our own re-encoding (PNG, at most 256 px a side, names of our making), so the original
is never kept and never served. The folder appears by one rename: it is whole or not there.
"""

from __future__ import annotations

import io
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict

from data.archives import ZipPicture, pictures_in
from data.child import ABOUT, check_in_child, limit_memory, tell
from data.durable import write_durably
from data.images import refused, shown_name
from data.text import Problem, Text
from data.whole_folders import all_in, appearing, identity_of, one_in, remove

LARGEST_UPLOAD = 200 * 2**20
LARGEST_SIDE = 256
TIME_LIMIT_S = 300
_IMAGES = "images.zip"


class Upload(BaseModel):
    """One upload: its id, the name it was sent under, and what is in it. `folder` is where it stands now."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    images: int
    classes: tuple[str, ...]
    bytes: int
    uploaded_at: float
    folder: Path = Path()

    @property
    def archive(self) -> Path:
        """The zip of re-encoded pictures: `<class number>/<number>.png`."""
        return self.folder / _IMAGES


def accept(content: bytes, name: str, uploads: Path, *, time_limit_s: float = TIME_LIMIT_S) -> Upload:
    """Check an uploaded zip of pictures and keep it; the same content twice is one upload.

    Args:
        content: The bytes that were sent.
        name: The name they were sent under; shown, never used as a path.
        uploads: Folder of all uploads.
        time_limit_s: The check is ended after this long.

    Raises:
        Problem: The zip or a picture in it is refused, or it cannot be kept (disk full, folder read-only).
    """
    if len(content) > LARGEST_UPLOAD:
        limit = LARGEST_UPLOAD // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    identity = identity_of(content)
    final = uploads / identity
    if final.is_dir():
        return _read(final)
    with appearing(final, name) as work:
        (work / "sent").write_bytes(content)
        check_in_child("data.uploads", work, name, identity, time_limit_s)
        (work / "sent").unlink()
    return _read(final)


def listed(uploads: Path) -> list[Upload]:
    """All uploads, newest first; folders that are not uploads are passed over."""
    return sorted(all_in(uploads, _read), key=lambda upload: upload.uploaded_at, reverse=True)


def find(identity: str, uploads: Path) -> Upload | None:
    """The upload with this id, if there is one; anything but an id finds nothing."""
    return one_in(uploads, identity, _read)


def delete(identity: str, uploads: Path) -> None:
    """Remove an upload.

    Raises:
        Problem: There is no such upload.
    """
    upload = find(identity, uploads)
    if upload is None:
        raise unknown_upload(identity)
    remove(upload.folder)


def unknown_upload(identity: str) -> Problem:
    """What is said of an id that no upload has."""
    shown = shown_name(identity)
    text = Text(en=f"There is no upload “{shown}”.", hi=f"“{shown}” नाम का कोई अपलोड नहीं है।")
    return Problem(text, code="unknown_upload")


def default_folder() -> Path:
    """Where uploads stand by default: `SAMAJH_HOME/uploads`, as in `dashboard.settings`."""
    return Path(os.environ.get("SAMAJH_HOME", "~/.samajh")).expanduser().absolute() / "uploads"


def check(work: Path, identity: str, name: str) -> None:
    """The child's part: `work/sent` -> `work/images.zip` and `work/about.json`, or `work/problem.json`."""
    content = (work / "sent").read_bytes()
    try:
        count, classes = _reencode(pictures_in(content, name), work / _IMAGES)
    except Problem as problem:
        tell(work, problem)
        return
    size = (work / _IMAGES).stat().st_size
    about = Upload(
        id=identity, name=shown_name(name), images=count, classes=classes, bytes=size, uploaded_at=time.time()
    )
    write_durably(work / ABOUT, about.model_dump_json(exclude={"folder"}).encode())


def _reencode(pictures: Iterator[ZipPicture], target: Path) -> tuple[int, tuple[str, ...]]:
    """Write the pictures as `<class>/<number>.png`; the classes are the folders they lay in, when more than one."""
    folders: dict[str, int] = {}
    count = 0
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for picture in pictures:
                number = folders.setdefault(picture.folder, len(folders))
                small = picture.image
                small.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
                buffer = io.BytesIO()
                small.save(buffer, "PNG")
                archive.writestr(f"{number:04d}/{count:06d}.png", buffer.getvalue())
                count += 1
        file.flush()
        os.fsync(file.fileno())
    return count, tuple(shown_name(folder) for folder in folders) if len(folders) > 1 else ()


def _read(folder: Path) -> Upload:
    about = Upload.model_validate_json((folder / ABOUT).read_text(encoding="utf-8"))
    return about.model_copy(update={"folder": folder})


if __name__ == "__main__":
    limit_memory()
    check(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
