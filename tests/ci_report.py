"""Reads pytest's XML report in CI and fails when a browser test was skipped or none ran."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def skipped_and_run(report: Path, package: str) -> tuple[list[str], int]:
    """Names of the skipped tests under `package`, and how many ran."""
    skipped: list[str] = []
    ran = 0
    for case in ET.parse(report).iter("testcase"):
        if not case.get("classname", "").startswith(package):
            continue
        if case.find("skipped") is not None:
            skipped.append(f"{case.get('classname')}::{case.get('name')}")
        else:
            ran += 1
    return skipped, ran


def main(arguments: list[str]) -> int:
    """Exit code 1 when the browser tests did not all run."""
    skipped, ran = skipped_and_run(Path(arguments[0]), "tests.browser")
    if skipped or not ran:
        print(f"Browser tests: {ran} ran, {len(skipped)} skipped. CI needs all of them.", *skipped, sep="\n  ")
        return 1
    print(f"Browser tests: all {ran} ran.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
