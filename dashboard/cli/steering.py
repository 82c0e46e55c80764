"""`samajh runs stop|pause|resume|prolong|clone|delete|undelete|purge`: what changes a run."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import Reply, say
from dashboard.cli.words import run_object, state_of
from dashboard.jobs import control
from dashboard.tracking.records import Run, RunFilter
from data.text import Problem, Text

RunWord = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help=told("Run id, its beginning, or “last”.", "रन की id, उसका शुरुआती हिस्सा, या “last”।"),
    ),
]
Wait = Annotated[
    bool,
    typer.Option("--wait", help=told("Return when the run has got there.", "रन के वहाँ पहुँचने पर ही लौटें।")),
]
RunWords = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN...",
        help=told("Run ids, their beginnings, or “last”.", "रन की id, उनके शुरुआती हिस्से, या “last”।"),
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0,
        help=told(
            "Seconds to wait at most; the run goes on all the same.",
            "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार; रन फिर भी चलता रहेगा।",
        ),
    ),
]
_LOOK_S = 0.2


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "stop", told("Finish the step, save a checkpoint, end.", "स्टेप पूरा करके चेकपॉइंट सहेजें और रोकें।"))(stop)
    command(app, "pause", told("Stop and give the slot to others.", "रोकें और जगह दूसरों को दें।"))(pause)
    command(app, "resume", told("Go on from the newest checkpoint, exactly.", "सबसे नए चेकपॉइंट से, हूबहू, जारी रखें।"))(resume)
    command(app, "prolong", told("Train a run for more steps.", "रन को और स्टेप तक चलाएँ।"))(prolong)
    command(app, "delete", told("Put runs in the trash.", "रन को कूड़ेदान में डालें।"))(delete)
    command(app, "undelete", told("Take runs out of the trash.", "रन को कूड़ेदान से वापस लाएँ।"))(undelete)
    command(
        app,
        "purge",
        told("Remove runs for good: those named, or the whole trash.", "रन हमेशा के लिए हटाएँ: बताए हुए, या पूरा कूड़ेदान।"),
    )(purge)


def stop(run: RunWord, wait: Wait = False, timeout: Timeout = 60.0) -> Reply:
    """Ask a run to stop."""
    with house() as home:
        changed = control.stop(home.store, home.settings, home.run(run).id)
        return _where(_settled(home, changed, timeout) if wait else changed)


def pause(run: RunWord, wait: Wait = False, timeout: Timeout = 60.0) -> Reply:
    """Ask a run to pause."""
    with house() as home:
        changed = control.pause(home.store, home.settings, home.run(run).id)
        return _where(_settled(home, changed, timeout) if wait else changed)


def resume(run: RunWord) -> Reply:
    """Queue a run again, to go on from its newest checkpoint."""
    with house() as home:
        return _where(control.resume(home.store, home.settings, home.run(run).id))


def prolong(
    run: RunWord,
    steps: Annotated[int, typer.Option("--steps", help=told("Steps to add.", "कितने स्टेप जोड़ें।"))],
) -> Reply:
    """Add steps to a run and queue it."""
    with house() as home:
        return _where(control.prolong(home.store, home.settings, home.run(run).id, steps))


def delete(runs: RunWords) -> Reply:
    """Put runs in the trash; none of them if one is active."""
    with house() as home:
        chosen = [home.run(word) for word in runs]
        for run in sorted(chosen, key=lambda run: not run.state.active):  # an active one refuses before any is moved
            control.delete(home.store, run.id)
        return _moved(home, chosen, Text(en="In the trash: {name}", hi="कूड़ेदान में: {name}"))


def undelete(runs: RunWords) -> Reply:
    """Take runs out of the trash."""
    with house() as home:
        chosen = [home.run(word) for word in runs]
        for run in chosen:
            control.undelete(home.store, run.id)
        return _moved(home, chosen, Text(en="Back from the trash: {name}", hi="कूड़ेदान से वापस: {name}"))


def purge(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN...]", help=told("Runs in the trash; none: all of it.", "कूड़ेदान के रन; न दें तो सब।")),
    ] = None,
) -> Reply:
    """Remove runs in the trash for good."""
    with house() as home:
        trash = home.store.runs(RunFilter(deleted=True))
        chosen = [home.run(word) for word in runs] if runs else trash
        outside = next((run for run in chosen if run.deleted_at is None), None)
        if outside is not None:
            text = Text(
                en="Only runs in the trash can be purged: delete it first.",
                hi="सिर्फ़ कूड़ेदान के रन मिटाए जा सकते हैं: पहले delete करें।",
            )
            raise Problem(text, code="not_in_trash", field="RUN")
        for run in chosen:
            home.store.purge(run.id)
        lines = [say(Text(en="Removed: {name}", hi="हटाया गया: {name}"), name=_named(run)) for run in chosen]
        return Reply({"purged": [run.id for run in chosen]}, lines)


def _settled(home: House, run: Run, timeout: float) -> Run:
    """The run once no job works on it any more, or as it stands when time is up."""
    until = time.monotonic() + timeout
    while run.state.active and time.monotonic() < until:
        time.sleep(_LOOK_S)
        run = home.store.run(run.id)
    return run


def _where(run: Run) -> Reply:
    return Reply(run_object(run), [f"{_named(run)}: {state_of(run)}"])


def _moved(home: House, runs: list[Run], text: Text) -> Reply:
    now = [home.store.run(run.id) for run in runs]
    return Reply({"runs": [run_object(run) for run in now]}, [say(text, name=_named(run)) for run in now])


def _named(run: Run) -> str:
    return f"{run.id} ({run.name})"
