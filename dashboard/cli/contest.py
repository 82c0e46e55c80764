"""`samajh contest`: several methods, the same data and budget, several seeds; and the table that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from dashboard.cli.catalogue import the_catalogue
from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.training import Setting, Token, Wait, pairs, watch
from dashboard.cli.words import run_object
from dashboard.contests import claims
from dashboard.contests.entering import Contest, Entrant, enter, runs_of
from dashboard.contests.standings import Standing, standings, time_sampling
from dashboard.contests.statistics import Spread
from dashboard.jobs import control
from dashboard.tracking.records import State
from data.text import Problem, Text

_SHOWN = ("on_data", "coverage", "nn_ratio", "mode_spread", "class_accuracy")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    text = told(
        "Compare methods on one data set, or show a contest.", "एक डेटा सेट पर मेथड की तुलना करें, या कोई मुकाबला दिखाएँ।"
    )
    command(app, "contest", text)(contest)


def contest(
    identity: Annotated[str | None, typer.Argument(metavar="[CONTEST]", help=told("Show this contest; without it, one is started.", "यह मुकाबला दिखाएँ; न दें तो नया शुरू होगा।"))] = None,
    dataset: Annotated[str, typer.Option(help=told("Data set (see samajh datasets).", "डेटा सेट (samajh datasets देखें)।"))] = "eight_gaussians",
    methods: Annotated[str, typer.Option(help=told("Methods with commas between; settings after colons, as in gan:stabiliser=r1.", "मेथड, बीच में कॉमा; सेटिंग कोलन के बाद, जैसे gan:stabiliser=r1।"))] = "ddpm,gan,r3gan",
    seeds: Annotated[int, typer.Option(help=told("Runs of each method, with consecutive seeds.", "हर मेथड के इतने रन, लगातार सीड से।"))] = 3,
    preset: Annotated[str, typer.Option(help=told("tiny: seconds; small: minutes; base: for a GPU.", "tiny: सेकंड; small: मिनट; base: GPU के लिए।"))] = "small",
    steps: Annotated[int | None, typer.Option(min=1, help=told("Steps of every run (the first method's).", "हर रन के स्टेप (नहीं तो पहले मेथड के)।"))] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help=told("Batch size of every run (the first method's).", "हर रन का बैच साइज़ (नहीं तो पहले मेथड का)।"))] = None,
    seconds: Annotated[float | None, typer.Option(help=told("Training seconds of every run, instead of steps.", "स्टेप के बजाय हर रन की ट्रेनिंग के सेकंड।"))] = None,
    settings: Setting = None,
    wait: Wait = False,
    token: Token = None,
) -> Reply:  # fmt: skip
    """Start a contest, or show what came of one."""
    with house() as home:
        if identity is not None:
            return _shown(home, identity)
        wanted = Contest(
            dataset=dataset, entrants=tuple(Entrant.parse(word) for word in methods.split(",") if word.strip()), seeds=seeds,
            preset=preset, steps=steps, batch_size=batch_size, seconds=seconds, shared=pairs(settings or ()),
        )  # fmt: skip
        entered = enter(home.store, home.settings, the_catalogue(home.settings), wanted, token=token)
        if wait:
            watch(home, [run.id for run in entered.runs])
            return _shown(home, entered.id)
    text = Text(
        en="Contest {id}: {n} runs queued. See it: samajh contest {id}",
        hi="मुकाबला {id}: {n} रन कतार में। देखें: samajh contest {id}",
    )
    values = {"contest": entered.id, "runs": [run_object(run) for run in entered.runs]}
    return Reply(values, [say(text, id=entered.id, n=len(entered.runs))])


def _shown(home: House, identity: str) -> Reply:
    """The table of a contest; runs that are over are asked for samples, to time them."""
    found = standings(home.store, identity, sampling_s=_timed(home, identity))
    families = {method.name: method.family for method in the_catalogue(home.settings).methods.values()}
    rows = claims.beside(found, families)
    values = {
        "contest": identity,
        "entrants": [_standing_object(one) for one in found],
        "claims": [_row_object(row) for row in rows],
    }
    return Reply(values, [*_table(found), "", *_claims(rows, found)])


def _timed(home: House, identity: str) -> dict[str, float]:
    """Seconds for 1,000 samples of each finished run; a run whose model cannot draw is left out."""
    timed = {}
    for run in runs_of(home.store, identity):
        if run.state is State.FINISHED:
            control.ensure_supervisor(home.settings)
            try:
                timed[run.id] = time_sampling(home.settings, run.id)
            except Problem as problem:
                if problem.code not in ("unknown_request", "no_checkpoint", "not_a_method"):
                    raise
    return timed


def _table(found: Sequence[Standing]) -> list[str]:
    names = [name for name in _SHOWN if any(one.metric(name) for one in found)]
    head = [
        say(_METHOD),
        say(_RUNS),
        say(_DIVERGED),
        say(_DISTANCE),
        say(_MODES),
        *names,
        say(_WAVER),
        say(_TRAINING),
        say(_DRAWING),
    ]
    rows = [
        [
            one.label, f"{len(one.ended)}/{len(one.results)}", str(one.diverged), say(claims.told(one.distance)), _modes(one),
            *(say(claims.told(one.metric(name))) for name in names),
            say(claims.told(one.wobble)), say(claims.told(one.training_s)), say(claims.told(one.sampling_s)),
        ]
        for one in found
    ]  # fmt: skip
    return table(head, rows)


def _modes(one: Standing) -> str:
    found = one.metric("modes") or one.metric("classes")
    return "–" if found is None else claims.each_seed(found)


def _claims(rows: Sequence[claims.Row], found: Sequence[Standing]) -> list[str]:
    lines = []
    for row in rows:
        said = say(_SAID, feature=say(row.claim.feature), gan=say(row.claim.gan), diffusion=say(row.claim.diffusion))
        lines.append(f"{said} → {say(claims.VERDICTS[row.verdict])}")
        if row.verdict is not claims.Verdict.NOT_MEASURED:
            lines += [f"  {one.label}: {say(row.measured[one.label])}" for one in found]
    return lines


_METHOD = Text(en="method", hi="मेथड")
_RUNS = Text(en="runs", hi="रन")
_DIVERGED = Text(en="diverged", hi="बिगड़े")
_MODES = Text(en="modes", hi="मोड")
_DISTANCE = Text(en="distance", hi="दूरी")
_MODES = Text(en="modes", hi="मोड")
_WAVER = Text(en="wavers", hi="डगमगाहट")
_TRAINING = Text(en="training s", hi="ट्रेनिंग s")
_DRAWING = Text(en="1,000 samples s", hi="1,000 सैंपल s")
_SAID = Text(
    en="{feature}: the document says GAN {gan}, diffusion {diffusion}",
    hi="{feature}: दस्तावेज़ के अनुसार GAN {gan}, डिफ़्यूज़न {diffusion}",
)


def _standing_object(one: Standing) -> dict[str, Any]:
    names = sorted({name for result in one.results for name in result.values})
    return {
        "label": one.label,
        "method": one.method,
        "runs": [{**run_object(r.run), "diverged": r.diverged, "metrics": r.values} for r in one.results],
        "ended": len(one.ended),
        "diverged": one.diverged,
        "collapsed": one.collapsed,
        "distance": _spread_object(one.distance),
        "wobble": _spread_object(one.wobble),
        "training_s": _spread_object(one.training_s),
        "sampling_s": _spread_object(one.sampling_s),
        "metrics": {name: _spread_object(one.metric(name)) for name in names},
    }


def _spread_object(found: Spread | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    return {
        "values": found.values,
        "mean": found.mean,
        "deviation": found.deviation,
        "interval": found.interval,
        "low": found.low,
        "high": found.high,
    }


def _row_object(row: claims.Row) -> dict[str, Any]:
    return {
        "key": row.claim.key,
        "feature": say(row.claim.feature),
        "claimed": {"gan": say(row.claim.gan), "diffusion": say(row.claim.diffusion)},
        "measured": {label: say(text) for label, text in row.measured.items()},
        "verdict": row.verdict,
    }
