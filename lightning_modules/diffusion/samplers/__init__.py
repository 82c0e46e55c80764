"""The samplers, one a file, found by their `SAMPLER`. Importing them imports no torch, so pages may list them."""

from __future__ import annotations

import importlib
import pkgutil

from lightning_modules.diffusion.process.stages import Sampler


def _found() -> dict[str, Sampler]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    declared: list[Sampler] = [importlib.import_module(f"{__name__}.{name}").SAMPLER for name in names]
    return {sampler.name: sampler for sampler in sorted(declared, key=lambda sampler: sampler.name != "ddim")}


SAMPLERS: dict[str, Sampler] = _found()
"""By name, the usual one first."""
