"""Contests: equal budgets, tables from real runs, and the document's claims judged by figures."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from dashboard.catalogue import Catalogue
from dashboard.contests import claims
from dashboard.contests.claims import Verdict
from dashboard.contests.entering import Contest, Entrant, enter, entrant_of, orders, runs_of
from dashboard.contests.standings import Result, Standing, standings, time_sampling
from dashboard.contests.statistics import share_interval, spread
from dashboard.publishing import catalogue_of
from dashboard.tracking.records import Run, State
from data.discovery import discover
from data.text import Problem
from tests.jobs.studio import Studio

PAIR = (Entrant(method="ddpm"), Entrant(method="gan"))

FAMILIES = {"gan": "adversarial", "ddpm": "diffusion", "point_vae": "variational"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(discover())


def test_the_interval_of_a_mean_is_students() -> None:
    values = [0.12, 0.08, 0.15, 0.11]
    found = spread([*values, math.nan])
    assert found is not None and found.values == tuple(values)
    expected = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert found.interval == pytest.approx(expected, rel=1e-4)
    assert (found.low, found.high, found.deviation) == pytest.approx((0.08, 0.15, np.std(values, ddof=1)))


@pytest.mark.parametrize("count", range(2, 21))
def test_students_table_is_that_of_scipy(count: int) -> None:
    found = spread([1.0, *[0.0] * (count - 1)])
    assert found is not None
    reach = (found.interval[1] - found.mean) * np.sqrt(count) / found.deviation
    assert reach == pytest.approx(stats.t.ppf(0.975, count - 1), rel=1e-4)


def test_one_value_has_no_interval_and_none_has_no_spread() -> None:
    one = spread([2.0])
    assert one is not None and one.mean == 2 and math.isnan(one.deviation) and math.isnan(one.interval[0])
    assert spread([math.nan, math.inf]) is None


@pytest.mark.parametrize(("hits", "count"), [(0, 3), (1, 3), (3, 3), (7, 20)])
def test_the_interval_of_a_share_is_wilsons(hits: int, count: int) -> None:
    expected = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert share_interval(hits, count) == pytest.approx((expected.low, expected.high))


def test_all_entrants_get_the_same_steps_batches_looks_and_samples(catalogue: Catalogue) -> None:
    entrants = tuple(Entrant(method=name) for name in ("ddpm", "gan", "r3gan", "point_vae"))
    found = orders(catalogue, Contest(dataset="eight_gaussians", entrants=entrants, steps=160, batch_size=64))
    same = ("steps", "batch_size", "evaluate_every", "sample_every", "checkpoint_every")
    assert {tuple(spec.training[name] for name in same) for spec in found} == {(160, 64, 20, 20, 20)}
    assert {spec.method_config["quality_samples"] for spec in found} == {2000}
    assert len({str(spec.dataset_config) for spec in found}) == 1
    assert found[2].method_config["loss"] == "relativistic" and found[1].method_config["loss"] == "non_saturating"


def test_without_a_budget_all_get_that_of_the_first_method(catalogue: Catalogue) -> None:
    first, second = orders(catalogue, Contest(dataset="digits", entrants=PAIR, preset="tiny"))
    assert (first.training["steps"], first.training["batch_size"]) == (150, 64)
    assert (second.training["steps"], second.training["batch_size"]) == (150, 64)


def test_an_entrant_may_have_settings_of_its_own(catalogue: Catalogue) -> None:
    word = Entrant.parse("gan:stabiliser=r1:penalty_weight=0.5")
    assert word.label == "gan (stabiliser=r1, penalty_weight=0.5)"
    _, tuned = orders(catalogue, Contest(dataset="digits", entrants=(Entrant.parse("gan"), word)))
    assert (tuned.method_config["stabiliser"], tuned.method_config["penalty_weight"]) == ("r1", 0.5)


@pytest.mark.parametrize(
    ("contest", "field"),
    [
        (Contest(dataset="digits", entrants=PAIR[:1]), "methods"),
        (Contest(dataset="digits", entrants=PAIR[:1] * 2), "methods"),
        (Contest(dataset="digits", entrants=PAIR, seeds=0), "seeds"),
        (Contest(dataset="digits", entrants=PAIR, seeds=1000), "seeds"),
        (Contest(dataset="digits", entrants=PAIR, seconds=-1), "seconds"),
        (Contest(dataset="digits", entrants=PAIR, seconds=5, steps=5), "seconds"),
        (Contest(dataset="nowhere", entrants=PAIR), "dataset"),
        (Contest(dataset="digits", entrants=(*PAIR, Entrant(method="magic"))), "method"),
        (Contest(dataset="digits", entrants=(*PAIR, Entrant(method="point_vae"))), "dataset"),
        (Contest(dataset="digits", entrants=(*PAIR, Entrant.parse("gan:stabilizer=r1"))), "stabilizer"),
    ],
)
def test_a_contest_that_cannot_be_held_is_refused_at_its_field(
    catalogue: Catalogue, contest: Contest, field: str
) -> None:
    with pytest.raises(Problem) as caught:
        orders(catalogue, contest)
    assert caught.value.field == field


def test_a_contest_of_real_runs_becomes_a_table(studio: Studio, catalogue: Catalogue) -> None:
    contest = Contest(
        dataset="eight_gaussians", entrants=PAIR, seeds=2, preset="tiny", steps=16, batch_size=64,
        shared={"data.items": 400, "method.width": 16, "method.quality_samples": 80},
    )  # fmt: skip
    entered = enter(studio.store, studio.settings, catalogue, contest, token="one form")
    again = enter(studio.store, studio.settings, catalogue, contest, token="one form")
    assert [run.id for run in again.runs] == [run.id for run in entered.runs]
    assert [(entrant_of(run), run.seed) for run in entered.runs] == [("ddpm", 0), ("gan", 0), ("ddpm", 1), ("gan", 1)]
    waiting = standings(studio.store, entered.id)
    assert [one.label for one in waiting] == ["ddpm", "gan"] and len(waiting[0].results) == 2
    for run in entered.runs:
        studio.until_state(run.id, State.FINISHED)
    assert [run.id for run in runs_of(studio.store, f"contest-{entered.id}")] == [run.id for run in entered.runs]
    timed = {run.id: time_sampling(studio.settings, run.id, count=50) for run in entered.runs[:2]}
    for one in standings(studio.store, entered.id, sampling_s=timed):
        assert (len(one.ended), one.diverged) == (2, 0)
        last = [studio.curve(result.run.id, "sliced_w2")[1][-1] for result in one.results]
        assert one.distance is not None and one.distance.values == tuple(last)
        assert one.training_s is not None and 0 < one.training_s.mean < 30
        assert one.wobble is not None and one.wobble.mean > 0
        assert one.collapsed is not None and all(r.lost == 8 - r.values["modes"] for r in one.results)
        assert one.sampling_s is not None and len(one.sampling_s.values) == 1
    rows = claims.beside(standings(studio.store, entered.id), FAMILIES)
    assert [row.claim.key for row in rows] == ["stable", "quality", "collapse", "time", "use"]
    assert all(set(row.measured) == {"ddpm", "gan"} for row in rows)
    assert rows[-1].verdict is Verdict.NOT_MEASURED and "/2 [" in rows[0].measured["gan"].en


def test_a_contest_nobody_held_is_told(studio: Studio) -> None:
    with pytest.raises(Problem, match="no contest “abc”"):
        standings(studio.store, "abc")


def _run(state: State = State.FINISHED) -> Run:
    fields: dict[str, object] = {field.name: None for field in dataclasses.fields(Run)}
    return Run(**{**fields, "id": "r", "state": state, "step": 10})  # type: ignore[arg-type]


def _standing(method: str, distances: list[float], *, lost: float = 0, diverged: int = 0, train: float = 1) -> Standing:
    results = tuple(
        Result(_run(), k < diverged, {"sliced_w2": d}, d, 0.1 * d, train, lost if k == 0 else 0)
        for k, d in enumerate(distances)
    )
    return Standing(method, method, results)


def _verdicts(*entrants: Standing) -> dict[str, Verdict]:
    return {row.claim.key: row.verdict for row in claims.beside(entrants, FAMILIES)}


def test_a_claim_agrees_only_where_no_seed_speaks_against_it() -> None:
    better = _verdicts(_standing("gan", [0.3, 0.2], lost=1, train=1), _standing("ddpm", [0.1, 0.15], train=2))
    assert better == {
        "stable": Verdict.AGREES, "quality": Verdict.AGREES, "collapse": Verdict.AGREES, "time": Verdict.AGREES,
        "use": Verdict.NOT_MEASURED,
    }  # fmt: skip
    overlapping = _verdicts(_standing("gan", [0.3, 0.1]), _standing("ddpm", [0.2, 0.15]))
    assert {overlapping[key] for key in ("quality", "collapse", "time")} == {Verdict.OPEN}
    worse = _verdicts(_standing("gan", [0.1, 0.1], train=3), _standing("ddpm", [0.2, 0.3], lost=2))
    assert {worse[key] for key in ("stable", "quality", "collapse", "time")} == {Verdict.DIFFERS}


def test_diverged_runs_count_against_stability_and_not_towards_quality() -> None:
    gan = _standing("gan", [9.0, 0.1, 0.1], diverged=1)
    assert gan.distance is not None and gan.distance.values == (0.1, 0.1)
    assert _verdicts(gan, _standing("ddpm", [0.2, 0.2, 0.2]))["stable"] is Verdict.AGREES
    assert "1/3" in claims.beside([gan], FAMILIES)[0].measured["gan"].en


def test_without_a_rival_nothing_is_judged() -> None:
    assert set(_verdicts(_standing("gan", [0.1]), _standing("point_vae", [0.3])).values()) == {Verdict.NOT_MEASURED}
