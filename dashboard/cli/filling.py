"""`samajh fill RUN SENTENCE`: the blanks of a sentence filled by a trained language model."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply
from dashboard.cli.steering import RunWord
from dashboard.compute.client import ask
from dashboard.figures.chances import bars
from dashboard.jobs import control


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told(
        "Fill the blanks of a sentence with a trained language model.", "ट्रेन हुए भाषा मॉडल से वाक्य की खाली जगह भरें।"
    )
    command(app, "fill", about)(fill)


def fill(
    run: RunWord,
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help=told("A sentence with [MASK] or ____ where a token is missing.", "वाक्य, जिसमें छूटे टोकन की जगह [MASK] या ____ हो।"))],
    expected: Annotated[int, typer.Option(help=told("How many answers for each blank.", "हर खाली जगह के कितने जवाब।"))] = 8,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 120.0,
) -> Reply:  # fmt: skip
    """Ask the model of a run for the likeliest tokens in each blank."""
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {"run": one.id, "step": step, "prompt": sentence, "expected": expected}
        said = ask(home.settings, "fill", request, timeout_s=timeout).values
    return Reply({"run_id": one.id, **said}, [said["filled"], *(f"\n{bars(blank)}" for blank in said["blanks"])])
