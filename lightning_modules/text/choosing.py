"""The text encoders one can choose from, with their words for a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from data.text import Text
from lightning_modules.text.encoded import PromptEncoder
from lightning_modules.text.encoder import TextEncoder
from lightning_modules.text.pretrained import MiniLM

EncoderName = Literal["english_hindi", "minilm"]

LABELS: Mapping[EncoderName, Text] = {
    "english_hindi": Text(en="English and Hindi (small, ours)", hi="अंग्रेज़ी और हिंदी (छोटा, हमारा)"),
    "minilm": Text(en="English only (MiniLM)", hi="सिर्फ़ अंग्रेज़ी (MiniLM)"),
}


def load_encoder(name: EncoderName, device: str = "cpu") -> PromptEncoder:
    """The frozen encoder of that name on `device`; read once a process.

    Raises:
        Problem: MiniLM is asked for and not installed (`no_minilm`).
    """
    return MiniLM.load(device) if name == "minilm" else TextEncoder.load(device)
