"""A run as one HTML file that needs nothing else: no server, no network, nobody to run a script for it.

Type, pictures, curves and the chart library are inside. The file forbids itself any connection (its content policy),
so that it can be sent to anybody. Whatever people wrote (names, notes) is escaped. Free of Streamlit: the page and the
command line call the same function.
"""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from dashboard.catalogue import Catalogue
from dashboard.figures import faces
from dashboard.figures import report_words as words
from dashboard.figures.curves import curves
from dashboard.figures.numbers import duration, number, size
from dashboard.figures.scale import Style
from dashboard.figures.series import Level, Panel, Series
from dashboard.jobs.words import STATES
from dashboard.tracking.records import Media, Run
from dashboard.tracking.store import Store
from data.text import Language, Text

STATIC = Path(__file__).resolve().parent.parent / "static"
LIBRARY = STATIC / "plotly-basic-4.1.1.min.js"
MOST_PICTURES = 8
SPAN = 20


def report(store: Store, run_id: str, *, catalogue: Catalogue | None = None, language: Language = "en") -> str:
    """The report of a run as HTML text.

    Raises:
        Problem: `unknown_run`.
    """
    return _Report(store, store.run(run_id), catalogue, language).html()


@dataclass(frozen=True)
class _Report:
    store: Store
    run: Run
    catalogue: Catalogue | None
    language: Language

    def html(self) -> str:
        drawing, alt = self._curves()
        page = Template((Path(__file__).parent / "report.html").read_text(encoding="utf-8"))
        return page.substitute(
            language=self.language,
            title=_safe(self.run.name),
            facts=_safe(self._facts()),
            state=_safe(self._state()),
            notes=f"<p>{_safe(self.run.notes)}</p>" if self.run.notes else "",
            numbers=self._numbers(),
            curves_title=words.CURVES.to(self.language),
            alt=_safe(alt),
            pictures=self._pictures(),
            settings=self._settings(),
            events=self._events(),
            checkpoints=self._checkpoints(),
            environment=self._environment(),
            made=_safe(words.MADE.format(date=time.strftime("%Y-%m-%d %H:%M"), id=self.run.id).to(self.language)),
            fonts=fonts(),
            library=LIBRARY.read_text(encoding="utf-8") if drawing else "",
            figure=drawing,
        )

    def _facts(self) -> str:
        run = self.run
        parts = [
            faces.method_title(self.catalogue, run.method).to(self.language),
            faces.dataset_title(self.catalogue, run.dataset).to(self.language),
            words.STEPS.format(step=f"{run.step:,}", total=f"{run.total_steps:,}").to(self.language),
            words.SEED.format(seed=run.seed).to(self.language),
        ]
        if run.started_at is not None:
            parts.append(time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started_at)))
            if run.ended_at is not None:
                parts.append(duration(run.ended_at - run.started_at, self.language))
        return " · ".join([*parts, *run.tags])

    def _state(self) -> str:
        state = STATES[self.run.state].to(self.language).capitalize()
        return f"{state}: {self.run.reason.text.to(self.language)}" if self.run.reason is not None else state

    def _metrics(self) -> list[faces.MetricFace]:
        most_points_first = sorted(self.store.summaries(self.run.id), key=lambda summary: -summary.count)
        named = [faces.metric_face(self.catalogue, self.run.method, summary.name) for summary in most_points_first]
        return sorted((f for f in named if not f.name.startswith(faces.SYSTEM)), key=lambda face: not face.headline)

    def _numbers(self) -> str:
        latest = {s.name: s for s in self.store.summaries(self.run.id)}
        rows = [
            (
                face.title.to(self.language),
                f"{number(latest[face.name].last)} {face.unit}".strip(),
                number(latest[face.name].low),
                number(latest[face.name].high),
                f"{latest[face.name].count:,}",
            )
            for face in self._metrics()
        ]
        return self._table(words.NUMBERS, (words.METRIC, words.NEWEST, words.LOWEST, words.HIGHEST, words.POINTS), rows)

    def _curves(self) -> tuple[str, str]:
        """The figure as JSON that may stand inside a script element, and its description."""
        lines = self.store.info(self.run.id).get("reference_lines") or []
        panels = tuple(
            Panel(
                face.title.to(self.language),
                (Series(self.run.name, self.store.envelope(self.run.id, face.name), k),),
                tuple(_level(line, self.language) for line in lines if line.get("metric") == face.name),
                face.unit,
                face.log_axis,
            )
            for k, face in enumerate(self._metrics()[:8])
        )
        if not panels:
            return "", ""
        drawing = curves(panels, Style(span=SPAN, language=self.language))
        return drawing.json().replace("<", "\\u003c"), drawing.alt

    def _pictures(self) -> str:
        """The newest picture of each name, and how the first name came to be."""
        images = [m for m in self.store.media(self.run.id) if m.kind == "image" and m.path.is_file()]
        by_name: dict[str, list[Media]] = {}
        for media in images:
            by_name.setdefault(media.name, []).append(media)
        chosen = [series[-1] for series in by_name.values()]
        story = by_name.get("samples", [])
        chosen += (
            [story[i] for i in sorted({len(story) // 8, len(story) // 4, len(story) // 2})] if len(story) > 4 else []
        )
        return "".join(self._picture(media) for media in chosen[:MOST_PICTURES]) + self._sounds() + self._passages()

    def _sounds(self) -> str:
        """A player for the newest sound of each name."""
        sounds = {m.name: m for m in self.store.media(self.run.id) if m.kind == "audio" and m.path.is_file()}
        return "".join(self._sound(media) for media in sounds.values())

    def _passages(self) -> str:
        """The newest text of each name."""
        texts = {m.name: m for m in self.store.media(self.run.id) if m.kind == "text" and m.path.is_file()}
        return "".join(
            f"<figure><pre>{_safe(media.path.read_text('utf-8'))}</pre><figcaption>{_safe(self._told(media))}</figcaption></figure>"
            for media in texts.values()
        )

    def _sound(self, media: Media) -> str:
        caption = self._told(media)
        source = f"data:audio/wav;base64,{base64.b64encode(media.path.read_bytes()).decode()}"
        return f'<figure><audio controls src="{source}"></audio><figcaption>{_safe(caption)}</figcaption></figure>'

    def _picture(self, media: Media) -> str:
        caption = self._told(media)
        encoded = base64.b64encode(media.path.read_bytes()).decode()
        source = f"data:image/png;base64,{encoded}"
        return f'<figure><img alt="{_safe(caption)}" src="{source}"><figcaption>{_safe(caption)}</figcaption></figure>'

    def _told(self, media: Media) -> str:
        return words.PICTURE.format(name=media.caption.to(self.language), step=f"{media.step:,}").to(self.language)

    def _settings(self) -> str:
        rows = [(s.title, s.value) for s in faces.settings_of(self.catalogue, self.run, self.language)]
        return self._table(words.SETTINGS, (words.SETTING, words.VALUE), rows)

    def _events(self) -> str:
        rows = [
            (
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.time)),
                "" if event.step is None else f"{event.step:,}",
                event.text.to(self.language),
            )
            for event in self.store.events(self.run.id)[-50:]
        ]
        return self._table(words.EVENTS, (words.TIME, words.STEP, words.WHAT), rows)

    def _checkpoints(self) -> str:
        rows = [(f"{c.step:,}", size(c.size), c.sha256, c.weights_sha256) for c in self.store.checkpoints(self.run.id)]
        return self._table(words.CHECKPOINTS, (words.STEP, words.SIZE, words.FILE_HASH, words.WEIGHTS_HASH), rows)

    def _environment(self) -> str:
        rows = [(key, _plain(value)) for key, value in self.run.environment.items() if key != "packages" and value]
        return self._table(words.ENVIRONMENT, (words.SETTING, words.VALUE), rows)

    def _table(self, title: Text, heads: Sequence[Text], rows: Iterable[Sequence[str]]) -> str:
        body = "".join("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        if not body:
            return ""
        head = "".join(f"<th>{_safe(text.to(self.language))}</th>" for text in heads)
        return (
            f"<section><h2>{_safe(title.to(self.language))}</h2><div class='wide'><table>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
        )


def _level(line: dict[str, Any], language: Language) -> Level:
    return Level(float(line["value"]), Text.model_validate(line["label"]).to(language))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _safe(text: str) -> str:
    return html.escape(text, quote=True)


@lru_cache(maxsize=1)
def fonts() -> str:
    """Mukta in both scripts, inside the style sheet."""
    rules = []
    for script, letters in (
        ("latin", "U+0000-00FF,U+2000-206F,U+20B9"),
        ("devanagari", "U+0900-097F,U+200C-200D,U+20A8,U+20B9,U+25CC"),
    ):
        for weight in (400, 600):
            encoded = base64.b64encode((STATIC / f"mukta-{script}-{weight}-normal.woff2").read_bytes()).decode()
            rules.append(
                f"@font-face{{font-family:Mukta;font-weight:{weight};unicode-range:{letters};"
                f"src:url(data:font/woff2;base64,{encoded}) format('woff2')}}"
            )
    return "\n".join(rules)
