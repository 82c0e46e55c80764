"""Looks for what commonly keeps a studio from working, and names the way out of each."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from dashboard import shadows
from dashboard.jobs.control import supervisor_status
from dashboard.settings import Settings
from dashboard.tracking.records import RunFilter
from dashboard.tracking.store import Store
from data.text import Problem, Text

Level = Literal["ok", "warning", "error"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LITTLE_DISK_MIB = 5_000
TOO_LITTLE_DISK_MIB = 500
TESTED_TORCH = "2.13"
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "drvfs", "fuse.sshfs", "afpfs")


@dataclass(frozen=True)
class Finding:
    """One check and what it found: `text` says what is so and, if that is bad, what to do."""

    code: str
    level: Level
    text: Text


def examine(settings: Settings, *, quick: bool = False) -> list[Finding]:
    """Run all checks; `quick` leaves out those that import torch (a few seconds)."""
    findings = [*_python(), *_packages(), *_home(settings), *_disk(settings), *_store(settings), *_port(settings)]
    findings += [*_torch(), *_browser()]
    if not quick:
        findings += _declarations(settings)
    return findings


def _python() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Finding("python", "ok", Text(en=f"Python {version}.", hi=f"Python {version}।"))
    else:
        text = Text(
            en=f"Python {version} is not supported: use 3.11, 3.12 or 3.13 (make run PYTHON=…).",
            hi=f"Python {version} नहीं चलेगा: 3.11, 3.12 या 3.13 लें (make run PYTHON=…)।",
        )
        yield Finding("python", "error", text)


def _packages() -> Iterator[Finding]:
    hidden = shadows.foreign()
    for shadow in hidden:
        sentence = (shadows.sentence(shadow, hindi=False), shadows.sentence(shadow, hindi=True))
        yield Finding("shadowed_package", "error", Text(en=sentence[0], hi=sentence[1]))
    owners = importlib.metadata.packages_distributions()
    for name in shadows.OURS:
        others = sorted({owner for owner in owners.get(name, ()) if owner.lower() != "samajh"})
        if others:
            text = Text(
                en="The installed package {other} also brings a “{name}”, which may overwrite ours: pip uninstall {other}.",
                hi="इंस्टॉल किया पैकेज {other} भी “{name}” लाता है, जो हमारे पैकेज को मिटा सकता है: pip uninstall {other}।",
            )
            yield Finding("shadowed_package", "warning", text.format(other=", ".join(others), name=name))
    if not hidden:
        yield Finding(
            "packages", "ok", Text(en="No foreign package hides ours.", hi="कोई दूसरा पैकेज हमारे पैकेज को नहीं ढकता।")
        )


def _home(settings: Settings) -> Iterator[Finding]:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home) as file:
            file.write(b"written by samajh doctor")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        text = Text(
            en="The home folder {home} cannot be written ({why}). Choose another with SAMAJH_HOME.",
            hi="होम फ़ोल्डर {home} में लिखा नहीं जा सकता ({why})। SAMAJH_HOME से दूसरा फ़ोल्डर चुनें।",
        )
        yield Finding("home", "error", text.format(home=settings.home, why=error.strerror or error))
        return
    kind = _file_system(settings.home)
    if kind in NETWORK_FILE_SYSTEMS:
        text = Text(
            en="The home folder {home} is on a network or shared drive ({kind}), where locks are not reliable. "
            "Choose a local one with SAMAJH_HOME.",
            hi="होम फ़ोल्डर {home} नेटवर्क या साझा ड्राइव ({kind}) पर है, जहाँ लॉक भरोसे के नहीं होते। "
            "SAMAJH_HOME से इसी मशीन का फ़ोल्डर चुनें।",
        )
        yield Finding("home", "warning", text.format(home=settings.home, kind=kind))
    else:
        text = Text(en="The home folder {home} can be written.", hi="होम फ़ोल्डर {home} में लिखा जा सकता है।")
        yield Finding("home", "ok", text.format(home=settings.home))


def _file_system(place: Path) -> str:
    """Type of the file system that holds `place`: that of its longest mount point."""
    mounts = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else ""


def _disk(settings: Settings) -> Iterator[Finding]:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free // 2**20
    if free >= LITTLE_DISK_MIB:
        text = Text(en="{free:,} MiB of disk are free.", hi="डिस्क पर {free:,} MiB खाली हैं।")
        yield Finding("disk", "ok", text.format(free=free))
        return
    text = Text(
        en="Only {free:,} MiB of disk are free at {place}. Remove old checkpoints with samajh prune, "
        "or move the home folder with SAMAJH_HOME.",
        hi="{place} पर डिस्क में सिर्फ़ {free:,} MiB खाली हैं। samajh prune से पुराने चेकपॉइंट हटाएँ, "
        "या SAMAJH_HOME से होम फ़ोल्डर बदलें।",
    )
    level: Level = "error" if free < TOO_LITTLE_DISK_MIB else "warning"
    yield Finding("disk", level, text.format(free=free, place=place))


def _store(settings: Settings) -> Iterator[Finding]:
    if not settings.store_url and not (settings.home / "store.sqlite").exists():
        text = Text(en="No run yet; the store is made with the first.", hi="अभी कोई रन नहीं; स्टोर पहले रन के साथ बनेगा।")
        yield Finding("store", "ok", text)
        return
    try:
        with Store.open(settings) as store:
            waiting = [run for run in store.runs(RunFilter()) if run.state.active and not run.external]
    except Problem as problem:
        yield Finding("store", "error", problem.text)
        return
    yield from _supervisor(settings, len(waiting))


def _supervisor(settings: Settings, waiting: int) -> Iterator[Finding]:
    status = supervisor_status(settings)
    if status.alive:
        text = Text(en="The supervisor is alive (process {pid}).", hi="सुपरवाइज़र चल रहा है (प्रोसेस {pid})।")
        yield Finding("supervisor", "ok", text.format(pid=status.pid))
    elif waiting:
        text = Text(
            en="The supervisor is dead and {n} runs wait for it. Start it with samajh up.",
            hi="सुपरवाइज़र बंद है और {n} रन उसका इंतज़ार कर रहे हैं। samajh up से उसे चालू करें।",
        )
        yield Finding("supervisor", "error", text.format(n=waiting))
    else:
        text = Text(en="No supervisor; it starts when it is needed.", hi="सुपरवाइज़र बंद है; ज़रूरत पर अपने आप चालू होगा।")
        yield Finding("supervisor", "ok", text)


def _port(settings: Settings) -> Iterator[Finding]:
    if port_free(settings.address, settings.port):
        text = Text(en="Port {port} is free.", hi="पोर्ट {port} खाली है।")
        yield Finding("port", "ok", text.format(port=settings.port))
    elif studio_answers(settings.address, settings.port):
        text = Text(en="A studio already answers on port {port}.", hi="पोर्ट {port} पर स्टूडियो पहले से चल रहा है।")
        yield Finding("port", "ok", text.format(port=settings.port))
    else:
        text = Text(
            en="Port {port} is taken by another program. Choose another: samajh up --port {other}.",
            hi="पोर्ट {port} किसी दूसरे प्रोग्राम के पास है। दूसरा चुनें: samajh up --port {other}।",
        )
        yield Finding("port", "warning", text.format(port=settings.port, other=settings.port + 1))


def port_free(address: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def studio_answers(address: str, port: int) -> bool:
    """Whether a Streamlit server answers there."""
    host = "127.0.0.1" if address in ("0.0.0.0", "") else address
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.read(16) == b"ok")
    except (OSError, ValueError):
        return False


def _torch() -> Iterator[Finding]:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        text = Text(
            en="PyTorch is not installed: pip install -c constraints.txt -e .",
            hi="PyTorch इंस्टॉल नहीं है: pip install -c constraints.txt -e .",
        )
        yield Finding("torch", "error", text)
        return
    about = (Path(spec.origin).parent / "version.py").read_text("utf-8")  # importing torch would take seconds
    version = _assigned(about, "__version__")
    cuda = _assigned(about, "cuda")
    has_gpu = Path("/dev/nvidia0").exists() or Path("/dev/dxg").exists()
    if not version.startswith(TESTED_TORCH):
        text = Text(
            en="PyTorch {v} is not the tested one ({t}): pip install -c constraints.txt -e .",
            hi="PyTorch {v} जाँचा हुआ ({t}) नहीं है: pip install -c constraints.txt -e .",
        )
        yield Finding("torch", "warning", text.format(v=version, t=TESTED_TORCH))
    elif cuda and not has_gpu:
        text = Text(
            en="PyTorch {v} is a CUDA build and there is no GPU here: it works, but takes gigabytes more "
            "disk than the CPU build (README, “CPU or GPU”).",
            hi="PyTorch {v} CUDA बिल्ड है और यहाँ GPU नहीं है: चलेगा, पर CPU बिल्ड से कई GB ज़्यादा "
            "जगह लेता है (README, “CPU or GPU”)।",
        )
        yield Finding("torch", "warning", text.format(v=version))
    elif has_gpu and not cuda:
        text = Text(
            en="There is a GPU here, but PyTorch {v} is a CPU build and will not use it (README, “CPU or GPU”).",
            hi="यहाँ GPU है, पर PyTorch {v} CPU बिल्ड है और उसे काम में नहीं लेगा (README, “CPU or GPU”)।",
        )
        yield Finding("torch", "warning", text.format(v=version))
    else:
        yield Finding("torch", "ok", Text(en=f"PyTorch {version}.", hi=f"PyTorch {version}।"))


def _assigned(source: str, name: str) -> str:
    """The string assigned to `name` in torch/version.py; empty for None."""
    match = re.search(rf"^{name}\b[^=]*=\s*['\"]([^'\"]*)['\"]", source, re.MULTILINE)
    return match.group(1) if match else ""


def _browser() -> Iterator[Finding]:
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found:
        text = Text(en="Browser for the tests: {path}.", hi="टेस्ट के लिए ब्राउज़र: {path}।")
        yield Finding("browser", "ok", text.format(path=found))
    else:
        text = Text(
            en="No Chromium found: the browser tests are skipped (on Debian and Ubuntu: apt install chromium).",
            hi="Chromium नहीं मिला: ब्राउज़र वाले टेस्ट छूट जाएँगे (Debian और Ubuntu पर: apt install chromium)।",
        )
        yield Finding("browser", "warning", text)


_DISCOVER = """
import json, sys
from pathlib import Path
import torch, pytorch_lightning
from data.discovery import discover
found = discover(Path(sys.argv[1]))
print("\\n" + json.dumps([len(found.methods), len(found.datasets), [[b.where, b.reason] for b in found.broken]]))
"""


def _declarations(settings: Settings) -> Iterator[Finding]:
    """Imports torch and every method and data set in a process of its own, so that nothing can take the doctor down."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _DISCOVER, str(settings.plugins)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=shadows.ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        text = Text(
            en="Importing the methods took over two minutes. Look for a plug-in in {folder} that works at import.",
            hi="मेथड इम्पोर्ट करने में दो मिनट से ज़्यादा लगे। {folder} में ऐसा प्लग-इन देखें जो इम्पोर्ट होते ही काम करने लगता है।",
        )
        yield Finding("plugins", "error", text.format(folder=settings.plugins))
        return
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        text = Text(
            en="PyTorch or Lightning does not import ({why}). Install anew: pip install -c constraints.txt -e .",
            hi="PyTorch या Lightning इम्पोर्ट नहीं होता ({why})। फिर से इंस्टॉल करें: pip install -c constraints.txt -e .",
        )
        yield Finding("torch", "error", text.format(why=why))
        return
    methods, datasets, broken = json.loads(done.stdout.strip().splitlines()[-1])
    for where, reason in broken:
        text = Text(
            en="{where} cannot be loaded ({reason}). Correct or remove the file; everything else works.",
            hi="{where} लोड नहीं होता ({reason})। फ़ाइल ठीक करें या हटाएँ; बाकी सब चलता है।",
        )
        yield Finding("plugins", "warning", text.format(where=where, reason=reason))
    text = Text(en="{m} methods and {d} data sets load.", hi="{m} मेथड और {d} डेटा सेट लोड होते हैं।")
    yield Finding("declarations", "ok", text.format(m=methods, d=datasets))
