"""Explanations of texts, against a model whose reasons are known, games with closed forms, and texts typed anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.text import evidence, leave_one_out, word_attention, word_gradients, word_lime, word_shap
from dashboard.explain.text.language_models import trained_here
from dashboard.explain.text.models import Reading, Scores, TextModel, owners
from dashboard.explain.text.sentence_models import ENGLISH_HINDI, Favour, Likeness
from dashboard.explain.text.subject import TextSubject, subject_for
from dashboard.explain.text.typed import check, check_script, words_of
from data.catalog import ExplainerCard
from data.text import Problem, Text
from data.texts import TextConfig, make_text
from lightning_modules.language.bert import BERT, BertConfig
from lightning_modules.language.gpt import GPT
from lightning_modules.language.modelling import LanguageConfig
from lightning_modules.options import TrainingOptions
from lightning_modules.text import sentiment

ADDING = (leave_one_out, word_gradients, word_lime, word_shap)
REVIEW = "a warm film with wonderful actors"


class Worths(TextModel):
    """Each word is worth a number, the text their sum (and 10 times the product of the first two words' presence with `both`)."""

    name, weights, asks = "worths", "", "likeness"

    def __init__(self, worths: list[float], both: float = 0.0) -> None:
        self.worths, self.both = torch.tensor(worths), both
        self.network = nn.Linear(1, 1)

    def read(self, text: str) -> Reading:
        words = words_of(text)
        return Reading(words, torch.arange(len(words)), tuple(w.text for w in words), np.arange(len(words)))

    def embed(self, numbers: Tensor) -> Tensor:
        return torch.eye(len(self.worths))[numbers]

    def blank(self) -> Tensor:
        return torch.zeros(len(self.worths))

    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        present = (embedded * there[..., None]).sum(dim=1)
        return (present @ self.worths + self.both * present[:, 0] * present[:, 1])[:, None]

    def said(self, raw: Tensor) -> Tensor:
        return raw

    def title(self, target: int) -> Text:
        return Text(en="worth", hi="मोल")

    def target(self, wanted: str, raw: Scores) -> int:
        return 0

    def attention(self, reading: Reading) -> tuple[Tensor, Tensor]:
        tokens = len(reading.numbers)
        return torch.full((1, 1, tokens, tokens), 1 / tokens), torch.full((tokens,), 1 / tokens)


def last(module: Any, subject: TextSubject, **config: Any) -> Explanation:
    card: ExplainerCard = module.EXPLAINER
    *_, one = card.explain(subject, card.config(**config))
    assert isinstance(one, Explanation)
    return one


@pytest.mark.parametrize("module", ADDING)
def test_of_words_that_add_up_every_way_gives_back_what_each_is_worth(module: Any) -> None:
    worths = [0.5, -0.25, 0.0, 2.0, -1.0, 0.125, 0.75, 0.0, 0.3, -0.6]
    subject = subject_for(Worths(worths), "a b c d e f g h i j")
    one = last(module, subject)
    np.testing.assert_allclose(one.attributions, worths, atol=1e-5)
    assert one.additivity_error is None or one.additivity_error < 1e-5


def test_what_two_words_say_together_is_shared_by_shapley_and_taken_twice_by_leaving_one_out() -> None:
    subject = subject_for(Worths([1.0, 2.0, 4.0], both=10.0), "a b c")
    np.testing.assert_allclose(last(word_shap, subject).attributions, [6.0, 7.0, 4.0], atol=1e-6)
    np.testing.assert_allclose(last(leave_one_out, subject).attributions, [11.0, 12.0, 4.0], atol=1e-6)


def test_even_attention_gives_every_word_the_same() -> None:
    one = last(word_attention, subject_for(Worths([1.0, 2.0, 3.0, 4.0]), "a b c d"))
    np.testing.assert_allclose(one.attributions, 0.25, atol=1e-12)


@pytest.fixture(scope="module")
def favour() -> Iterator[Favour]:
    yield Favour()


def test_a_word_left_out_is_asked_as_the_text_typed_without_it(favour: Favour) -> None:
    subject = subject_for(favour, REVIEW, "positive")
    words = REVIEW.split()
    for k in range(len(words)):
        typed = subject_for(favour, " ".join(words[:k] + words[k + 1 :]), "positive")
        there = np.ones((1, len(words)), dtype=bool)
        there[0, k] = False
        assert subject.worth(there)[0] == pytest.approx(typed.prediction, abs=1e-6)


def test_a_review_is_explained_by_every_way_with_shares_that_add_up(favour: Favour) -> None:
    subject = subject_for(favour, REVIEW)
    shap = last(word_shap, subject)
    assert shap.target == "favourable" and shap.additivity_error is not None and shap.additivity_error < 1e-9
    assert REVIEW.split()[int(shap.attributions.argmax())] == "wonderful"
    assert "“wonderful”" in shap.details["sentence"]["en"] and "“wonderful”" in shap.details["sentence"]["hi"]
    gradients = last(word_gradients, subject)
    assert gradients.additivity_error is not None and gradients.base_value is not None
    assert gradients.additivity_error <= 0.01 * abs(gradients.prediction - gradients.base_value)
    assert gradients.evidence["completeness"].speaks_for
    against = last(leave_one_out, subject_for(favour, REVIEW, "negative"))
    np.testing.assert_allclose(against.attributions, -last(leave_one_out, subject).attributions, atol=1e-6)
    looked = last(word_attention, subject)
    assert (looked.attributions > 0).all() and looked.attributions.sum() < 1  # the rest reaches through [CLS] and [SEP]
    assert "does not tell what it decided by" in looked.details["sentence"]["en"]


def test_same_seed_same_bits_and_weights_are_untouched(favour: Favour) -> None:
    before = favour.weights
    text = "the plot is thin and the jokes are old but the music is lovely"
    first, again = (last(word_lime, subject_for(favour, text), seed=3, samples=64) for _ in range(2))
    assert first.attributions.tobytes() == again.attributions.tobytes()
    last(word_gradients, subject_for(favour, text))
    assert Favour().weights == before and all(p.grad is None for p in favour.network.parameters())


def test_evidence_praises_shapley_values_and_warns_of_attention(favour: Favour) -> None:
    def lit(module: Any) -> Explanation:
        subject = subject_for(favour, REVIEW)
        card = module.EXPLAINER
        *_, one = card.explain(subject, card.config())
        *_, proven = evidence.evidence_of(subject, card, card.config(), one)
        assert isinstance(proven, Explanation)
        return proven

    good, bad = lit(word_shap), lit(word_attention)
    assert good.evidence["light"].speaks_for is True, {k: f.text.en for k, f in good.evidence.items()}
    assert {"additivity", "reasons", "removal", "randomisation", "agreement"} <= set(good.evidence)
    assert bad.evidence["light"].speaks_for is False


def test_texts_of_two_scripts_are_compared() -> None:
    subject = subject_for(Likeness(ENGLISH_HINDI, "heart"), "लाल दिल")
    one = last(word_shap, subject)
    assert one.details["words"] == ["लाल", "दिल"] and one.attributions[1] > one.attributions[0]
    assert one.base_value is not None and np.isfinite(one.base_value)  # of a text with nothing left in it


def test_what_cannot_be_read_is_refused_in_words(favour: Favour) -> None:
    for text, code in (
        ("", "empty_text"), ("?!", "empty_text"), ("नमस्ते दुनिया", "english_only"), ("привет", "unknown_script"), ("a " * 61, "text_too_long"),
        ("x" * 601, "text_too_long"), ("a," * 300, "text_too_long"),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            favour.read(text)
        assert refused.value.code == code, text
    with pytest.raises(Problem, match="likeable"):
        subject_for(favour, "fine", "likeable")
    check_script(check("“Déjà vu” – 100 % 😀 <b>"), hindi=False)


def test_tokens_belong_to_the_words_they_stand_in() -> None:
    words = words_of("ab  cd ")
    assert owners([(0, 0), (0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7)], words).tolist() == [-1, 0, 0, 1, 1, 1, -1]


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_language_models_are_asked_at_the_end_or_at_the_blank(tokenizer: Any) -> None:
    torch.manual_seed(0)
    data = make_text("the cat sat on the mat and the dog sat too. " * 40, TextConfig(window=48))
    shape = {"tokenizer": tokenizer, "vocabulary_size": 280, "width": 16, "layers": 2, "heads": 2, "context": 40}
    for method, text in (
        (GPT(LanguageConfig(**shape), data, TrainingOptions()), "the cat sat on"),
        (BERT(BertConfig(**shape), data, TrainingOptions()), "the cat ____ on the mat"),
    ):
        method.best.head.weight.data.normal_()  # an untrained one gives every token the same chance
        for name, weights in method.best.named_parameters():
            if name.endswith("attention.mix.weight"):
                weights.data.normal_()
        model = trained_here("run", method)
        subject = subject_for(model, text)
        whole = subject.worth(np.ones((1, len(subject.players)), dtype=bool))[0]
        assert whole == pytest.approx(subject.prediction, abs=1e-6) and subject.scores.sum() == pytest.approx(
            1, abs=1e-6
        )
        one = last(word_shap, subject)
        assert one.additivity_error is not None and one.additivity_error < 1e-9 and np.abs(one.attributions).max() > 0
        assert last(word_gradients, subject).evidence["completeness"].value < 0.05
        np.testing.assert_allclose(subject.unseen(np.ones((1, len(subject.players)), dtype=bool)), whole, atol=1e-6)


def test_the_head_that_ships_is_what_its_data_teach_and_its_figure_is_true(favour: Favour) -> None:
    found, head = sentiment.read_snippets(), sentiment.load()
    assert int(found.apart.sum()) == head.held_out and int((~found.apart).sum()) == head.learned_from
    some = np.flatnonzero(found.apart)[:300]
    vectors = sentiment.vectors_of([found.texts[k] for k in some])
    right = float(((vectors @ head.weight + head.bias > 0).numpy() == found.positive[some]).mean())
    assert abs(right - head.accuracy) < 4 * (head.accuracy * (1 - head.accuracy) / len(some)) ** 0.5
    assert head.accuracy > head.commonest + 0.2


def test_the_regression_meets_its_condition() -> None:
    """At the best weights the gradient of the penalised loss is zero: X^T (p - y) / n + ridge w = 0."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 5, generator=generator)
    y = (x @ torch.tensor([1.0, -2.0, 0.0, 0.5, 0.0]) + torch.randn(200, generator=generator) > 0.3).numpy()
    weight, bias = sentiment.learned(x, y, ridge=0.01)
    missed = torch.sigmoid(x @ weight + bias) - torch.from_numpy(y).float()
    assert float((x.T @ missed / 200 + 0.01 * weight).abs().max()) < 1e-5 and float(missed.mean().abs()) < 1e-5
