"""BERT: 15 % of the tokens are hidden as 80/10/10, only these count, both sides are seen, and blanks are filled as typed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from data.catalog import Dataset
from data.text import Problem
from data.texts import TextConfig, make_text
from lightning_modules.language import bert
from lightning_modules.language.bert import BERT, BertConfig, hidden_token_loss, marked
from lightning_modules.language.filling import blanks_of
from lightning_modules.language.hiding import choose, hide
from lightning_modules.language.network import LanguageNetwork, Shape
from lightning_modules.language.vocabulary import BytePairs, held_out_text, told_token
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import train

SMALL: dict[str, Any] = {"width": 32, "layers": 2, "heads": 2}
POEM = "पानी बरसा, the rain fell; पेड़ भीगे 12 times.\n" * 60


def _poem() -> Dataset:
    return make_text(POEM, TextConfig(window=64))


def _model(**config: Any) -> BERT:
    chosen = {"tokenizer": "bpe", "vocabulary_size": 300, "context": 32, **SMALL, **config}
    model = BERT(BertConfig(**chosen), _poem(), TrainingOptions()).eval()
    torch.manual_seed(0)
    for one in model.best.parameters():
        if one.ndim == 2:
            nn.init.normal_(one, std=0.2)
    return model


def _within_four_sigma(hits: int, of: int, share: float) -> bool:
    return abs(hits - of * share) < 4 * math.sqrt(of * share * (1 - share))


def test_of_a_million_tokens_exactly_fifteen_per_cent_are_chosen_and_shown_80_10_10() -> None:
    size, tokens = 50, torch.randint(50, (2500, 400), generator=torch.Generator().manual_seed(1))
    hidden = hide(
        tokens, torch.ones_like(tokens, dtype=torch.bool), 0.15, mask=size, generator=torch.Generator().manual_seed(2)
    )
    assert (hidden.chosen.sum(1) == 60).all()
    assert torch.equal(hidden.shown[~hidden.chosen], tokens[~hidden.chosen])
    of, shown, true = int(hidden.chosen.sum()), hidden.shown[hidden.chosen], tokens[hidden.chosen]
    masked, kept = int((shown == size).sum()), int((shown == true).sum())
    assert _within_four_sigma(masked, of, 0.8)
    assert _within_four_sigma(kept, of, 0.1 + 0.1 / size)  # another token may happen to be the same one
    others = shown[(shown != size) & (shown != true)]
    assert masked + kept + len(others) == of and _within_four_sigma(len(others), of, 0.1 * (size - 1) / size)
    counts = torch.bincount(others, minlength=size).double()
    even = len(others) / size
    assert ((counts - even) ** 2 / even).sum() < 49 + 4 * math.sqrt(2 * 49)  # chi-square
    places = hidden.chosen.sum(0).double()
    assert (places - 375).abs().max() < 5 * math.sqrt(2500 * 0.15 * 0.85)  # no place is preferred


def test_filling_is_never_chosen_and_a_row_of_few_tokens_has_one() -> None:
    real = torch.arange(10) < torch.tensor([[10], [3], [1], [0]])
    chosen = choose(real, 0.15, torch.Generator().manual_seed(0))
    assert chosen.sum(1).tolist() == [2, 1, 1, 0] and not chosen[~real].any()
    assert choose(real, 0.9, torch.Generator().manual_seed(0)).sum(1).tolist() == [9, 3, 1, 0]


def test_the_loss_is_that_of_the_hidden_tokens_alone() -> None:
    model, generator = _model(), torch.Generator().manual_seed(3)
    tokens = torch.randint(model.mask, (3, 12), generator=generator)
    real = torch.ones_like(tokens, dtype=torch.bool)
    hidden = hide(tokens, real, 0.3, mask=model.mask, generator=generator)
    loss = hidden_token_loss(model.network, hidden.shown, real, tokens, hidden.chosen)
    whole = model.network(hidden.shown)[..., : model.mask].log_softmax(-1)
    by_hand = [-whole[i, j, tokens[i, j]].item() for i, j in hidden.chosen.nonzero().tolist()]
    assert loss.item() == pytest.approx(np.mean(by_hand), rel=1e-5)
    elsewhere = torch.where(
        hidden.chosen, tokens, (tokens + 1) % model.mask
    )  # what stands at other places is not asked
    assert torch.equal(hidden_token_loss(model.network, hidden.shown, real, elsewhere, hidden.chosen), loss)
    padded = [F.pad(one, (0, 4)) for one in (hidden.shown, real, tokens, hidden.chosen)]
    assert torch.allclose(hidden_token_loss(model.network, *padded), loss, atol=1e-5)


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_an_untrained_model_guesses_evenly_among_all_tokens_but_the_mask(tokenizer: str) -> None:
    data = _poem()
    model = BERT(BertConfig(tokenizer=tokenizer, vocabulary_size=300, context=32, **SMALL), data, TrainingOptions())
    batch = torch.from_numpy(data.train.x[:4]), torch.zeros(4)
    model.log = lambda *given: None  # type: ignore[method-assign]  # no trainer stands around it
    size = model.vocabulary.size
    assert model.training_step(batch, 0).item() == pytest.approx(math.log(size), abs=1e-5)
    assert model.evaluate(data)["masked_perplexity"] == pytest.approx(size, rel=1e-4)
    lines = {line.label.en: line.value for line in model.reference_lines(data)}
    assert lines["guessing, ln V"] == pytest.approx(math.log(size))


def test_the_commonest_token_and_counting_are_the_levels_to_beat_by_hand() -> None:
    text = "aaab" * 500
    data = make_text(text, TextConfig(window=64))
    model = BERT(BertConfig(tokenizer="characters", context=32, **SMALL), data, TrainingOptions())
    tokens, chosen = model.judged(data)
    letters = [held_out_text(data)[k] for k in chosen.flatten().nonzero()[:, 0].tolist()]
    assert "".join("?ab"[k] for k in tokens.flatten().tolist()) == held_out_text(data)[: tokens.numel()]
    lines = {line.label.en: line.value for line in model.reference_lines(data)}
    share = letters.count("a") / len(letters)
    assert lines["always the commonest token, “a”"] == pytest.approx(share)
    trained = 64 + 32 * (len(data.train) - 1)
    chance = {one: (trained * part + 1) / (trained + 3) for one, part in (("a", 0.75), ("b", 0.25))}
    counted = math.exp(-sum(math.log(chance[one]) for one in letters) / len(letters))
    assert lines["counting tokens"] == pytest.approx(counted)


def test_what_only_both_sides_together_tell_is_learned() -> None:
    dice = np.random.default_rng(0)  # each neighbour alone leaves three letters for the middle one
    text = "".join("wxy"[a] + "abcdefghi"[3 * a + b] + "pqr"[b] for a, b in dice.integers(0, 3, (3000, 2)).tolist())
    options, _ = settled(bert.METHOD, "tiny", "text")
    config = {"tokenizer": "characters", "context": 24, "hidden_share": 0.3, **SMALL}
    changed = {**options, "steps": 300, "evaluate_every": 1000, "sample_every": 1000}
    data = make_text(text, TextConfig(window=96))
    model = train(bert.METHOD, data, TrainingOptions(**changed), config).module.eval()
    for prompt, answer in (("wapx[MASK]ryhq", "f"), ("wapy[MASK]qxfr", "h"), ("xfrw[MASK]ryhq", "c")):
        first = model.answer("fill", {"prompt": prompt}, {}).values["blanks"][0][0]
        assert first["token"] == answer and first["chance"] > 0.6


def test_blanks_stand_where_they_were_typed_and_take_the_space_before_them_along() -> None:
    pairs = BytePairs.learned(POEM, 400)
    blanks = blanks_of("the [MASK] fell; पेड़ ____", pairs, 400)
    assert blanks.spaced == [True, True]
    assert [blanks.tokens[place] for place in blanks.places] == [400, 400]
    assert pairs.decode(blanks.tokens[: blanks.places[0]]) == "the"
    assert pairs.decode(blanks.tokens[blanks.places[0] + 1 : blanks.places[1]]) == " fell; पेड़"
    inside = blanks_of("r____n __init__", pairs, 400)  # two underscores are no blank
    assert inside.spaced == [False] and len(inside.places) == 1


@pytest.mark.parametrize(
    ("token", "spaced", "read"),
    [(" rain", True, "rain"), ("s", True, "…s"), ("s", False, "s"), (" rain", False, "␣rain"), ("\n", False, "↵"), (" ", True, "␣")],
)  # fmt: skip
def test_a_token_is_told_as_it_would_stand_in_the_blank(token: str, spaced: bool, read: str) -> None:
    assert told_token(token, spaced) == read


def test_answers_are_the_chances_of_the_network_at_the_blank() -> None:
    model = _model()
    told = model.answer("fill", {"prompt": "the [MASK] fell", "expected": 5}, {}).values
    tokens = [*model.vocabulary.encode("the"), model.mask, *model.vocabulary.encode(" fell")]
    chances = model.best(torch.tensor([tokens]))[0, tokens.index(model.mask), : model.mask].softmax(-1)
    words = [model.vocabulary.decode([token]) for token in range(model.mask)]
    chances[[not word.startswith(" ") or word.isspace() for word in words]] = 0  # a space was typed: a word begins
    best = (chances / chances.sum()).topk(5)
    assert [one["chance"] for one in told["blanks"][0]] == pytest.approx(best.values.tolist(), rel=1e-5)
    filled = [int(best.indices[0]) if token == model.mask else token for token in tokens]
    assert told["filled"] == model.vocabulary.decode(filled)


def test_inside_a_word_any_token_may_stand() -> None:
    model = _model()
    told = model.answer("fill", {"prompt": "r[MASK]n", "expected": 50}, {}).values["blanks"][0]
    tokens = [*model.vocabulary.encode("r"), model.mask, *model.vocabulary.encode("n")]
    chances = model.best(torch.tensor([tokens]))[0, tokens.index(model.mask), : model.mask].softmax(-1)
    assert [one["chance"] for one in told] == pytest.approx(chances.topk(50).values.tolist(), rel=1e-4)


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("", "empty_prompt"),
        ("   ", "empty_prompt"),
        ("the rain fell", "no_blank"),
        ("дождь [MASK] идёт", "unknown_script"),
        ("the rain fell; " * 40 + "____", "too_long"),
        ("the " * 600 + "____", "too_long"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_one_sentence_of_both_languages(prompt: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        _model().answer("fill", {"prompt": prompt}, {})
    assert refused.value.code == code and refused.value.field == "prompt"
    assert refused.value.text.en.endswith(".") and refused.value.text.hi


@pytest.mark.parametrize(
    ("said", "truth", "read"),
    [(" the", " the", " [the]"), ("s", " the", " [s ≠ the]"), (" ", "\n", "[␣ ≠ ↵]"), (" a", "b", "[␣a ≠ b]"), (" ", " ", "[␣]")],
)  # fmt: skip
def test_a_filled_in_token_is_marked_with_what_stood_there(said: str, truth: str, read: str) -> None:
    assert marked(said, truth) == read


def test_fill_ins_are_shown_as_text_with_every_other_character_as_it_was() -> None:
    model = _model()
    (shown,) = model.pictures()
    for line, original in zip(shown.text.split("\n"), model.lines, strict=True):
        assert _undone(line) == original[: len(_undone(line))] and "[" in line


def _undone(line: str) -> str:
    """A line with the truth back in the brackets."""
    parts: Sequence[str] = line.replace("]", "[").split("[")
    return "".join(part.split(" ≠ ")[-1].replace("␣", " ") if k % 2 else part for k, part in enumerate(parts))


def test_one_network_looks_both_ways() -> None:
    network = LanguageNetwork(Shape(9, causal=False, **SMALL))
    assert not any(one.causal for one in network.attentions())
