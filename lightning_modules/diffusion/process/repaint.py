"""RePaint: filling a part of something with any trained denoiser, without training for it. arXiv:2201.09865, algorithm 1.

At every step down to a level p the known part is replaced by the real one, noised to p, so that the unknown part is drawn
beside it. One pass harmonises badly: what was drawn could not yet be seen by what came before. So the walk jumps back up by
`jump` steps, adding the noise of the levels it climbs, and comes down again, `resamplings` times at each place.

Which sampler makes the steps down is free. Climbing from level p to t is exact on any Gaussian path:
x_t = (a_t / a_p) x_p + sqrt(s_t² - (a_t / a_p)² s_p²) z, with signal a and level s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from lightning_modules.diffusion.process.stages import Stage, Walk

if TYPE_CHECKING:
    from torch import Tensor

    from lightning_modules.diffusion.process.stages import Sampler


def places(levels: int, jump: int, resamplings: int) -> list[int]:
    """The places a walk visits, in order: 0 is the noisiest of `levels` levels, `levels` is clean data.

    Each stretch of `jump` steps, counted from the cleanest level, is walked `resamplings` times; the topmost one once
    (appendix B of the paper).
    """
    left = dict.fromkeys(range(0, levels - jump, jump), resamplings - 1)
    t, visited = levels, []
    while t > 0:
        t -= 1
        visited.append(levels - 1 - t)
        if left.get(t, 0) > 0:
            left[t] -= 1
            for _ in range(jump):
                t += 1
                visited.append(levels - 1 - t)
    return [*visited, levels]


def looks(levels: int, jump: int, resamplings: int) -> int:
    """Steps down of such a walk."""
    return sum(there > here for here, there in pairwise(places(levels, jump, resamplings)))


def repaint(
    sampler: Sampler, walk: Walk, known: Tensor, fill: Tensor, *, jump: int, resamplings: int
) -> Iterator[Stage]:
    """The stages of the way down, jumps left out; the last one holds `known` itself wherever `fill` is False.

    Args:
        sampler: What makes one step down; samplers that look back begin anew at each.
        walk: The denoiser, the noisy start and the levels.
        known: Clean items [batch, ...]; what they say where `fill` is True does not matter.
        fill: What is to be filled, True or False, of the shape of `known` or broadcast to it.
        jump: Steps of one jump back.
        resamplings: How often each stretch is walked; 1 is plain replacement.
    """
    schedule, x = walk.schedule, walk.x
    levels: list[float | None] = [*walk.grid, None]
    for here, there in pairwise(places(len(walk.grid), jump, resamplings)):
        signal, level = schedule.factors(levels[here])
        next_signal, next_level = schedule.factors(levels[there])
        if there < here:
            ratio = next_signal / signal
            x = ratio * x + max(0.0, next_level**2 - ratio**2 * level**2) ** 0.5 * walk.noise()
        else:
            stage = _one_step(sampler, replace(walk, x=x), levels[here], levels[there])
            beside = next_signal * known
            if levels[there] is not None:
                beside = beside + next_level * walk.noise()
            x = stage.x.where(fill, beside)
            yield replace(stage, x=x)


def _one_step(sampler: Sampler, walk: Walk, t: float | None, after: float | None) -> Stage:
    """The sampler's step from t to `after`: the first of a walk through no more than these two."""
    assert t is not None  # nobody steps down from clean data
    grid = (t,) if after is None else (t, after)
    return next(sampler.walk(replace(walk, grid=grid)))
