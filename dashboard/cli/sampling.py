"""`samajh sample RUN`: new items from a trained model, drawn by a compute worker, as a picture or as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say
from dashboard.cli.steering import RunWord
from dashboard.cli.training import Setting, pairs
from dashboard.compute.client import ask
from dashboard.jobs import control
from data.text import Problem, Text
from lightning_modules.diffusion.gallery import image_grid, point_view


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    command(app, "sample", told("Draw new items from a trained model.", "ट्रेन हुए मॉडल से नए सैंपल बनाएँ।"))(sample)


def sample(
    run: RunWord,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("A .png picture or an .npz of the arrays.", ".png तस्वीर या .npz में संख्याएँ।"))],
    count: Annotated[int, typer.Option(help=told("How many.", "कितने।"))] = 16,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    seed: Annotated[int, typer.Option(help=told("Same seed, same samples.", "एक ही सीड, वही सैंपल।"))] = 0,
    settings: Setting = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 120.0,
) -> Reply:  # fmt: skip
    """Ask the model of a run for samples and write them to a file."""
    if out.suffix not in (".png", ".npz"):
        text = Text(en="The file must end in .png or .npz.", hi="फ़ाइल का नाम .png या .npz पर ख़त्म होना चाहिए।")
        raise Problem(text, code="bad_file", field="--out")
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {"run": one.id, "step": step, "count": count, "seed": seed, **typed(settings)}
        answer = ask(home.settings, "sample", request, timeout_s=timeout)
    x = answer.arrays["x"]
    if out.suffix == ".npz":
        np.savez_compressed(out, x=x)
    else:
        Image.fromarray(_picture(x)).save(out)
    return Reply(
        {"run_id": one.id, "path": out.absolute(), "count": len(x), "shape": x.shape},
        [say(Text(en="{n} samples in {path}", hi="{path} में {n} सैंपल"), n=len(x), path=out)],
    )


def typed(given: list[str] | None) -> dict[str, Any]:
    """Further values of the request; numbers as numbers, since a request is no form with declared types."""
    return {key: _number(value) for key, value in pairs(given or ()).items()}


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _picture(x: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Images as a square grid, points as a view of the plane that holds them all."""
    if x.ndim == 4:
        return image_grid(x, columns=max(1, round(len(x) ** 0.5)))
    return point_view(x, x[:0], reach=float(np.abs(x).max()) * 1.05)
