"""`samajh explain text FILE|--text …`: which words made a model say what it says, in one sentence, with the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli import explained
from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import Reply, say, table
from dashboard.cli.training import Setting, pairs
from dashboard.compute.client import ask
from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.text.same_code import FAVOURABLE, Told, same_code
from dashboard.jobs import control
from data.text import Problem, Text

SHIPPED = ("sentiment", "minilm", "english_hindi")
_MOST_BYTES = 100_000
_WORD, _ADDS, _HALF = Text(en="word", hi="शब्द"), Text(en="adds", hi="कितना जोड़ता है"), Text(en="±", hi="±")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    about = told("Explain which words made a model say what it says.", "किन शब्दों की वजह से मॉडल ऐसा कहता है, बताएँ।")
    command(app, "text", about)(explain_text)


def explain_text(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help=told("A text file in UTF-8 (or use --text).", "UTF-8 टेक्स्ट फ़ाइल (या --text दें)।"))] = None,
    text: Annotated[str | None, typer.Option(help=told("The text itself.", "टेक्स्ट ख़ुद।"))] = None,
    model: Annotated[str, typer.Option(help=told("sentiment, minilm or english_hindi (with --other), or the run of a language model.", "sentiment, minilm या english_hindi (--other के साथ), या किसी भाषा मॉडल का रन।"))] = "sentiment",
    other: Annotated[str, typer.Option(help=told("The text it is compared with.", "जिस टेक्स्ट से तुलना हो।"))] = "",
    method: Annotated[str, typer.Option(help=told("How it is explained, such as word_shap, word_lime, word_gradients.", "वजह बताने का तरीका, जैसे word_shap, word_lime, word_gradients।"))] = "word_shap",
    target: Annotated[str | None, typer.Option(help=told("Answer to explain (the likeliest).", "किस जवाब की वजह (सबसे संभावित)।"))] = None,
    step: Annotated[int | None, typer.Option(help=told("Step of the checkpoint (the newest).", "चेकपॉइंट का स्टेप (सबसे नया)।"))] = None,
    settings: Setting = None,
    evidence: Annotated[bool, typer.Option(help=told("Also look for evidence.", "सबूत भी देखें।"))] = True,
    code: explained.Code = False,
    timeout: Annotated[float, typer.Option(min=1, help=told("Seconds to wait at most.", "ज़्यादा से ज़्यादा इतने सेकंड इंतज़ार।"))] = 300.0,
) -> Reply:  # fmt: skip
    """Explain one text."""
    typed = _typed(file, text)
    with house() as home:
        asked = model if model in SHIPPED else home.run(model).id
        control.ensure_supervisor(home.settings)
        request: dict[str, Any] = {
            "kind": "text", "method": method, "config": pairs(settings or ()), "model": asked, "step": step, "target": target,
            "text": typed, "other": other, "evidence": evidence,
        }  # fmt: skip
        answer = ask(home.settings, "explain", request, timeout_s=timeout)
    one = from_parts(answer.values, answer.arrays)
    reply = _reply(one, asked, method)
    lines = Told(asked, typed, other, one.target == FAVOURABLE, one.details, pairs(settings or ()))
    return explained.coded(reply, same_code(method, lines)) if code else reply


def _typed(file: str | None, text: str | None) -> str:
    if (file is None) == (text is None):
        raise Problem(
            Text(en="Give either a FILE or --text.", hi="या तो FILE दें या --text।"), code="bad_file", field="FILE"
        )
    if file is None:
        return text or ""
    path = Path(file)
    try:
        if path.stat().st_size > _MOST_BYTES:
            too_big = Text(
                en="{f} is too long to be explained word by word.", hi="{f} एक-एक शब्द समझाने के लिए बहुत लंबी है।"
            )
            raise Problem(too_big.format(f=path.name), code="text_too_long", field="FILE")
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        no_text = Text(en="{f} is no text in UTF-8.", hi="{f} UTF-8 टेक्स्ट नहीं है।")
        raise Problem(no_text.format(f=path.name), code="not_text", field="FILE") from error
    except OSError as error:
        unread = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(unread.format(f=path, why=error.strerror), code="no_file", field="FILE") from error


def _reply(one: Explanation, model: str, method: str) -> Reply:
    sentence = Text(**one.details["sentence"])
    words = one.details["words"]
    half = [None] * len(words) if one.half_width is None else [float(v) for v in one.half_width]
    values = {
        **explained.common(one),
        "model": model, "weights": one.details["weights"], "method": method, "target": one.target, "score": one.details["score"],
        "sentence": sentence.en, "sentence_hi": sentence.hi, "without": one.details["without"],
        "shares": [{"word": w, "share": float(a), "half_width": h} for w, a, h in zip(words, one.attributions, half, strict=True)],
        "answers": [{"answer": say(Text(**title)), "score": share} for title, share in one.details["top"]],
        "held_out": one.details.get("held_out"),
    }  # fmt: skip
    rows = [
        [word, f"{share:+.3f}", "" if h is None else f"{h:.2g}"]
        for word, share, h in zip(words, one.attributions, half, strict=True)
    ]
    shares = table([say(_WORD), say(_ADDS), say(_HALF)], rows)
    return Reply(values, [say(sentence), "", *shares, *explained.proof(one), *explained.ending(one)])
