"""`samajh views RUN [PICTURE]`: random views of a picture, and how alike a run's encoder finds them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.pictures import item_of
from dashboard.cli.reply import Reply, say
from dashboard.cli.steering import RunWord
from dashboard.compute.client import ask
from dashboard.jobs import control
from dashboard.lab.looking import nearer_than
from data.text import Problem, Text
from lightning_modules.diffusion.drawing.gallery import image_grid


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Two views of a picture, and where an encoder puts them.", "तस्वीर के दो व्यू, और एनकोडर उन्हें कहाँ रखता है।")
    command(app, "views", about)(views)


def views(
    run: RunWord,
    picture: Annotated[Path | None, typer.Argument(metavar="[PICTURE]", help=told("A picture of your own (a held-out one).", "आपकी अपनी तस्वीर (नहीं तो अलग रखी एक)।"))] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=told("Where picture and views go, a .png file.", "तस्वीर और व्यू कहाँ रखें, .png फ़ाइल।"))] = None,
    item: Annotated[int, typer.Option(min=0, help=told("Number of the held-out picture, from 0.", "अलग रखी तस्वीर का नंबर, 0 से।"))] = 0,
    pairs: Annotated[int, typer.Option(help=told("How many pairs of views.", "व्यू के कितने जोड़े।"))] = 6,
    seed: Annotated[int, typer.Option(help=told("Same seed, same views.", "एक ही सीड, वही व्यू।"))] = 0,
    negative: Annotated[bool, typer.Option("--negative", help=told("Exchange light and dark.", "हल्का और गहरा बदलें।"))] = False,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 120.0,
) -> Reply:  # fmt: skip
    """Make pairs of views and tell how alike each pair is, and how alike views of other pictures."""
    if out is not None and out.suffix != ".png":
        text = Text(en="The file must end in .png.", hi="फ़ाइल का नाम .png पर ख़त्म होना चाहिए।")
        raise Problem(text, code="bad_file", field="--out")
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        given = {} if picture is None else {"x": item_of(home.settings, one, picture, negative=negative)}
        request: dict[str, Any] = {"run": one.id, "step": step, "item": item, "pairs": pairs, "seed": seed}
        answer = ask(home.settings, "views", request, given, timeout_s=timeout)
    arrays = answer.arrays
    alike, apart = arrays["alike"], arrays["apart"]
    share = nearer_than(alike, apart)
    if out is not None:
        first = np.broadcast_to(arrays["x"], arrays["views"][0].shape)
        Image.fromarray(
            image_grid(np.concatenate([first[:1], arrays["views"][0], first[:1], arrays["views"][1]]), len(alike) + 1)
        ).save(out)
    values = {
        "run_id": one.id, "own_views": answer.values["own_views"], "alike": alike.tolist(), "apart": float(apart.mean()),
        "most_alike_other": apart.max(axis=1).tolist(), "others": answer.values["others"], "nearer_than": share, "pairs": len(alike),
        "path": None if out is None else out.absolute(),
    }  # fmt: skip
    told_ = Text(
        en="Two views are {a:.2f} alike, views of {n} other pictures {b:.2f}; the second view is nearer than {share:.1%} of them.",
        hi="दो व्यू की समानता {a:.2f}, {n} दूसरी तस्वीरों के व्यू से {b:.2f}; दूसरा व्यू उनमें से {share:.1%} से ज़्यादा पास है।",
    )
    lines = [say(told_, a=float(alike.mean()), b=float(apart.mean()), n=answer.values["others"], share=share)]
    if out is not None:
        lines.append(say(Text(en="Written: {path}", hi="लिखा गया: {path}"), path=out))
    return Reply(values, lines)
