"""`samajh explain image FILE`: what a model sees in a picture and why, in one sentence, with the evidence and the map as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from dashboard.cli import explained
from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.training import Setting, pairs
from dashboard.compute.client import ask
from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.image.places import Pointing, pointing
from dashboard.explain.image.same_code import Told, same_code
from dashboard.jobs import control
from data.text import Problem, Text

IMAGENET = "imagenet"
_CLASS, _PROBABILITY = Text(en="class", hi="क्लास"), Text(en="probability", hi="संभावना")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Explain what a model sees in a picture.", "मॉडल तस्वीर में जो देखता है, उसकी वजह बताएँ।")
    command(app, "image", about)(explain_image)


def explain_image(
    file: Annotated[str, typer.Argument(metavar="FILE", help=told("A picture, or the name of one that ships: china, flower.", "तस्वीर, या साथ आई किसी तस्वीर का नाम: china, flower।"))],
    model: Annotated[str, typer.Option(help=told("imagenet, or the run of a classifier.", "imagenet, या किसी क्लासिफ़ायर का रन।"))] = IMAGENET,
    method: Annotated[str, typer.Option(help=told("How it is explained, such as grad_cam, occlusion, superpixel_shap.", "वजह बताने का तरीका, जैसे grad_cam, occlusion, superpixel_shap।"))] = "grad_cam",
    target: Annotated[str | None, typer.Option(help=told("Class to explain, by name or number (what the model says).", "किस क्लास की वजह, नाम या नंबर से (जो मॉडल कहे)।"))] = None,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    settings: Setting = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=told("Where the picture with its map goes, a .png file.", "मैप वाली तस्वीर कहाँ रखें, .png फ़ाइल।"))] = None,
    region: Annotated[str | None, typer.Option(metavar="LEFT,TOP,RIGHT,BOTTOM", help=told("Where the reason should lie, in hundredths of the picture: tells whether the map points there.", "वजह कहाँ होनी चाहिए, तस्वीर के सौवें हिस्सों में: बताता है कि मैप वहाँ है या नहीं।"))] = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    code: explained.Code = False,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Explain one picture."""
    explained.check_out(out)
    corners = None if region is None else _corners(region)
    named, arrays = explained.given(file, 0)
    with house() as home:
        asked = model if model == IMAGENET else home.run(model).id
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {
            "kind": "image", "method": method, "config": pairs(settings or ()), "model": asked, "step": step, "target": target,
            "evidence": evidence, **named,
        }  # fmt: skip
        answer = ask(home.settings, "explain", request, arrays, timeout_s=timeout)
    one = from_parts(answer.values, answer.arrays)
    explained.write_map(one, out)
    reply = _reply(one, asked, method, out, corners)
    lines = Told(
        asked, named.get("sample", ""), int(one.details["class"]), one.target, one.details, pairs(settings or ())
    )
    return explained.coded(reply, same_code(method, lines)) if code else reply


def _corners(region: str) -> tuple[int, int, int, int]:
    found = [int(word) if word.isdecimal() else -1 for word in region.split(",")]
    if len(found) == 4 and 0 <= found[0] < found[2] <= 100 and 0 <= found[1] < found[3] <= 100:
        return found[0], found[1], found[2], found[3]
    raise Problem(
        Text(en="A region is four numbers from 0 to 100: left, top, right, bottom, such as 25,10,75,90.",
             hi="हिस्सा 0 से 100 के चार नंबर है: बायाँ, ऊपर, दायाँ, नीचे, जैसे 25,10,75,90।"),
        code="bad_region", field="--region",
    )  # fmt: skip


def _pointing(one: Explanation, corners: tuple[int, int, int, int]) -> Pointing:
    height, width = one.attributions.shape
    left, top, right, bottom = corners
    wanted = np.zeros((height, width), dtype=bool)
    wanted[top * height // 100 : -(-bottom * height // 100), left * width // 100 : -(-right * width // 100)] = True
    return pointing(one.attributions, wanted)


def _reply(
    one: Explanation, model: str, method: str, out: Path | None, corners: tuple[int, int, int, int] | None
) -> Reply:
    found = None if corners is None else _pointing(one, corners)
    values = {
        **explained.common(one), **explained.of_map(one, out),
        "model": model, "method": method, "class": one.target, "probability": one.details["probability"], "hidden": one.details["hidden"],
        "top": [{"class": name, "probability": share} for name, share in one.details["top"]],
        "pointing": None if found is None else {"hit": found.hit, "inside": found.inside, "area": found.area},
    }  # fmt: skip
    lines = [
        say(Text(**one.details["sentence"])),
        *([] if found is None else [say(found.text)]),
        "",
        *table([say(_CLASS), say(_PROBABILITY)], [[name, f"{share:.3f}"] for name, share in one.details["top"]]),
        *explained.proof(one),
        *explained.ending(one, out),
    ]
    return Reply(values, lines)
