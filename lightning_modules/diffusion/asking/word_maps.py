"""Which pixels each word of a prompt drove: cross-attention, averaged over heads, layers and steps of a walk.

After R. Tang et al.: What the DAAM (2022, arXiv:2210.04885), section 3: the attention of every layer is brought to the size of
the picture and averaged. What is told is a share of attention: over all words and "nothing" it adds to 1 at every pixel. The
pieces of a word count together. Watching changes nothing: the samples are those of the same request, to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.blocks.attention import text_maps

if TYPE_CHECKING:
    from lightning_modules.diffusion.denoising import Arrays
    from lightning_modules.diffusion.parts.prompts import PromptedMethod

MOST_WATCHED = 16
_BEGINS_A_WORD = "▁"


def words_of(pieces: Sequence[str]) -> tuple[list[str], list[int]]:
    """Pieces of a prompt -> its words, and for each piece the number of its word."""
    words: list[str] = []
    member = []
    for piece in pieces:
        if piece.startswith(_BEGINS_A_WORD) or not words:
            words.append("")
        words[-1] += piece.removeprefix(_BEGINS_A_WORD)
        member.append(len(words) - 1)
    return words, member


def word_maps(model: PromptedMethod, pieces: Sequence[str], values: Mapping[str, Any], arrays: Arrays) -> Answer:
    """The request "words", like "sample" with a prompt -> values `words`; x [count, *data shape], maps [count, words, height, width].

    Args:
        model: The model.
        pieces: The tokens of the prompt.
        values: The request.
        arrays: What came with it.

    Raises:
        Problem: The request cannot be met, or no pixel of this model attends to words (`no_words`).
    """
    if not model.reads_words:
        raise Problem(
            Text(
                en="No pixel of this model looks at single words: it is told the whole prompt as one vector.",
                hi="इस मॉडल का कोई पिक्सेल अलग-अलग शब्द नहीं देखता: उसे पूरा प्रॉम्प्ट एक वेक्टर में बताया जाता है।",
            ),
            code="no_words",
        )
    wanted = checked(model.request, values)
    if wanted.count > MOST_WATCHED:
        text = Text(
            en=f"At most {MOST_WATCHED} pictures can be watched at once.",
            hi=f"एक बार में ज़्यादा से ज़्यादा {MOST_WATCHED} तस्वीरें देखी जा सकती हैं।",
        )
        raise Problem(text, code="too_much", field="count")
    with text_maps(model.best_network) as found:
        x = model.draw(wanted, arrays)
    maps = mean_map([one[-wanted.count :] for one in found], model.data_shape[-2:])  # guidance puts the told ones last
    words, member = words_of(pieces)
    together = maps.new_zeros(len(maps), len(words), *maps.shape[2:])
    together.index_add_(1, torch.tensor(member), maps[:, 1:])
    return Answer({"words": words}, {"x": x, "maps": together.numpy()})


def mean_map(found: Sequence[Tensor], size: tuple[int, ...]) -> Tensor:
    """Maps [count, heads, h, w, 1 + tokens] of any h and w -> their mean [count, 1 + tokens, *size]."""
    total = torch.zeros(())
    for one in found:
        shares = one.float().mean(dim=1).permute(0, 3, 1, 2).cpu()
        total = total + F.interpolate(shares, size=size, mode="bilinear", align_corners=False)
    return total / len(found)
