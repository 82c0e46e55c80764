"""`samajh runs sabotage`: a run's order with a safeguard taken away, beside a healthy one."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.cli.catalogue import the_catalogue
from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import Reply, say
from dashboard.cli.steering import RunWord
from dashboard.cli.training import Token, Wait, follow, started
from dashboard.contests import sabotage
from dashboard.jobs.spec import RunSpec
from data.text import Problem, Text


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    text = told(
        "Start a run's like without a safeguard of its method, beside a healthy one.",
        "रन जैसा एक और रन, मेथड की कोई सुरक्षा हटाकर, एक ठीक रन के साथ शुरू करें।",
    )
    command(app, "sabotage", text)(spoil)


def spoil(
    run: RunWord,
    which: Annotated[str | None, typer.Argument(metavar="[WHICH]", help=told("The safeguard; without it, those there are.", "कौन-सी सुरक्षा; न दें तो जो हैं वे दिखेंगी।"))] = None,
    wait: Wait = False,
    token: Token = None,
) -> Reply:  # fmt: skip
    """Start the pair, or list what can be sabotaged."""
    with house() as home:
        old = home.run(run)
        if old.external:
            text = Text(en="That run was trained elsewhere.", hi="वह रन कहीं और चला था।")
            raise Problem(text, code="external_run", field="RUN")
        spec = RunSpec.model_validate(old.config)
        if which is None:
            return _listed(home, spec)
        runs = sabotage.start(
            home.store, home.settings, the_catalogue(home.settings), spec, which,
            token=token, name=old.name, tags=old.tags, parent=old.id,
        )  # fmt: skip
        return follow(home, runs) if wait else started(runs)


def _listed(home: House, spec: RunSpec) -> Reply:
    found = sabotage.offered(the_catalogue(home.settings), spec)
    rows = [{"name": one.name, "title": say(one.title), "help": say(one.help), "values": one.values} for one in found]
    lines = [f"{one.name}: {say(one.title)}. {say(one.help)}" for one in found]
    none = Text(en="This method has no safeguard to take away.", hi="इस मेथड में हटाने लायक कोई सुरक्षा नहीं है।")
    return Reply({"sabotages": rows}, lines or [say(none)])
