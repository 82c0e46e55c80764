"""What a curve draws, to the last value: extremes, spikes, what is not finite, resumes, axes, twins."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from dashboard.figures.curves import MOST_POINTS, curves
from dashboard.figures.drawing import Drawing, size_in_bytes, trace_values
from dashboard.figures.scale import Style
from dashboard.figures.series import Attempt, Axis, Level, Panel, Series, clock, coarser, extremes, steps_between
from tests.figures.envelopes import envelope


def traces(drawing: Drawing, meta: str) -> list[Any]:
    return [trace for trace in drawing.figure.data if trace.meta == meta]


def one(values: Any, **panel: Any) -> Panel:
    return Panel("Loss", (Series("run", envelope(values)),), **panel)


def test_a_short_curve_is_drawn_point_by_point() -> None:
    values = np.linspace(1, 0.2, 25)
    x, y = trace_values(traces(curves((one(values),)), "line")[0])
    assert x.tolist() == list(range(1, 26))
    assert np.allclose(y, values)
    assert not traces(curves((one(values),)), "extremes")


def test_every_one_of_a_thousand_one_step_spikes_is_drawn_at_its_own_step_at_default_zoom() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0.1, 0.01, 100_000)
    spikes = np.arange(50, 100_000, 100) + rng.integers(-20, 20, 1000)
    values[spikes] = rng.uniform(2, 3, 1000)
    drawing = curves((one(values),))
    x, y = trace_values(traces(drawing, "extremes")[0])
    drawn = dict(zip(x.astype(int).tolist(), y.tolist(), strict=True))
    assert all(drawn.get(int(s) + 1) == values[s] for s in spikes)
    assert len(x) <= MOST_POINTS


def test_a_dip_of_one_step_is_drawn_as_well() -> None:
    values = np.full(50_000, 1.0)
    values[31_415] = -7.0
    x, y = trace_values(traces(curves((one(values),)), "extremes")[0])
    assert y.min() == -7.0
    assert x[np.argmin(y)] == 31_416


def test_values_that_are_not_finite_are_marked_at_their_steps_with_their_kind() -> None:
    values = np.full(1000, 0.5)
    values[[10, 500]] = np.nan
    values[700] = np.inf
    values[800] = -np.inf
    drawing = curves((one(values),))
    broken = traces(drawing, "broken")[0]
    x, y = trace_values(broken)
    assert x.tolist() == [11, 501, 701, 801]
    assert list(broken.marker.symbol) == ["x", "x", "triangle-up", "triangle-down"]
    low, high = drawing.figure.layout.yaxis.range
    assert ((y < high) & (y > high - 0.02 * (high - low))).all()
    assert "4" in drawing.notes[0]


def test_a_curve_of_only_nan_still_shows_where_it_broke() -> None:
    drawing = curves((one([np.nan] * 5),))
    assert trace_values(traces(drawing, "broken")[0])[0].tolist() == [1, 2, 3, 4, 5]
    assert not traces(drawing, "line")


def test_many_broken_values_are_thinned_to_one_a_pixel_and_the_first_and_last_stay() -> None:
    x, _ = trace_values(traces(curves((one([np.nan] * 90_000),)), "broken")[0])
    assert len(x) <= MOST_POINTS
    assert (x[0], x[-1]) == (1, 90_000)
    assert np.diff(x).max() <= 90_000 / (MOST_POINTS - 1) + 1


def test_no_trace_is_longer_than_the_limit_however_many_buckets_come_in() -> None:
    drawing = curves((Panel("Loss", (Series("run", envelope(np.random.default_rng(1).random(9000), buckets=5000)),)),))
    assert max(len(trace.x) for trace in drawing.figure.data) <= MOST_POINTS


def test_merging_buckets_keeps_extremes_means_and_counts() -> None:
    values = np.random.default_rng(2).normal(size=5000)
    fine = envelope(values, buckets=1000)
    coarse = coarser(fine, 64)
    assert len(coarse.mean) == 64
    assert coarse.low.min() == values.min() and coarse.high.max() == values.max()
    assert coarse.count.sum() == 5000
    assert np.isclose((coarse.mean * coarse.count).sum() / 5000, values.mean())
    steps, _ = extremes(coarse)
    assert (np.diff(steps) > 0).all()


def test_a_resume_is_marked_where_the_later_attempt_went_on() -> None:
    attempts = (Attempt(1, 0, 1e9), Attempt(2, 40, 1e9 + 1000))
    drawing = curves((Panel("Loss", (Series("run", envelope(np.ones(100)), attempts=attempts),)),))
    mark = traces(drawing, "resumed")[0]
    assert list(mark.x) == [40]
    assert "40" in mark.text[0]


def test_training_time_leaves_out_the_break_between_two_attempts() -> None:
    times = np.concatenate([1e9 + np.arange(50), 1e9 + 5000 + np.arange(50)])
    e = envelope(np.ones(100), times=times)
    knots = clock(e, (Attempt(1, 0, 1e9), Attempt(2, 50, 1e9 + 4999.0)))
    assert knots.seconds[49] == 49.0
    assert knots.seconds[50] == 50.0
    assert knots.seconds[-1] == 99.0


def test_epochs_are_steps_divided_by_steps_per_epoch() -> None:
    style = Style(axis=Axis("epoch", steps_per_epoch=20.0))
    x, _ = trace_values(traces(curves((one(np.ones(100)),), style), "line")[0])
    assert x[-1] == 5.0


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("kind", ["step", "epoch", "time"])
def test_a_zoom_range_read_back_from_the_figure_gives_the_steps_in_view(kind: Any, log: bool) -> None:
    e = envelope(np.ones(900))
    axis = Axis(kind, log=log, steps_per_epoch=37.0)
    knots = clock(e)
    drawing = curves((Panel("Loss", (Series("run", e, clock=knots),)),), Style(axis=axis, view=(200, 450)))
    low, high = drawing.figure.layout.xaxis.range
    first, last = steps_between(low, high, knots, axis)
    assert abs(first - 200) <= 1 and abs(last - 450) <= 1


def test_a_zoom_fits_the_y_axis_to_what_is_in_view() -> None:
    values = np.concatenate([np.full(100, 50.0), np.full(900, 1.0)])
    _, high = curves((one(values),), Style(view=(500, 900))).figure.layout.yaxis.range
    assert high < 3.0


def test_a_log_axis_draws_positive_values_and_says_how_many_it_cannot() -> None:
    drawing = curves((one([0.1, 0.0, -1.0, 10.0], log=True),))
    _, y = trace_values(traces(drawing, "line")[0])
    assert np.array_equal(np.isnan(y), [False, True, True, False])
    low, high = drawing.figure.layout.yaxis.range
    assert low < -1 and 1 < high < 1.5
    assert drawing.notes[0].startswith("2 points")


def test_panels_share_one_x_axis_so_that_hovering_reads_them_together() -> None:
    figure = curves((one(np.ones(9)), one(np.zeros(9)), one(np.ones(9)))).figure
    assert {trace.xaxis for trace in figure.data} <= {None, "x"}
    assert figure.layout.hoversubplots == "axis"
    assert figure.layout.hovermode == "x unified"
    domains = [figure.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3")]
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1] >= domains[2][0] >= 0


def test_runs_laid_over_each_other_differ_in_colour_and_after_eight_in_dash() -> None:
    series = tuple(Series(f"run {i}", envelope(np.ones(50)), index=i) for i in range(10))
    lines = traces(curves((Panel("Loss", series),)), "line")
    assert len({(line.line.color, line.line.dash) for line in lines}) == 10
    assert [line.name for line in lines] == [f"run {i}" for i in range(10)]


def test_names_cannot_smuggle_markup_into_the_figure() -> None:
    drawing = curves(
        (Panel("<b>x</b>", (Series("<a href='javascript:1'>", envelope([1.0])), Series("b", envelope([1])))),)
    )
    assert "<a href" not in drawing.json() and "&lt;a href" in drawing.figure.data[0].name


def test_the_twins_tell_what_the_figure_shows() -> None:
    values = np.linspace(2.0, 0.5, 30)
    values[7] = np.nan
    drawing = curves((one(values, levels=(Level(0.25, "floor"),)),))
    assert "30 points" in drawing.alt and "0.5" in drawing.alt and "floor" in drawing.alt
    assert len(drawing.table) == 29
    assert drawing.table["Step"].iloc[-1] == 30


def test_hindi_figures_hold_no_english() -> None:
    drawing = curves(
        (Panel("लॉस", (Series("रन", envelope(np.random.default_rng(0).uniform(1, 2, 3000))),)),),
        Style(language="hi", span=10),
    )
    assert drawing.figure.layout.xaxis.title.text == "स्टेप"
    assert not {c for c in drawing.alt if c.isascii() and c.isalpha()}
    assert all(not c.isascii() or not c.isalpha() for trace in drawing.figure.data for c in trace.name)


def test_four_long_metrics_cost_less_than_half_a_megabyte() -> None:
    rng = np.random.default_rng(3)
    panels = tuple(one(rng.random(100_000)) for _ in range(4))
    assert size_in_bytes(curves(panels, Style(span=50))) < 500_000


def test_a_fixed_revision_keeps_what_a_person_zoomed() -> None:
    assert curves((one([1.0]),), revision="abc").figure.layout.uirevision == "abc"


def test_what_is_sent_is_what_is_drawn_to_seven_digits_and_whole_steps_exactly() -> None:
    values = np.geomspace(1e-30, 1e30, 500)
    sent = json.loads(curves((one(values),)).json())
    trace = next(t for t in sent["data"] if t["meta"] == "line")
    steps = np.frombuffer(base64.b64decode(trace["x"]["bdata"]), dtype=trace["x"]["dtype"])
    drawn = np.frombuffer(base64.b64decode(trace["y"]["bdata"]), dtype=trace["y"]["dtype"])
    assert steps.tolist() == list(range(1, 501))
    assert np.allclose(drawn, values, rtol=1e-7, atol=0)


def test_values_too_large_for_a_short_float_are_sent_whole() -> None:
    sent = json.loads(curves((one([1e300, 2e300]),)).json())
    y = sent["data"][0]["y"]
    assert np.frombuffer(base64.b64decode(y["bdata"]), dtype=y["dtype"]).tolist() == [1e300, 2e300]
