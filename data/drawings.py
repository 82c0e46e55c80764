"""What a person draws in the plane, as points: strokes from a page, checked as if a stranger had sent them.

A drawing is JSON text: a list of strokes, each a list of [x, y] in any unit, with y growing downwards as on a screen. Kept
drawings stand in `SAMAJH_HOME/drawings/<id>.json`, named by the hash of their content. Points are drawn from strokes by
pure functions of a random generator. Notation: a stroke [corners, 2] float64; a mask [height, width] bool.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from data.durable import write_durably
from data.text import Problem, Text

LONGEST_TEXT = 60_000
"""Characters of a drawing; a page thins its strokes to stay below."""
MOST_CORNERS = 5000
FEWEST_CORNERS = 3
LARGEST_COORDINATE = 1e6
FIELD = "drawing"
_ID = re.compile(r"[0-9a-f]{16}")
_CANVAS_PX = 512

Stroke = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]
Owners = npt.NDArray[np.int64]


def parse(text: str) -> tuple[Stroke, ...]:
    """The strokes of a drawing.

    Raises:
        Problem: It is not a drawing, too large, not finite, or too little to learn from; `field` is "drawing".
    """
    if len(text) > LONGEST_TEXT:
        raise _refused(
            "drawing_too_large", f"is longer than {LONGEST_TEXT:,} characters", f"{LONGEST_TEXT:,} अक्षरों से लंबी है"
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_drawing() from error
    if not isinstance(found, list):
        raise _no_drawing()
    strokes = tuple(_stroke(one) for one in found)
    corners = sum(len(stroke) for stroke in strokes)
    if corners > MOST_CORNERS:
        raise _refused(
            "drawing_too_large", f"has more than {MOST_CORNERS:,} points", f"में {MOST_CORNERS:,} से ज़्यादा बिंदु हैं"
        )
    places = {tuple(corner) for stroke in strokes for corner in stroke.tolist()}
    if len(places) < FEWEST_CORNERS:
        raise _refused(
            "drawing_too_small",
            f"needs at least {FEWEST_CORNERS} different points; draw a little more",
            f"में कम से कम {FEWEST_CORNERS} अलग बिंदु चाहिए; थोड़ा और बनाएँ",
        )
    return tuple(stroke for stroke in strokes if len(stroke))


def as_text(strokes: Sequence[Stroke]) -> str:
    """Strokes as the text of a drawing, to a tenth of a unit."""
    return json.dumps([np.round(stroke, 1).tolist() for stroke in strokes], separators=(",", ":"))


def keep(text: str, drawings: Path) -> str:
    """Check a drawing and keep it; the same drawing twice is one. Returns its id.

    Raises:
        Problem: See `parse`.
    """
    parse(text)
    identity = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = drawings / f"{identity}.json"
    if not path.exists():
        drawings.mkdir(parents=True, exist_ok=True)
        write_durably(path, text.encode())
    return identity


def fetch(word: str, drawings: Path) -> tuple[Stroke, ...]:
    """The strokes of a drawing, given as its text or as the id of a kept one.

    Raises:
        Problem: See `parse`; or there is no drawing of this id (`unknown_drawing`).
    """
    if not _ID.fullmatch(word.strip()):
        return parse(word)
    path = drawings / f"{word.strip()}.json"
    if not path.is_file() or path.stat().st_size > 4 * LONGEST_TEXT:
        raise _refused("unknown_drawing", "is not there any more; draw it again", "अब नहीं मिल रही; फिर से बनाएँ")
    return parse(path.read_text(encoding="utf-8", errors="replace"))


def default_folder() -> Path:
    """Where drawings stand by default: `SAMAJH_HOME/drawings`."""
    return Path(os.environ.get("SAMAJH_HOME", "~/.samajh")).expanduser().absolute() / "drawings"


def along(strokes: Sequence[Stroke], count: int, generator: np.random.Generator) -> tuple[Points, Owners]:
    """Points [count, 2] spread evenly along the strokes by length, and the number of the stroke each lies on.

    One point is drawn in each of `count` equal pieces of the whole length, so that no part stays empty by chance. A
    drawing of dots alone, which has no length, gives its dots in equal numbers.
    """
    starts = np.concatenate([stroke[:-1] if len(stroke) > 1 else stroke for stroke in strokes])
    ends = np.concatenate([stroke[1:] if len(stroke) > 1 else stroke for stroke in strokes])
    owners = np.concatenate([np.full(max(1, len(stroke) - 1), k) for k, stroke in enumerate(strokes)])
    lengths = np.linalg.norm(ends - starts, axis=1)
    if lengths.sum() == 0:
        lengths = np.ones(len(starts))
    reached = np.cumsum(lengths) / lengths.sum()
    at = (np.arange(count) + generator.random(count)) / count
    piece = np.minimum(np.searchsorted(reached, at, side="right"), len(reached) - 1)
    before = np.concatenate([[0.0], reached])[piece]
    share = (at - before) / np.maximum(reached[piece] - before, 1e-300)
    points: Points = starts[piece] + np.clip(share, 0, 1)[:, None] * (ends[piece] - starts[piece])
    return points, owners[piece].astype(np.int64)


def inside(strokes: Sequence[Stroke], count: int, generator: np.random.Generator) -> tuple[Points, Owners]:
    """Points [count, 2] spread evenly inside the strokes, each closed to a shape, and the number of the shape.

    The shapes are painted on a raster of 512 px; where they overlap, the later one owns the place.
    """
    corners = np.concatenate(list(strokes))
    low, extent = corners.min(axis=0), max(float(np.ptp(corners, axis=0).max()), 1e-9)
    canvas = Image.new("I", (_CANVAS_PX, _CANVAS_PX), 0)
    brush = ImageDraw.Draw(canvas)
    for k, stroke in enumerate(strokes):
        outline = [tuple(corner) for corner in ((stroke - low) / extent * (_CANVAS_PX - 1)).tolist()]
        if len(outline) > 1:
            brush.polygon(outline, fill=k + 1, outline=k + 1)
        else:
            brush.point(outline, fill=k + 1)
    owners = np.asarray(canvas, dtype=np.int64)
    points, places = within(owners > 0, count, generator)
    return points / (_CANVAS_PX - 1) * extent + low, owners[places[:, 1], places[:, 0]] - 1


def within(mask: npt.NDArray[np.bool_], count: int, generator: np.random.Generator) -> tuple[Points, Owners]:
    """Points [count, 2] spread evenly over the painted pixels of a mask, and the pixels (column, row) they fell on.

    Raises:
        Problem: Nothing is painted.
    """
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        raise _refused("drawing_too_small", "is empty; draw something first", "खाली है; पहले कुछ बनाएँ")
    chosen = generator.integers(0, len(rows), size=count)
    places = np.stack([columns[chosen], rows[chosen]], axis=1).astype(np.int64)
    return places + generator.random((count, 2)) - 0.5, places


def _stroke(found: Any) -> Stroke:
    if not isinstance(found, list):
        raise _no_drawing()
    corners = list(itertools.chain.from_iterable(_corner(one) for one in found[: MOST_CORNERS + 1]))
    return np.array(corners, dtype=np.float64).reshape(-1, 2)


def _corner(found: Any) -> tuple[float, float]:
    if not isinstance(found, list) or len(found) != 2 or any(type(value) not in (int, float) for value in found):
        raise _no_drawing()
    if not all(abs(value) <= LARGEST_COORDINATE for value in found):  # NaN is refused here too
        raise _refused(
            "drawing_not_finite",
            f"has a point that is no finite number up to {LARGEST_COORDINATE:,.0f}",
            f"में ऐसा बिंदु है जो {LARGEST_COORDINATE:,.0f} तक की सीमित संख्या नहीं है",
        )
    return float(found[0]), float(found[1])


def _refused(code: str, en: str, hi: str) -> Problem:
    return Problem(Text(en=f"The drawing {en}.", hi=f"यह ड्रॉइंग {hi}।"), code=code, field=FIELD)


def _no_drawing() -> Problem:
    return _refused(
        "not_a_drawing",
        "must be a list of strokes, each a list of [x, y], such as [[[0, 0], [9, 0], [9, 9]]]",
        "रेखाओं की सूची होनी चाहिए, हर रेखा [x, y] की सूची, जैसे [[[0, 0], [9, 0], [9, 9]]]",
    )
