"""Runs every `bench_*.py` beside this file, one after another, and keeps what they measured.

`python -m tests.benchmarks [--quick] [--peers] [NAME ...]`. A script prints its table and, as its last line, one JSON
object. Tables go to the terminal as they come; `bench-results/` gets one text and one JSON file with the machine beside
the figures. With `--peers` it is an error when a tool to be compared with is not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.import_graph import ROOT

RESULTS = ROOT / "bench-results"
PEERS = ("denoising_diffusion_pytorch", "diffusers", "lightly", "mlflow", "tensorboard", "torchcfm", "torchvision")
TOLD = (
    "torch",
    "pytorch-lightning",
    "streamlit",
    "numpy",
    "diffusers",
    "denoising-diffusion-pytorch",
    "lightly",
    "mlflow",
    "tensorboard",
)


def scripts(names: list[str]) -> list[str]:
    """Module names of the benchmarks, all or those named."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in names if f"bench_{name}" not in found]
    if unknown:
        known = ", ".join(name.removeprefix("bench_") for name in found)
        raise SystemExit(f"There is no benchmark {unknown[0]!r}; there are: {known}.")
    return [name for name in found if not names or name.removeprefix("bench_") in names]


def run(script: str, *, quick: bool) -> tuple[str, dict[str, Any] | None]:
    """The table a script printed and the figures of its last line (None when it failed)."""
    command = [sys.executable, "-m", f"tests.benchmarks.{script}", *(["--quick"] if quick else [])]
    environment = {**os.environ, "SAMAJH_EXAMPLES": "false", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line.rstrip("\n"))
        if not line.startswith("{"):
            print(line, end="", flush=True)
    failed = process.wait() != 0 or not lines
    try:
        figures = None if failed else json.loads(lines[-1])
    except ValueError:
        figures = None
    return "\n".join(lines if figures is None else lines[:-1]), figures


def machine() -> dict[str, Any]:
    """What the figures were measured on; no name of the machine."""
    versions: dict[str, str] = {}
    for name in TOLD:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions,
    }


def main() -> int:
    """Run, print, keep; 1 when a script failed."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the shape of the tables, not their figures")
    parser.add_argument("--peers", action="store_true", help="fail when a tool to be compared with is missing")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, such as tracking")
    chosen = parser.parse_args()
    missing = [name for name in PEERS if find_spec(name) is None] if chosen.peers else []
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. `make bench-peers` makes an environment that has them.")
    measured: dict[str, Any] = {"machine": machine(), "quick": chosen.quick}
    tables, failed = [], []
    for script in scripts(chosen.names):
        began = time.monotonic()
        print(f"\n== {script.removeprefix('bench_')}", flush=True)
        table, figures = run(script, quick=chosen.quick)
        tables.append(f"== {script.removeprefix('bench_')} ({time.monotonic() - began:.0f} s)\n{table}\n")
        if figures is None:
            failed.append(script)
        else:
            measured |= figures
    RESULTS.mkdir(exist_ok=True)
    name = f"{time.strftime('%Y-%m-%d-%H%M%S')}{'-peers' if chosen.peers else ''}{'-quick' if chosen.quick else ''}"
    (RESULTS / f"{name}.txt").write_text("\n".join(tables), "utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    print(f"\n{RESULTS.name}/{name}.txt and .json" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
