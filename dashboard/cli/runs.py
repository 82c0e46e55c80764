"""`samajh runs list|show|compare|metrics|logs|events|edit`: what is read of runs, and what people write about them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.opening import House, house
from dashboard.cli.reply import Reply, face, say, table
from dashboard.cli.steering import RunWord, RunWords
from dashboard.cli.words import duration, metrics_object, moment, number, run_object, state_of
from dashboard.jobs.folder import LOG, log_tail
from dashboard.jobs.words import STATES
from dashboard.tracking.records import Run, RunFilter, Sort, State
from data.text import Problem, Text

MOST_POINTS = 1000
_FOLLOW_S = 0.3


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "list", told("List runs, newest first.", "रन की सूची, सबसे नए पहले।"))(list_runs)
    command(app, "show", told("All that is known of one run.", "एक रन के बारे में सब कुछ।"))(show)
    command(app, "compare", told("Config differences and metrics of runs.", "रन के कॉन्फ़िग के अंतर और मेट्रिक।"))(compare)
    command(app, "metrics", told("Curves of a run, thinned without loss of extremes.", "रन के कर्व, चरम मान खोए बिना।"))(
        metrics
    )
    command(app, "logs", told("What the job printed.", "जॉब ने जो छापा।"))(logs)
    command(app, "events", told("What happened in a run.", "रन में क्या-क्या हुआ।"))(events)
    command(app, "edit", told("Change name, tags, notes or group.", "नाम, टैग, नोट या समूह बदलें।"))(edit)


def list_runs(
    search: Annotated[str, typer.Option(help=told("Words to look for.", "खोजने के शब्द।"))] = "",
    state: Annotated[list[State] | None, typer.Option(help=told("Only runs in this state; repeatable.", "सिर्फ़ इस स्थिति के रन; दोहरा सकते हैं।"))] = None,
    method: Annotated[list[str] | None, typer.Option(help=told("Only this method; repeatable.", "सिर्फ़ यह मेथड; दोहरा सकते हैं।"))] = None,
    dataset: Annotated[list[str] | None, typer.Option(help=told("Only this data set; repeatable.", "सिर्फ़ यह डेटा सेट; दोहरा सकते हैं।"))] = None,
    tag: Annotated[list[str] | None, typer.Option(help=told("Only runs with this tag; repeatable.", "सिर्फ़ इस टैग के रन; दोहरा सकते हैं।"))] = None,
    group: Annotated[str | None, typer.Option(help=told("Only runs of this group.", "सिर्फ़ इस समूह के रन।"))] = None,
    examples: Annotated[bool | None, typer.Option(help=told("Only, or without, the bundled examples.", "सिर्फ़ साथ आए उदाहरण, या उनके बिना।"))] = None,
    trash: Annotated[bool, typer.Option("--trash", help=told("List the trash instead.", "इसकी जगह कूड़ेदान दिखाएँ।"))] = False,
    sort: Annotated[Sort, typer.Option(help=told("Sort by.", "किससे क्रम लगाएँ।"))] = "created",
    metric: Annotated[str | None, typer.Option(help=told("Show and sort by the newest value of this metric.", "इस मेट्रिक का नया मान दिखाएँ और उससे क्रम लगाएँ।"))] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help=told("Smallest or oldest first.", "सबसे छोटे या पुराने पहले।"))] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=told("Runs at most.", "ज़्यादा से ज़्यादा इतने रन।"))] = 50,
) -> Reply:  # fmt: skip
    """List runs."""
    wanted = RunFilter(
        search=search, states=tuple(state or ()), methods=tuple(method or ()), datasets=tuple(dataset or ()),
        tags=tuple(tag or ()), group=group, deleted=trash, example=examples, sort=sort, metric=metric,
        descending=not ascending, limit=limit,
    )  # fmt: skip
    with house() as home:
        found = home.store.runs(wanted)
        total = home.store.count(wanted)
        latest = home.store.latest([run.id for run in found], [metric]) if metric else {}
    values = [{**run_object(run), **({"metrics": latest.get(run.id, {})} if metric else {})} for run in found]
    return Reply({"runs": values, "total": total}, _listing(found, metric, latest, total))


def _listing(found: list[Run], metric: str | None, latest: Mapping[str, Mapping[str, float]], total: int) -> list[str]:
    if not found:
        return [say(Text(en="No runs.", hi="कोई रन नहीं।"))]
    head = [say(text) for text in (_ID, _NAME, _STATE, _STEP, _MADE)] + ([metric] if metric else [])
    rows = []
    for run in found:
        row = [run.id, run.name, say(STATES[run.state]), f"{run.step}/{run.total_steps}", moment(run.created_at)]
        if metric:
            value = latest.get(run.id, {}).get(metric)
            row.append("–" if value is None else number(value))
        rows.append(row)
    lines = table(head, rows)
    if total > len(found):
        lines.append(
            say(Text(en="{n} of {total}; see --limit.", hi="{total} में से {n}; --limit देखें।"), n=len(found), total=total)
        )
    return lines


_ID = Text(en="id", hi="id")
_NAME = Text(en="name", hi="नाम")
_STATE = Text(en="state", hi="स्थिति")
_STEP = Text(en="step", hi="स्टेप")
_MADE = Text(en="created", hi="बना")
_METRIC = Text(en="metric", hi="मेट्रिक")
_LAST = Text(en="last", hi="ताज़ा मान")
_LOW = Text(en="lowest", hi="सबसे कम")
_HIGH = Text(en="highest", hi="सबसे ज़्यादा")
_BROKEN = Text(en="NaN or infinite", hi="NaN या अनंत")


def show(run: RunWord) -> Reply:
    """One run with its last metrics, its config and the hash of its weights."""
    with house() as home:
        one = home.run(run)
        summaries = home.store.summaries(one.id)
        checkpoints = home.store.checkpoints(one.id)
        info = home.store.info(one.id)
    newest = checkpoints[-1] if checkpoints else None
    values = {
        **run_object(one),
        "weights_sha256": one.weights_sha256 or (newest.weights_sha256 if newest else None),
        "metrics": {summary.name: summary.last for summary in summaries},
        "summaries": metrics_object(summaries),
        "checkpoints": [
            {"step": c.step, "path": c.path, "sha256": c.sha256, "weights_sha256": c.weights_sha256, "size": c.size}
            for c in checkpoints
        ],
        "config": one.config,
        "environment": one.environment,
        "info": info,
        "notes": one.notes,
    }  # fmt: skip
    lines = [
        f"{one.id}  {one.name}",
        f"{say(_STATE)}: {state_of(one)}",
        f"{say(_STEP)}: {one.step}/{one.total_steps}",
        say(_WHAT, method=one.method, dataset=one.dataset, preset=one.preset, seed=one.seed),
        f"{say(_MADE)}: {moment(one.created_at)}",
    ]
    if one.started_at and one.ended_at:
        lines.append(say(Text(en="took {t}", hi="समय लगा {t}"), t=duration(one.ended_at - one.started_at)))
    if values["weights_sha256"]:
        lines.append(f"weights_sha256: {values['weights_sha256']}")
    if summaries:
        head = [say(text) for text in (_METRIC, _LAST, _LOW, _HIGH, _BROKEN)]
        rows = [[s.name, number(s.last), number(s.low), number(s.high), str(s.broken)] for s in summaries]
        lines += ["", *table(head, rows)]
    return Reply(values, lines)


_WHAT = Text(
    en="{method} on {dataset}, preset {preset}, seed {seed}", hi="{dataset} पर {method}, प्रीसेट {preset}, सीड {seed}"
)


def compare(runs: RunWords) -> Reply:
    """Where the configs of runs differ, and the last metrics beside each other."""
    with house() as home:
        chosen = [home.run(word) for word in runs]
        latest = {run.id: {s.name: s.last for s in home.store.summaries(run.id)} for run in chosen}
    flat = {run.id: _flat(run.config) for run in chosen}
    keys = sorted({key for config in flat.values() for key in config})
    differing = {key: {run.id: flat[run.id].get(key) for run in chosen} for key in keys}
    differing = {key: row for key, row in differing.items() if len({repr(value) for value in row.values()}) > 1}
    names = sorted({name for values in latest.values() for name in values})
    head = ["", *(run.id for run in chosen)]
    rows = [[key, *(str(value) for value in row.values())] for key, row in differing.items()]
    rows += [[n, *(number(latest[r.id][n]) if n in latest[r.id] else "–" for r in chosen)] for n in names]
    return Reply(
        {"runs": [run_object(run) for run in chosen], "config_differences": differing, "metrics": latest},
        table(head, rows),
    )


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def metrics(
    run: RunWord,
    metric: Annotated[list[str] | None, typer.Option(help=told("This metric; repeatable (all).", "यह मेट्रिक; दोहरा सकते हैं (सब)।"))] = None,
    points: Annotated[int, typer.Option(min=2, max=100_000, help=told("Buckets a curve at most.", "हर कर्व में ज़्यादा से ज़्यादा इतने हिस्से।"))] = MOST_POINTS,
    first: Annotated[int | None, typer.Option(help=told("From this step.", "इस स्टेप से।"))] = None,
    last: Annotated[int | None, typer.Option(help=told("To this step.", "इस स्टेप तक।"))] = None,
) -> Reply:  # fmt: skip
    """The curves of a run as exact envelopes."""
    with house() as home:
        one = home.run(run)
        known = [summary.name for summary in home.store.summaries(one.id)]
        missing = next((name for name in metric or () if name not in known), None)
        if missing is not None:
            text = Text(
                en="This run has no metric “{m}”; it has: {known}.", hi="इस रन में “{m}” मेट्रिक नहीं है; ये हैं: {known}।"
            )
            raise Problem(
                text.format(m=missing, known=", ".join(known) or "–"), code="unknown_metric", field="--metric"
            )
        curves = {name: _curve(home, one.id, name, points, first, last) for name in metric or known}
    lines = [f"{one.id}  {one.name}"]
    for name, curve in curves.items():
        head = [say(_STEP), name, say(_LOW), say(_HIGH)]
        rows = zip(curve["steps"], curve["means"], curve["lows"], curve["highs"], strict=True)
        lines += ["", *table(head, [[str(s), number(m), number(low), number(high)] for s, m, low, high in rows])]
        lines += [f"{step}  {value}" for step, value in zip(curve["broken_steps"], curve["broken_values"], strict=True)]
    return Reply({"run_id": one.id, "metrics": curves}, lines)


def _curve(home: House, run: str, name: str, points: int, first: int | None, last: int | None) -> dict[str, Any]:
    envelope = home.store.envelope(run, name, first=first, last=last, buckets=points)
    return {
        "steps": envelope.last_step.tolist(),
        "means": envelope.mean.tolist(),
        "lows": envelope.low.tolist(),
        "highs": envelope.high.tolist(),
        "counts": envelope.count.tolist(),
        "times": envelope.time.tolist(),
        "broken_steps": envelope.broken_steps.tolist(),
        "broken_values": envelope.broken_values.tolist(),
        "exact": envelope.exact,
        "points": envelope.points,
    }


def logs(
    run: RunWord,
    lines: Annotated[int, typer.Option(min=1, max=100_000, help=told("The last lines only.", "सिर्फ़ आख़िरी पंक्तियाँ।"))] = 100,
    follow: Annotated[bool, typer.Option("--follow", help=told("Go on until the run ends.", "रन ख़त्म होने तक दिखाते रहें।"))] = False,
) -> Reply:  # fmt: skip
    """What the job of a run printed."""
    with house() as home:
        one = home.run(run)
        folder = home.store.folder(one.id)
        tail = log_tail(folder, lines)
        if follow and not face().as_json:
            print("\n".join(tail), flush=True)
            _follow(home, one)
            return Reply({})
    return Reply({"run_id": one.id, "lines": tail, "path": folder / LOG}, tail)


def _follow(home: House, run: Run) -> None:
    """Print what is appended to the log until no job works on the run."""
    path = home.store.folder(run.id) / LOG
    offset = path.stat().st_size if path.exists() else 0
    while True:
        active = home.store.run(run.id).state.active  # asked before reading: the last words are not missed
        if path.exists():
            with path.open("rb") as file:
                file.seek(offset)
                added = file.read()
            offset += len(added)
            print(added.decode(errors="replace"), end="", flush=True)
        if not active:
            return
        time.sleep(_FOLLOW_S)


def events(run: RunWord) -> Reply:
    """What happened in a run, oldest first."""
    with house() as home:
        one = home.run(run)
        found = home.store.events(one.id)
    values = [
        {"time": e.time, "step": e.step, "level": e.level, "code": e.code, "message": say(e.text)} for e in found
    ]  # fmt: skip
    lines = [f"{moment(e.time)}  {e.level:7}  {'' if e.step is None else e.step:>8}  {say(e.text)}" for e in found]
    return Reply({"run_id": one.id, "events": values}, lines)


def edit(
    run: RunWord,
    name: Annotated[str | None, typer.Option(help=told("New name.", "नया नाम।"))] = None,
    tag: Annotated[list[str] | None, typer.Option(help=told("Tags from now on; repeatable.", "अब से ये टैग; दोहरा सकते हैं।"))] = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help=told("Remove all tags.", "सब टैग हटाएँ।"))] = False,
    notes: Annotated[str | None, typer.Option(help=told("New notes (Markdown).", "नए नोट (Markdown)।"))] = None,
    group: Annotated[str | None, typer.Option(help=told("Group; empty removes it.", "समूह; खाली हो तो हटेगा।"))] = None,
) -> Reply:  # fmt: skip
    """Change what people write about a run."""
    with house() as home:
        changed = home.store.edit(home.run(run).id, name=name, tags=[] if no_tags else tag, notes=notes, group=group)
    lines = [f"{changed.id}  {changed.name}  [{', '.join(changed.tags)}]"]
    return Reply({**run_object(changed), "notes": changed.notes}, lines)
