"""Files that mean harm, and odd ones that do not, each made here byte by byte."""

from __future__ import annotations

import io
import json
import pickle
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

Make = Callable[[], bytes]


def picture(form: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (12, 9), **options: object) -> bytes:
    """A small honest picture."""
    levels = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size[1], size[0])
    buffer = io.BytesIO()
    Image.fromarray(levels).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, content) for kind, content in chunks)


@cache
def vast_png() -> bytes:
    """12,000 × 12,000 zeros in 2 MB: half a gigabyte when decoded."""
    header = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(1)
    rows = b"\0" * (100 * (12_000 * 3 + 1))
    body = b"".join(packer.compress(rows) for _ in range(120)) + packer.flush()
    return _png((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))


def png_that_claims_to_be_vast() -> bytes:
    """A header of 30,000 × 30,000 over one row of pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return _png((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 30_001)), (b"IEND", b""))


def png_with_swelling_text() -> bytes:
    """A comment that inflates to 80 MB."""
    header = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)
    text = b"Comment\0\0" + zlib.compress(b"a" * 80_000_000, 9)
    return _png((b"IHDR", header), (b"zTXt", text), (b"IDAT", zlib.compress(b"\0" * 20)), (b"IEND", b""))


def gif_of_many_frames(side: int = 200, frames: int = 60) -> bytes:
    """An animation; only its first frame, a grey one, is wanted."""
    images = [Image.new("L", (side, side), 128 if k == 0 else k) for k in range(frames)]
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:])
    return buffer.getvalue()


def svg() -> bytes:
    """A drawing with a script in it."""
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'


def turned_jpeg() -> bytes:
    """Stored 12 wide and 9 high, with the EXIF note that it stands on its side (orientation 6)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("JPEG", exif=exif)


def deep_png() -> bytes:
    """Sixteen bits of grey, the brightest at the right."""
    buffer = io.BytesIO()
    Image.fromarray(np.tile(np.linspace(0, 65_535, 16).astype(np.uint16), (8, 1))).save(buffer, "PNG")
    return buffer.getvalue()


def seen_through_png() -> bytes:
    """Red on the left, wholly transparent on the right."""
    pixels = np.zeros((8, 8, 4), dtype=np.uint8)
    pixels[:, :4] = (255, 0, 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members, names taken as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = method
            archive.writestr(info, content)
    return buffer.getvalue()


def album(pictures: int = 12) -> bytes:
    """An honest zip: two folders of pictures, a note, and what a Mac leaves behind."""
    members = {f"pets/{'cats' if k % 2 else 'dogs'}/{k}.png": picture(size=(12 + k, 9)) for k in range(pictures)}
    return zipped({**members, "pets/notes.txt": b"thanks", "__MACOSX/pets/._0.png": b"junk"})


def zip_with_link() -> bytes:
    """A member that is a symbolic link to a secret."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def zip_with_twins() -> bytes:
    """Two members whose names differ only in case."""
    return zipped({"cat.png": picture(), "CAT.png": picture()})


def zip_with_overlap() -> bytes:
    """Two names in the directory over the bytes of one member."""
    content = zipped({"a.png": picture(), "b.png": picture()})
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    changed = bytearray(content)
    changed[second + 42 : second + 46] = changed[first + 42 : first + 46]
    return bytes(changed)


def zip_bomb() -> bytes:
    """A "picture" of 20 MB of zeros in 20 kB."""
    return zipped({"a.png": b"\0" * 20_000_000})


def zip_of_many(members: int = 20_001) -> bytes:
    """More members than anybody has pictures."""
    return zipped({f"{k}.png": b"" for k in range(members)}, zipfile.ZIP_STORED)


def zip_that_lies_about_size() -> bytes:
    """A member that inflates to more than its directory says."""
    content = bytearray(zipped({"a.png": b"\0" * 5000}))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(content)


def locked_zip() -> bytes:
    """A zip that says it is encrypted."""
    content = bytearray(zipped({"a.png": picture()}))
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    return bytes(content)


def zip_cut_short() -> bytes:
    """An honest zip without its end."""
    return album()[:-30]


def zip_with_flipped_byte() -> bytes:
    """A member whose checksum no longer holds."""
    content = bytearray(zipped({"a.png": picture()}, zipfile.ZIP_STORED))
    content[len(picture()) // 2] ^= 0xFF
    return bytes(content)


REFUSED_PICTURES: dict[str, tuple[Make, str]] = {
    "vast": (vast_png, "too_many_pixels"),
    "claims to be vast": (png_that_claims_to_be_vast, "too_many_pixels"),
    "swelling text": (png_with_swelling_text, "damaged_image"),
    "truncated png": (lambda: picture(size=(64, 64))[:-40], "damaged_image"),
    "truncated jpeg": (lambda: picture("JPEG", size=(64, 64))[:-40], "damaged_image"),
    "svg": (svg, "not_an_image"),
    "empty": (bytes, "empty_file"),
    "noise": (lambda: bytes(range(256)) * 4, "not_an_image"),
    "zip": (album, "not_an_image"),
    "eps": (lambda: picture("EPS"), "not_an_image"),
}

REFUSED_ZIPS: dict[str, tuple[Make, str]] = {
    "empty": (bytes, "empty_file"),
    "no zip": (picture, "not_a_zip"),
    "cut short": (zip_cut_short, "not_a_zip"),
    "no pictures": (lambda: zipped({"a.txt": b"hello"}), "no_images"),
    "nothing": (lambda: zipped({}), "no_images"),
    "climbs out": (lambda: zipped({"../../evil.png": picture()}), "hostile_member"),
    "absolute": (lambda: zipped({"/etc/evil.png": picture()}), "hostile_member"),
    "drive": (lambda: zipped({"C:\\evil.png": picture()}), "hostile_member"),
    "backslash": (lambda: zipped({"..\\evil.png": picture()}), "hostile_member"),
    "nul in name": (lambda: zipped({"a.png\0.exe": picture()}), "hostile_member"),
    "link": (zip_with_link, "hostile_member"),
    "twins": (zip_with_twins, "duplicate_member"),
    "overlap": (zip_with_overlap, "overlapping_members"),
    "bomb": (zip_bomb, "zip_bomb"),
    "nested": (lambda: zipped({"a.png": picture(), "inner.zip": album()}), "nested_archive"),
    "too many": (zip_of_many, "too_many_members"),
    "lies about size": (zip_that_lies_about_size, "damaged_zip"),
    "locked": (locked_zip, "encrypted_zip"),
    "flipped byte": (zip_with_flipped_byte, "damaged_zip"),
    "vast picture inside": (lambda: zipped({"a.png": vast_png()}, zipfile.ZIP_STORED), "too_many_pixels"),
    "damaged picture inside": (
        lambda: zipped({"a.png": picture(), "b.png": picture(size=(64, 64))[:-40]}),
        "damaged_image",
    ),
    "svg inside": (lambda: zipped({"a.png": svg()}), "not_an_image"),
}


def safetensors(entries: dict[str, object], numbers: bytes = b"", *, length: int | None = None) -> bytes:
    """A weight file with this header; `length` lies about how long it is."""
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + numbers


def _entry(shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}


REFUSED_WEIGHTS: dict[str, tuple[Make, str]] = {
    "empty": (lambda: b"", "is no safetensors file"),
    "a pickle": (lambda: pickle.dumps({"w": [1.0] * 9}), "is no safetensors file"),
    "a zip": (lambda: zipped({"w": b"1234"}), "is no safetensors file"),
    "a header of 2^63 bytes": (lambda: safetensors({"w": _entry([1], 0, 4)}, b"1234", length=2**63), "no safetensors"),
    "100,000 tensors": (
        lambda: safetensors({f"layer.{k}": _entry([1], 4 * k, 4 * k + 4) for k in range(100_000)}, bytes(400_000)),
        "more than 1 MB",
    ),
    "a shape of 2^40": (lambda: safetensors({"w": _entry([2**40], 0, 4)}, b"1234"), "lies about “w”"),
    "overlapping tensors": (
        lambda: safetensors({"a": _entry([1], 0, 4), "b": _entry([1], 0, 4)}, b"1234"), "lies about “b”",
    ),
    "a negative side": (lambda: safetensors({"w": _entry([-1, -1], 0, 4)}, b"1234"), "cannot be read"),
    "a deep header": (
        lambda: struct.pack("<Q", 400_000) + b'{"w":' * 80_000 + b"1" * 100, "cannot be read|no safetensors"
    ),
    "something behind": (lambda: safetensors({"w": _entry([1], 0, 4)}, b"1234more"), "something behind"),
    "cut off": (lambda: safetensors({"w": _entry([2], 0, 8)}, b"1234"), "cut off"),
    "nothing in it": (lambda: safetensors({}), "holds no weights"),
}  # fmt: skip
"""Hostile inputs 33-38: what is sent, and what the sentence says."""
