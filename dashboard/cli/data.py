"""`samajh data upload|list|delete`: a person's own pictures and texts.

Train on them with `--dataset image_folder --set images=ID` or `--dataset text_file --set file=ID`.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli.declare import command, group, told
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.words import moment
from dashboard.settings import settings
from data import text_uploads, uploads
from data.text import Problem, Text
from data.text_uploads import TextUpload
from data.uploads import Upload


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    under = group(
        "data", told("Your own pictures and texts: upload, list, delete.", "आपकी तस्वीरें और टेक्स्ट: अपलोड, सूची, हटाना।")
    )
    command(under, "upload", told("Check a zip of pictures or a text and keep it.", "तस्वीरों की ज़िप या टेक्स्ट जाँचकर रखें।"))(
        upload
    )
    command(under, "list", told("List uploads, newest first.", "अपलोड की सूची, सबसे नए पहले।"))(list_uploads)
    command(under, "delete", told("Remove an upload.", "अपलोड हटाएँ।"))(delete)
    app.add_typer(under)


def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=told("Zip of pictures, whose folders become classes, or a .txt in UTF-8.", "तस्वीरों की ज़िप, जिसके फ़ोल्डर क्लास बनते हैं, या UTF-8 में .txt।"))],
) -> Reply:  # fmt: skip
    """Check a zip or a text and keep it."""
    if file.suffix.lower() == ".txt":
        return _upload_text(file)
    kept = uploads.accept(_content(file), file.name, settings().uploads)
    text = Text(
        en="Kept as {id}: {n} images. Train on it: --dataset image_folder --set images={id}",
        hi="{id} नाम से रखा गया: {n} तस्वीरें। इस पर ट्रेनिंग: --dataset image_folder --set images={id}",
    )
    return Reply(_object(kept), [say(text, id=kept.id, n=kept.images)])


def _upload_text(file: Path) -> Reply:
    kept = text_uploads.accept(_content(file), file.name, settings().uploads)
    text = Text(
        en="Kept as {id}: {n} characters. Train on it: --dataset text_file --set file={id}",
        hi="{id} नाम से रखा गया: {n} अक्षर। इस पर ट्रेनिंग: --dataset text_file --set file={id}",
    )
    return Reply(_text_object(kept), [say(text, id=kept.id, n=kept.characters)])


def _content(file: Path) -> bytes:
    """The bytes of a file that is not too large to be read at all."""
    try:
        if file.stat().st_size > uploads.LARGEST_UPLOAD:
            return bytes(uploads.LARGEST_UPLOAD + 1)  # refused in words by the check, without reading gigabytes
        return file.read_bytes()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EISDIR, errno.EACCES, errno.ENOTDIR):
            raise
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=file, why=os.strerror(error.errno)), code="no_file", field="FILE") from error


def list_uploads() -> Reply:
    """All uploads."""
    found, texts = uploads.listed(settings().uploads), text_uploads.listed(settings().uploads)
    if not found and not texts:
        return Reply({"uploads": [], "texts": []}, [say(Text(en="No uploads.", hi="कोई अपलोड नहीं।"))])
    head = [say(text) for text in (_ID, _NAME, _HOLDS, _SIZE, _TIME)]
    held = [(one, say(_IMAGES, n=one.images)) for one in found] + [
        (one, say(_CHARACTERS, n=one.characters)) for one in texts
    ]
    rows = [[one.id, one.name, holds, f"{one.bytes / 2**20:.1f} MiB", moment(one.uploaded_at)] for one, holds in held]
    told_ = {"uploads": [_object(one) for one in found], "texts": [_text_object(one) for one in texts]}
    return Reply(told_, table(head, rows))


def delete(
    upload_id: Annotated[str, typer.Argument(metavar="ID", help=told("Id of the upload.", "अपलोड की id।"))],
) -> Reply:
    """Remove an upload; runs trained on it stay."""
    here = settings().uploads
    (text_uploads if text_uploads.find(upload_id, here) else uploads).delete(upload_id, here)
    return Reply({"deleted": upload_id}, [say(Text(en="Removed: {name}", hi="हटाया गया: {name}"), name=upload_id)])


_ID = Text(en="id", hi="id")
_NAME = Text(en="name", hi="नाम")
_HOLDS = Text(en="holds", hi="क्या है")
_IMAGES = Text(en="{n} images", hi="{n} तस्वीरें")
_CHARACTERS = Text(en="{n} characters", hi="{n} अक्षर")
_SIZE = Text(en="size", hi="आकार")
_TIME = Text(en="uploaded", hi="कब")


def _object(one: Upload) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "images": one.images,
        "classes": one.classes,
        "bytes": one.bytes,
        "uploaded_at": one.uploaded_at,
    }


def _text_object(one: TextUpload) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "characters": one.characters,
        "bytes": one.bytes,
        "uploaded_at": one.uploaded_at,
    }
