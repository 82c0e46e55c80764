"""`samajh data upload|list|delete`: a person's own pictures. Train on them with `--dataset image_folder --set images=ID`."""

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
from data import uploads
from data.text import Problem, Text
from data.uploads import Upload


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    under = group("data", told("Your own pictures: upload, list, delete.", "आपकी तस्वीरें: अपलोड, सूची, हटाना।"))
    command(under, "upload", told("Check a zip of pictures and keep it.", "तस्वीरों की ज़िप जाँचकर रखें।"))(upload)
    command(under, "list", told("List uploads, newest first.", "अपलोड की सूची, सबसे नए पहले।"))(list_uploads)
    command(under, "delete", told("Remove an upload.", "अपलोड हटाएँ।"))(delete)
    app.add_typer(under)


def upload(
    file: Annotated[Path, typer.Argument(metavar="ZIP", help=told("Zip of pictures; its folders become classes.", "तस्वीरों की ज़िप; उसके फ़ोल्डर क्लास बनते हैं।"))],
) -> Reply:  # fmt: skip
    """Check a zip and keep it."""
    kept = uploads.accept(_content(file), file.name, settings().uploads)
    text = Text(
        en="Kept as {id}: {n} images. Train on it: --dataset image_folder --set images={id}",
        hi="{id} नाम से रखा गया: {n} तस्वीरें। इस पर ट्रेनिंग: --dataset image_folder --set images={id}",
    )
    return Reply(_object(kept), [say(text, id=kept.id, n=kept.images)])


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
        raise Problem(text.format(f=file, why=os.strerror(error.errno)), code="no_file", field="ZIP") from error


def list_uploads() -> Reply:
    """All uploads."""
    found = uploads.listed(settings().uploads)
    if not found:
        return Reply({"uploads": []}, [say(Text(en="No uploads.", hi="कोई अपलोड नहीं।"))])
    head = [say(text) for text in (_ID, _NAME, _IMAGES, _SIZE, _TIME)]
    rows = [[u.id, u.name, str(u.images), f"{u.bytes / 2**20:.1f} MiB", moment(u.uploaded_at)] for u in found]
    return Reply({"uploads": [_object(one) for one in found]}, table(head, rows))


def delete(
    upload_id: Annotated[str, typer.Argument(metavar="ID", help=told("Id of the upload.", "अपलोड की id।"))],
) -> Reply:
    """Remove an upload; runs trained on it stay."""
    uploads.delete(upload_id, settings().uploads)
    return Reply({"deleted": upload_id}, [say(Text(en="Removed: {name}", hi="हटाया गया: {name}"), name=upload_id)])


_ID = Text(en="id", hi="id")
_NAME = Text(en="name", hi="नाम")
_IMAGES = Text(en="images", hi="तस्वीरें")
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
