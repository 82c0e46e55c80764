"""`samajh runs export`, `samajh prune|backup|restore`: what is kept, thinned out and carried elsewhere."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from dashboard import catalogue as catalogues
from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import Reply, face, say, table
from dashboard.cli.steering import RunWords
from dashboard.compute.exported import exported_weights
from dashboard.jobs import control
from dashboard.settings import settings
from dashboard.tracking import backup as copies
from dashboard.tracking import export as exports
from dashboard.tracking import retention
from dashboard.tracking.records import Run
from dashboard.tracking.retention import Better
from data.text import Problem, Text

_MIB = 2**20


class Kind(StrEnum):
    """What `runs export` writes."""

    CSV = "csv"
    PARQUET = "parquet"
    TENSORBOARD = "tensorboard"
    HTML = "html"
    SAFETENSORS = "safetensors"
    DIFFUSERS = "diffusers"


ENDINGS = {f".{kind.value}": kind for kind in (Kind.CSV, Kind.PARQUET, Kind.HTML, Kind.SAFETENSORS)}


def add_to(app: typer.Typer) -> None:
    """Register `prune`, `backup` and `restore`."""
    command(
        app,
        "prune",
        told("Show the disk used; delete old checkpoints and the trash.", "डिस्क का हिसाब; पुराने चेकपॉइंट और कूड़ेदान मिटाएँ।"),
    )(prune)
    command(app, "backup", told("Write the whole home to one file.", "पूरा होम एक फ़ाइल में लिखें।"))(backup)
    command(app, "restore", told("Make a new home from a backup.", "बैकअप से नया होम बनाएँ।"))(restore)


def add_export_to(app: typer.Typer) -> None:
    """Register `runs export`."""
    command(
        app,
        "export",
        told(
            "Write curves to CSV, Parquet or TensorBoard files, a run as one HTML page, or its weights.",
            "कर्व को CSV, Parquet या TensorBoard फ़ाइल में, रन को एक HTML पेज में, या उसके वेट लिखें।",
        ),
    )(export)


def export(
    runs: RunWords,
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help=told("Ends in .csv, .parquet, .html or .safetensors (the last two: one run); else a folder, for TensorBoard or diffusers.", ".csv, .parquet, .html या .safetensors पर ख़त्म (आख़िरी दो: एक रन); नहीं तो TensorBoard या diffusers का फ़ोल्डर।"))],
    kind: Annotated[Kind | None, typer.Option("--format", help=told("What to write (as the name of the file says).", "क्या लिखना है (फ़ाइल के नाम के अनुसार)।"))] = None,
    step: Annotated[int | None, typer.Option(help=told("Weights of this checkpoint (the newest).", "इस चेकपॉइंट के वेट (सबसे नया)।"))] = None,
) -> Reply:  # fmt: skip
    """Write the points of runs to a file or a folder of event files, one run as a page of its own, or its weights."""
    kind = kind or ENDINGS.get(out.suffix, Kind.TENSORBOARD)
    if kind in (Kind.SAFETENSORS, Kind.DIFFUSERS):
        return _weights(runs, out, kind, step)
    if kind is Kind.HTML:
        return _report(runs, out)
    if kind is Kind.TENSORBOARD and out.suffix and not out.is_dir():
        text = Text(
            en="The file must end in .csv, .parquet, .html or .safetensors, or be a folder.",
            hi="फ़ाइल .csv, .parquet, .html या .safetensors पर ख़त्म हो, या फ़ोल्डर हो।",
        )
        raise Problem(text, code="bad_file", field="--out")
    with house() as home:
        ids = [home.run(word).id for word in runs]
        known = {str(name): name for name in get_args(exports.Format)}
        written = exports.export(home.store, ids, known[kind.value], out)
    return _written(written, kind, ids)


def _written(path: Path, kind: Kind, runs: list[str]) -> Reply:
    return Reply(
        {"path": path.absolute(), "format": kind.value, "runs": runs},
        [say(Text(en="Written: {path}", hi="लिखा गया: {path}"), path=path)],
    )


def _weights(runs: list[str], out: Path, kind: Kind, step: int | None) -> Reply:
    """The weights of one run, written by a compute worker, where torch is."""
    if len(runs) != 1:
        text = Text(en="A weight file holds one run; name one.", hi="एक वेट फ़ाइल में एक ही रन आता है; एक ही बताएँ।")
        raise Problem(text, code="one_run", field="RUN")
    with house() as home:
        run = home.run(runs[0]).id
        control.ensure_supervisor(home.settings)
        with exported_weights(home.settings, run, kind.value, step=step) as made:
            for name in made.files:
                target = out / name if kind is Kind.DIFFUSERS else out
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(made.folder / name, target)
    return _written(out, kind, [run])


def _report(runs: list[str], out: Path) -> Reply:
    from dashboard.figures.report import report  # brings Plotly, which no other command needs

    if len(runs) != 1:
        text = Text(en="An HTML page holds one run; name one.", hi="एक HTML पेज में एक ही रन आता है; एक ही बताएँ।")
        raise Problem(text, code="one_run", field="RUN")
    with house() as home:
        run = home.run(runs[0])
        page = report(home.store, run.id, catalogue=catalogues.read(home.settings), language=face().language)
    out.write_text(page, "utf-8")
    return _written(out, Kind.HTML, [run.id])


def prune(
    keep: Annotated[int | None, typer.Option("--keep", min=1, help=told("Delete all but the newest checkpoints of each ended run, this many, and the best.", "हर ख़त्म रन के इतने सबसे नए और सबसे अच्छे चेकपॉइंट छोड़कर बाकी मिटाएँ।"))] = None,
    trash: Annotated[bool, typer.Option("--trash", help=told("Empty the trash.", "कूड़ेदान ख़ाली करें।"))] = False,
) -> Reply:  # fmt: skip
    """What takes room, and less of it. Without options nothing is deleted."""
    with house() as home:
        freed = 0
        for run in home.store.runs() if keep is not None else []:
            if not run.state.active:
                freed += retention.prune(home.store, run.id, newest=keep or 1, better=_better(home, run))
        purged = retention.empty_trash(home.store) if trash else []
        now = retention.usage(home.settings)
        names = {run.id: run.name for run in home.store.runs()}
    values = {
        "freed": freed,
        "purged": purged,
        "total": now.total,
        "budget": now.budget,
        "disk_free": now.disk_free,
        "runs": [{"run_id": r.run, "total": r.total, "checkpoints": r.checkpoints, "media": r.media} for r in now.runs],
    }
    text = Text(en="{total:.1f} of {budget:.0f} MiB used; {free:.0f} MiB free on the disk.",
                hi="{budget:.0f} में से {total:.1f} MiB काम में; डिस्क पर {free:.0f} MiB खाली।")  # fmt: skip
    lines = [say(text, total=now.total / _MIB, budget=now.budget / _MIB, free=now.disk_free / _MIB)]
    if keep is not None or trash:
        done = Text(en="Freed {mib:.1f} MiB of checkpoints; {n} runs removed from the trash.",
                    hi="चेकपॉइंट से {mib:.1f} MiB खाली हुए; कूड़ेदान से {n} रन हटे।")  # fmt: skip
        lines.insert(0, say(done, mib=freed / _MIB, n=len(purged)))
    rows = [[use.run, names.get(use.run, ""), f"{use.total / _MIB:.1f} MiB"] for use in now.runs]
    return Reply(values, [*lines, *(table(["id", say(_NAME), say(_SIZE)], rows) if rows else [])])


_NAME = Text(en="name", hi="नाम")
_SIZE = Text(en="size", hi="आकार")


def _better(home: House, run: Run) -> dict[str, Better]:
    """Which way each metric of the run's method is better, as far as the catalogue tells."""
    known = catalogues.read(home.settings)
    method = known.methods.get(run.method) if known else None
    ways: dict[str, Better] = {}
    for metric in method.metrics if method else ():
        if metric.better == "lower":
            ways[metric.name] = "lower"
        elif metric.better == "higher":
            ways[metric.name] = "higher"
    return ways


def backup(
    out: Annotated[
        Path, typer.Argument(metavar="FILE", help=told("A .tar.gz to write.", "लिखी जाने वाली .tar.gz फ़ाइल।"))
    ],
) -> Reply:
    """Write the home to one file, also while jobs run."""
    with house() as home:
        written = copies.backup(home.settings, out)
    text = Text(en="{path}: {mib:.1f} MiB", hi="{path}: {mib:.1f} MiB")
    size = written.stat().st_size
    return Reply({"path": written.absolute(), "size": size}, [say(text, path=written, mib=size / _MIB)])


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=told("A backup.", "बैकअप फ़ाइल।"))],
) -> Reply:
    """Make SAMAJH_HOME, which must be empty, from a backup."""
    here = settings()
    count = copies.restore(here, source)
    text = Text(en="{n} runs restored into {home}.", hi="{n} रन {home} में लौटाए गए।")
    return Reply({"home": here.home, "runs": count}, [say(text, n=count, home=here.home)])
