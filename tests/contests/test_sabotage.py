"""A safeguard taken away in one click: what is ordered, and that nothing is trained twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.catalogue import Catalogue
from dashboard.contests import sabotage
from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.tracking.store import Store
from data.datasets import digits
from data.discovery import Discovered
from data.text import Problem
from lightning_modules.ssl import byol, dino, vae


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    methods = {one.name: one for one in (byol.METHOD, dino.METHOD, vae.METHOD)}
    return catalogue_of(Discovered(methods=methods, datasets={"digits": digits.DATASET}))


def _order(catalogue: Catalogue, method: str = "byol", **changes: object) -> RunSpec:
    return catalogue.resolve(method, "digits", "tiny", changes)


def test_what_is_offered_can_be_ordered_and_is_recognised(catalogue: Catalogue) -> None:
    assert not catalogue.broken
    for method in catalogue.methods:
        healthy = _order(catalogue, method)
        assert sabotage.offered(catalogue, healthy) and sabotage.done_to(catalogue, healthy) is None
        for one in sabotage.offered(catalogue, healthy):
            bad = sabotage.spoilt(catalogue, healthy, one.name)
            assert bad.method_config == {**healthy.method_config, **one.values} != healthy.method_config
            assert bad.training == healthy.training
            assert sabotage.done_to(catalogue, bad) == one
            assert sabotage.sound(catalogue, bad) == healthy


def test_one_sabotage_takes_the_place_of_another_and_leaves_the_rest(catalogue: Catalogue) -> None:
    neither = sabotage.spoilt(catalogue, _order(catalogue, channels=8), "neither")
    one = sabotage.spoilt(catalogue, neither, "no_predictor").method_config
    assert (one["predictor"], one["stop_gradient"], one["channels"]) == (False, True, 8)


def test_an_unknown_sabotage_names_those_there_are(catalogue: Catalogue) -> None:
    with pytest.raises(Problem) as wrong:
        sabotage.spoilt(catalogue, _order(catalogue), "no_target")
    assert "no_predictor" in wrong.value.text.en and wrong.value.field == "sabotage"


def test_the_pair_is_queued_once_and_a_run_that_is_there_is_the_healthy_one(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "ensure_supervisor", lambda *_: None)  # nothing is to be trained here
    settings = Settings(home=tmp_path)
    with Store.open(settings) as store:
        [there] = control.submit(store, settings, _order(catalogue), name="mine")
        first = sabotage.start(store, settings, catalogue, _order(catalogue), "neither", name="mine", parent=there.id)
        assert first[0].id == there.id
        assert (first[1].parent, first[1].name, first[1].seed) == (there.id, "mine · sabotage neither", there.seed)
        again = sabotage.start(store, settings, catalogue, RunSpec.model_validate(first[1].config), "neither")
        assert [run.id for run in again] == [run.id for run in first]
        other = sabotage.start(store, settings, catalogue, _order(catalogue, seed=1), "neither", token="once")
        assert len({run.id for run in (*first, *other)}) == len(store.runs()) == 4
