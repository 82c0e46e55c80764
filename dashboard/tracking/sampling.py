"""Processor, memory and GPU load of a training process, measured inline at most every few seconds."""

from __future__ import annotations

import sys
import time

import psutil

EVERY_S = 2.0
"""Least time between two samples; one sample costs about 0.1 ms."""

_MIB = 1024 * 1024


class SystemSampler:
    """Gives `system/...` metrics when it is time, and nothing otherwise."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self.every_s = every_s
        self._next = time.monotonic() + every_s
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first call only starts the clock

    def sample(self) -> dict[str, float]:
        """The metrics: % of one processor, MiB of memory, of the GPU if there is one; empty before it is time."""
        now = time.monotonic()
        if now < self._next:
            return {}
        self._next = now + self.every_s
        found = {
            "system/cpu_percent": self._process.cpu_percent(),
            "system/memory_mib": self._process.memory_info().rss / _MIB,
            "system/machine_memory_percent": psutil.virtual_memory().percent,
        }
        return found | _gpu()


def _gpu() -> dict[str, float]:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return {}
    found = {"system/gpu_memory_mib": torch.cuda.memory_allocated() / _MIB}
    try:
        found["system/gpu_percent"] = float(torch.cuda.utilization())
    except (RuntimeError, ModuleNotFoundError):  # needs nvidia-ml-py, which not every machine has
        return found
    return found
