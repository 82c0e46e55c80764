"""`samajh train` and `samajh runs clone`: from names and flat settings to queued runs, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dashboard.cli.catalogue import the_catalogue
from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import FAILED, UNFINISHED, Reply, face, note, say
from dashboard.cli.steering import RunWord
from dashboard.cli.words import duration, number, run_object, state_of
from dashboard.contests import sabotage
from dashboard.jobs import control
from dashboard.jobs.control import Prepared
from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run, State
from data import weight_files
from data.text import Problem, Text

_LOOK_S = 0.2


class Logger(StrEnum):
    """Lightning loggers that can be switched on beside ours."""

    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"
    WANDB = "wandb"


def add_to(app: typer.Typer) -> None:
    """Register `train`."""
    command(app, "train", told("Start a training run.", "ट्रेनिंग का नया रन शुरू करें।"))(train)


def add_clone_to(app: typer.Typer) -> None:
    """Register `runs clone`."""
    command(
        app, "clone", told("Start a run like an old one, with changes.", "पुराने रन जैसा नया रन, बदलावों के साथ, शुरू करें।")
    )(clone)


Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help=told("Change one setting; repeatable (see samajh models MODEL).", "एक सेटिंग बदलें; दोहरा सकते हैं (samajh models MODEL देखें)।")),
]  # fmt: skip
Name = Annotated[str | None, typer.Option(help=told("What to call it.", "इसका नाम।"))]
Tag = Annotated[list[str] | None, typer.Option(help=told("A tag; repeatable.", "टैग; दोहरा सकते हैं।"))]
Seed = Annotated[
    int | None, typer.Option(help=told("Same seed, same result, to the last bit.", "एक ही सीड, हर बार हूबहू वही नतीजा।"))
]
Repeat = Annotated[
    int, typer.Option(help=told("Runs with consecutive seeds, as one group.", "लगातार सीड वाले इतने रन, एक समूह में।"))
]
Wait = Annotated[
    bool, typer.Option("--wait", help=told("Show the progress and return at the end.", "प्रगति दिखाएँ और अंत में लौटें।"))
]
Token = Annotated[
    str | None,
    typer.Option(help=told("The same token never starts a second run.", "एक ही टोकन से दूसरा रन कभी शुरू नहीं होता।")),
]


def train(
    model: Annotated[str, typer.Argument(metavar="MODEL", help=told("Method (see samajh models).", "मेथड (samajh models देखें)।"))],
    dataset: Annotated[str, typer.Option(help=told("Data set (see samajh datasets).", "डेटा सेट (samajh datasets देखें)।"))],
    preset: Annotated[str, typer.Option(help=told("tiny: seconds; small: minutes; base: for a GPU.", "tiny: सेकंड; small: मिनट; base: GPU के लिए।"))] = "small",
    settings: Setting = None,
    seed: Seed = None,
    repeat: Repeat = 1,
    wait: Wait = False,
    name: Name = None,
    tag: Tag = None,
    start_from: Annotated[str | None, typer.Option(metavar="RUN[@STEP]|FILE", help=told("Begin with the weights of this run's checkpoint, or of a .safetensors file.", "इस रन के चेकपॉइंट के, या .safetensors फ़ाइल के वेट से शुरू करें।"))] = None,
    logger: Annotated[list[Logger] | None, typer.Option(help=told("Log there as well; repeatable.", "वहाँ भी लॉग करें; दोहरा सकते हैं।"))] = None,
    threads: Annotated[int, typer.Option(min=0, max=64, help=told("Threads of the job; 0: this home's setting.", "जॉब के थ्रेड; 0: इस होम की सेटिंग।"))] = 0,
    memory_limit: Annotated[int, typer.Option(min=0, help=told("Memory limit of the job in MiB; 0: this home's setting.", "जॉब की मेमोरी सीमा, MiB में; 0: इस होम की सेटिंग।"))] = 0,
    token: Token = None,
    without: Annotated[str | None, typer.Option("--sabotage", metavar="WHICH", help=told("Also start the same without this safeguard, beside it.", "साथ में वही, यह सुरक्षा हटाकर, भी शुरू करें।"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=told("Check and estimate only; start nothing.", "सिर्फ़ जाँचें और अंदाज़ा दें; कुछ शुरू न करें।"))] = False,
) -> Reply:  # fmt: skip
    """Check an order, queue it and, if wanted, wait for it."""
    changes = pairs(settings or ())
    if seed is not None:
        changes["training.seed"] = str(seed)
    if without is not None and repeat > 1:
        text = Text(
            en="A sabotaged pair has one seed: leave --repeat out.",
            hi="तोड़-फोड़ वाले जोड़े का एक ही सीड होता है: --repeat हटाएँ।",
        )
        raise Problem(text, code="bad_repeat", field="--repeat")
    with house() as home:
        spec = the_catalogue(home.settings).resolve(model, dataset, preset, changes)
        spec = spec.model_copy(
            update={
                "loggers": tuple(logger or ()), "start_from": _source(home, start_from),
                "threads": threads, "memory_limit_mib": memory_limit,
            }
        )  # fmt: skip
        control.ensure_supervisor(home.settings)
        if dry_run:
            return _estimate(home, spec)
        _check(home, spec)
        if without is not None:
            catalogue = the_catalogue(home.settings)
            runs = sabotage.start(
                home.store, home.settings, catalogue, spec, without, token=token, name=name or "", tags=tag or ()
            )
        else:
            runs = control.submit(
                home.store, home.settings, spec, token=token, name=name, repeat=repeat, tags=tag or ()
            )
        return follow(home, runs) if wait else started(runs)


def clone(
    run: RunWord,
    settings: Setting = None,
    seed: Seed = None,
    repeat: Repeat = 1,
    wait: Wait = False,
    name: Name = None,
    tag: Tag = None,
    token: Token = None,
) -> Reply:
    """A new run with the order of an old one, some settings changed."""
    changes = pairs(settings or ())
    with house() as home:
        old = home.run(run)
        spec = RunSpec.model_validate(old.config)
        checked = the_catalogue(home.settings).resolve(
            spec.method, spec.dataset, spec.preset, {**_flat(spec), **changes, **({} if seed is None else {"training.seed": seed})}
        )  # fmt: skip
        kept = spec.model_dump(include={"loggers", "start_from", "threads", "memory_limit_mib"})
        checked = checked.model_copy(update=kept)
        control.ensure_supervisor(home.settings)
        _check(home, checked)
        runs = control.submit(
            home.store, home.settings, checked,
            token=token, name=name or old.name, repeat=repeat, tags=old.tags if tag is None else tag, parent=old.id,
        )  # fmt: skip
        return follow(home, runs) if wait else started(runs)


def pairs(given: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` words as a mapping; the last of a key counts."""
    changes: dict[str, Any] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            text = Text(
                en="“{w}” is not KEY=VALUE, such as steps=500.", hi="“{w}” KEY=VALUE के रूप में नहीं है, जैसे steps=500।"
            )
            raise Problem(text.format(w=word), code="bad_pair", field="--set")
        changes[key.strip()] = value
    return changes


def _flat(spec: RunSpec) -> dict[str, Any]:
    sections = {"training": spec.training, "method": spec.method_config, "data": spec.dataset_config}
    return {f"{section}.{key}": value for section, values in sections.items() for key, value in values.items()}


def _source(home: House, word: str | None) -> str | None:
    """`--start-from` with the run's full id, so that a mistyped one is told now and not by the job; a file is kept first."""
    if word is None:
        return None
    if word.endswith(weight_files.SUFFIX):
        return weight_files.keep_file(Path(word), home.settings.weights).reference
    run, at, step = word.partition("@")
    return f"{home.run(run).id}{at}{step}"


def _check(home: House, spec: RunSpec, *, measure: bool = False) -> Prepared:
    """The full validation, where torch is; the first thing wrong is told at its field."""
    prepared = control.prepare(home.settings, spec, measure=measure)
    for field, text in prepared.errors.items():
        raise Problem(text, code="invalid", field=field)
    return prepared


def _estimate(home: House, spec: RunSpec) -> Reply:
    """What the order would need, measured by a few of its real steps in a compute worker."""
    prepared = _check(home, spec, measure=True)
    values = prepared.model_dump(mode="json", include={"spec", "estimate"})
    if prepared.estimate is None:
        return Reply(values)
    text = Text(
        en="About {t} and {mib} MiB, measured by a few steps; {weights:,} weights.",
        hi="करीब {t} और {mib} MiB, कुछ स्टेप चलाकर मापा; {weights:,} वेट।",
    )
    need = prepared.estimate
    return Reply(values, [say(text, t=duration(need.seconds), mib=need.mib, weights=need.weights)])


def started(runs: list[Run]) -> Reply:
    """The answer when runs were queued; one run's object carries its `run_id`, several come as `runs`."""
    text = Text(
        en="Queued {id} ({name}). Watch it: samajh runs show {id}",
        hi="{id} ({name}) कतार में है। देखें: samajh runs show {id}",
    )
    lines = [say(text, id=run.id, name=run.name) for run in runs]
    return Reply(_together(runs), lines)


def _together(runs: list[Run]) -> Mapping[str, Any]:
    objects = [run_object(run) for run in runs]
    return objects[0] if len(objects) == 1 else {"runs": objects, "group": runs[0].group}


def follow(home: House, runs: list[Run]) -> Reply:
    """Wait for all runs to end; on a terminal with a bar each. Ctrl-C ends the waiting, not the runs."""
    try:
        ended = watch(home, [run.id for run in runs])
    except KeyboardInterrupt:
        words = " ".join(run.id for run in runs)
        note(
            Text(
                en="The run goes on. Stop it: samajh runs stop {id}", hi="रन चलता रहेगा। रोकें: samajh runs stop {id}"
            ).format(id=words)
        )
        raise
    lines = []
    values: list[dict[str, Any]] = []
    for run in ended:
        latest = {s.name: s.last for s in home.store.summaries(run.id)}
        values.append({**run_object(run), "metrics": latest})
        took = duration((run.ended_at or time.time()) - (run.started_at or run.created_at))
        loss = f" · loss {number(latest['loss'])}" if "loss" in latest else ""
        lines.append(f"{run.id} ({run.name}) · {state_of(run)} · {run.step}/{run.total_steps} · {took}{loss}")
    states = {run.state for run in ended}
    code = FAILED if State.FAILED in states else UNFINISHED if states != {State.FINISHED} else 0
    return Reply(values[0] if len(values) == 1 else {"runs": values, "group": ended[0].group}, lines, code)


def watch(home: House, ids: list[str]) -> list[Run]:
    """Poll until no job works on any of the runs; a supervisor that died meanwhile is started again."""
    screen = Console(stderr=True, quiet=face().as_json)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        bars = {run: progress.add_task(run, total=None, told="") for run in ids}
        while True:
            control.ensure_supervisor(home.settings)
            runs = [home.store.run(run) for run in ids]
            latest = home.store.latest(ids, ["loss"])
            for run in runs:
                loss = latest.get(run.id, {}).get("loss")
                told_now = state_of(run) if loss is None else f"loss {number(loss)}"
                progress.update(bars[run.id], completed=run.step, total=run.total_steps or None, told=told_now)
            if not any(run.state.active for run in runs):
                return runs
            time.sleep(_LOOK_S)
