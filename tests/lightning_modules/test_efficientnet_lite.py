"""The pretrained network: what it says of pictures whose content is known, and that it is the published architecture."""

from __future__ import annotations

import pytest
import torch

from dashboard.explain.image.models import pretrained
from dashboard.explain.image.subject import subject_of
from data.imagenet import class_names
from lightning_modules.supervised import efficientnet_lite


@pytest.mark.parametrize(("picture", "wanted"), [("china", "palace"), ("flower", "daisy")])
def test_it_knows_a_palace_and_a_daisy(picture: str, wanted: str) -> None:
    subject = subject_of({"sample": picture}, {})
    assert subject.model.classes[subject.target] == wanted
    assert subject.probabilities[subject.target] == pytest.approx({"palace": 0.3146, "daisy": 0.3640}[wanted], abs=2e-3)


def test_it_has_the_published_number_of_weights() -> None:
    """4,652,008 (tensorflow/tpu, efficientnet/lite: "4.7M")."""
    assert sum(parameter.numel() for parameter in pretrained().network.parameters()) == 4_652_008


def test_an_odd_pixel_of_padding_is_right_and_below() -> None:
    conv = efficientnet_lite.SameConv(1, 1, kernel=3, stride=2)
    torch.nn.init.ones_(conv.weight)
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0, 0] = 1  # seen by the first window alone, and by the last none: nothing is left of or above it
    assert conv(x)[0, 0].tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_every_class_has_a_name_of_its_own() -> None:
    assert len(class_names()) == len(set(class_names())) == 1000


@pytest.mark.peers
def test_it_says_to_the_last_bit_what_the_package_that_ships_beside_the_weights_says() -> None:
    peer = pytest.importorskip("efficientnet_lite_pytorch")
    theirs = peer.EfficientNet.from_name("efficientnet-lite0").eval()
    theirs.load_state_dict(torch.load(efficientnet_lite.weights_file(), weights_only=True))
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(efficientnet_lite.pretrained()(x), theirs(x))
