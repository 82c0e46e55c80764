"""The English-Hindi text encoder that ships with the project: distilled from MiniLM by `lightning_modules.text.distil`.

Needs torch, `tokenizers` and safetensors, nothing else; its weights are plain tensors, kept as float16 and used as float32.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Self

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tokenizers import Tokenizer

from data.text import Text
from lightning_modules.text import reading
from lightning_modules.text.corpus import BUNDLED
from lightning_modules.text.encoded import Encoded
from lightning_modules.text.network import Shape, TextNetwork, pooled
from lightning_modules.text.tokens import MAX_TOKENS, load_tokenizer, numbers_of, padded

FOLDER = BUNDLED / "text_encoder"
WEIGHTS = "text_encoder.safetensors"
TOKENIZER = "tokenizer.json"
AT_ONCE = 256
"""Prompts in one forward pass: bounds the memory, whatever is asked."""


class TextEncoder:
    """Prompts in English or Hindi to vectors of width 384; frozen, and the same for equal prompts."""

    def __init__(self, network: TextNetwork, tokenizer: Tokenizer, device: torch.device | str = "cpu") -> None:
        self.network = network.eval().requires_grad_(False).to(device)
        self.tokenizer = tokenizer
        self.device = torch.device(device)

    @classmethod
    @cache
    def load(cls, device: str = "cpu") -> Self:
        """The shipped encoder on `device`; read once a process."""
        return cls.read(FOLDER, device)

    @classmethod
    def read(cls, folder: Path, device: str = "cpu") -> Self:
        """An encoder written by `write`."""
        with safe_open(folder / WEIGHTS, framework="pt") as file:
            shape = Shape(**json.loads(file.metadata()["shape"]))
            weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 (not a mapping)
        network = TextNetwork(shape)
        network.load_state_dict(weights)
        return cls(network, load_tokenizer(folder / TOKENIZER), device)

    def write(self, folder: Path) -> None:
        """Weights as float16 with the shape of the network, and the tokenizer."""
        weights = {name: value.half().cpu().contiguous() for name, value in self.network.state_dict().items()}
        save_file(weights, folder / WEIGHTS, {"shape": json.dumps(vars(self.network.shape), sort_keys=True)})
        self.tokenizer.save(str(folder / TOKENIZER))

    @property
    def width(self) -> int:
        """Numbers in one vector, of a token and of the whole prompt."""
        return self.network.shape.out

    def check_prompt(self, prompt: str) -> str:
        """The prompt in its one spelling, if it can be read.

        Raises:
            Problem: As `reading.check_prompt`; `prompt_too_long` also when it falls into too many tokens.
        """
        text = reading.check_prompt(prompt)
        count = len(self.tokenizer.encode(text).ids)
        if count > MAX_TOKENS:
            raise reading.too_long(
                Text(en=f"{count} parts of words of at most {MAX_TOKENS}", hi=f"शब्दों के {count} टुकड़े, सीमा {MAX_TOKENS}")
            )
        return text

    @torch.no_grad()
    def encode(self, prompts: Sequence[str]) -> Encoded:
        """Vectors of prompts.

        Raises:
            Problem: For the first prompt that `check_prompt` refuses.
            ValueError: There is no prompt at all.
        """
        if not prompts:
            raise ValueError("encode needs at least one prompt")
        numbers, mask = padded(numbers_of(self.tokenizer, [self.check_prompt(prompt) for prompt in prompts]))
        numbers, mask = numbers.to(self.device), mask.to(self.device)
        parts = [
            self.network(*part) for part in zip(torch.split(numbers, AT_ONCE), torch.split(mask, AT_ONCE), strict=True)
        ]
        tokens = torch.cat(parts)
        return Encoded(tokens, mask, pooled(tokens, mask))

    def pieces(self, prompt: str) -> list[str]:
        """The token of each vector, to label an attention map with; `▁` begins a word."""
        return list(self.tokenizer.encode(self.check_prompt(prompt)).tokens)
