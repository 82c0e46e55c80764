"""`samajh trace RUN` and `samajh lab schedule NAME`: what the lab shows, as files and numbers."""

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
from dashboard.cli.words import number
from dashboard.compute.client import ask
from dashboard.jobs import control
from dashboard.lab.noising import noise_path
from dashboard.lab.pictures import pixels_of, visible
from data.catalog import Kind
from data.text import Problem, Text
from lightning_modules.diffusion.drawing.gallery import Pixels
from lightning_modules.diffusion.drawing.views import spread

_COLUMNS = 10
_ROWS = 8
_PRINTED = 11


def add_to(app: typer.Typer) -> None:
    """Register `trace`."""
    command(
        app,
        "trace",
        told(
            "Walk a model's way back from noise and tell every stage.",
            "मॉडल का नॉइज़ से वापसी का रास्ता चलें और हर पड़ाव बताएँ।",
        ),
    )(trace)


def add_lab_to(app: typer.Typer) -> None:
    """Register the commands of the group `lab`."""
    command(
        app,
        "schedule",
        told(
            "What a noise schedule leaves of the signal, step by step.", "कोई नॉइज़ शेड्यूल हर स्टेप पर कितना सिग्नल छोड़ता है।"
        ),
    )(schedule)


def trace(
    run: RunWord,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("A .png strip of the stages or an .npz of all arrays.", "पड़ावों की .png पट्टी या .npz में सारी संख्याएँ।"))],
    count: Annotated[int, typer.Option(help=told("How many items.", "कितने आइटम।"))] = 4,
    stages: Annotated[int, typer.Option(help=told("Most stages to tell.", "ज़्यादा से ज़्यादा कितने पड़ाव।"))] = 50,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    seed: Annotated[int, typer.Option(help=told("Same seed, same samples.", "एक ही सीड, वही सैंपल।"))] = 0,
    start: Annotated[Path | None, typer.Option("--from", metavar="FILE", help=told("An .npz of a trace: go on from one of its stages (--stage).", "किसी trace की .npz: उसके किसी पड़ाव (--stage) से आगे बढ़ें।"))] = None,
    stage: Annotated[int, typer.Option(min=0, help=told("Which stage of --from.", "--from का कौन-सा पड़ाव।"))] = 0,
    settings: Setting = None,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 120.0,
) -> Reply:  # fmt: skip
    """Ask the model of a run for a walk and write it to a file; with `--from`, fork an earlier one."""
    if out.suffix not in (".png", ".npz"):
        raise Problem(
            Text(en="The file must end in .png or .npz.", hi="फ़ाइल का नाम .png या .npz पर ख़त्म होना चाहिए।"),
            code="bad_file",
            field="--out",
        )
    begun = {} if start is None else _begun(start, stage)
    given = {} if start is None else {"x": begun["xt"]}
    with house() as home:
        one = home.run(run)
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {
            "run": one.id,
            "step": step,
            "count": count,
            "stages": stages,
            "seed": seed,
            **typed(settings),
        }
        if start is not None:
            request |= {"start": float(begun["t"]), "count": len(begun["xt"])}
        answer = ask(home.settings, "trace", request, given, timeout_s=timeout)
    arrays = answer.arrays
    if out.suffix == ".npz":
        np.savez_compressed(out, allow_pickle=False, **arrays)
    else:
        Image.fromarray(_strip(arrays)).save(out)
    evaluations, levels = int(answer.values["evaluations"]), int(answer.values["levels"])
    return Reply(
        {"run_id": one.id, "path": out.absolute(), "t": arrays["t"].tolist(), "signal": arrays["signal"].tolist(),
         "level": arrays["level"].tolist(), "shape": arrays["xt"].shape, "evaluations": evaluations, "levels": levels},
        [say(Text(en="{n} stages in {path} ({e} network evaluations)", hi="{path} में {n} पड़ाव (नेटवर्क {e} बार चला)"), n=len(arrays["t"]), path=out, e=evaluations)],
    )  # fmt: skip


def schedule(
    name: Annotated[str, typer.Argument(metavar="NAME", help=told("linear, cosine, sigmoid, edm or flow.", "linear, cosine, sigmoid, edm या flow।"))],
    steps: Annotated[int, typer.Option("--steps", help=told("Number of noise levels.", "नॉइज़ के स्तरों की संख्या।"))] = 1000,
) -> Reply:  # fmt: skip
    """Signal, noise, the share of the signal and the signal-to-noise ratio of a path."""
    path = noise_path(name, steps)
    table = {"signal": path.signals, "level": path.levels, "alphas_cumprod": path.alphas_cumprod, "snr": path.snr}
    head = f"{'t':>6}  {'signal':>9}  {'level':>9}  {'alphas_cumprod':>14}  {'snr':>10}"
    kept = np.unique(np.linspace(0, steps - 1, _PRINTED).round().astype(int))
    lines = [
        f"{t:>6}  {number(path.signals[t]):>9}  {number(path.levels[t]):>9}  {number(path.alphas_cumprod[t]):>14}  {number(path.snr[t]):>10}"
        for t in kept
    ]
    return Reply(
        {"schedule": name, "steps": steps, **{key: values.tolist() for key, values in table.items()}}, [head, *lines]
    )


def _begun(path: Path, stage: int) -> dict[str, Any]:
    """Stage `stage` of an earlier trace."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return {"t": found["t"][stage], "xt": found["xt"][stage]}
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise Problem(
            Text(en="{path} is no trace with a stage {stage}; write one with samajh trace … --out FILE.npz.", hi="{path} में पड़ाव {stage} वाला कोई trace नहीं है; samajh trace … --out FILE.npz से बनाएँ।").format(path=path, stage=stage),
            code="bad_trace", field="--from",
        ) from error  # fmt: skip


def _strip(arrays: dict[str, Any]) -> Pixels:
    """A row for each item, its way from noise to the sample left to right; of points, one plane a stage."""
    chosen = spread(range(len(arrays["t"])), _COLUMNS)
    frames = [(arrays["xt"][k], float(arrays["signal"][k]), float(arrays["level"][k])) for k in chosen]
    frames.append((arrays["x"][-1], 1.0, 0.0))
    kinds: dict[int, Kind] = {2: "points", 3: "audio" if arrays["xt"].shape[2] == 1 else "cloud", 4: "image"}
    kind = kinds[arrays["xt"].ndim - 1]
    if kind == "points":
        views = [pixels_of(x / np.hypot(a, s), kind, columns=1, reach=3.0)[::2, ::2] for x, a, s in frames]
        return np.concatenate(views, axis=1)
    rows = min(_ROWS, arrays["xt"].shape[1])
    shown = [visible(x[row], a, s) if kind == "image" else x[row] for row in range(rows) for x, a, s in frames]
    return pixels_of(np.stack(shown), kind, columns=len(frames))
