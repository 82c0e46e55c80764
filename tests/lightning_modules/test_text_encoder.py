"""The shipped English-Hindi encoder, judged from its own bytes: names told apart, both languages matched, prompts refused in words."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data.text import Problem, Text
from lightning_modules.text.choosing import LABELS, EncoderName, load_encoder
from lightning_modules.text.corpus import NAMES as NAMES_FILE
from lightning_modules.text.corpus import read_corpus, read_names
from lightning_modules.text.distil import Plan, rates, teach, teacher_vectors
from lightning_modules.text.encoded import Encoded
from lightning_modules.text.encoder import FOLDER, TOKENIZER, WEIGHTS, TextEncoder
from lightning_modules.text.matching import KnownNames, match_rate
from lightning_modules.text.network import pooled, positions
from lightning_modules.text.pretrained import MiniLM, package_folder
from lightning_modules.text.reading import check_prompt, normalise
from lightning_modules.text.start import linear_start
from lightning_modules.text.tokens import UNKNOWN, load_tokenizer

NAMES = read_names()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.fixture(scope="module")
def sides(encoder: TextEncoder) -> tuple[Encoded, Encoded]:
    """All names in English and in Hindi."""
    return encoder.encode([name.en for name in NAMES]), encoder.encode([name.hi for name in NAMES])


@pytest.fixture(scope="module")
def report() -> Any:
    return json.loads((FOLDER / "report.json").read_text("utf-8"))


def test_weights_and_tokenizer_are_the_ones_that_were_measured(report: Any) -> None:
    for name in (WEIGHTS, TOKENIZER):
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == report["sha256"][name]
    assert (FOLDER / WEIGHTS).stat().st_size <= 4_000_000


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_name_falls_into_tokens_of_its_own_and_none_is_unknown(encoder: TextEncoder, language: Any) -> None:
    pieces = [encoder.pieces(name.to(language)) for name in NAMES]
    assert len(set(map(tuple, pieces))) == 1_360
    assert not any(UNKNOWN in row for row in pieces)


def test_hindi_names_find_their_english_ones_at_least_nine_times_in_ten_as_often_as_english_finds_hindi_and_itself(
    sides: tuple[Encoded, Encoded], report: Any
) -> None:
    english, hindi = (side.pooled for side in sides)
    assert match_rate(hindi, english) >= 0.9
    assert match_rate(english, hindi) >= 0.9
    measured = report["names"]
    assert match_rate(hindi, english) == pytest.approx(measured["hindi_finds_english"], abs=0.005)
    assert measured["hindi_finds_teacher"] >= 0.9 * measured["english_finds_teacher"]


@pytest.mark.slow
def test_the_reported_rates_are_those_of_the_shipped_weights(encoder: TextEncoder, report: Any) -> None:
    corpus = read_corpus()
    for kind, pairs in (("names", corpus.names), ("held_out_sentences", corpus.held_out)):
        assert rates(encoder, pairs, teacher_vectors([pair.en for pair in pairs])) == pytest.approx(
            report[kind], abs=0.005
        )
    assert report["names"]["hindi_finds_teacher"] >= 0.9 * report["names"]["english_finds_teacher"] >= 0.81


def test_held_out_sentences_stand_in_no_trained_pair_on_either_side() -> None:
    corpus = read_corpus()
    trained = {text for pair in corpus.trained() for text in (pair.en, pair.hi)}
    assert len(corpus.held_out) >= 490
    assert not any(pair.en in trained or pair.hi in trained for pair in corpus.held_out)


def test_one_prompt_is_encoded_as_it_is_among_others(encoder: TextEncoder, sides: tuple[Encoded, Encoded]) -> None:
    for index in (0, 77, 904):
        alone, among = encoder.encode([NAMES[index].hi]), sides[1]
        length = alone.tokens.shape[1]
        assert torch.allclose(alone.pooled[0], among.pooled[index], atol=1e-5)
        assert torch.allclose(alone.tokens[0], among.tokens[index, :length], atol=2e-5)
        assert among.mask[index].sum() == length and not among.tokens[index, length:].any()


def test_equal_prompts_give_equal_bits_and_nothing_is_trained(encoder: TextEncoder) -> None:
    prompts = ["red heart", "लाल दिल", "a green apple and a cat"]
    first, second = encoder.encode(prompts), TextEncoder.read(FOLDER).encode(prompts)
    assert torch.equal(first.tokens, second.tokens) and torch.equal(first.pooled, second.pooled)
    assert not first.tokens.requires_grad and not any(p.requires_grad for p in encoder.network.parameters())
    assert not encoder.network.training
    assert first.tokens.shape[2] == first.pooled.shape[1] == encoder.width
    assert torch.allclose(first.pooled.norm(dim=1), torch.ones(3), atol=1e-6)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [("लाल दिल", "red heart"), ("red heart", "red heart"), ("केला", "banana"), ("Blue  Heart", "blue heart"), ("pizza", "pizza"),
     ("नीला दिल", "blue heart"), ("हरा सेब", "green apple")],
)  # fmt: skip
def test_the_nearest_known_name_is_the_one_a_person_means(encoder: TextEncoder, prompt: str, name: str) -> None:
    found = KnownNames(encoder, NAMES).nearest(prompt, 3)
    assert found[0].name.en == name
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)


def test_word_order_matters(encoder: TextEncoder) -> None:
    there, back = encoder.encode(["down-left arrow", "left-down arrow"]).pooled
    assert (there @ back).item() < 0.9999


def test_the_mean_leaves_padding_out() -> None:
    tokens = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]])
    assert torch.allclose(pooled(tokens, torch.tensor([[True, True, False]])), torch.tensor([[0.6, 0.8]]))


def test_positions_are_the_sines_and_cosines_of_the_paper() -> None:
    found = positions(4, 6)
    assert found[3, 2].item() == pytest.approx(0.5 * torch.tensor(3 / 10_000 ** (2 / 6)).sin().item())
    assert found[3, 5].item() == pytest.approx(0.5 * torch.tensor(3 / 10_000 ** (4 / 6)).cos().item())


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("", "empty_prompt"), (" \n\t ", "empty_prompt"), ("\u200b\u200d\ufeff", "empty_prompt"), ("?!…", "empty_prompt"),
        ("红心", "unknown_script"), ("சிவப்பு இதயம்", "unknown_script"), ("לב אדום", "unknown_script"), ("قلب أحمر", "unknown_script"),
        ("❤️😀", "unknown_script"), ("red ❤ heart", "unknown_script"), ("red\0heart", "unknown_script"), ("\ud800", "unknown_script"),
        ("x" * 1_000_000, "prompt_too_long"), ("क" * 201, "prompt_too_long"), ("zq" * 90, "prompt_too_long"),
    ],
)  # fmt: skip
def test_a_prompt_that_cannot_be_read_is_refused_in_both_languages(
    encoder: TextEncoder, prompt: str, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        encoder.check_prompt(prompt)
    assert (refused.value.code, refused.value.field) == (code, "prompt")
    assert refused.value.text.en != refused.value.text.hi and any("ऀ" <= c <= "ॿ" for c in refused.value.text.hi)
    with pytest.raises(Problem):
        encoder.encode(["red heart", prompt])


def test_the_script_is_named() -> None:
    with pytest.raises(Problem, match="Tamil"):
        check_prompt("சிவப்பு")
    with pytest.raises(Problem, match="Chinese"):
        check_prompt("red 猫")


def test_spellings_that_look_the_same_are_the_same() -> None:
    assert normalise("ख़ुश") == normalise("ख\u093cुश")  # one sign or two
    assert normalise("RED\u200b  heart\u202e") == "red heart"
    assert normalise("Piñata — “३”") == 'pinata - "3"'
    assert normalise("ｒｅｄ") == "red"


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_either_refused_in_words_or_encoded_without_unknown_tokens(text: str) -> None:
    encoder = TextEncoder.load()
    try:
        pieces = encoder.pieces(text)
    except Problem as refused:
        assert refused.text.en and refused.text.hi and refused.field == "prompt"
        return
    assert pieces and UNKNOWN not in pieces
    assert encoder.encode([text]).pooled.isfinite().all()


def test_loading_needs_no_transformers_and_starts_no_thread() -> None:
    code = (
        "import os, sys, torch; torch.set_num_threads(1)\n"
        "from lightning_modules.text.encoder import TextEncoder\n"
        "from lightning_modules.text.pretrained import MiniLM\n"
        "before = len(os.listdir('/proc/self/task')) if os.path.exists('/proc/self/task') else 1\n"
        "TextEncoder.load().encode(['red heart', 'लाल दिल'])\n"
        "after = len(os.listdir('/proc/self/task')) if os.path.exists('/proc/self/task') else 1\n"
        "assert after == before == 1, (before, after)\n"
        "assert not {'transformers', 'sentence_transformers', 'huggingface_hub', 'pickle5'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"OMP_NUM_THREADS": "1", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr


def test_teaching_twice_gives_the_same_weights_and_lowers_the_distance() -> None:
    corpus = read_corpus(mixes=40)
    targets = torch.nn.functional.normalize(
        torch.randn(len(corpus.trained()), 384, generator=torch.Generator().manual_seed(0))
    )
    plan = Plan(steps=3, warm_up=1, names=4, parts=1, mixes=1, digits=1, sentences=1)
    first, second = (teach(corpus, targets, plan).network.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


# --- MiniLM itself


def test_minilm_cannot_read_hindi_names_508_hold_an_unknown_token_and_169_cannot_be_told_apart() -> None:
    tokenizer = load_tokenizer(package_folder() / "tokenizer.json")
    with np.load(NAMES_FILE) as arrays:  # as they are shipped, the empty one included
        rows = [tuple(tokenizer.encode(name).tokens) for name in arrays["hi"].tolist()]
    assert sum("[UNK]" in row for row in rows) == 508
    assert sum(count for count in Counter(rows).values() if count > 1) == 169


def test_minilm_keeps_the_contract_and_refuses_hindi_in_words() -> None:
    minilm = MiniLM.load()
    alone, among = minilm.encode(["red heart"]), minilm.encode(["red heart", "a cat sitting on a red mat"])
    assert alone.pooled.shape == (1, minilm.width) and among.tokens.shape[:2] == among.mask.shape
    assert torch.allclose(alone.pooled[0], among.pooled[0], atol=1e-5)
    assert not among.tokens[~among.mask].any()
    assert minilm.pieces("red heart") == ["[CLS]", "red", "heart", "[SEP]"]
    with pytest.raises(Problem) as refused:
        minilm.encode(["लाल दिल"])
    assert refused.value.code == "english_only"


def test_minilm_knows_that_a_kitten_is_a_cat() -> None:
    found = KnownNames(MiniLM.load(), [Text(en="cat", hi="बिल्ली"), Text(en="car", hi="कार")], hindi=False).nearest(
        "a small kitten"
    )
    assert found[0].name.en == "cat"


@pytest.mark.slow
def test_minilm_written_out_here_equals_the_one_of_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from transformers import AutoTokenizer, BertModel

    texts = ["red heart", "the animal didn't cross the street because it was too tired", "cat"]
    theirs = BertModel.from_pretrained(str(package_folder()))
    asked = AutoTokenizer.from_pretrained(str(package_folder()))(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        expected = theirs(**asked).last_hidden_state
    ours = MiniLM.load().encode(texts)
    assert torch.equal(ours.mask, asked["attention_mask"].bool())
    assert torch.allclose(ours.tokens[ours.mask], expected[ours.mask], atol=1e-5)


def test_either_encoder_is_had_by_its_name_with_the_same_width() -> None:
    assert set(LABELS) == set(get_args(EncoderName))
    ours, theirs = (load_encoder(name) for name in get_args(EncoderName))
    assert isinstance(ours, TextEncoder) and isinstance(theirs, MiniLM)
    assert ours.encode(["cat"]).pooled.shape == theirs.encode(["cat"]).pooled.shape == (1, 384)


def test_the_linear_start_is_the_ridge_regression_of_the_stacked_equations() -> None:
    dice = np.random.default_rng(0)
    rows = [dice.integers(6, size=n).tolist() for n in (1, 2, 3, 5, 4, 2, 3, 1, 6, 2)]
    targets, weights, ridge = torch.from_numpy(dice.normal(size=(10, 4)).astype(np.float32)), torch.arange(1.0, 11), 0.3
    found = linear_start(rows, targets, weights, vocabulary=6, width=4, ridge=ridge)
    shares = np.array([[row.count(token) / len(row) for token in range(6)] for row in rows])
    bias = np.average(targets, axis=0, weights=weights)
    root = np.sqrt(weights.numpy())[:, None]  # ridge regression is least squares with √λ I stacked below
    above, below = (
        np.vstack([root * shares, np.sqrt(ridge) * np.eye(6)]),
        np.vstack([root * (targets.numpy() - bias), np.zeros((6, 4))]),
    )
    expected = np.linalg.lstsq(above, below, rcond=None)[0]
    assert found.bias.numpy() == pytest.approx(bias, abs=1e-5)
    assert (found.embedding @ found.weight.T).numpy() == pytest.approx(expected, abs=1e-4)
    assert found.embedding.square().mean().item() == pytest.approx(1, abs=1e-4)
