"""Which places of the picture look at a word at step t: cross-attention, averaged over heads and layers (arXiv:2210.04885, section 3).

What is mapped is a share of attention: over all words and "nothing" it adds to 1 at every pixel. Attention says where a word can act, not what
it does there; so the prompt is also read without the word, and the change of the picture is compared with the map.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.denoiser.answering import Way, stage_of
from dashboard.explain.denoiser.subject import DenoiserSubject
from dashboard.explain.denoiser.telling import SLIGHT_WORD, wording
from dashboard.explain.denoiser.words import Change, WordConfig, Words
from dashboard.explain.image.maps import rank_correlation, region, softened
from dashboard.explain.image.proof import PLACES, matters, moved
from dashboard.explain.image.sentence import place
from data.catalog import ExplainerCard
from data.text import Text
from lightning_modules.blocks.attention import text_maps
from lightning_modules.diffusion.asking.word_maps import mean_map


def word_attention(subject: DenoiserSubject, config: WordConfig) -> Iterator[Explanation]:
    """One pass, watched."""
    words = Words.of(subject, config)
    with text_maps(subject.model.best_network) as found:
        subject.denoised(subject.clean + subject.noise(config.seed))
    maps = mean_map(found, subject.model.data_shape[-2:])[0, 1:]
    mine = torch.tensor([word == words.chosen for word in words.member])
    shown = maps[mine].sum(dim=0).double().numpy()
    yield Explanation(shown, float(shown.mean()), words.word, details={"words": list(words.words), "word": words.word})


def _sentence(subject: DenoiserSubject, config: WordConfig, one: Explanation) -> tuple[Text, dict[str, Any]]:
    where = region(one.attributions)
    change = Change.of(subject, Words.of(subject, config), config.seed)
    confirmed = matters(_beaten(change, one, config)) if where.any() else None
    told = wording(
        stage_of(subject),
        word=one.target,
        place=place(one.attributions, where),
        moved=change.size,
        marked=bool(where.any()),
        confirmed=confirmed,
    )
    return told, {"moved": change.size}


def _beaten(change: Change, one: Explanation, config: WordConfig) -> int:
    """In how many other places the same shape holds less of the change."""
    inside = change.within(moved(region(one.attributions), config.seed))
    return int((inside[1:] < inside[0]).sum())


def _proof(subject: DenoiserSubject, config: WordConfig, one: Explanation) -> Iterator[tuple[str, Finding]]:
    change = Change.of(subject, Words.of(subject, config), config.seed)
    yield "effect", change.effect(SLIGHT_WORD)
    beaten = _beaten(change, one, config)
    yield "reasons", Finding(
        Text(en="The word acts there", hi="शब्द का असर वहीं है"),
        Text(en=f"Without the word the marked region changes more than the same shape in {beaten} of {PLACES} other places.",
             hi=f"शब्द के बिना दिखाया गया हिस्सा, {PLACES} में से {beaten} दूसरी जगह उसी आकार की तुलना में, ज़्यादा बदलता है।"),
        beaten / PLACES, matters(beaten),
    )  # fmt: skip
    rho = rank_correlation(softened(one.attributions), softened(change.map))
    yield "agreement", Finding(
        Text(en="Attention and effect agree", hi="अटेंशन और असर मेल खाते हैं"),
        Text(en=f"Where the attention is and where the picture changes without the word agree with a rank correlation of {rho:.2f}.",
             hi=f"अटेंशन कहाँ है और शब्द के बिना तस्वीर कहाँ बदलती है, इनका रैंक कोरिलेशन {rho:.2f} है।"),
        rho, True if rho >= 0.3 else False if rho < 0 else None,
    )  # fmt: skip
    yield "seeds", WAY.steady(subject, config, one)


WAY = Way(word_attention, _sentence, _proof, needs="reasons")

EXPLAINER = ExplainerCard(
    name="word_attention_map",
    title=Text(en="Where a word is looked at", hi="शब्द को कहाँ से देखा जाता है"),
    summary=Text(en="Which places of the picture attend to a word of the prompt at this noise, and whether the picture changes there without it.",
                 hi="इस नॉइज़ पर तस्वीर की कौन-सी जगहें प्रॉम्प्ट के किसी शब्द को देखती हैं, और उसके बिना तस्वीर वहीं बदलती है या नहीं।"),
    source="R. Tang and others: What the DAAM, 2022, arXiv:2210.04885",
    kind="denoiser",
    config=WordConfig,
    explain=WAY,
)  # fmt: skip
