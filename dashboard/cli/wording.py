"""`samajh words RUN PROMPT`: which pixels each word of a prompt drove, as a picture or as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say
from dashboard.cli.sampling import typed
from dashboard.cli.steering import RunWord
from dashboard.cli.training import Setting
from dashboard.compute.client import ask
from dashboard.jobs import control
from dashboard.lab.word_maps import lead, overlay
from data.text import Problem, Text
from lightning_modules.diffusion.drawing.gallery import image_grid

_TIMEOUT_S = 120.0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Which pixels each word of a prompt drove.", "प्रॉम्प्ट के किस शब्द ने कौन-से पिक्सेल चलाए।")
    command(app, "words", about)(words)


def words(
    run: RunWord,
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help=told("What to draw.", "क्या बनाना है।"))],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("A .png picture or an .npz of the arrays.", ".png तस्वीर, या .npz में संख्याएँ।"))],
    count: Annotated[int, typer.Option(help=told("How many.", "कितने।"))] = 4,
    seed: Annotated[int, typer.Option(help=told("Same seed, same samples.", "एक ही सीड, वही सैंपल।"))] = 0,
    settings: Setting = None,
) -> Reply:  # fmt: skip
    """Draw pictures for a prompt and tell the share of attention that each word got at each pixel."""
    if out.suffix not in (".png", ".npz"):
        text = Text(en="The file must end in .png or .npz.", hi="फ़ाइल का नाम .png या .npz पर ख़त्म होना चाहिए।")
        raise Problem(text, code="bad_file", field="--out")
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {"run": one.id, "prompt": prompt, "count": count, "seed": seed, **typed(settings)}
        answer = ask(home.settings, "words", request, timeout_s=_TIMEOUT_S)
    x, maps, said = answer.arrays["x"], answer.arrays["maps"], answer.values["words"]
    if out.suffix == ".npz":
        np.savez_compressed(out, x=x, maps=maps, words=np.array(said))
    else:
        rows = []
        for picture, shares in zip(x, maps, strict=True):
            over = lead(shares)
            whole = np.broadcast_to(picture, (3, *picture.shape[1:]))
            rows += [whole, *(overlay(picture, share, float(over.max())) for share in over)]
        Image.fromarray(image_grid(np.stack(rows).astype(np.float32), columns=1 + len(said))).save(out)
    shares_of = {word: float(maps[:, k].mean()) for k, word in enumerate(said)}
    lines = [f"{word}  {share:.1%}" for word, share in shares_of.items()]
    return Reply(
        {"run_id": one.id, "path": out.absolute(), "words": said, "shares": shares_of},
        [*lines, say(Text(en="Written: {path}", hi="लिखा गया: {path}"), path=out)],
    )
