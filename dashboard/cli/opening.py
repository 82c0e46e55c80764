"""Opens what commands work on: the store of this home, a run by the word a person uses for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dashboard.settings import Settings, settings
from dashboard.tracking.examples import bring_in
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Run, RunFilter
from dashboard.tracking.store import Store
from data.text import Problem, Text


@dataclass(frozen=True)
class House:
    """One studio home, opened."""

    settings: Settings
    store: Store

    def run(self, word: str) -> Run:
        """The run a person means: its id, the beginning of its id, or `last` (the newest of their own)."""
        if word == "last":
            newest = self.store.runs(RunFilter(limit=1, example=False))
            if newest:
                return newest[0]
            raise Problem(Text(en="There is no run yet.", hi="अभी कोई रन नहीं है।"), code="unknown_run", field="RUN")
        beginning = [run for run in self.store.runs(RunFilter(search=word, deleted=None)) if run.id.startswith(word)]
        if len(beginning) > 1 and word not in {run.id for run in beginning}:
            text = Text(en="“{w}” begins {n} run ids; give more of it.", hi="“{w}” से {n} रन id शुरू होती हैं; और अक्षर दें।")
            raise Problem(text.format(w=word, n=len(beginning)), code="ambiguous_run", field="RUN")
        return self.store.run(beginning[0].id if len(beginning) == 1 else word)


@contextmanager
def house() -> Iterator[House]:
    """The home of this process, with the examples in it and its journals collected, so that what is read is up to date."""
    here = settings()
    with Store.open(here) as store:
        bring_in(here)
        collect(store, here)
        yield House(here, store)
