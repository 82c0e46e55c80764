"""Attention of language models: what is shown is what the fused kernel used, and looking changes nothing."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from data.catalog import Dataset
from data.text import Problem
from data.texts import TextConfig, make_text
from lightning_modules.blocks.relevance import drawn_on
from lightning_modules.language.bert import BERT, BertConfig
from lightning_modules.language.gpt import GPT
from lightning_modules.language.modelling import LanguageConfig, LanguageMethod
from lightning_modules.options import TrainingOptions
from lightning_modules.text.pretrained import PACKAGE, MiniLM, MiniLMLayer
from lightning_modules.text.tokens import numbers_of, padded

SMALL: dict[str, Any] = {"width": 32, "layers": 2, "heads": 2, "context": 48, "tokenizer": "characters"}
POEM = "पानी बरसा, the rain fell; पेड़ भीगे 12 times.\n" * 60
minilm = pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason=f"{PACKAGE} is not installed")


def _poem() -> Dataset:
    return make_text(POEM, TextConfig(window=64))


def _stirred(model: LanguageMethod) -> LanguageMethod:
    """With layers that do something: an untrained network looks evenly everywhere."""
    torch.manual_seed(0)
    for one in model.best.parameters():
        if one.ndim == 2:
            nn.init.normal_(one, std=0.2)
    return model.eval()


@pytest.fixture(scope="module", params=["gpt", "bert"])
def model(request: pytest.FixtureRequest) -> LanguageMethod:
    if request.param == "gpt":
        return _stirred(GPT(LanguageConfig(**SMALL), _poem(), TrainingOptions()))
    return _stirred(BERT(BertConfig(**SMALL), _poem(), TrainingOptions()))


def test_every_row_of_every_head_sums_to_one_and_gpt_never_looks_ahead(model: LanguageMethod) -> None:
    said = model.answer("attention", {"prompt": "the rain पेड़"}, {})
    weights = said.arrays["weights"]
    assert weights.shape == (2, 2, 13, 13) and weights.dtype == np.float32
    assert said.values["tokens"] == [*"the␣rain␣", "प", "े", "ड", "़"]
    assert np.abs(weights.sum(-1) - 1).max() < 1e-5 and weights.min() >= 0
    assert said.values["causal"] == isinstance(model, GPT)
    above = np.triu(weights, 1)
    assert not above.any() if isinstance(model, GPT) else (above.max() > 0.05)


def test_the_weights_are_those_the_fused_attention_mixed_with(model: LanguageMethod) -> None:
    prompt = "the rain fell; पेड़"
    weights = torch.from_numpy(model.answer("attention", {"prompt": prompt}, {}).arrays["weights"])
    mixed: list[torch.Tensor] = []
    values: list[torch.Tensor] = []
    handles = [one.mix.register_forward_pre_hook(lambda _, given: mixed.append(given[0])) for one in model.best.attentions()]  # fmt: skip
    model.best(model.numbers(model.vocabulary.encode(prompt)))
    values = [one.read[1] for one in model.best.attentions()]
    for handle in handles:
        handle.remove()
    for layer in range(2):
        by_hand = (weights[layer] @ values[layer][0]).transpose(0, 1).flatten(1)
        assert torch.allclose(by_hand, mixed[layer][0], atol=1e-5)


def test_looking_leaves_the_model_as_it_was(model: LanguageMethod) -> None:
    tokens = model.numbers(model.vocabulary.encode("पानी बरसा, the"))
    before = model.best(tokens)
    model.answer("attention", {"prompt": "the rain"}, {})
    assert torch.equal(model.best(tokens), before)
    assert all(one.watched is None for one in model.best.attentions())


def test_a_blank_is_a_token_of_its_own_to_bert() -> None:
    model = _stirred(BERT(BertConfig(**SMALL), _poem(), TrainingOptions()))
    said = model.answer("attention", {"prompt": "the [MASK]ain"}, {})
    assert said.values["tokens"] == [*"the␣", "[MASK]", *"ain"]
    tokens = [*model.vocabulary.encode("the "), model.mask, *model.vocabulary.encode("ain")]
    _, weights = model.best.watch(torch.tensor([tokens]))
    assert np.array_equal(said.arrays["weights"], weights[:, 0].detach().numpy())


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("", "empty_prompt"), (" \n", "empty_prompt"), ("дождь", "unknown_script"), ("the " * 40, "too_long")],
)
def test_a_text_that_cannot_be_looked_into_is_refused_in_one_sentence(
    model: LanguageMethod, prompt: str, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        model.answer("attention", {"prompt": prompt}, {})
    assert refused.value.code == code and refused.value.text.hi.endswith("।")


@minilm
def test_minilm_shows_the_weights_it_uses_and_its_vectors_stay() -> None:
    encoder = MiniLM.load()
    numbers, mask = padded(numbers_of(encoder.tokenizer, ["the cat sat on the mat", "rain"]))
    before = encoder.network(numbers, mask)
    mixed: list[torch.Tensor] = []
    read: list[torch.Tensor] = []
    layers = [layer for layer in encoder.network.layers if isinstance(layer, MiniLMLayer)]
    handles = [layer.mix.register_forward_pre_hook(lambda _, given: mixed.append(given[0])) for layer in layers]
    handles += [layer.value.register_forward_hook(lambda _, __, out: read.append(out)) for layer in layers]
    vectors, weights = encoder.network.watch(numbers, mask)
    for handle in handles:
        handle.remove()
    assert torch.equal(vectors, before) and not any(layer.watched for layer in layers)
    assert weights.shape == (6, 2, 12, numbers.shape[1], numbers.shape[1])
    assert torch.allclose(weights.sum(-1), torch.ones(()), atol=1e-5)
    assert not weights[:, 1, :, :, 3:].any()  # [CLS] rain [SEP] and padding
    for layer in range(6):
        value = read[layer].view(*read[layer].shape[:2], 12, 32).transpose(1, 2)
        by_hand = (weights[layer] @ value).transpose(1, 2).flatten(2)
        assert torch.allclose(by_hand[mask], mixed[layer][mask], atol=1e-5)


@minilm
def test_minilm_names_its_tokens() -> None:
    tokens, weights = MiniLM.load().look("A cat, unbelievably!")
    assert tokens[0] == "[CLS]" and tokens[-1] == "[SEP]" and "cat" in tokens
    assert weights.shape == (6, 12, len(tokens), len(tokens))


def test_what_an_answer_drew_on_is_shared_out_among_the_tokens_and_never_lies_ahead(model: LanguageMethod) -> None:
    prompt = "the rain fell; पेड़ भीगे"  # more tokens than are asked for at once
    plain = model.answer("attention", {"prompt": prompt}, {})
    said = model.answer("attention", {"prompt": prompt, "by_gradient": True}, {})
    drawn = said.arrays["drawn"]
    assert "drawn" not in plain.arrays and np.array_equal(plain.arrays["weights"], said.arrays["weights"])
    assert drawn.shape == plain.arrays["weights"].shape[2:] and len(drawn) > 16 and drawn.min() >= 0
    rows = drawn.sum(axis=1)
    assert np.isclose(rows, 1, atol=1e-5).sum() > len(rows) / 2 and (np.isclose(rows, 1, atol=1e-5) | (rows == 0)).all()
    above = np.triu(drawn, 1)
    assert not above.any() if isinstance(model, GPT) else above.any()


class _Copier(nn.Module):
    """One layer with one head: token i attends to all by given weights, and its score is what it gathered of each token's value."""

    def __init__(self, logits: torch.Tensor, values: torch.Tensor) -> None:
        super().__init__()
        self.logits, self.values = logits, values

    def forward(self, copies: int) -> torch.Tensor:
        tokens = len(self.values)
        eye = torch.eye(tokens).expand(copies, 1, tokens, tokens)
        queries = (self.logits * tokens**0.5).expand(copies, 1, tokens, tokens)  # Q Kᵀ / sqrt(d) is then the logits
        value = self.values[:, None].expand(copies, 1, tokens, 1)
        found: torch.Tensor = F.scaled_dot_product_attention(queries, eye, value)[:, 0, :, 0]
        return found


def test_attention_counts_in_proportion_to_what_it_brought_and_not_where_it_harmed() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, values = torch.randn(20, 20, generator=generator), torch.randn(20, generator=generator)
    drawn = drawn_on(_Copier(logits, values), 20)
    useful = (logits.softmax(dim=1) * values).relu()  # d score_i / d A_ij is the value of token j
    assert torch.allclose(drawn, useful / useful.sum(dim=1, keepdim=True), atol=1e-6)


@minilm
def test_what_the_sentence_vector_of_minilm_is_drawn_from() -> None:
    encoder = MiniLM.load()
    drawn = encoder.drawn("A cat sat on the mat.")
    assert drawn.shape == (9, 9) and torch.allclose(drawn.sum(dim=1), torch.ones(9), atol=1e-4)
    assert not any(one.requires_grad for one in encoder.network.parameters())
