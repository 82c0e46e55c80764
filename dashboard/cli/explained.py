"""What the commands that explain share: pictures read and maps written, and the evidence as lines and as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from dashboard.cli.declare import told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say
from dashboard.compute.client import ask
from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.image.places import PLACES, by_place
from dashboard.figures.overlay import overlay
from dashboard.jobs import control
from data import pictures
from data.images import LARGEST_FILE
from data.pictures import Pixels
from data.text import Problem, Text

KEPT: Final = Text(
    en="Kept for a day as {id}: samajh replay {id}, samajh explanations report|keep|delete {id}",
    hi="एक दिन के लिए {id} नाम से रखी गई: samajh replay {id}, samajh explanations report|keep|delete {id}",
)
"""Where every explanation is kept."""
Code = Annotated[bool, typer.Option("--code", help=told("Also print the lines that give the same number without Samajh.", "वे पंक्तियाँ भी छापें जो Samajh के बिना यही संख्या दें।"))]  # fmt: skip
_OPACITY = 0.7
_MARKS = {True: "+", False: "-", None: "·"}


def picture(path: Path, field: str = "FILE") -> Pixels:
    """The picture in a file.

    Raises:
        Problem: It cannot be read, or is no picture.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            return pictures.accept(bytes(LARGEST_FILE + 1), path.name)  # refused in words, without reading gigabytes
        return pictures.accept(path.read_bytes(), path.name)
    except OSError as error:
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=path, why=error.strerror), code="no_file", field=field) from error


def given(file: str | None, item: int) -> tuple[dict[str, Any], dict[str, Pixels]]:
    """What of a request names the picture, and its arrays: a file, one that ships, or a held-out item."""
    if file is None:
        return {"item": item}, {}
    if file in pictures.SAMPLES:
        return {"sample": file}, {}
    return {}, {"picture": picture(Path(file))}


def of_run(
    model: str, request: Mapping[str, Any], arrays: Mapping[str, Pixels], out: Path | None, *, timeout_s: float
) -> tuple[str, Explanation]:
    """Ask a run to explain -> its id and the explanation, whose map is written where it is wanted.

    Raises:
        Problem: There is no such run, it cannot explain that, or the file cannot be written.
    """
    with house() as home:
        run = home.run(model).id
        control.ensure_supervisor(home.settings)
        answer = ask(home.settings, "explain", {**request, "model": run}, arrays, timeout_s=timeout_s)
    one = from_parts(answer.values, answer.arrays)
    write_map(one, out)
    return run, one


def check_out(out: Path | None) -> None:
    """Refuse a name that no map can be written under, before anything is worked out.

    Raises:
        Problem: It does not end in .png.
    """
    if out is not None and out.suffix != ".png":
        raise Problem(
            Text(en="The file must end in .png.", hi="फ़ाइल का नाम .png पर ख़त्म होना चाहिए।"),
            code="bad_file",
            field="--out",
        )


def write_map(one: Explanation, out: Path | None) -> None:
    """The map over its picture, as PNG, where it is wanted.

    Raises:
        Problem: The file cannot be written.
    """
    if out is None:
        return
    drawn = overlay(one.arrays["seen"], one.attributions, opacity=_OPACITY, outline=one.arrays.get("region"))
    try:
        out.write_bytes(drawn)
    except OSError as error:
        text = Text(en="{f} cannot be written ({why}).", hi="{f} लिखी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=out, why=error.strerror), code="bad_file", field="--out") from error


def common(one: Explanation) -> dict[str, Any]:
    """What every explanation tells as JSON."""
    return {
        "id": one.details["id"], "prediction": one.prediction, "base_value": one.base_value, "converged": one.converged,
        "seconds": one.seconds, "model_calls": one.model_calls,
        "evidence": {name: {"value": f.value, "speaks_for": f.speaks_for, "text": say(f.text)} for name, f in one.evidence.items()},
    }  # fmt: skip


def of_map(one: Explanation, out: Path | None) -> dict[str, Any]:
    """What every map tells as JSON: its sentence, what lies where, and where its picture is."""
    sentence, shares = Text(**one.details["sentence"]), by_place(one.attributions)
    places = [place.en for row in PLACES for place in row]
    return {
        "weights": one.details["weights"], "sentence": sentence.en, "sentence_hi": sentence.hi,
        "places": dict(zip(places, map(float, shares.ravel()), strict=True)),
        "path": None if out is None else str(out.absolute()),
    }  # fmt: skip


def coded(reply: Reply, found: str | None) -> Reply:
    """The reply with the lines that give its number elsewhere; none where no library does."""
    none = Text(en="No library gives this number for this model.", hi="इस मॉडल के लिए कोई लाइब्रेरी यह संख्या नहीं देती।")
    return Reply({**(reply.values or {}), "code": found}, [*reply.lines, "", found or say(none)])


def proof(one: Explanation) -> list[str]:
    """The light and what it is made of, as lines; none where there is no evidence."""
    light = one.evidence.get("light")
    lines = [] if light is None else ["", f"{say(light.title)}: {say(light.text)}"]
    return lines + [f"  {_MARKS[f.speaks_for]} {say(f.text)}" for name, f in one.evidence.items() if name != "light"]


def ending(one: Explanation, out: Path | None = None) -> Sequence[str]:
    """Where the picture is, and where the explanation is kept."""
    written = (
        []
        if out is None
        else ["", say(Text(en="The picture with its map is in {path}", hi="मैप वाली तस्वीर {path} में है"), path=out)]
    )
    return [*written, "", say(KEPT, id=one.details["id"])]
