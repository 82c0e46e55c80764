"""Captioned data: which emoji are in a theme and held out, and how digits are described."""

from __future__ import annotations

import numpy as np
import pytest

from data.arrays import make_dataset
from data.catalog import Split
from data.datasets import emoji, mnist, mnist_captions
from data.datasets.emoji import EmojiConfig, Theme
from data.text import Text


def _names(theme: Theme) -> tuple[list[str], list[str]]:
    found = emoji.load(EmojiConfig(theme=theme))
    assert found.train.y is not None and found.test.y is not None
    return [found.captions[k].en for k in found.train.y], [found.captions[k].en for k in found.test.y]


def test_the_red_heart_is_red_and_trained_on() -> None:
    found = emoji.load(EmojiConfig())
    assert found.train.y is not None
    heart = next(k for k in found.train.y if found.captions[k] == Text(en="red heart", hi="लाल दिल"))
    red, green, blue = found.train.x[list(found.train.y).index(heart)][:, 16, 16]
    assert red > 0.5 and green < -0.3 and blue < -0.3


def test_small_emoji_stand_anywhere_on_white_with_the_same_names_held_out() -> None:
    whole, small = emoji.load(EmojiConfig()), emoji.load(EmojiConfig(placing="small"))
    assert small.captions == whole.captions and small.train.x.shape == whole.train.x.shape
    ink = np.any(small.train.x < 0.95, axis=1)  # [items, 32, 32]
    rows, columns = ink.any(axis=2), ink.any(axis=1)
    assert rows.any(axis=1).all() and max(rows.sum(axis=1).max(), columns.sum(axis=1).max()) <= emoji.SMALL_PX
    assert rows.any(axis=0).all() and columns.any(axis=0).all()  # nowhere is left out


def test_simple_emoji_are_hearts_and_shapes_in_every_colour_and_no_faces() -> None:
    trained, held_out = _names("simple")
    every = {*trained, *held_out}
    colours = ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white")
    assert {f"{colour} {shape}" for colour in colours for shape in ("heart", "circle")} <= every
    assert 60 <= len(every) <= 90 and not any("face" in name for name in every)


def test_simple_names_that_are_held_out_are_mixes_of_trained_words() -> None:
    trained, held_out = _names("simple")
    words = {word for name in trained for word in name.replace("-", " ").split()}
    assert len(held_out) >= emoji.FEWEST_HELD_OUT
    assert all(word in words for name in held_out for word in name.replace("-", " ").split())


@pytest.mark.parametrize("theme", ["faces", "animals", "food"])
def test_no_emoji_is_trained_on_and_held_out(theme: Theme) -> None:
    trained, held_out = _names(theme)
    assert len(trained) > 80 and len(held_out) >= 9 and not set(trained) & set(held_out)


def test_all_the_emoji_are_there_at_their_share() -> None:
    trained, held_out = _names("all")
    assert (len(trained), len(held_out)) == (1224, 136)


def test_every_caption_of_a_digit_names_that_digit() -> None:
    for k, caption in enumerate(mnist_captions.captions()):
        digit = k // len(mnist_captions.WORDINGS)
        word = mnist_captions.DIGITS[digit]
        assert str(digit) in caption.en or word.en in caption.en
        assert str(digit) in caption.hi or word.hi in caption.hi


def test_captions_tell_of_the_digit_that_is_seen() -> None:
    plain, told = mnist.load(mnist.MnistConfig()), mnist_captions.load(mnist.MnistConfig())
    for before, after in ((plain.train, told.train), (plain.test, told.test)):
        labels = told.labels(after)
        assert (
            labels is not None
            and before.y is not None
            and np.array_equal(labels, before.y)
            and np.array_equal(before.x, after.x)
        )


def test_one_caption_of_each_digit_is_for_testing_only_and_its_wording_is_trained_with_other_digits() -> None:
    told = mnist_captions.load(mnist.MnistConfig())
    assert told.train.y is not None and told.test.y is not None
    never = set(range(len(told.captions))) - set(told.train.y.tolist())
    assert never == {mnist_captions.unseen(k) for k in range(10)} and never <= set(told.test.y.tolist())
    wordings = {int(k) % len(mnist_captions.WORDINGS) for k in told.train.y}
    assert wordings == set(range(len(mnist_captions.WORDINGS)))


def test_labels_come_through_captions_where_there_are_captions() -> None:
    x = np.zeros((3, 1, 8, 8), dtype=np.float32)
    split = Split(x, np.array([3, 0, 2]))
    said = [Text(en=str(k), hi=f"{k}") for k in range(4)]
    told = make_dataset("image", split, split, ["a", "b"], captions=said, caption_class=[0, 0, 1, 1])
    labels = told.labels(split)
    assert labels is not None and labels.tolist() == [1, 0, 1]
    assert make_dataset("image", split, split, captions=said).labels(split) is None
    assert make_dataset("image", Split(x), Split(x)).labels(Split(x)) is None
