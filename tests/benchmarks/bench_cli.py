"""How long a listing takes from the command line, against what importing torch alone would cost.

Run with `python -m tests.benchmarks.bench_cli [--quick]`. Both are whole processes, in turn.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dashboard.settings import Settings
from dashboard.tracking.records import NewRun
from dashboard.tracking.store import Store
from tests.cli.samajh import Samajh

RUNS = 200


def main() -> None:
    """Measure and print."""
    rounds = 3 if "--quick" in sys.argv else 11
    with tempfile.TemporaryDirectory() as folder:
        samajh = Samajh(Path(folder) / "home", {"SAMAJH_EXAMPLES": "false"})
        with Store.open(Settings(home=samajh.home)) as store:
            for number in range(RUNS):
                store.create_run(NewRun(f"run {number}", "ddpm", "digits", "tiny", {}, number, 100))
        listing, importing = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            assert samajh("runs", "list", "--limit", str(RUNS), "--json").code == 0
            listing.append(time.perf_counter() - began)
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import torch"], check=True)
            importing.append(time.perf_counter() - began)
    ours, torch = statistics.median(listing), statistics.median(importing)
    print(
        f"samajh runs list, {RUNS} runs   {ours:.2f} s   ({ours / torch:.2f} of importing torch alone, {torch:.2f} s)"
    )
    print(json.dumps({"cli": {"listing_s": ours, "listing_over_torch_import": ours / torch}}))


if __name__ == "__main__":
    main()
