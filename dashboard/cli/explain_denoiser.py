"""`samajh explain denoiser --model RUN`: what a trained denoiser does with a picture at one noise level, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli import explained
from dashboard.cli.declare import command, told
from dashboard.cli.reply import Reply, say
from dashboard.cli.training import Setting, pairs
from dashboard.explain.contract import Explanation
from data.text import Text

_STAGE = Text(
    en="Noise step {step} of {steps}: {signal} of the picture and {level} of noise.",
    hi="{steps} में से नॉइज़ स्टेप {step}: तस्वीर का {signal} और नॉइज़ का {level} हिस्सा।",
)

_OWN = (
    "moved", "left", "left_elsewhere", "loss", "loss_half_width", "draws", "word", "words", "region_share", "region_area"
)  # fmt: skip
"""What ways tell of their own."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told(
        "Explain what a denoiser does with a picture at one noise level.",
        "एक नॉइज़ स्तर पर नॉइज़ हटाने वाला मॉडल तस्वीर के साथ क्या करता है, बताएँ।",
    )
    command(app, "denoiser", about)(explain_denoiser)


def explain_denoiser(
    model: Annotated[str, typer.Option(help=told("The run of a diffusion model of pictures.", "तस्वीरों के किसी डिफ़्यूज़न मॉडल का रन।"))],
    file: Annotated[str | None, typer.Argument(metavar="FILE", help=told("A picture, or one that ships: china, flower (or use --item).", "तस्वीर, या साथ आई कोई: china, flower (या --item दें)।"))] = None,
    item: Annotated[int, typer.Option(min=0, help=told("Held-out item of the run's data, counted from 0.", "रन के डेटा का अलग रखा आइटम, 0 से गिनकर।"))] = 0,
    noise: Annotated[float, typer.Option(min=0, max=100, help=told("Noise level, in per cent of all noise steps.", "नॉइज़ का स्तर, सभी नॉइज़ स्टेप के प्रतिशत में।"))] = 50.0,
    prompt: Annotated[str, typer.Option(help=told("What a model that reads words is told.", "शब्द पढ़ने वाले मॉडल को क्या बताया जाए।"))] = "",
    label: Annotated[int | None, typer.Option(min=0, help=told("Number of the class a model that knows classes is told.", "क्लास जानने वाले मॉडल को बताई गई क्लास का नंबर।"))] = None,
    method: Annotated[str, typer.Option(help=told("driving_pixels, loss_map, word_attention_map or word_left_out.", "driving_pixels, loss_map, word_attention_map या word_left_out।"))] = "driving_pixels",
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    settings: Setting = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=told("Where the picture with its map goes, a .png file.", "मैप वाली तस्वीर कहाँ रखें, .png फ़ाइल।"))] = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Explain one picture at one noise level."""
    explained.check_out(out)
    named, arrays = explained.given(file, item)
    request = {
        "kind": "denoiser", "method": method, "config": pairs(settings or ()), "step": step, "noise": noise, "prompt": prompt, "label": label,
        "evidence": evidence, **named,
    }  # fmt: skip
    run, one = explained.of_run(model, request, arrays, out, timeout_s=timeout)
    return _reply(one, run, method, out)


def _reply(one: Explanation, run: str, method: str, out: Path | None) -> Reply:
    at = {name: one.details[name] for name in ("step", "steps", "signal", "level")}
    own = {key: one.details[key] for key in _OWN if key in one.details}
    values = {
        **explained.common(one), **explained.of_map(one, out), "model": run, "method": method, "target": one.target, "noise": at, "prompt": one.details["prompt"], **own
    }  # fmt: skip
    facts = say(_STAGE, step=at["step"], steps=at["steps"], signal=f"{at['signal']:.3f}", level=f"{at['level']:.3f}")
    lines = [say(Text(**one.details["sentence"])), facts, *explained.proof(one), *explained.ending(one, out)]
    return Reply(values, lines)
