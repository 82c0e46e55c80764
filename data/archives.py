"""A zip of unknown origin -> its pictures, or one plain sentence why not. The archive is never unpacked to disk.

The whole archive is refused for one hostile member: a name that leads elsewhere, a link, an archive in the archive,
two members of one name or over the same bytes, a member that swells more than a hundredfold. All of it is read off the
directory of the archive before a byte is inflated, and what is inflated is cut off at the announced size.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image

from data.images import LARGEST_FILE, SUFFIXES, decode_image, refused, shown_name
from data.text import Problem

MOST_MEMBERS = 20_000
LARGEST_TOTAL = 1024 * 2**20
LARGEST_RATIO = 100
_RATIO_MATTERS_FROM = 2**16
_END = b"PK\x05\x06"
_LONGEST_END = 22 + 65_535
_ENCRYPTED = 0x1
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".jar")
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class ZipPicture:
    """A checked picture of an archive; `folder` is the name of the topmost folder that tells pictures apart, or ""."""

    name: str
    folder: str
    image: Image.Image


def pictures_in(content: bytes, name: str) -> Iterator[ZipPicture]:
    """The pictures of a zip, in order of name, decoded one at a time.

    Raises:
        Problem: The archive or one of its pictures is refused, or there is no picture in it.
    """
    with opened_zip(content, name) as archive:
        members = checked_members(archive, name)
        chosen = sorted((m for m in members if _is_picture(m.filename)), key=lambda m: m.filename)
        if not chosen:
            raise refused(
                "no_images",
                name,
                "has no pictures in it (PNG, JPEG, WebP, GIF, BMP or TIFF)",
                "में कोई तस्वीर नहीं है (PNG, JPEG, WebP, GIF, BMP या TIFF चाहिए)",
            )
        depth = common_depth([member.filename for member in chosen])
        for member in chosen:
            parts = PurePosixPath(member.filename).parts
            folder = parts[depth] if len(parts) > depth + 1 else ""
            yield ZipPicture(member.filename, folder, decode_image(_inflated(archive, member, name), member.filename))


def common_depth(names: list[str]) -> int:
    """How many leading folders all names share: these tell nothing apart."""
    parents = [PurePosixPath(name).parts[:-1] for name in names]
    depth = 0
    while all(len(parts) > depth for parts in parents) and len({parts[depth] for parts in parents}) == 1:
        depth += 1
    return depth


def opened_zip(content: bytes, name: str) -> zipfile.ZipFile:
    """The archive, whose directory was read and nothing else.

    Raises:
        Problem: It is no zip, cut short, damaged, or has too many members.
    """
    if not content:
        raise refused("empty_file", name, "is empty", "खाली है")
    end = content.rfind(_END, max(0, len(content) - _LONGEST_END))
    if not content.startswith(b"PK") or end < 0 or end + 22 > len(content):
        raise refused("not_a_zip", name, "is not a zip file, or it is cut short", "ज़िप फ़ाइल नहीं है या अधूरी है")
    (members,) = struct.unpack_from("<H", content, end + 10)
    if members > MOST_MEMBERS:  # 65,535 stands for "more": the archive is never asked how many
        raise _too_many(name)
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise refused("damaged_zip", name, "is damaged", "ख़राब है") from error


def checked_members(archive: zipfile.ZipFile, name: str, *, largest: int = LARGEST_FILE) -> list[zipfile.ZipInfo]:
    """The members that are files, none larger than `largest` bytes, if nothing about any member is wrong."""
    everything = archive.infolist()
    if len(everything) > MOST_MEMBERS:
        raise _too_many(name)
    seen: set[str] = set()
    for member in everything:
        _check_name(member, name)
        _check_kind(member, name)
        _check_size(member, name, largest)
        plain = member.filename.rstrip("/").casefold()
        if plain in seen:
            shown = shown_name(member.filename)
            raise refused("duplicate_member", name, f"holds “{shown}” twice", f"में “{shown}” दो बार है")
        seen.add(plain)
    _check_overlap(everything, name)
    if sum(member.file_size for member in everything) > LARGEST_TOTAL:
        limit = LARGEST_TOTAL // 2**20
        raise refused("zip_too_large", name, f"would unpack to more than {limit} MB", f"खुलने पर {limit} MB से ज़्यादा होगी")
    return [member for member in everything if not member.is_dir() and not _is_litter(member.filename)]


def _check_name(member: zipfile.ZipInfo, name: str) -> None:
    raw = member.orig_filename
    parts = re.split(r"[/\\]", raw)
    leads_elsewhere = ".." in parts or raw.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", raw)
    if leads_elsewhere or "\0" in raw or "\\" in raw:
        shown = shown_name(raw)
        raise refused(
            "hostile_member",
            name,
            f"holds a file whose name leads outside of it (“{shown}”)",
            f"में ऐसी फ़ाइल है जिसका नाम बाहर की ओर ले जाता है (“{shown}”)",
        )
    if raw.lower().endswith(_ARCHIVES):
        shown = shown_name(raw)
        raise refused(
            "nested_archive",
            name,
            f"holds another archive (“{shown}”); unpack it first",
            f"के अंदर एक और आर्काइव है (“{shown}”); पहले उसे खोलें",
        )


def _check_kind(member: zipfile.ZipInfo, name: str) -> None:
    shown = shown_name(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refused("hostile_member", name, f"holds a link or device (“{shown}”)", f"में लिंक या डिवाइस है (“{shown}”)")
    if member.flag_bits & _ENCRYPTED:
        raise refused("encrypted_zip", name, "is protected by a password", "पासवर्ड से बंद है")


def _check_size(member: zipfile.ZipInfo, name: str, largest: int) -> None:
    shown = shown_name(member.filename)
    if member.file_size > largest:
        limit = largest // 2**20
        raise refused(
            "zip_too_large",
            name,
            f"holds a file of more than {limit} MB (“{shown}”)",
            f"में {limit} MB से बड़ी फ़ाइल है (“{shown}”)",
        )
    if member.file_size > max(_RATIO_MATTERS_FROM, LARGEST_RATIO * member.compress_size):
        raise refused(
            "zip_bomb",
            name,
            f"holds a file that swells more than {LARGEST_RATIO} times (“{shown}”)",
            f"में ऐसी फ़ाइल है जो खुलने पर {LARGEST_RATIO} गुना से ज़्यादा फूलती है (“{shown}”)",
        )


def _check_overlap(members: list[zipfile.ZipInfo], name: str) -> None:
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:
            raise refused(
                "overlapping_members", name, "holds files that lie over each other", "में फ़ाइलें एक-दूसरे पर चढ़ी हुई हैं"
            )
        end = member.header_offset + 30 + len(member.orig_filename) + member.compress_size


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    try:
        with archive.open(member) as file:
            return file.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        shown = shown_name(member.filename)
        raise refused("damaged_zip", name, f"is damaged at “{shown}”", f"“{shown}” पर ख़राब है") from error


def _is_picture(filename: str) -> bool:
    return filename.lower().endswith(SUFFIXES)


def _is_litter(filename: str) -> bool:
    return any(part in _LITTER or part.startswith("._") for part in PurePosixPath(filename).parts)


def _too_many(name: str) -> Problem:
    return refused(
        "too_many_members", name, f"holds more than {MOST_MEMBERS:,} files", f"में {MOST_MEMBERS:,} से ज़्यादा फ़ाइलें हैं"
    )
