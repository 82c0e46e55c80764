"""The command line: all that the pages can do, in words or as JSON, without importing torch or streamlit."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dashboard import shadows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; first make sure that the packages it stands on are ours."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    hidden = shadows.foreign()
    if hidden:
        hindi = os.environ.get("SAMAJH_LANG", os.environ.get("LANG", "")).startswith("hi")
        as_json = "--json" in given
        print(shadows.tell(hidden[0], hindi=hindi, as_json=as_json), file=sys.stdout if as_json else sys.stderr)
        return 1
    from dashboard.cli.app import main as run  # only now: its imports need `data` to be ours

    return run(given)
