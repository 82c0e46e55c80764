"""Grad-CAM (arXiv:1610.02391, equations 1 and 2): w_k = mean over places of dF_c/dA_k, M = ReLU(sum_k w_k A_k), A_k the maps of a layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.layers import AUTOMATIC, chosen_layer, map_layers, response
from dashboard.explain.image.maps import Map, enlarged
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard, option
from data.text import Text


class LayerConfig(ImageConfig):
    """Which layer's maps are looked at."""

    layer: str = option(
        AUTOMATIC, max_length=200,
        title=Text(en="Layer", hi="परत"),
        help=Text(en="Empty: the last one with a map. Earlier layers have finer maps of simpler things.",
                  hi="खाली: मैप वाली आख़िरी परत। पहले की परतों के मैप बारीक, पर सरल चीज़ों के होते हैं।"),
        source="arXiv:1610.02391, section 3.1",
    )  # fmt: skip


class GradCAMConfig(LayerConfig):
    """Nothing else to choose."""


def grad_cam_map(activation: Tensor, slope: Tensor) -> Tensor:
    """Both [channels, height, width] -> the map [height, width] before the ReLU."""
    weight = slope.mean(dim=(1, 2), keepdim=True)
    return (weight * activation).sum(dim=0)


def grad_cam(subject: ImageSubject, config: GradCAMConfig) -> Iterator[Explanation]:
    """One pass forward, and back to the layer."""
    layer = chosen_layer(subject.network, subject.x, config.layer)
    activation, slope, score = response(subject.network, subject.x, subject.target, layer)
    subject.calls += 2
    yield told(subject, grad_cam_map(activation, slope).relu().double().numpy(), score, layer)


def told(subject: ImageSubject, coarse: Map, score: float, layer: str) -> Explanation:
    """The explanation by the map of a layer: enlarged to the picture, with the layer and those there are."""
    return Explanation(
        enlarged(coarse, subject.size), score, target_name(subject),
        details={"layer": layer, "layers": map_layers(subject.network, subject.x)},
        arrays={"coarse": np.ascontiguousarray(coarse)},
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="grad_cam",
    title=Text(en="Grad-CAM", hi="Grad-CAM (क्लास का मैप)"),
    summary=Text(en="Where the last layer's features that speak for the class are: a coarse, steady map, at once.",
                 hi="आख़िरी परत में क्लास के पक्ष वाले फ़ीचर कहाँ हैं: मोटा पर भरोसेमंद मैप, तुरंत।"),
    source="R. Selvaraju and others: Grad-CAM, 2016, arXiv:1610.02391",
    kind="image",
    config=GradCAMConfig,
    explain=answering(grad_cam),
)  # fmt: skip
