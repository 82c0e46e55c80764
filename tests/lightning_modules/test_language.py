"""Language models: nothing leaks from what comes after, losses and measures agree with counting by hand and with other people's code."""

from __future__ import annotations

import gzip
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from data.catalog import Dataset
from data.datasets import topics
from data.text import Problem
from data.texts import TextConfig, make_text
from lightning_modules.language import gpt
from lightning_modules.language.modelling import LanguageConfig
from lightning_modules.language.network import LanguageNetwork, Shape
from lightning_modules.language.ngrams import bits_per_character
from lightning_modules.language.vocabulary import BytePairs, Characters
from lightning_modules.language.writing import Manner, Reader, written
from lightning_modules.muon import Muon, orthogonal
from lightning_modules.options import TrainingOptions

SMALL: dict[str, Any] = {"width": 32, "layers": 2, "heads": 2}
POEM = "पानी बरसा, the rain fell; पेड़ भीगे 12 times.\n" * 60


def _network(*, causal: bool = True, vocabulary: int = 23) -> LanguageNetwork:
    """A network whose layers do something: an untrained one is the identity with a silent head."""
    torch.manual_seed(0)
    network = LanguageNetwork(Shape(vocabulary, causal=causal, **SMALL)).eval()
    for one in network.parameters():
        if one.ndim == 2:
            nn.init.normal_(one, std=0.2)
    return network


def _poem() -> Dataset:
    return make_text(POEM, TextConfig(window=64))


def test_no_token_is_told_by_one_that_comes_after_it() -> None:
    network, tokens = _network(), torch.randint(23, (2, 12), generator=torch.Generator().manual_seed(1))
    before = network(tokens)
    for j in range(12):
        changed = tokens.clone()
        changed[:, j] = (changed[:, j] + 1) % 23
        after = network(changed)
        assert torch.equal(after[:, :j], before[:, :j])
        assert not torch.allclose(after[:, j], before[:, j])
    both_ways = _network(causal=False)
    changed = tokens.clone()
    changed[:, -1] = (changed[:, -1] + 1) % 23
    assert not torch.allclose(both_ways(changed)[:, 0], both_ways(tokens)[:, 0])


def test_reading_on_gives_what_reading_all_at_once_gives() -> None:
    network, tokens = _network(), torch.randint(23, (3, 16), generator=torch.Generator().manual_seed(2))
    whole = network(tokens)
    reader = Reader(network, context=16)
    steps = [reader.read(tokens[:, :5]), *(reader.read(tokens[:, k : k + 1]) for k in range(5, 16))]
    assert torch.allclose(torch.stack(steps, 1), whole[:, 4:], atol=1e-5)


def test_places_are_told_by_distance_alone() -> None:
    network = _network()
    one = network(torch.tensor([[3, 7, 1, 9]]))
    assert not torch.allclose(one[:, -1], network(torch.tensor([[7, 3, 1, 9]]))[:, -1])  # order matters
    _, weights = network.watch(torch.tensor([[5, 5, 5, 5, 5]]))
    assert torch.allclose(
        weights[0, 0, 0, 2, 1] / weights[0, 0, 0, 2, 2], weights[0, 0, 0, 4, 3] / weights[0, 0, 0, 4, 4], atol=1e-5
    )


@pytest.mark.parametrize("causal", [True, False])
def test_watching_attention_changes_nothing_and_its_rows_sum_to_one(causal: bool) -> None:
    network, tokens = _network(causal=causal), torch.randint(23, (2, 9), generator=torch.Generator().manual_seed(3))
    real = torch.ones(2, 9, dtype=torch.bool)
    real[1, 6:] = False
    logits, weights = network.watch(tokens, real)
    assert torch.equal(logits, network(tokens, real))
    assert weights.shape == (2, 2, 2, 9, 9)
    assert torch.allclose(weights.sum(-1), torch.ones(()), atol=1e-5)
    assert not weights[:, 1, :, :, 6:].any() and (not causal or not weights.triu(1).any())
    _, values = network.attentions()[-1].read  # the watched weights are those that the fused attention used
    mixed: list[torch.Tensor] = []
    handle = network.attentions()[-1].mix.register_forward_pre_hook(lambda _, given: mixed.append(given[0]))
    network(tokens, real)
    handle.remove()
    assert torch.allclose((weights[-1] @ values).transpose(1, 2).reshape(2, 9, 32), mixed[0], atol=1e-5)


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_an_untrained_model_guesses_evenly_and_its_losses_are_exactly_ln_v(tokenizer: str) -> None:
    data = _poem()
    model = gpt.GPT(
        LanguageConfig(tokenizer=tokenizer, vocabulary_size=300, context=32, **SMALL), data, TrainingOptions()
    )
    size = model.vocabulary.size
    loss = gpt.next_token_loss(model.network, *model.tokens_of(torch.from_numpy(data.train.x[:4]), 33))
    assert loss.item() == pytest.approx(math.log(size), abs=1e-5)
    found = model.evaluate(data)
    assert found["perplexity"] == pytest.approx(size, rel=1e-4)
    if tokenizer == "characters":
        assert found["bits_per_character"] == pytest.approx(math.log2(size), rel=1e-4)
    lines = {line.metric: line.value for line in model.reference_lines(data)}
    assert lines["loss"] == pytest.approx(math.log(size))


@pytest.mark.parametrize("length", [2, 7, 8, 9, 12, 13, 40])
def test_a_text_is_told_token_by_token_each_once_from_half_a_context_or_more(length: int) -> None:
    vocabulary = Characters("abcdefghijklmnopqrstuv")
    text = "".join(np.random.default_rng(0).choice(list("abcdefgh"), length))
    network, tokens = _network(), torch.tensor([vocabulary.encode(text)])
    nats, told, characters = gpt.told(network, vocabulary, text, context=8)
    assert (told, characters) == (length - 1, length - 1)
    expected = 0.0
    for k in range(1, length):
        begun = 0 if k <= 8 else min((k - 9) // 4 * 4 + 4, length - 1 - 8)  # windows of 8, half of them new
        chances = network(tokens[:, begun:k])[0, -1].log_softmax(-1)
        expected -= chances[tokens[0, k]].item()
    assert nats == pytest.approx(expected, rel=1e-5)


def test_a_character_that_was_never_seen_costs_a_choice_among_the_rest_of_unicode() -> None:
    vocabulary = Characters("ab")
    assert vocabulary.encode("aझb") == [1, 0, 2] and vocabulary.decode([1, 0, 2]) == "a�b"
    assert vocabulary.surprise([1, 0, 2]) == pytest.approx(math.log(0x110000 - 2))


def test_n_grams_give_the_published_bits_on_the_python_reference() -> None:
    text = gzip.decompress(topics.FILE.read_bytes()).decode()
    cut = int(0.9 * len(text))
    found = {n: bits_per_character(text[:cut], text[cut:], n) for n in (1, 3, 5)}
    assert found == {
        1: pytest.approx(4.671, abs=1e-3),
        3: pytest.approx(2.469, abs=1e-3),
        5: pytest.approx(1.905, abs=1e-3),
    }


def test_n_grams_by_hand() -> None:
    # "aab": P_1(a) = (2 + 2 · 1/3) / (3 + 2), with two letters and one for all others; then "a" was followed by a and by b.
    first = (2 + 2 / 3) / 5
    then = (1 + 2 * first) / (2 + 2)
    assert bits_per_character("aab", "aa", 2) == pytest.approx(-(math.log2(first) + math.log2(then)) / 2)


def test_byte_pairs_write_any_text_and_leave_hindi_words_whole() -> None:
    pairs = BytePairs.learned(POEM, 400)
    for text in (POEM, "नया शब्द 🙂\n\tx", "", " "):
        assert pairs.decode(pairs.encode(text)) == text
    assert [pairs.decode([token]) for token in pairs.encode(" पेड़ भीगे")] == [" पेड़", " भीगे"]
    assert BytePairs.learned(POEM, 400).tokenizer.to_str() == pairs.tokenizer.to_str()


def test_batches_of_byte_pairs_are_parts_of_their_windows_and_filling_costs_nothing() -> None:
    data = _poem()
    model = gpt.GPT(LanguageConfig(tokenizer="bpe", vocabulary_size=300, context=24, **SMALL), data, TrainingOptions())
    x = torch.from_numpy(data.train.x[:6])
    tokens, real = model.tokens_of(x, 25)
    for row, mask in zip(tokens.tolist(), real.tolist(), strict=True):
        part = model.vocabulary.decode(row[: sum(mask)]).strip("�")
        assert part and part in POEM and mask == sorted(mask, reverse=True)
    padded = (
        torch.cat([tokens, torch.zeros(6, 3, dtype=torch.long)], 1),
        torch.cat([real, torch.zeros(6, 3, dtype=torch.bool)], 1),
    )
    network = _network(vocabulary=model.vocabulary.size)
    assert torch.allclose(gpt.next_token_loss(network, tokens, real), gpt.next_token_loss(network, *padded), atol=1e-6)


def test_written_texts_follow_their_seed_alone_and_at_no_temperature_the_likeliest_token() -> None:
    network = _network()

    def write(count: int, **manner: Any) -> list[list[int]]:
        return written(Reader(network, 8), [1, 2], count=count, length=20, manner=Manner(**manner), seed=5)

    assert write(1)[0] == write(3)[0] and write(3)[0] != write(3)[1]
    (greedy,) = write(1, temperature=0)
    assert greedy == write(1, temperature=1.5, most_likely=1)[0]
    assert greedy[0] == int(network(torch.tensor([[1, 2]]))[0, -1].argmax())


def test_a_temperature_of_one_draws_each_token_as_often_as_it_is_expected() -> None:
    network = _network()
    drawn = written(Reader(network, 8), [4], count=4000, length=1, manner=Manner(1.0), seed=0)
    shares = np.bincount([row[0] for row in drawn], minlength=23) / 4000
    chances = network(torch.tensor([[4]]))[0, -1].softmax(-1).detach().numpy()
    assert np.abs(shares - chances).max() < 4 * 0.5 / math.sqrt(4000)


def test_a_width_that_cannot_be_shared_among_the_heads_is_refused_in_a_sentence() -> None:
    with pytest.raises(Problem) as refused:
        gpt.GPT(LanguageConfig(width=36, heads=4), _poem(), TrainingOptions())
    assert refused.value.field == "width" and "multiple of 8" in refused.value.text.en


@pytest.mark.parametrize("shape", [(16, 16), (16, 40), (40, 16)])
def test_orthogonal_brings_every_singular_value_near_one_and_keeps_the_directions(shape: tuple[int, int]) -> None:
    g = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    found = orthogonal(g)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.4 and values.max() < 1.25
    u, _, v = torch.linalg.svd(g, full_matrices=False)
    turned = u.transpose(1, 2) @ found @ v.transpose(1, 2)
    assert torch.allclose(turned, torch.diag_embed(turned.diagonal(dim1=1, dim2=2)), atol=1e-4)


@pytest.mark.parametrize("shape", [(24, 16), (24, 4, 2, 2)])
def test_muon_steps_as_torchs_own_muon_and_adamw_do(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    matrix, vector = torch.randn(24, 16), torch.randn(7)
    ours = nn.Parameter(matrix.view(shape).clone()), nn.Parameter(vector.clone())
    theirs = nn.Parameter(matrix.clone()), nn.Parameter(vector.clone())
    muon = Muon([ours[0]], [ours[1]], 1e-2)
    peer = torch.optim.Muon([theirs[0]], lr=1e-2, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW([theirs[1]], lr=1e-2, weight_decay=0.0, betas=(0.9, 0.95))
    for _ in range(5):
        gradients = torch.randn(24, 16), torch.randn(7)
        for mine, yours, gradient in zip(ours, theirs, gradients, strict=True):
            mine.grad, yours.grad = gradient.view(mine.shape).clone(), gradient.clone()
        for one in (muon, peer, adam):
            one.step()
    assert torch.allclose(ours[1], theirs[1], atol=1e-6)
    moved = (theirs[0] - matrix).norm()
    assert (ours[0].view(24, 16) - theirs[0]).norm() < 0.03 * moved  # theirs is computed in bfloat16
