"""A way to explain as the catalogue tells it, so that pages and command line need not import it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from data.catalog import ExplainerCard, SubjectKind
from data.fields import Field, fields_of
from data.text import Text


class ExplainerEntry(BaseModel):
    """The fields are those of `data.catalog.ExplainerCard`; `json_schema` is that of its config."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: Text
    summary: Text
    source: str
    kind: SubjectKind
    scope: str
    fields: tuple[Field, ...]
    json_schema: dict[str, Any]


def entry_of(card: ExplainerCard) -> ExplainerEntry:
    """The entry of a card."""
    schema = card.config.model_json_schema()
    return ExplainerEntry(
        name=card.name,
        title=card.title,
        summary=card.summary,
        source=card.source,
        kind=card.kind,
        scope=card.scope,
        fields=fields_of(schema),
        json_schema=schema,
    )
