"""Half a second of an instrument, a voice or a drum: synthesised here, no recordings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data import synthesis
from data.arrays import make_dataset
from data.catalog import Config, Dataset, DatasetCard, FloatArray, Split, option
from data.notes import frequency_hz
from data.text import Text

NOTES = {"C4": "सा", "D4": "रे", "E4": "ग", "G4": "प", "A4": "ध"}
"""Five notes of a pentatonic scale (Bhupali), with their names when Sa is C4."""
TONES: dict[str, tuple[synthesis.Tone, str]] = {
    "string": (synthesis.string, "तार"),
    "bell": (synthesis.bell, "घंटी"),
    "organ": (synthesis.organ, "ऑर्गन"),
    "flute": (synthesis.flute, "बाँसुरी"),
    "voice aa": (synthesis.voice("aa"), "आवाज़ आ"),
    "voice ee": (synthesis.voice("ee"), "आवाज़ ई"),
    "voice oo": (synthesis.voice("oo"), "आवाज़ ऊ"),
}
DRUMS: dict[str, tuple[synthesis.Drum, str]] = {
    "kick drum": (synthesis.kick, "बेस ड्रम"),
    "snare drum": (synthesis.snare, "स्नेयर ड्रम"),
    "hi-hat": (synthesis.hat, "हाई-हैट"),
}
CLASSES = (*(f"{tone} {note}" for tone in TONES for note in NOTES), *DRUMS)
_TITLES = (*(f"{hi} {note}" for _, hi in TONES.values() for note in NOTES.values()), *(hi for _, hi in DRUMS.values()))


class SoundsConfig(Config):
    """How many sounds are made."""

    items: int = option(
        48, ge=4, le=2000, unit="sounds",
        title=Text(en="Sounds of each class", hi="हर क्लास की ध्वनियाँ"),
        help=Text(en="Sounds to train on in each of the 38 classes (seven instruments at five notes, three drums); a third as many more are made for testing.",
                  hi="38 क्लास (सात वाद्य पाँच सुरों पर, तीन ड्रम) में से हर एक की ट्रेनिंग के लिए ध्वनियाँ; जाँच के लिए इनकी एक-तिहाई और बनती हैं।"),
    )  # fmt: skip


def load(config: SoundsConfig) -> Dataset:
    """The sounds as [items, 1, 4096] in [-1, 1] at 8 kHz, every class equally often."""
    train, test = made(config.items, seed=0), made(max(2, config.items // 3), seed=1)
    return make_dataset("audio", train, test, CLASSES, rate_hz=synthesis.RATE_HZ)


def made(each: int, *, seed: int) -> Split:
    """`each` sounds of every class, in turn: item i is of class i mod 38."""
    by_class = np.stack(list(_classes(np.random.Generator(np.random.PCG64(seed)), each)), axis=1)
    x = by_class.reshape(-1, 1, synthesis.SAMPLES)
    return Split(np.ascontiguousarray(x), np.arange(len(x), dtype=np.int64) % len(CLASSES))


def _classes(generator: np.random.Generator, each: int) -> Iterator[FloatArray]:
    for tone, _ in TONES.values():
        for note in NOTES:
            pitch = frequency_hz(note)
            assert pitch is not None
            yield synthesis.finished(tone(generator, each, pitch), generator)
    for drum, _ in DRUMS.values():
        yield synthesis.finished(drum(generator, each), generator)


DATASET = DatasetCard(
    name="sounds",
    title=Text(en="Instruments, voices, drums", hi="वाद्य, आवाज़ें, ड्रम"),
    summary=Text(
        en="Sounds of half a second: string, bell, organ, flute and three sung vowels at five notes, and three drums. Synthesised here from formulas; no recordings.",
        hi="आधे सेकंड की ध्वनियाँ: तार, घंटी, ऑर्गन, बाँसुरी और तीन गाए स्वर, पाँच सुरों पर, और तीन ड्रम। सूत्रों से यहीं बनीं; रिकॉर्डिंग नहीं।",
    ),
    kind="audio",
    licence=Text(en="made here, free to use", hi="यहीं बना, मुफ़्त उपयोग"),
    source="formulas of Jaffe and Smith (1983), Chowning (1973), Peterson and Barney (1952); see data/synthesis.py",
    config=SoundsConfig,
    load=load,
    class_titles={name: Text(en=name, hi=title) for name, title in zip(CLASSES, _TITLES, strict=True)},
)
