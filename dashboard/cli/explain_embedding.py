"""`samajh explain embedding --model RUN`: why an encoder finds two pictures alike, and by which parts of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli import explained
from dashboard.cli.declare import command, told
from dashboard.cli.reply import Reply, say
from dashboard.cli.training import Setting, pairs
from dashboard.explain.contract import Explanation
from dashboard.explain.image.places import by_place
from data.text import Text


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Explain why an encoder finds two pictures alike.", "एनकोडर को दो तस्वीरें एक जैसी क्यों लगती हैं, बताएँ।")
    command(app, "embedding", about)(explain_embedding)


def explain_embedding(
    model: Annotated[str, typer.Option(help=told("The run of a self-supervised model of pictures.", "तस्वीरों के किसी सेल्फ़-सुपरवाइज़्ड मॉडल का रन।"))],
    file: Annotated[str | None, typer.Argument(metavar="FILE", help=told("A picture, or one that ships: china, flower (or use --item).", "तस्वीर, या साथ आई कोई: china, flower (या --item दें)।"))] = None,
    other: Annotated[Path | None, typer.Option(metavar="FILE", help=told("The picture it is compared with (or use --other-item).", "जिस तस्वीर से तुलना हो (या --other-item दें)।"))] = None,
    item: Annotated[int, typer.Option(min=0, help=told("Held-out item of the run's data, counted from 0.", "रन के डेटा का अलग रखा आइटम, 0 से गिनकर।"))] = 0,
    other_item: Annotated[int, typer.Option(min=0, help=told("The held-out item it is compared with.", "जिस अलग रखे आइटम से तुलना हो।"))] = 1,
    method: Annotated[str, typer.Option(help=told("alike_hiding, alike_parts or alike_gradients.", "alike_hiding, alike_parts या alike_gradients।"))] = "alike_hiding",
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    settings: Setting = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=told("Where the picture with its map goes, a .png file.", "मैप वाली तस्वीर कहाँ रखें, .png फ़ाइल।"))] = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Explain the likeness of two pictures."""
    explained.check_out(out)
    named, arrays = explained.given(file, item)
    if other is None:
        named["other_item"] = other_item
    else:
        arrays["other"] = explained.picture(other, "--other")
    request = {
        "kind": "embedding", "method": method, "config": pairs(settings or ()), "step": step, "evidence": evidence, **named
    }  # fmt: skip
    run, one = explained.of_run(model, request, arrays, out, timeout_s=timeout)
    return _reply(one, run, method, out)


def _reply(one: Explanation, run: str, method: str, out: Path | None) -> Reply:
    of_map = explained.of_map(one, out)
    own = {key: one.details[key] for key in ("likeness", "more_than", "left", "left_elsewhere")}
    there = dict(zip(of_map["places"], map(float, by_place(one.arrays["other_map"]).ravel()), strict=True))
    values = {**explained.common(one), **of_map, "other_places": there, "model": run, "method": method, **own}
    return Reply(values, [say(Text(**one.details["sentence"])), *explained.proof(one), *explained.ending(one, out)])
