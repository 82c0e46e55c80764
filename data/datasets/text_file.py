"""A person's own text: an upload, or a plain text file on this computer."""

from __future__ import annotations

from pathlib import Path

from data import text_uploads, uploads
from data.catalog import Dataset, DatasetCard, option
from data.images import shown_name
from data.text import Problem, Text
from data.texts import TextConfig, decoded, make_text

LARGEST_FILE = text_uploads.LARGEST_TEXT


class TextFileConfig(TextConfig):
    """Which file."""

    file: str = option(
        ..., min_length=1, max_length=4096,
        title=Text(en="Text file", hi="टेक्स्ट फ़ाइल"),
        help=Text(en="An upload, or the path of a plain text file on this computer, in UTF-8.", hi="कोई अपलोड, या इस कंप्यूटर पर सादी टेक्स्ट फ़ाइल का पाथ, UTF-8 में।"),
    )  # fmt: skip


def load(config: TextFileConfig) -> Dataset:
    """The text of the file, with line ends as on Unix.

    Raises:
        Problem: There is no such file, or it is too large, too short or no text; `field` is "file".
    """
    try:
        return make_text(_text(config.file), config)
    except Problem as problem:
        raise Problem(problem.text, code=problem.code, field="file") from problem


def _text(given: str) -> str:
    upload = text_uploads.find(given, uploads.default_folder())
    if upload is None:
        return decoded(_content(given), Path(given).name)
    try:
        return upload.read()
    except OSError as error:
        raise _gone(upload.name) from error


def _content(given: str) -> bytes:
    path, shown = Path(given).expanduser(), shown_name(given)
    try:
        if path.is_file() and path.stat().st_size <= LARGEST_FILE:
            return path.read_bytes()
        large = path.is_file()
    except (OSError, ValueError):  # no permission, a name too long, a NUL in it
        large = False
    if large:
        limit = LARGEST_FILE // 2**20
        text = Text(en=f"“{shown}” is larger than {limit} MB.", hi=f"“{shown}” {limit} MB से बड़ी है।")
        raise Problem(text, code="file_too_large")
    raise _gone(given)


def _gone(given: str) -> Problem:
    shown = shown_name(given)
    return Problem(
        Text(en=f"There is no text file at “{shown}” that can be read.", hi=f"“{shown}” पर कोई टेक्स्ट फ़ाइल नहीं है जो पढ़ी जा सके।"),
        code="dataset_removed",
    )  # fmt: skip


DATASET = DatasetCard(
    name="text_file",
    title=Text(en="Your own text", hi="आपका अपना टेक्स्ट"),
    summary=Text(
        en="A plain text file of yours in any language, or an upload. Nothing leaves this computer.",
        hi="आपकी सादी टेक्स्ट फ़ाइल, किसी भी भाषा में, या कोई अपलोड। कुछ भी इस कंप्यूटर से बाहर नहीं जाता।",
    ),
    kind="text",
    licence=Text(en="yours", hi="आपका अपना"),
    source="your file",
    config=TextFileConfig,
    load=load,
)
