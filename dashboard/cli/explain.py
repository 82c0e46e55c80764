"""`samajh explain image|table|text|denoiser|embedding`: why a model says what it says; each kind registers itself in a file of its own."""

from __future__ import annotations

import typer

from dashboard.cli import explain_denoiser, explain_embedding, explain_image, explain_table, explain_text
from dashboard.cli.declare import group, told


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    under = group("explain", told("Why a model says what it says.", "मॉडल जो कहता है, उसकी वजह।"))
    explain_image.add_to(under)
    explain_table.add_to(under)
    explain_text.add_to(under)
    explain_denoiser.add_to(under)
    explain_embedding.add_to(under)
    app.add_typer(under)
