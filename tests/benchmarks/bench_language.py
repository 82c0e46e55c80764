"""What a character of the Python reference costs: counting 3-, 5- and 7-grams, and a GPT trained for minutes on one thread.

The split is the data set's own: the last tenth of the text is never trained on, and all of it that fills whole windows is judged. After it a
BERT: how many hidden byte pairs of the same held-out text it tells, beside always saying the commonest.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any

from data.catalog import Dataset
from data.datasets import topics
from data.texts import TextConfig
from lightning_modules.language import bert, gpt
from lightning_modules.language.ngrams import bits_per_character
from lightning_modules.language.vocabulary import held_out_text, training_text
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules.training import train


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the preset tiny")
    quick = parser.parse_args().quick
    data = topics.load(TextConfig())
    text, held_out = training_text(data), held_out_text(data)
    figures: dict[str, Any] = {"held_out_characters": len(held_out)}
    for order in (3, 5, 7):
        figures[f"{order}-gram"] = round(bits_per_character(text, held_out, order), 4)
    options, config = settled(gpt.METHOD, "tiny" if quick else "small", "text")
    began = time.process_time()
    model = train(gpt.METHOD, data, TrainingOptions(**options), config).module.eval()
    figures["gpt_cpu_s"] = round(time.process_time() - began, 1)
    nats, _, characters = gpt.told(model.best, model.vocabulary, held_out, model.context)
    figures["gpt"] = round(nats / math.log(2) / characters, 4)
    figures |= _hidden_tokens(data, "tiny" if quick else "small")
    for name, value in figures.items():
        sys.stdout.write(f"{name:<22}{value}\n")
    sys.stdout.write(f"\n{model.write(gpt.WriteRequest(length=400))[0]}\n\n")
    sys.stdout.write(json.dumps({"language": figures}) + "\n")
    return 0


def _hidden_tokens(data: Dataset, preset: str) -> dict[str, float]:
    options, config = settled(bert.METHOD, preset, "text")
    began = time.process_time()
    model = train(bert.METHOD, data, TrainingOptions(**options), {**config, "judged": 10_000_000}).module.eval()
    figures = {"bert_cpu_s": round(time.process_time() - began, 1)}
    for line in model.reference_lines(data):
        if line.metric == "masked_accuracy":
            figures["commonest_token"] = round(line.value, 4)
    return figures | {f"bert_{name}": round(value, 4) for name, value in model.evaluate(data).items()}


if __name__ == "__main__":
    raise SystemExit(main())
