"""Figures of the lab: valid for Plotly, small enough to send, and in step with what they show."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures import particles, schedules, score_error
from dashboard.figures.drawing import size_in_bytes
from dashboard.lab.field import grid
from dashboard.lab.noising import PATHS, noise_path

FRAMES = 21


def flow(exact: bool) -> particles.Flow:
    generator = np.random.default_rng(0)
    corners = grid(2.4)
    field = generator.standard_normal((FRAMES, len(corners), 2))
    times = [str(k) for k in range(FRAMES)]
    clouds = generator.standard_normal((FRAMES, 400, 2))
    return particles.Flow(times, clouds[0], clouds, corners, field, field if exact else None, 2.4)


WORDS = particles.Words("d", "p", "l", "e", "play", "pause", "t", "alt", ("t", "spread", "gap"))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("exact", [False, True])
def test_the_animation_is_a_valid_figure_of_less_than_a_megabyte(exact: bool, dark: bool) -> None:
    drawing = particles.particles(flow(exact), WORDS, dark=dark)
    figure = drawing.figure
    assert len(figure.data) == (4 if exact else 3)
    assert len(figure.frames) == len(figure.layout.sliders[0].steps) == len(drawing.table) == FRAMES
    assert [one.name for one in figure.frames] == [step.args[0][0] for step in figure.layout.sliders[0].steps]
    np.testing.assert_allclose(figure.frames[-1].data[-1].x, figure.data[-1].x)
    assert size_in_bytes(drawing) < 2**20


def test_arrows_point_against_the_noise_and_stay_inside_a_cell() -> None:
    moving = flow(exact=False)
    drawn = particles.particles(moving, WORDS, dark=False).figure.frames[3].data[0]
    x = np.array(drawn.x, dtype=float).reshape(-1, 3)
    step = x[:, 1] - x[:, 0]
    assert (np.sign(step.round(3)) == -np.sign(moving.learned[3, :, 0]))[np.abs(step) > 2e-3].all()
    assert np.abs(step).max() <= 2 * 2.4 / 12


def test_the_marker_stands_on_the_chosen_schedule() -> None:
    words = schedules.Words("t", "share", "dB", "alt", {name: name for name in PATHS}, ("a", "b", "c"))
    paths = [noise_path(name, 100) for name in PATHS]
    figure = schedules.schedules(paths, "flow", 50, words, dark=False).figure
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [mark.x[0] for mark in marks] == [50 / 99, 50 / 99]
    assert marks[0].y[0] == pytest.approx(paths[-1].alphas_cumprod[50])
    assert len(schedules.schedules(paths, "edm", 0, words, dark=True).table) == 21


def test_errors_of_several_models_are_told_apart() -> None:
    curves = {name: (np.array([0.1, 1.0, 10.0]), np.array([0.5, 0.1, 0.01])) for name in ("a", "b")}
    drawing = score_error.score_error(curves, score_error.Words("s", "e", "zero", "alt"), dark=False)
    assert [trace.name for trace in drawing.figure.data] == ["a", "b"] and len(drawing.table) == 6
