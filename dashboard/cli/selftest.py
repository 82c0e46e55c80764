"""`samajh selftest`: the exact truths of the mathematics, checked on this installation in a process of its own."""

from __future__ import annotations

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.reply import FAILED, Reply, say, table
from dashboard.compute.cold import ask_cold
from dashboard.settings import settings
from data.text import Text

_LIMIT_S = 180.0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told(
        "Check the mathematics of this installation against known numbers.",
        "इस इंस्टॉलेशन का गणित ज्ञात संख्याओं से जाँचें।",
    )
    command(app, "selftest", about)(selftest)


def selftest() -> Reply:
    """Every truth with the number got and the one expected; the exit code is 1 when one does not hold."""
    said = ask_cold(settings(), "selftest", {}, timeout_s=_LIMIT_S)
    checks = said["checks"]
    wrong = [check for check in checks if not check["holds"]]
    head = ["", *(say(text) for text in (_CHECK, _GOT, _EXPECTED, _TOLERANCE))]
    rows = [
        [
            "✓" if check["holds"] else "✗", check["name"], check["trouble"] or f"{check['got']:.6g}",
            f"{check['expected']:.6g}" if check["trouble"] == "" else "", f"{check['tolerance']:.2g}" if check["trouble"] == "" else "",
        ]
        for check in checks
    ]  # fmt: skip
    lines = table(head, rows)
    lines += [f"✗ {check['name']}: {say(Text(**check['claim']))}" for check in wrong]
    text = Text(en="{held} of {all} hold ({s:.1f} s).", hi="{all} में से {held} सही ({s:.1f} सेकंड)।")
    lines.append(say(text, held=len(checks) - len(wrong), all=len(checks), s=said["seconds"]))
    values = {"held": len(checks) - len(wrong), "total": len(checks), **said}
    return Reply(values, lines, FAILED if wrong else 0)


_CHECK = Text(en="check", hi="जाँच")
_GOT = Text(en="got", hi="मिला")
_EXPECTED = Text(en="expected", hi="चाहिए")
_TOLERANCE = Text(en="±", hi="±")
