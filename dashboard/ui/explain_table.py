"""Explain a table: choose or upload one, train a model on the spot, pick a row, and read why the model says what it says."""

from __future__ import annotations

from dashboard.ui import (
    address,
    explain_table_fair,
    explain_table_letter,
    explain_table_model,
    explain_table_row,
    explain_table_ways,
    explain_table_whatif,
    explain_table_whole,
    explain_table_why,
    explain_table_worth,
)
from dashboard.ui.face import Face
from dashboard.ui.language import t
from data.text import Text

FACE = Face(
    name="table",
    title=Text(en="Table", hi="टेबल"),
    about=Text(
        en="Upload a table, choose what to predict, and see why the model decides as it does, row by row.",
        hi="टेबल अपलोड करें, चुनें क्या बताना है, और देखें मॉडल हर पंक्ति पर ऐसा क्यों कहता है।",
    ),
    order=1,
)

VIEWS = ("why", "what_if", "ways", "whole", "worth", "fair", "letter")


def render() -> None:
    """Draw the face."""
    model = explain_table_model.choose()
    if model is None:
        return
    row = explain_table_row.choose(model)
    if row is None:
        return
    view = address.choice(
        t("explain_table.views"), list(VIEWS), parameter="view", show=lambda name: t(f"explain_table.view.{name}")
    )
    if view == "why":
        explain_table_why.local(model, row)
    elif view == "whole":
        explain_table_whole.render(model, row)
    elif view == "what_if":
        explain_table_whatif.render(model, row)
    elif view == "worth":
        explain_table_worth.render(model, row)
    elif view == "fair":
        explain_table_fair.render(model, row)
    elif view == "letter":
        explain_table_letter.render(model, row)
    else:
        explain_table_ways.render(model, row)
    explain_table_model.learn_from_all(model)
