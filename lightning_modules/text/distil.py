"""Distils the English-Hindi text encoder from MiniLM: `python -m lightning_modules.text.distil [--out FOLDER]`.

A text and its translation are both taught MiniLM's vector of the English one (arXiv:2004.09813), by cosine distance, and
told apart from the other texts of the batch (InfoNCE, arXiv:1807.03748). Training begins at the best bag of words, found in
closed form (`start`). Seeded, on one thread; some minutes. Writes the
tokenizer, the weights and `report.json` with the rates that were measured, on trained names and on sentences held out.
The same machine and libraries give the same bytes; elsewhere rounding may differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from torch import Tensor

from data.text import Text
from lightning_modules.text.corpus import Corpus, read_corpus
from lightning_modules.text.encoder import FOLDER, TOKENIZER, WEIGHTS, TextEncoder
from lightning_modules.text.matching import match_rate
from lightning_modules.text.network import Shape, TextNetwork, pooled
from lightning_modules.text.pretrained import MiniLM
from lightning_modules.text.start import linear_start
from lightning_modules.text.tokens import numbers_of, padded, train_tokenizer


@dataclass(frozen=True)
class Plan:
    """How long and with what weights."""

    steps: int = 250
    rate: float = 1e-3
    warm_up: int = 40
    weight_decay: float = 0.02
    temperature: float = 0.05
    contrast: float = 0.3
    names: int = 40
    parts: int = 4
    mixes: int = 24
    digits: int = 4
    sentences: int = 28
    word_dropout: float = 0.05
    ridge: float = 0.05
    name_weight: float = 10
    seed: int = 0

    @property
    def shares(self) -> tuple[int, int, int, int, int]:
        """Pairs of each kind in a batch, in the order of `Corpus.trained`."""
        return self.names, self.parts, self.mixes, self.digits, self.sentences


Rows = list[list[int]]


def teach(corpus: Corpus, targets: Tensor, plan: Plan, *, console: Console | None = None) -> TextEncoder:
    """An encoder trained on `corpus`; `targets` [pairs, width] are the teacher's vectors of `corpus.trained()`."""
    torch.manual_seed(plan.seed)
    dice = np.random.Generator(np.random.PCG64(plan.seed))
    pairs = corpus.trained()
    # Names are what prompts are made of: five times as heavy in the choice of word parts.
    words = [text for pair in [*pairs, *corpus.names * 4] for text in (pair.en, pair.hi)]
    tokenizer = train_tokenizer(words)
    network = TextNetwork(Shape(tokenizer.get_vocab_size(), out=targets.shape[1]))
    english, hindi = (numbers_of(tokenizer, [pair.to(language) for pair in pairs]) for language in ("en", "hi"))
    _begin(network, [*english, *hindi], corpus, targets, plan)
    optimizer = torch.optim.AdamW(network.parameters(), plan.rate, betas=(0.9, 0.98), weight_decay=plan.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, plan))
    pools = _pools(corpus)
    for step in range(plan.steps):
        chosen = np.concatenate(
            [dice.choice(pool, n, replace=len(pool) < n) for pool, n in zip(pools, plan.shares, strict=True)]
        )
        rows = [_thinned(side[k], plan.word_dropout, dice) for side in (english, hindi) for k in chosen]
        loss = _loss(_vectors(network, rows), targets[torch.from_numpy(chosen)], plan)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if console is not None and step % 50 == 0:
            console.print(f"step {step:5d}  loss {loss.item():.4f}  {time.process_time():.0f} CPU-s")
    return TextEncoder(network, tokenizer)


def _begin(network: TextNetwork, rows: Rows, corpus: Corpus, targets: Tensor, plan: Plan) -> None:
    """Set embedding and projection to the best bag of words; `rows` are those of English, then those of Hindi."""
    weights = torch.ones(len(targets))
    weights[: len(corpus.names)] = plan.name_weight
    shape = network.shape
    best = linear_start(
        rows, targets.repeat(2, 1), weights.repeat(2), vocabulary=shape.vocabulary, width=shape.width, ridge=plan.ridge
    )
    with torch.no_grad():
        network.embedding.weight.copy_(best.embedding)
        network.out.weight.copy_(best.weight)
        network.out.bias.copy_(best.bias)


def _pools(corpus: Corpus) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The numbers of the pairs of each kind in `corpus.trained()`."""
    sizes = [len(kind) for kind in (corpus.names, corpus.parts, corpus.mixes, corpus.digits, corpus.sentences)]
    ends = np.cumsum(sizes)
    return [np.arange(end - size, end, dtype=np.int64) for end, size in zip(ends, sizes, strict=True)]


def _rate(step: int, plan: Plan) -> float:
    if step < plan.warm_up:
        return (step + 1) / plan.warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - plan.warm_up) / max(1, plan.steps - plan.warm_up)))


def _thinned(row: Sequence[int], share: float, dice: np.random.Generator) -> list[int]:
    """A row without a `share` of its tokens, never without all: a word must not hang on its neighbours."""
    kept = [number for number, throw in zip(row, dice.random(len(row)), strict=True) if throw >= share]
    return kept or list(row)


def _vectors(network: TextNetwork, rows: Rows, chunks: int = 4) -> Tensor:
    """Pooled vectors [rows, width]; rows of like length go through together, so that little padding is computed."""
    order = sorted(range(len(rows)), key=lambda k: len(rows[k]))
    found = []
    for part in np.array_split(np.array(order), chunks):
        numbers, mask = padded([rows[k] for k in part])
        found.append(pooled(network(numbers, mask), mask))
    back = torch.empty(len(rows), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(rows))
    return torch.cat(found)[back]


def _loss(vectors: Tensor, targets: Tensor, plan: Plan) -> Tensor:
    """Cosine distance of both languages [2 · pairs, width] to the teacher's [pairs, width], and InfoNCE among the batch."""
    english, hindi = vectors.chunk(2)
    distance = (1 - (english * targets).sum(1)).mean() + (1 - (hindi * targets).sum(1)).mean()
    twins = (targets @ targets.T > 0.999) & ~torch.eye(
        len(targets), dtype=torch.bool
    )  # the same text, not a wrong answer
    own = torch.arange(len(targets))
    contrast = vectors.new_zeros(())
    for queries, keys in ((english, targets), (hindi, targets), (hindi, english), (english, hindi)):
        likeness = (queries @ keys.T / plan.temperature).masked_fill(twins, -math.inf)
        contrast = contrast + F.cross_entropy(likeness, own)
    return distance + plan.contrast * contrast / 4


def teacher_vectors(texts: Sequence[str]) -> Tensor:
    """MiniLM's vectors [texts, width]; equal texts are computed once, texts of like length together."""
    teacher = MiniLM.load()
    order = sorted(set(texts), key=lambda text: (len(text), text))
    parts = [teacher.encode_checked(order[k : k + 32]).pooled for k in range(0, len(order), 32)]
    place = {text: k for k, text in enumerate(order)}
    return torch.cat(parts)[torch.tensor([place[text] for text in texts])]


def rates(encoder: TextEncoder, pairs: Sequence[Text], teacher: Tensor) -> dict[str, float]:
    """Match rates among `pairs`: each language finding the teacher's vector, and the Hindi text its English one."""
    english, hindi = (encoder.encode([pair.to(language) for pair in pairs]).pooled for language in ("en", "hi"))
    return {
        "pairs": len(pairs),
        "english_finds_teacher": match_rate(english, teacher),
        "hindi_finds_teacher": match_rate(hindi, teacher),
        "hindi_finds_english": match_rate(hindi, english),
        "english_cosine": (english * teacher).sum(1).mean().item(),
        "hindi_cosine": (hindi * teacher).sum(1).mean().item(),
    }


def main() -> None:
    """Train, write, measure what was written."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--out", type=Path, default=FOLDER)
    options.add_argument("--steps", type=int, default=Plan.steps)
    given = options.parse_args()
    console = Console()
    torch.set_num_threads(1)
    plan, corpus = Plan(steps=given.steps), read_corpus()
    targets = teacher_vectors([pair.en for pair in (*corpus.trained(), *corpus.held_out)])
    console.print(f"{len(targets)} English texts through MiniLM  {time.process_time():.0f} CPU-s")
    given.out.mkdir(parents=True, exist_ok=True)
    began_s = time.process_time()
    teach(corpus, targets[: -len(corpus.held_out)], plan, console=console).write(given.out)
    taught_s = time.process_time() - began_s
    encoder = TextEncoder.read(given.out)
    report = {
        "names": rates(encoder, corpus.names, targets[: len(corpus.names)]),
        "held_out_sentences": rates(encoder, corpus.held_out, targets[-len(corpus.held_out) :]),
        "trained_pairs": len(corpus.trained()),
        "parameters": sum(p.numel() for p in encoder.network.parameters()),
        "plan": asdict(plan),
        "teaching_cpu_s": round(taught_s),
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (given.out / WEIGHTS, given.out / TOKENIZER)
        },
    }
    (given.out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    console.print_json(data=report)


if __name__ == "__main__":
    main()
