"""`samajh replay ID` and `samajh explanations list|report|keep|delete|log`: what is kept of explanations, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dashboard.cli.declare import command, group, told
from dashboard.cli.opening import house
from dashboard.cli.reply import FAILED, Reply, face, say, table
from dashboard.cli.words import moment
from dashboard.compute.client import ask
from dashboard.explain import records
from dashboard.explain.records import Keep, Record
from dashboard.explain.replaying import compared, request_of
from dashboard.jobs import control
from dashboard.settings import settings
from data.text import Problem, Text

Id = Annotated[str, typer.Argument(metavar="ID", help=told("Id of the explanation.", "वजह की id।"))]
_HEADS = (Text(en="id", hi="id"), Text(en="of", hi="किसकी"), Text(en="method", hi="तरीका"), Text(en="model", hi="मॉडल"), Text(en="answer", hi="जवाब"), Text(en="made", hi="कब"), Text(en="kept until", hi="कब तक"))  # fmt: skip
_TIMEOUT_S = 600.0


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(
        app,
        "replay",
        told("Ask a kept explanation again and compare every bit.", "रखी हुई वजह दोबारा पूछें और हर बिट मिलाएँ।"),
    )(replay)
    under = group("explanations", told("Explanations that are kept.", "रखी हुई वजहें।"))
    command(under, "list", told("List them, newest first.", "सूची, सबसे नई पहले।"))(list_explanations)
    command(under, "report", told("Save one as HTML or PDF.", "HTML या PDF में सहेजें।"))(report)
    command(under, "keep", told("Say how long one is kept.", "बताएँ कि कब तक रखनी है।"))(keep)
    command(under, "delete", told("Delete one, with all made from the same item, or all of a table.", "हटाएँ, उसी आइटम से बनी सब वजहों या किसी टेबल की सब वजहों के साथ।"))(delete)  # fmt: skip
    command(
        under,
        "log",
        told("The log: who asked for what, without what was given.", "लॉग: क्या पूछा गया, दिए गए डेटा के बिना।"),
    )(log)
    app.add_typer(under)


def replay(explanation: Id) -> Reply:
    """Ask again; the exit code is 1 when a bit differs."""
    with house() as home:
        record = records.find(home.settings.explanations, explanation)
        control.ensure_supervisor(home.settings)
        answer = ask(home.settings, "explain", request_of(record), record.asked_arrays(), timeout_s=_TIMEOUT_S)
        found = compared(record, answer.values, answer.arrays, weights=answer.values["details"].get("weights"))
        records.log(home.settings.explanations, "replayed" if found.identical else "replayed_differs", record)
    values = {
        "id": found.id, "identical": found.identical, "compared": found.compared, "differs": list(found.differs),
        "changed": list(found.changed), "text": say(found.text),
    }  # fmt: skip
    return Reply(values, [say(found.text)], 0 if found.identical else FAILED)


def list_explanations() -> Reply:
    """All that are kept."""
    found = records.listed(settings().explanations)
    if not found:
        return Reply({"explanations": []}, [say(Text(en="No explanations are kept.", hi="कोई वजह नहीं रखी है।"))])
    rows = [
        [one.id, one.kind, one.method, str(one.model.get("name", "")), str(one.answered["target"]), moment(one.made_at), "–" if one.until is None else moment(one.until)]
        for one in found
    ]  # fmt: skip
    return Reply({"explanations": [_object(one) for one in found]}, table([say(text) for text in _HEADS], rows))


def report(
    explanation: Id,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=told("Where it goes: a .html or .pdf file.", "कहाँ रखें: .html या .pdf फ़ाइल।"))],
) -> Reply:  # fmt: skip
    """Save the report of an explanation, in the language of the command line."""
    kind = out.suffix.removeprefix(".")
    with house() as home:
        records.find(home.settings.explanations, explanation)
        control.ensure_supervisor(home.settings)
        asked = {"id": explanation, "format": kind, "language": face().language}
        answer = ask(home.settings, "explanation_report", asked, timeout_s=_TIMEOUT_S)
    try:
        out.write_bytes(answer.arrays["file"].tobytes())
    except OSError as error:
        text = Text(en="{f} cannot be written ({why}).", hi="{f} लिखी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=out, why=error.strerror), code="bad_file", field="--out") from error
    told_ = Text(en="The report is in {path}", hi="रिपोर्ट {path} में है")
    return Reply({"id": answer.values["id"], "path": str(out.absolute())}, [say(told_, path=out)])


def keep(
    explanation: Id,
    time: Annotated[Literal["day", "month", "always"], typer.Argument(metavar="TIME", help=told("day, month, or always.", "day, month या always।"))],
) -> Reply:  # fmt: skip
    """Keep it for a day, a month, or until it is deleted."""
    chosen: Keep = time
    record = records.keep_for(settings().explanations, explanation, chosen)
    until = (
        Text(en="until it is deleted", hi="हटाए जाने तक")
        if record.until is None
        else Text(en=moment(record.until), hi=moment(record.until))
    )
    text = Text(en=f"{record.id} is kept: {until.en}.", hi=f"{record.id} रखी है: {until.hi}।")
    return Reply(_object(record), [say(text)])


def delete(
    explanation: Annotated[str | None, typer.Argument(metavar="ID", help=told("Id of the explanation.", "वजह की id।"))] = None,
    of_table: Annotated[str | None, typer.Option(metavar="TABLE", help=told("All about this uploaded table.", "इस अपलोड की गई टेबल की सब।"))] = None,
) -> Reply:  # fmt: skip
    """Delete explanations and what a person gave for them."""
    if (explanation is None) == (of_table is None):
        raise Problem(
            Text(en="Give either an ID or --of-table.", hi="या तो ID दें या --of-table।"), code="bad_id", field="ID"
        )
    here = settings().explanations
    gone = records.delete(here, explanation or "") if of_table is None else records.delete_of_table(here, of_table)
    text = Text(en="Deleted: {n} ({ids})", hi="हटाई गईं: {n} ({ids})")
    return Reply({"deleted": gone}, [say(text, n=len(gone), ids=", ".join(gone) or "–")])


def log() -> Reply:
    """Every explanation, replay, report and deletion."""
    lines = records.audit(settings().explanations)
    rows = [
        [moment(one["time"]), one["event"], one["id"], one["kind"], one["method"], one["light"] or ""] for one in lines
    ]
    return Reply({"log": lines}, [" ".join(row).rstrip() for row in rows])


def _object(one: Record) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind, "method": one.method, "model": one.model.get("name", ""), "answer": one.answered["target"],
        "weights": one.weights, "data_sha256": one.data_sha256, "made_at": one.made_at, "keep": one.keep, "until": one.until,
    }  # fmt: skip
