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
from dashboard.tracking.media import ply_bytes, wav_bytes
from data.text import Problem, Text
from lightning_modules.diffusion.cloud_pictures import cloud_grid, on_a_floor
from lightning_modules.diffusion.gallery import image_grid, point_view
from lightning_modules.diffusion.sound_pictures import one_after_another, sound_grid

SUFFIXES = (".png", ".npz", ".wav", ".ply")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    command(app, "sample", told("Draw new items from a trained model.", "ट्रेन हुए मॉडल से नए सैंपल बनाएँ।"))(sample)


def sample(
    run: RunWord,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("A .png picture, an .npz of the arrays, a .wav of sounds or a .ply of shapes.", ".png तस्वीर, .npz में संख्याएँ, .wav में ध्वनि या .ply में 3-D आकार।"))],
    count: Annotated[int, typer.Option(help=told("How many.", "कितने।"))] = 16,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    seed: Annotated[int, typer.Option(help=told("Same seed, same samples.", "एक ही सीड, वही सैंपल।"))] = 0,
    settings: Setting = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 120.0,
) -> Reply:  # fmt: skip
    """Ask the model of a run for samples and write them to a file."""
    if out.suffix not in SUFFIXES:
        text = Text(en="The file must end in .png, .npz, .wav (sounds) or .ply (shapes in space).",
                    hi="फ़ाइल का नाम .png, .npz, .wav (ध्वनि) या .ply (3-D आकार) पर ख़त्म होना चाहिए।")  # fmt: skip
        raise Problem(text, code="bad_file", field="--out")
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {"run": one.id, "step": step, "count": count, "seed": seed, **typed(settings)}
        answer = ask(home.settings, "sample", request, timeout_s=timeout)
    x = answer.arrays["x"]
    write_samples(x, out, int(answer.values.get("rate_hz", 0)))
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


def write_samples(x: npt.NDArray[Any], out: Path, rate_hz: int) -> None:
    """Samples as a file of the kind its name says.

    Raises:
        Problem: They cannot be written as that (`bad_file`).
    """
    if out.suffix == ".npz":
        np.savez_compressed(out, x=x)
    elif out.suffix == ".png":
        Image.fromarray(_picture(x, rate_hz)).save(out)
    elif out.suffix == ".wav" and rate_hz:
        out.write_bytes(wav_bytes(one_after_another(x[:, 0], rate_hz), rate_hz))
    elif out.suffix == ".ply" and _is_cloud(x, rate_hz):
        out.write_bytes(ply_bytes(on_a_floor(x)))
    else:
        text = Text(en="This model's samples cannot be written as {suffix}; choose .npz or .png.",
                    hi="इस मॉडल के सैंपल {suffix} में नहीं लिखे जा सकते; .npz या .png चुनें।")  # fmt: skip
        raise Problem(text.format(suffix=out.suffix), code="bad_file", field="--out")


def _is_cloud(x: npt.NDArray[Any], rate_hz: int) -> bool:
    return x.ndim == 3 and x.shape[2] == 3 and not rate_hz


def _picture(x: npt.NDArray[Any], rate_hz: int) -> npt.NDArray[np.uint8]:
    """Images as a square grid, sounds as spectrograms, shapes from two sides, points as a view of the plane with them all."""
    columns = max(1, round(len(x) ** 0.5))
    if x.ndim == 4:
        return image_grid(x, columns=columns)
    if rate_hz:
        return sound_grid(x[:, 0], columns)
    if _is_cloud(x, rate_hz):
        return cloud_grid(x, columns, side_px=160)
    return point_view(x, x[:0], reach=float(np.abs(x).max()) * 1.05)
