"""Texts that people upload: checked, kept by the hash of their content, listed, deleted; beside the pictures of `data.uploads`.

An upload is a folder `uploads/texts/<id>` with `about.json` and `text.txt`. The id is the start of the SHA-256 of the file that was sent.
What is kept is UTF-8 with line ends as on Unix, whatever came. The folder appears by one rename: it is whole or not there.
"""

from __future__ import annotations

import contextlib
import time
import unicodedata
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from data.durable import write_durably
from data.images import refused, shown_name
from data.texts import FEWEST_CHARACTERS, decoded, too_short
from data.uploads import unknown_upload
from data.whole_folders import all_in, appearing, identity_of, one_in, remove

LARGEST_TEXT = 64 * 2**20
_FOLDER, _ABOUT, _TEXT = "texts", "about.json", "text.txt"
_MOST_CONTROL = 0.02
"""A larger share of control characters is no text that somebody wrote."""
_WRITTEN = frozenset("\n\t\f")


class TextUpload(BaseModel):
    """One text: its id, the name it was sent under, and how much of it there is. `folder` is where it stands now."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    characters: int
    bytes: int
    uploaded_at: float
    folder: Path = Path()

    def read(self) -> str:
        """The text; raises `OSError` when it is gone."""
        return (self.folder / _TEXT).read_text(encoding="utf-8")

    def beginning(self, characters: int) -> str:
        """The first characters of the text; none when it is gone."""
        with contextlib.suppress(OSError), (self.folder / _TEXT).open(encoding="utf-8") as file:
            return file.read(characters)
        return ""


def accept(content: bytes, name: str, uploads: Path) -> TextUpload:
    """Check an uploaded text and keep it; the same content twice is one upload.

    Args:
        content: The bytes that were sent.
        name: The name they were sent under; shown, never used as a path.
        uploads: Folder of all uploads.

    Raises:
        Problem: It is no text in UTF-8, too short or too large, or it cannot be kept (disk full, folder read-only).
    """
    if len(content) > LARGEST_TEXT:
        limit = LARGEST_TEXT // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    text = checked(content, name)
    identity = identity_of(content)
    place = uploads / _FOLDER
    final = place / identity
    if final.is_dir():
        return _read(final)
    kept = text.encode("utf-8")
    about = TextUpload(
        id=identity, name=shown_name(name), characters=len(text), bytes=len(kept), uploaded_at=time.time()
    )
    with appearing(final, name) as work:
        write_durably(work / _TEXT, kept)
        write_durably(work / _ABOUT, about.model_dump_json(exclude={"folder"}).encode())
    return _read(final)


def checked(content: bytes, name: str) -> str:
    """The text of a file.

    Raises:
        Problem: It is in another encoding, no text at all, or too short to learn from.
    """
    text = decoded(content, name)
    control = sum(unicodedata.category(sign) == "Cc" and sign not in _WRITTEN for sign in text[:100_000])
    if control > _MOST_CONTROL * min(len(text), 100_000):
        raise refused("not_text", name, "is no plain text: it is full of control characters",
                      "सादा टेक्स्ट नहीं है: उसमें बहुत सारे कंट्रोल कैरेक्टर हैं")  # fmt: skip
    if len(text.strip()) < FEWEST_CHARACTERS:
        raise too_short(len(text.strip()))
    return text


def listed(uploads: Path) -> list[TextUpload]:
    """All texts, newest first; folders that are not uploads are passed over."""
    return sorted(all_in(uploads / _FOLDER, _read), key=lambda one: one.uploaded_at, reverse=True)


def find(identity: str, uploads: Path) -> TextUpload | None:
    """The text with this id, if there is one; anything but an id finds nothing."""
    return one_in(uploads / _FOLDER, identity, _read)


def delete(identity: str, uploads: Path) -> None:
    """Remove a text.

    Raises:
        Problem: There is no such upload.
    """
    found = find(identity, uploads)
    if found is None:
        raise unknown_upload(identity)
    remove(found.folder)


def _read(folder: Path) -> TextUpload:
    about = TextUpload.model_validate_json((folder / _ABOUT).read_text(encoding="utf-8"))
    return about.model_copy(update={"folder": folder})
