"""Where a likeness comes from, exactly: the cosine as a sum over places (A. Stylianou and others, arXiv:1901.00536, section 3).

Of an encoder that ends in a mean over P places, e(x) = (1/P) sum_p f_p(x), the cosine is the sum over places of f_p(x) · e(o) / (P |e(x)| |e(o)|).
Nothing is sampled and nothing left over; what a place's features saw may reach beyond it, as far as the network looks.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.embedding.answering import Way
from dashboard.explain.embedding.subject import EmbeddingSubject
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import enlarged
from data.catalog import ExplainerCard
from data.text import Problem, Text
from lightning_modules.blocks.resnet import SmallResNet
from lightning_modules.blocks.vit import VisionTransformer


def alike_parts(subject: EmbeddingSubject, config: HidingConfig) -> Iterator[Explanation]:
    """One pass over both pictures."""
    encoder = subject.model.best_network.get_submodule("encoder")
    with torch.no_grad():
        places = _places(encoder, subject.x)[0].double()
    subject.calls += 1
    mine, other = subject.vectors(subject.x)[0], subject.vectors(subject.other)[0]
    scale = places[0].numel() * mine.norm() * other.norm()
    coarse = (torch.einsum("fhw,f->hw", places, other) / scale.clamp(min=1e-300)).cpu().numpy()
    shown = enlarged(coarse, subject.size)
    missing = coarse.sum() - shown.sum()
    yield Explanation(
        shown + missing / shown.size,
        float(subject.likeness(subject.x)[0]),
        "likeness",
        base_value=0.0,
        arrays={"places": coarse},
    )


def _places(encoder: nn.Module, x: Tensor) -> Tensor:
    """f of every place [batch, features, rows, columns].

    Raises:
        Problem: The encoder does not end in a mean over places.
    """
    if isinstance(encoder, SmallResNet):
        return encoder.maps(x.contiguous(memory_format=torch.channels_last))
    if isinstance(encoder, VisionTransformer) and encoder.pool == "mean" and isinstance(encoder.even, nn.Identity):
        tokens = encoder.tokens(encoder.embedded(x))[:, 1:]
        return tokens.transpose(1, 2).reshape(len(x), -1, *encoder.grid)
    raise Problem(
        Text(en="This encoder does not end in a mean over places, so its likeness is no sum of them; choose “Hide parts” or the gradients.",
             hi="यह एनकोडर जगहों के औसत पर ख़त्म नहीं होता, इसलिए समानता उनका जोड़ नहीं है; “हिस्से छिपाकर” या ग्रेडिएंट चुनें।"),
        code="no_places", field="method",
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="alike_parts",
    title=Text(en="Likeness as a sum of places", hi="समानता, जगहों का जोड़"),
    summary=Text(en="Takes the cosine apart into what each place of the picture adds; exact, for encoders that end in a mean over places.",
                 hi="कोसाइन को तस्वीर की हर जगह के हिस्से में बाँटता है; सटीक, उन एनकोडर के लिए जो जगहों के औसत पर ख़त्म होते हैं।"),
    source="A. Stylianou, R. Souvenir, R. Pless: Visualizing Deep Similarity Networks, 2019, arXiv:1901.00536",
    kind="embedding",
    config=HidingConfig,
    explain=Way(alike_parts),
)  # fmt: skip
