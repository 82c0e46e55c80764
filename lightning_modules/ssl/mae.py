"""Masked autoencoder, arXiv:2111.06377: hide most of an image and paint in what is missing.

An image is cut into patches; 75 % of them, chosen at random, are hidden. The encoder, a vision transformer, sees only the others. A small
decoder gets their tokens back at their places, and one learned token at each hidden place, and says what the hidden patches look like.
Loss: mean squared error on the hidden patches alone (section 3), of pixels or of each patch brought to mean 0 and variance 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, ReferenceLine, option
from data.text import Text
from lightning_modules.base import Picture
from lightning_modules.blocks.vit import TransformerLayer, VisionTransformer, patchify, positions, unpatchify
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics, reconstruction
from lightning_modules.ssl.encoders import TransformerOptions, transformer
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import transformer_presets
from lightning_modules.ssl.views import ViewOptions, random_view

_EPSILON = 1e-6
"""Added to the variance of a patch (facebookresearch/mae, models_mae.py)."""
_HIDDEN = -0.2
"""The shade of hidden patches in the strips."""


class _Masking(Config):
    """What is hidden; these fields come first in the form."""

    hidden_share: float = option(
        0.75, gt=0, lt=1,
        title=Text(en="Hidden share", hi="छिपा हिस्सा"),
        help=Text(en="Share of the patches that are hidden. Images repeat themselves: with less the task is too easy.",
                  hi="कितने पैच छिपाए जाएँ। तस्वीरें ख़ुद को दोहराती हैं: कम छिपाने पर काम बहुत आसान हो जाता है।"),
        source="arXiv:2111.06377, figure 5",
    )  # fmt: skip
    normalised: bool = option(
        False,
        title=Text(en="Normalised patches", hi="नॉर्मलाइज़ किए पैच"),
        help=Text(en="Each patch is to be told up to its own brightness and contrast; better for photographs, and the strips then borrow both from the true patch.",
                  hi="हर पैच अपनी चमक और कंट्रास्ट के बिना बताया जाए; फ़ोटो के लिए बेहतर, और तब पट्टियाँ ये दोनों असली पैच से लेती हैं।"),
        source="arXiv:2111.06377, table 1d",
    )  # fmt: skip
    decoder_layers: int = option(
        1, ge=1, le=16, unit="layers", advanced=True,
        title=Text(en="Layers of the decoder", hi="डीकोडर की परतें"),
        help=Text(en="Attention layers of the decoder, which is thrown away after training.", hi="डीकोडर की अटेंशन परतें; ट्रेनिंग के बाद डीकोडर हटा दिया जाता है।"),
        source="arXiv:2111.06377, table 1a",
    )  # fmt: skip


class MAEConfig(JudgeOptions, TransformerOptions, ViewOptions, _Masking):
    """What a person chooses about MAE."""


class Masked(nn.Module):
    """Encoder and decoder. Shapes: order [batch, patches], the patches' numbers with those that are seen first."""

    places: Tensor

    def __init__(self, encoder: VisionTransformer, values: int, *, layers: int, heads: int) -> None:
        super().__init__()
        width = encoder.features
        self.encoder = encoder
        self.cross = nn.Linear(width, width)
        self.hidden = nn.Parameter(0.02 * torch.randn(width))
        self.decoder = nn.Sequential(*(TransformerLayer(width, heads) for _ in range(layers)), nn.LayerNorm(width))
        self.leave = nn.Linear(width, values)
        self.register_buffer("places", positions(*encoder.grid, width), persistent=False)

    def forward(self, x: Tensor, order: Tensor, seen: int) -> Tensor:
        """What all patches look like, told from the first `seen` of the order: [batch, patches, values]."""
        embedded = self.encoder.embedded(x)
        width = embedded.shape[-1]
        kept = order[:, :seen, None].expand(-1, -1, width)
        tokens = self.cross(self.encoder.tokens(embedded.gather(1, kept)))
        back = self.hidden.expand_as(embedded).to(tokens.dtype).scatter(1, kept, tokens[:, 1:])
        whole = torch.cat([tokens[:, :1], back + self.places], dim=1)
        out: Tensor = self.leave(self.decoder(whole)[:, 1:])
        return out


def hidden_loss(told: Tensor, true: Tensor, hidden: Tensor) -> Tensor:
    """Mean squared error of patches told and true [batch, patches, values] on those that are `hidden` [batch, patches]."""
    each = (told - true).square().mean(dim=-1)
    return (each * hidden).sum() / hidden.sum()


def normalised(patches: Tensor) -> Tensor:
    """Each patch with mean 0 and (unbiased) variance 1; flat ones become 0."""
    mean, variance = patches.mean(dim=-1, keepdim=True), patches.var(dim=-1, keepdim=True)
    return (patches - mean) / (variance + _EPSILON).sqrt()


def like(patches: Tensor, true: Tensor) -> Tensor:
    """Normalised patches with brightness and contrast of the true ones."""
    return patches * (true.var(dim=-1, keepdim=True) + _EPSILON).sqrt() + true.mean(dim=-1, keepdim=True)


class MAE(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: MAEConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        encoder = transformer(dataset.shape, config, "mean")
        values = dataset.shape[0] * config.patch**2
        self.adopt(Masked(encoder, values, layers=config.decoder_layers, heads=config.heads))
        self.patches = encoder.grid[0] * encoder.grid[1]
        self.seen = min(self.patches - 1, max(1, round(self.patches * (1 - config.hidden_share))))
        self.watch(dataset, config.judged, config)

    def drawn(self, batch: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """A random order of the patches for each image, and which are hidden: both [batch, patches]."""
        order = torch.rand(batch, self.patches, device=device).argsort(dim=1)
        hidden = torch.ones_like(order, dtype=torch.float32).scatter(1, order[:, : self.seen], 0.0)
        return order, hidden

    def target(self, x: Tensor) -> Tensor:
        """What is to be told of each patch [batch, patches, values]."""
        patches = patchify(x, self.config.patch)
        return normalised(patches) if self.config.normalised else patches

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The error on hidden patches of a view of each image: x [batch, …] -> the loss."""
        x = random_view(batch[0], self.config)
        order, hidden = self.drawn(len(x), x.device)
        loss = hidden_loss(self.network(x, order, self.seen), self.target(x), hidden)
        self.log("loss", loss.detach())
        return loss

    def represent(self, x: Tensor) -> Tensor:
        """The mean of the encoder's tokens, nothing hidden."""
        found: Tensor = self.best_network.get_submodule("encoder")(x)
        return found

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The error on hidden patches of held-out images, and the representation."""
        x = reconstruction.held_out(dataset).to(self.device)
        order, hidden = self.drawn(len(x), x.device)
        missed = hidden_loss(self.best_network(x, order, self.seen), self.target(x), hidden)
        return {"hidden_error": float(missed), **super().evaluate(dataset)}

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """What telling the mean of each place costs, and those of every representation."""
        train = self.target(torch.from_numpy(dataset.train.x))
        missed = float((self.target(reconstruction.held_out(dataset)) - train.mean(dim=0)).square().mean())
        mean = Text(en="always the mean patch", hi="हमेशा औसत पैच")
        lines = [ReferenceLine(name, missed, mean) for name in ("loss", "hidden_error")]
        return lines + super().reference_lines(dataset)

    def pictures(self) -> list[Picture]:
        """Held-out images, what is shown of them, and what is made of that; neighbours."""
        x = self._shown.to(self.device)
        order, hidden = self.drawn(len(x), x.device)
        true = patchify(x, self.config.patch)
        told = self.best_network(x, order, self.seen)
        told = like(told, true) if self.config.normalised else told
        covered = hidden[..., None] > 0
        shape = tuple(x.shape[1:])
        shown = unpatchify(torch.where(covered, torch.full_like(true, _HIDDEN), true), shape, self.config.patch)
        again = unpatchify(torch.where(covered, told, true), shape, self.config.patch)
        caption = Text(
            en="Held-out images, what the model sees, and what it makes of it",
            hi="अलग रखी तस्वीरें, मॉडल जो देखता है, और उससे जो बनाता है",
        )
        return [reconstruction.strips([x, shown, again], caption), *super().pictures()]


_MILD = {"crop": 0.7, "turn": 10.0, "bend": 0.04, "colour": 0.0, "blur": 0.0, "erase": 0.0}
"""Hiding is the task: views are changed little (arXiv:2111.06377, table 1e)."""

METHOD = MethodCard(
    name="mae",
    title=Text(en="MAE (paint in what is hidden)", hi="MAE (छिपा हुआ भरना)"),
    summary=Text(
        en="Learns without labels by painting in three quarters of an image from the rest; its attention can be looked at.",
        hi="बिना लेबल सीखता है: तस्वीर का तीन-चौथाई हिस्सा बाक़ी देखकर भरना; इसका अटेंशन देखा जा सकता है।",
    ),
    family="self_supervised",
    source="K. He and others: Masked Autoencoders Are Scalable Vision Learners, 2021, arXiv:2111.06377",
    config=MAEConfig,
    build=MAE,
    accepts=("image",),
    answers=("embed", "attention"),
    presets=transformer_presets(_MILD, mirrored=True, sizes={"small": {"steps": 2000, "batch_size": 128}}),
    metrics=(
        *metrics.METRICS,
        metrics.POINTING,
        MetricCard(
            "hidden_error",
            Text(en="Error on hidden patches", hi="छिपे पैच पर त्रुटि"),
            Text(en="Mean squared error on the hidden patches of held-out images.", hi="अलग रखी तस्वीरों के छिपे पैच पर औसत वर्ग त्रुटि।"),
            better="lower",
        ),
    ),
)  # fmt: skip
