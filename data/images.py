"""Bytes of unknown origin -> a checked picture: 8 bits, grey or RGB, upright; or one plain sentence why not.

Nothing is believed: not the name, not the type that was announced. The format is read off the bytes, the size off the
header before a pixel is decoded, and only the first frame of an animation is taken.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from data.text import Problem, Text

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
LARGEST_PIXELS = 25_000_000
LARGEST_FILE = 30 * 2**20
_WHITE = 255


def decode_image(content: bytes, name: str) -> Image.Image:
    """The picture in `content`, as mode "L" or "RGB".

    Args:
        content: The file's bytes.
        name: What to call the file in a sentence.

    Raises:
        Problem: It is empty, no picture, damaged, or too large.
    """
    if not content:
        raise refused("empty_file", name, "is empty", "खाली है")
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    if _looks_like_text(content):
        raise refused(
            "not_an_image",
            name,
            "is text (SVG or HTML perhaps), not a picture of pixels",
            "में टेक्स्ट है (शायद SVG या HTML), पिक्सेल वाली तस्वीर नहीं",
        )
    with _strict_pillow(name):
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        width, height = image.size
        if width * height > LARGEST_PIXELS:
            raise _too_many_pixels(name, width, height)
        image.seek(0)
        image.load()
    return _plain(_upright(image), name)


def square(image: Image.Image, side: int, *, grey: bool) -> npt.NDArray[np.uint8]:
    """The centre square of a picture at `side`×`side` pixels: [side, side, 1 or 3] bytes."""
    fitted = ImageOps.fit(image.convert("L" if grey else "RGB"), (side, side), Image.Resampling.LANCZOS)
    pixels = np.asarray(fitted, dtype=np.uint8)
    return pixels.reshape(side, side, 1 if grey else 3)


@contextlib.contextmanager
def _strict_pillow(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises for a bad file into a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own size warning: ours is stricter
            yield
    except Problem:
        raise
    except Image.DecompressionBombError as error:
        raise refused(
            "too_many_pixels",
            name,
            f"has more than {_megapixels()} million pixels",
            f"में {_megapixels()} मेगापिक्सेल से ज़्यादा हैं",
        ) from error
    except UnidentifiedImageError as error:
        raise refused(
            "not_an_image",
            name,
            "is not a picture (PNG, JPEG, WebP, GIF, BMP or TIFF)",
            "तस्वीर नहीं है (PNG, JPEG, WebP, GIF, BMP या TIFF चाहिए)",
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError and more
        raise refused("damaged_image", name, "is damaged", "ख़राब है") from error


def _upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF orientation says; nonsense in EXIF is ignored."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF is free-form; a picture with bad EXIF is still a picture
        return image


def _plain(image: Image.Image, name: str) -> Image.Image:
    """8 bits, grey or RGB; transparency over white."""
    if image.mode.startswith("I"):
        return _from_deep(np.asarray(image).astype(np.int64))
    if image.mode == "F":
        raise refused(
            "not_an_image",
            name,
            "holds measurements (32-bit floats), not a picture",
            "में नाप (32-बिट फ़्लोट) हैं, तस्वीर नहीं",
        )
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layered = image.convert("RGBA")
        under = Image.new("RGBA", layered.size, (_WHITE, _WHITE, _WHITE, _WHITE))
        flat = Image.alpha_composite(under, layered)
        return flat.convert("L" if image.mode in ("LA", "La") else "RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _from_deep(levels: npt.NDArray[np.int64]) -> Image.Image:
    """16-bit grey levels to 8 bits: 0..65535 to 0..255; files that use only 0..255 are left as they are."""
    scale = 257 if levels.max(initial=0) > _WHITE else 1
    return Image.fromarray(np.clip(levels // scale, 0, _WHITE).astype(np.uint8))


def _looks_like_text(content: bytes) -> bool:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] == b"<"


def _megapixels() -> int:
    return LARGEST_PIXELS // 1_000_000


def _too_many_pixels(name: str, width: int, height: int) -> Problem:
    return refused(
        "too_many_pixels", name,
        f"has {width}×{height} pixels; at most {_megapixels()} million are taken",
        f"{width}×{height} पिक्सेल की है; ज़्यादा से ज़्यादा {_megapixels()} मेगापिक्सेल चलते हैं",
    )  # fmt: skip


def refused(code: str, name: str, en: str, hi: str) -> Problem:
    """What is wrong with the file `name`, as "“name” is …" in both languages."""
    shown = shown_name(name)
    return Problem(Text(en=f"“{shown}” {en}.", hi=f"“{shown}” {hi}।"), code=code)


def shown_name(name: str, longest: int = 80) -> str:
    """A file's name as it may stand in a sentence: printable, and not endless."""
    printable = "".join(c if c.isprintable() else "�" for c in name)
    return printable if len(printable) <= longest else f"…{printable[-longest:]}"
