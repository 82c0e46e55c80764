"""Exact truths: what the mathematics of the shipped code must give, checked on the installed product in seconds.

One subject a file, each with `TRUTHS`; nothing else lists them. A truth is a number that is known without our code (closed
form, published, worked out by hand or independently), the number our code gives, and how far apart they may be. Tests,
`samajh selftest` and the badge in the lab check the same ones.
"""

from __future__ import annotations

import importlib
import pkgutil

from lightning_modules.truths.truth import Truth


def discover() -> list[Truth]:
    """Every truth, subject by subject."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [truth for module in modules for truth in getattr(module, "TRUTHS", ())]
