"""Networks on tables: they learn, and what follows their gradients meets what is known of linear models, of sums and of Captum."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from captum.attr import GradientShap, IntegratedGradients

from dashboard.explain.table import gradient_shap, kernel_shap, path_gradients
from dashboard.explain.table.gradients import as_design, network_of, of_features
from dashboard.explain.table.subject import TableSubject
from dashboard.tables.network import Network
from data.catalog import ExplainerCard
from data.text import Problem
from tests.explain.tables import held_out, last, trained

BOTH = (gradient_shap.EXPLAINER, path_gradients.EXPLAINER)


def test_a_network_learns_what_a_straight_line_cannot() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(600, 3))
    y = (z[:, 0] * z[:, 1] > 0).astype(np.float64)
    before = torch.random.get_rng_state()
    one, two = (Network("classification", 0).fit(z, y) for _ in range(2))
    assert (one.predict(z) == y).mean() > 0.93
    np.testing.assert_array_equal(one.predict_proba(z), two.predict_proba(z))
    assert torch.equal(before, torch.random.get_rng_state())
    numbers = Network("regression", 0).fit(z, 50 + 10 * z[:, 0] * z[:, 1])
    assert np.abs(numbers.predict(z) - (50 + 10 * z[:, 0] * z[:, 1])).mean() < 3


def test_a_network_is_worth_more_than_a_guess() -> None:
    for table, figure in (("credit_german", "auc"), ("diabetes", "r2"), ("breast_cancer", "accuracy")):
        found = trained(table, "network").figures[figure]
        assert found.low > found.guess


@pytest.mark.parametrize("card", BOTH, ids=lambda card: card.name)
@pytest.mark.parametrize("table", ["credit_german", "diabetes"])
def test_the_shares_of_a_network_add_up(card: ExplainerCard, table: str) -> None:
    for row in range(25):
        found = last(card, held_out(table, "network", row))
        assert found.converged and found.additivity_error is not None and found.additivity_error <= 1e-5


def _linear(subject: TableSubject) -> tuple[TableSubject, np.ndarray]:
    """The subject with a network of one layer in place of its own, and that layer's weights."""
    fitted = subject.fitted
    assert fitted is not None
    columns = len(fitted.design.group)
    network = Network("regression", 0)
    layer = torch.nn.Linear(columns, 1).double()
    network._module = torch.nn.Sequential(layer)
    weights = layer.weight.detach().numpy()[0]
    changed = dataclasses.replace(fitted, model=network)
    return dataclasses.replace(
        subject, fitted=changed, target_index=0, predict=lambda rows: changed.scores(rows)[:, 0]
    ), weights


@pytest.mark.parametrize("card", BOTH, ids=lambda card: card.name)
def test_a_linear_network_is_shared_out_by_its_weights(card: ExplainerCard) -> None:
    """phi = w (x - mean) of each column, summed over the columns of a feature."""
    subject, weights = _linear(held_out("diabetes", "network", 3))
    assert subject.fitted is not None
    design = subject.fitted.design
    z, background = design(subject.x[None])[0], design(subject.background)
    expected = of_features(design, torch.from_numpy(weights * (z - background.mean(axis=0))))
    np.testing.assert_allclose(last(card, subject).attributions, expected, atol=1e-9)


def test_integrated_gradients_are_captum_s_and_gradient_shap_is_what_captum_s_tends_to() -> None:
    subject = held_out("credit_german", "network", 5)
    score, design = network_of(subject)
    x, background = as_design(design, subject.x[None]), as_design(design, subject.background)
    theirs = IntegratedGradients(score).attribute(
        x, background.mean(dim=0, keepdim=True), n_steps=512, method="riemann_middle"
    )
    ours = last(path_gradients.EXPLAINER, subject).attributions
    np.testing.assert_allclose(ours, of_features(design, theirs[0]), atol=2e-6)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        np.random.seed(0)  # Captum draws from the global generators
        drawn = GradientShap(score).attribute(x, background, n_samples=20_000)
    expected = last(gradient_shap.EXPLAINER, subject).attributions
    np.testing.assert_allclose(of_features(design, drawn[0]), expected, atol=0.005)


def test_gradient_shap_is_not_kernel_shap_but_names_the_same_first_reason() -> None:
    subject = held_out("diabetes", "network", 1)
    one, two = (last(card, subject).attributions for card in (gradient_shap.EXPLAINER, kernel_shap.EXPLAINER))
    assert np.abs(one).argmax() == np.abs(two).argmax() and np.abs(one - two).max() > 1e-3


@pytest.mark.parametrize("card", BOTH, ids=lambda card: card.name)
def test_a_model_without_gradients_says_so(card: ExplainerCard) -> None:
    with pytest.raises(Problem, match="has none") as raised:
        last(card, held_out("diabetes", "forest", 0))
    assert raised.value.code == "no_gradients"
