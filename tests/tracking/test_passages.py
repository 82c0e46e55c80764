"""A text a model wrote reaches the store, and a report, as it is: line breaks, Hindi, and signs that look like markup."""

from __future__ import annotations

from dashboard.figures.report import report
from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.logger import RunLogger
from dashboard.tracking.store import Store
from data.text import Text

WRITTEN = "पहली पंक्ति\n<script>alert(1)</script>\t& **two**\n"


def test_a_text_reaches_the_store_with_its_kind(settings: Settings, store: Store) -> None:
    log = RunLogger("read", settings=settings)
    path = log.log_text("written", WRITTEN, 3, caption=Text(en="Written", hi="लिखा"), info={"temperature": 0.8})
    log.close()
    collect(store, settings)
    (run,) = store.runs()
    (media,) = store.media(run.id)
    assert (media.kind, media.path, media.step, media.info) == ("text", path, 3, {"temperature": 0.8})
    assert media.path.read_text("utf-8") == WRITTEN
    page = report(store, run.id)
    assert "<pre>पहली पंक्ति\n&lt;script&gt;alert(1)&lt;/script&gt;" in page and "Written" in page
