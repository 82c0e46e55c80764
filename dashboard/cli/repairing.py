"""`samajh repair RUN PICTURE`: a person's own picture filled, enlarged or coloured by a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image

from dashboard.cli.catalogue import the_catalogue
from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say
from dashboard.cli.sampling import typed
from dashboard.cli.steering import RunWord
from dashboard.cli.training import Setting
from dashboard.compute.client import ask
from dashboard.jobs import control
from data.images import decode_image
from data.text import Problem, Text
from lightning_modules.diffusion.asking.tasks import task_of

_PAINTED = 128


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Fill, enlarge or colour a picture of your own.", "अपनी तस्वीर भरवाएँ, बड़ी कराएँ या रंगवाएँ।")
    command(app, "repair", about)(repair)


def repair(
    run: RunWord,
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help=told("The picture.", "तस्वीर।"))],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("Where the result goes, a .png file.", "नतीजा कहाँ रखें, .png फ़ाइल।"))],
    mask: Annotated[Path | None, typer.Option("--mask", metavar="FILE", help=told("A picture of the same size, white where it is to be filled.", "उतनी ही बड़ी तस्वीर, जहाँ भरना है वहाँ सफ़ेद।"))] = None,
    mean: Annotated[bool, typer.Option("--mean", help=told("Write the mean of several fillings: nearer to the truth, smoother than a photograph.", "कई बार भरकर उनका औसत लिखें: असली के ज़्यादा पास, पर फ़ोटो से मुलायम।"))] = False,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    seed: Annotated[int, typer.Option(help=told("Same seed, same result.", "एक ही सीड, वही नतीजा।"))] = 0,
    settings: Setting = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Ask the model of a run, and write the first result, or the mean of several, to a file."""
    if out.suffix != ".png":
        text = Text(en="The file must end in .png.", hi="फ़ाइल का नाम .png पर ख़त्म होना चाहिए।")
        raise Problem(text, code="bad_file", field="--out")
    arrays: dict[str, npt.NDArray[Any]] = {"image": _pixels(picture, "PICTURE")}
    if mask is not None:
        painted = _pixels(mask, "--mask")
        arrays["mask"] = (painted if painted.ndim == 2 else painted.mean(axis=2)) >= _PAINTED
    with house() as home:
        one = home.run(run)
        method = the_catalogue(home.settings).methods.get(one.method)
        task = task_of(method.answers if method else ())
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {"run": one.id, "step": step, "count": 1, "seed": seed, **typed(settings)}
        answer = ask(home.settings, task, request, arrays, timeout_s=timeout)
    if mean and "mean" not in answer.arrays:
        text = Text(
            en="Only a model trained for inpainting tells the mean of several fillings.",
            hi="कई बार भरने का औसत सिर्फ़ इनपेंटिंग वाला मॉडल बताता है।",
        )
        raise Problem(text, code="no_mean", field="--mean")
    result = answer.arrays["mean" if mean else "pictures"][0]
    Image.fromarray(result[..., 0] if result.shape[2] == 1 else result).save(out)
    notes = [Text(**note) for note in answer.values["notes"]]
    written = say(Text(en="The result is in {path}", hi="नतीजा {path} में है"), path=out)
    facts = {
        "run_id": one.id,
        "task": task,
        "path": out.absolute(),
        "shape": result.shape,
        "notes": [n.en for n in notes],
    }
    return Reply(facts, [written, *(say(note) for note in notes)])


def _pixels(path: Path, field: str) -> npt.NDArray[np.uint8]:
    """The picture in a file.

    Raises:
        Problem: It cannot be read, or is no picture.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        text = Text(en="{path} cannot be read.", hi="{path} पढ़ी नहीं जा सकी।").format(path=path)
        raise Problem(text, code="bad_file", field=field) from error
    return np.asarray(decode_image(content, path.name))
