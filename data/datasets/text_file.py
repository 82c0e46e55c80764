"""A person's own text: a plain text file on this computer."""

from __future__ import annotations

import codecs
from pathlib import Path

from data.catalog import Dataset, DatasetCard, option
from data.images import shown_name
from data.text import Problem, Text
from data.texts import TextConfig, make_text

LARGEST_FILE = 64 * 2**20


class TextFileConfig(TextConfig):
    """Which file."""

    file: str = option(
        ..., min_length=1, max_length=4096,
        title=Text(en="Text file", hi="टेक्स्ट फ़ाइल"),
        help=Text(en="The path of a plain text file on this computer, in UTF-8.", hi="इस कंप्यूटर पर सादी टेक्स्ट फ़ाइल का पाथ, UTF-8 में।"),
    )  # fmt: skip


def load(config: TextFileConfig) -> Dataset:
    """The text of the file, with line ends as on Unix.

    Raises:
        Problem: There is no such file, or it is too large, too short or no text; `field` is "file".
    """
    try:
        return make_text(decoded(_content(config.file), Path(config.file).name), config)
    except Problem as problem:
        raise Problem(problem.text, code=problem.code, field="file") from problem


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
    raise Problem(
        Text(en=f"There is no text file at “{shown}” that can be read.", hi=f"“{shown}” पर कोई टेक्स्ट फ़ाइल नहीं है जो पढ़ी जा सके।"),
        code="dataset_removed",
    )  # fmt: skip


def decoded(content: bytes, name: str) -> str:
    """The text in UTF-8, or in UTF-16 when a mark says so.

    Raises:
        Problem: It is in another encoding, or no text at all.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    shown = shown_name(name)
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(
            Text(
                en=f"“{shown}” is not text in UTF-8 (byte {error.start + 1:,} is wrong); save it again in UTF-8.",
                hi=f"“{shown}” UTF-8 में लिखा टेक्स्ट नहीं है (बाइट {error.start + 1:,} ग़लत है); इसे UTF-8 में दोबारा सेव करें।",
            ),
            code="wrong_encoding",
        ) from error
    if "\0" in text:
        raise Problem(
            Text(en=f"“{shown}” is no plain text: it holds zero bytes.", hi=f"“{shown}” सादा टेक्स्ट नहीं है: उसमें शून्य बाइट हैं।"),
            code="not_text",
        )  # fmt: skip
    return text.replace("\r\n", "\n").replace("\r", "\n")


DATASET = DatasetCard(
    name="text_file",
    title=Text(en="Your own text", hi="आपका अपना टेक्स्ट"),
    summary=Text(
        en="A plain text file of yours, in any language. Nothing leaves this computer.",
        hi="आपकी सादी टेक्स्ट फ़ाइल, किसी भी भाषा में। कुछ भी इस कंप्यूटर से बाहर नहीं जाता।",
    ),
    kind="text",
    licence=Text(en="yours", hi="आपका अपना"),
    source="your file",
    config=TextFileConfig,
    load=load,
)
