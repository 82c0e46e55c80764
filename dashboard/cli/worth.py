"""`samajh worth RUN`: what the run's representation is worth with few labels and many, against learning without it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, note, say, table
from dashboard.cli.steering import RunWord
from dashboard.jobs import control
from dashboard.worth.asking import measured
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from dashboard.worth.telling import CLAIMS, TITLES, budget, sentence, with_interval
from data.fields import checked
from data.text import Text
from lightning_modules.ssl.budgets import WAYS

_TOLD_EVERY_S = 10.0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("What a representation is worth with few labels and many.", "कम और ज़्यादा लेबल पर किसी रिप्रेज़ेंटेशन का मोल।")
    command(app, "worth", about)(worth)


def worth(
    run: RunWord,
    on: Annotated[str, typer.Option("--on", metavar="DATASET", help=told("Labelled images to try it on (those it was trained on).", "लेबल वाली जिन तस्वीरों पर आज़माना है (जिन पर ट्रेनिंग हुई)।"))] = "",
    seeds: Annotated[int, typer.Option(help=told("How often labels are drawn anew.", "लेबल कितनी बार नए सिरे से चुने जाएँ।"))] = 3,
    steps: Annotated[int, typer.Option(help=told("Most steps of training with labels.", "लेबल के साथ ज़्यादा से ज़्यादा स्टेप।"))] = 400,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most; what is known by then is kept and told.", "ज़्यादा से ज़्यादा इतने सेकंड; तब तक जो पता है वह रखा और बताया जाता है।"))] = 1800.0,
) -> Reply:  # fmt: skip
    """Measure every way to learn at every budget; figures known from before are not measured again."""
    until, said_at = time.monotonic() + timeout, time.monotonic()
    with house() as home:
        request = checked(WorthRequest, {"run": home.run(run).id, "dataset": on, "seeds": seeds, "steps": steps})
        control.ensure_supervisor(home.settings)
        for known in measured(home.settings, request):
            now = time.monotonic()
            if known.left and now - said_at > _TOLD_EVERY_S:
                said_at = now
                note(
                    Text(en="{n} of {all} figures", hi="{all} में से {n} संख्याएँ").format(
                        n=known.total - known.left, all=known.total
                    )
                )
            if now > until:
                break
    return _reply(request, known.results, known.left)


def _reply(request: WorthRequest, found: Results, left: int) -> Reply:
    spoken = sentence(found)
    figures = [
        {
            "way": way, "labels_a_class": each or None, "mean": one.mean, "interval": list(one.interval), "seeds": len(one.values),
            "values": list(one.values),
        }
        for way in WAYS for each in found.budgets if (one := found.spread(way, each)) is not None
    ]  # fmt: skip
    values = {
        "run_id": request.run, **found.facts, "left": left, "figures": figures,
        "sentence": None if spoken is None else spoken.en, "sentence_hi": None if spoken is None else spoken.hi,
    }  # fmt: skip
    head = ["", *(say(budget(each)) for each in found.budgets)]
    rows = [[say(TITLES[way]), *(with_interval(found.spread(way, each)) for each in found.budgets)] for way in WAYS]
    claims = [[say(one.kind), say(one.labels), say(one.example)] for one in CLAIMS]
    document = [say(text) for text in (_KIND, _LABELS, _EXAMPLE)]
    lines = [*table(head, rows), "", say(_DOCUMENT), *table(document, claims)]
    if spoken is not None:
        lines += ["", say(spoken)]
    return Reply(values, lines)


_KIND = Text(en="Method", hi="तरीका")
_LABELS = Text(en="Labels required", hi="लेबल ज़रूरी")
_EXAMPLE = Text(en="Example", hi="उदाहरण")
_DOCUMENT = Text(en="The document says:", hi="दस्तावेज़ कहता है:")
