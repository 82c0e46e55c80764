"""Assembles the commands and runs one: whatever goes wrong ends as one plain sentence and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

import typer
from pydantic import ValidationError
from typer.exceptions import Abort, TyperException

from dashboard.cli import (
    catalogue,
    contest,
    data,
    explain,
    explanations,
    filling,
    keeping,
    lab,
    repairing,
    runs,
    sabotaging,
    sampling,
    selftest,
    steering,
    studio,
    tables,
    training,
    up,
    viewing,
    wording,
    worth,
)
from dashboard.cli.declare import group, told, translate
from dashboard.cli.reply import FAILED, INTERRUPTED, USAGE, Face, face, give_problem, turn_to
from data.text import Problem, Text

ABOUT = told(
    "Train, watch and explain deep models. Everything the pages can do.",
    "डीप मॉडल ट्रेन करें, देखें और समझें। पेजों पर जो होता है, वह सब यहाँ भी।",
)


def assemble() -> typer.Typer:
    """The whole command line."""
    app = group("samajh", ABOUT)
    for part in (
        up,
        training,
        contest,
        explain,
        explanations,
        sampling,
        filling,
        lab,
        repairing,
        catalogue,
        data,
        tables,
        keeping,
        studio,
        selftest,
        viewing,
        wording,
        worth,
    ):
        part.add_to(app)
    under_runs = group("runs", told("List, read and steer runs.", "रन की सूची, ब्योरा और नियंत्रण।"))
    runs.add_to(under_runs)
    steering.add_to(under_runs)
    training.add_clone_to(under_runs)
    sabotaging.add_to(under_runs)
    keeping.add_export_to(under_runs)
    app.add_typer(under_runs)
    under_lab = group("lab", told("Figures to understand diffusion by.", "डिफ़्यूज़न समझने की संख्याएँ।"))
    lab.add_lab_to(under_lab)
    app.add_typer(under_lab)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    turn_to(Face.of(given, os.environ))
    tree = typer.main.get_command(assemble())
    translate(tree, face().language)
    try:
        outcome = tree.main(args=given or ["--help"], prog_name="samajh", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except Problem as problem:
        return give_problem(problem)
    except TyperException as error:
        return give_problem(_usage(error), USAGE)
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _closed_pipe()
    except ValidationError as error:
        return give_problem(_bad_setting(error))
    except OSError as error:
        return give_problem(_system(error))
    except Exception as error:
        return give_problem(_unexpected(error))


def _usage(error: TyperException) -> Problem:
    """A usage error in our words; the parser's own sentence only where it says more than ours could."""
    param = getattr(error, "param", None)
    name = _shown(param)
    match type(error).__name__:
        case "MissingParameter":
            text = Text(en="This is missing. See --help.", hi="यह नहीं दिया गया। --help देखें।")
            return Problem(text, code="missing", field=name)
        case "NoSuchOption":
            option = str(getattr(error, "option_name", ""))
            text = Text(en="There is no option {o}. See --help.", hi="{o} नाम का कोई विकल्प नहीं है। --help देखें।")
            return Problem(text.format(o=option), code="unknown_option", field=option or None)
        case "BadParameter":
            text = Text(en="This value cannot be used: {why}.", hi="यह मान नहीं चल सकता: {why}।")
            return Problem(text.format(why=error.message.rstrip(".")), code="bad_value", field=name)
    text = Text(en="{why}. See samajh --help.", hi="यह कमांड समझ में नहीं आया ({why})। samajh --help देखें।")
    return Problem(text.format(why=error.format_message().rstrip(".")), code="usage")


def _shown(param: object) -> str | None:
    """A parameter as the person types it."""
    options = [option for option in getattr(param, "opts", ()) if option.startswith("--")]
    return options[0] if options else getattr(param, "name", None)


def _bad_setting(error: ValidationError) -> Problem:
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"])
    variable = f"SAMAJH_{name.upper()}" if error.title == "Settings" else name
    text = Text(en="This value cannot be used: {why}.", hi="यह मान नहीं चल सकता: {why}।")
    return Problem(text.format(why=first["msg"]), code="bad_setting", field=variable)


def _system(error: OSError) -> Problem:
    """What the operating system refused, with the place and the way out."""
    where = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = Text(
            en="The disk is full ({where}). Make room, for example with samajh prune, and try again.",
            hi="डिस्क भर गई है ({where})। samajh prune जैसे कमांड से जगह बनाएँ और फिर कोशिश करें।",
        )
        return Problem(text.format(where=where), code="disk_full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        text = Text(
            en="{where} cannot be written. Choose a folder of your own with SAMAJH_HOME.",
            hi="{where} में लिखा नहीं जा सकता। SAMAJH_HOME से अपना कोई फ़ोल्डर चुनें।",
        )
        return Problem(text.format(where=where), code="home_not_writable")
    text = Text(en="The system refused: {why}.", hi="सिस्टम ने मना किया: {why}।")
    return Problem(text.format(why=f"{error.strerror or error} {where}".strip()), code="system")


def _unexpected(error: Exception) -> Problem:
    if os.environ.get("SAMAJH_TRACE"):
        traceback.print_exception(error)
    text = Text(
        en="Something unexpected happened ({why}). Set SAMAJH_TRACE=1 to see where, and please report it.",
        hi="कुछ अनपेक्षित हुआ ({why})। कहाँ हुआ, यह देखने के लिए SAMAJH_TRACE=1 रखें, और कृपया हमें बताएँ।",
    )
    return Problem(text.format(why=f"{type(error).__name__}: {error}"), code="unexpected")


def _closed_pipe() -> int:
    """`samajh … | head` ends us early: not an error, but nothing may be flushed into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
