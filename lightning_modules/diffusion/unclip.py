"""unCLIP (DALL·E 2), arXiv:2204.06125: words to the vector of a picture, and the vector to a picture.

Stage 1 trains a small CLIP on the captions (arXiv:2103.00020). Stage 2 freezes it and trains two denoisers side by side: the
prior, which draws the vector of a picture from a text, and the decoder, a U-Net that is told the vector as a token and with
the time (section 2.1). A given picture's own vector gives variations of it (section 3.1); vectors of two texts are joined by
spherical interpolation (section 3.2). Notation: e [batch, width], a unit vector times sqrt(width).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from data.catalog import Dataset, FloatArray, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Problem, Text
from lightning_modules.base import Picture, Shown
from lightning_modules.blocks.attention import TextContext
from lightning_modules.blocks.contrastive import Clip
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.asking import answers
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.denoising import Arrays
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.measures.caption_match import PROMPT_METRICS
from lightning_modules.diffusion.parts.prior import Prior, draw_vectors, prior_loss
from lightning_modules.diffusion.parts.prompts import PromptedOptions, PromptRequest
from lightning_modules.diffusion.parts.training_stages import StagedMethod, Stages
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.stages import Stage, Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.exact import derived_seed
from lightning_modules.options import TrainingOptions

_VARIED, _VARIATIONS = 8, 3


class UnclipConfig(PromptedOptions):
    """What a person chooses about unCLIP."""

    clip_share: float = option(
        0.25, gt=0, lt=1,
        title=Text(en="Share of CLIP", hi="CLIP का हिस्सा"),
        help=Text(en="Share of the training steps that go to CLIP, before prior and decoder begin.",
                  hi="ट्रेनिंग के कितने स्टेप CLIP को मिलें, प्रायर और डीकोडर शुरू होने से पहले।"),
    )  # fmt: skip
    vector: int = option(
        64, ge=8, le=1024, unit="units",
        title=Text(en="Length of the vector", hi="वेक्टर की लंबाई"),
        help=Text(en="Numbers that stand for a whole picture.", hi="पूरी तस्वीर की जगह कितनी संख्याएँ रहें।"),
        source="arXiv:2204.06125, section 2",
    )  # fmt: skip


class UnclipRequest(PromptRequest):
    """Draw what the words say; or, given `picture` [1, *data shape], variations of it."""

    toward: str = option(
        "", max_length=2000,
        title=Text(en="Second prompt", hi="दूसरा प्रॉम्प्ट"),
        help=Text(en="If given, the samples lead from the first prompt to this one, from the same noise.",
                  hi="दिया जाए तो सैंपल पहले प्रॉम्प्ट से इस तक ले जाते हैं, एक ही नॉइज़ से।"),
        source="arXiv:2204.06125, section 3.2",
    )  # fmt: skip


def slerp(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """Along the great circle from a to b [batch, width], `share` [batch] of the way; lengths are interpolated straight."""
    one, other = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    cosine = ((a / one) * (b / other)).sum(1, keepdim=True).clamp(-1 + 1e-6, 1 - 1e-6)
    angle, s = torch.acos(cosine), share[:, None]
    turned = torch.sin((1 - s) * angle) * a / one + torch.sin(s * angle) * b / other
    between: Tensor = turned / torch.sin(angle) * (one + s * (other - one))
    return between


class Unclip(StagedMethod):
    """The module that Lightning trains; what the core calls the network is the decoder."""

    class_of: Tensor

    request: ClassVar[type[SampleRequest]] = UnclipRequest
    words: ClassVar[tuple[str, ...]] = ("picture",)
    reads_words: ClassVar[bool] = False
    averaged_parts: ClassVar[tuple[str | None, ...]] = (None, "")
    stage_names: ClassVar[tuple[Text, ...]] = (
        Text(en="CLIP", hi="CLIP का चरण"),
        Text(en="prior and decoder", hi="प्रायर और डीकोडर"),
    )

    def __init__(self, config: UnclipConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(config, dataset, options)
        colours, height, width = dataset.shape
        self.config = config
        self.begin_stages(Stages.shared([config.clip_share], options.steps))
        self.clip = Clip(colours, self.text_width, channels=config.channels, width=config.vector)
        classes = torch.tensor(dataset.caption_class or range(len(dataset.captions)), dtype=torch.long)
        self.register_buffer("class_of", classes, persistent=False)
        self._shown = torch.from_numpy(np.ascontiguousarray(dataset.test.x[:_VARIED]))
        patch = 2 if height % 2 == 0 and width % 2 == 0 and height >= 16 else 1
        shape = UNetShape(
            (colours, height, width), channels=config.channels, blocks=config.blocks, patch=patch, text=config.vector
        )
        self.adopt(nn.ModuleDict({"prior": Prior(config.vector, self.text_width), "decoder": UNet(shape)}))

    def vector_of(self, items: Tensor) -> Tensor:
        """The scaled vectors of pictures."""
        with torch.no_grad():
            vectors: Tensor = self.clip.picture(items) * self.config.vector**0.5
        return vectors

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """What the decoder says, told the vector of a picture; none is all zero."""
        parts: Any = network
        e = condition.more.get("picture", x.new_zeros(len(x), self.config.vector))
        told = TextContext(e[:, None], e.any(dim=1, keepdim=True), e)
        output: Tensor = parts["decoder"](x, time, None, told)
        return output

    def told(self, items: Tensor, y: Tensor) -> Condition:
        """The vector of the picture itself."""
        return Condition(None, {"picture": self.vector_of(items)})

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """CLIP's loss in stage 1; those of prior and decoder together in stage 2."""
        items, y = batch
        text = super().told(items, y).more["pooled"]
        if self.in_stage() == 0:
            loss = self.clip.loss(items, text, self.class_of[y])
            self.log("loss", loss.detach())
            return loss
        e = self.vector_of(items)
        shown = torch.rand(len(e), 1, device=e.device) >= self.label_dropout
        parts: Any = self.network
        prior = prior_loss(parts["prior"], self.noising, e, text * shown, self._spread_times(len(e), e.device))
        self.log("prior_loss", prior.detach())
        return prior + super().training_step(batch, batch_idx)  # which logs the decoder's own as "loss"

    def asked(self, request: SampleRequest, arrays: Arrays, first: int, count: int) -> Condition:
        """Vectors drawn for the prompt, on the way from one prompt to another, or of the given picture."""
        answers.wanted_class(self, request.label, first, count)
        if "picture" in arrays:
            return Condition(None, {"picture": self.vector_of(self._given(arrays)).expand(count, -1)})
        e = self.drawn_vectors(request, first, count)
        toward = request.toward if isinstance(request, UnclipRequest) else ""
        if toward:
            other = self.drawn_vectors(request.model_copy(update={"prompt": toward}), first, count)
            place = torch.arange(first, first + count, device=self.device) / max(1, request.count - 1)
            e = slerp(e, other, place.to(e.dtype))
        return Condition(None, {"picture": e})

    def drawn_vectors(self, request: SampleRequest, first: int, count: int) -> Tensor:
        """Vectors [count, width] that the prior draws for the prompt; all from one noise where they lead to a second prompt."""
        text = super().asked(request, {}, first, count).more["pooled"]
        one = isinstance(request, UnclipRequest) and bool(request.toward)
        seed = derived_seed(request.seed, 0, "prior")
        noise = ItemNoise(seed, 0 if one else first, 1 if one else count, (self.config.vector,), self.device)
        parts: Any = self.best_network
        drawn = draw_vectors(
            parts["prior"], self.noising, text[: 1 if one else count], noise, guidance=request.guidance
        )
        length = self.config.vector**0.5
        scaled: Tensor = length * drawn / drawn.norm(dim=1, keepdim=True).clamp(min=1e-6)
        return scaled.expand(count, -1)

    def walk(self, request: SampleRequest, first: int, count: int, arrays: Arrays | None = None) -> Iterator[Stage]:
        """As every denoiser's; a way between two prompts begins at one noise."""
        given = dict(arrays or {})
        if isinstance(request, UnclipRequest) and request.toward and "x" not in given:
            noise = ItemNoise(request.seed, 0, 1, self.shape, torch.device("cpu"))()
            given["x"] = (self.noising.start_scale * noise).numpy()
        return super().walk(request, first, count, given)

    def check(self, wanted: SampleRequest, arrays: Arrays) -> None:
        """A picture may stand in place of the prompt."""
        if "picture" in arrays and isinstance(wanted, PromptRequest):
            wanted = wanted.model_copy(update={"prompt": "picture"})
        super().check(wanted, arrays)
        if isinstance(wanted, UnclipRequest) and wanted.toward:
            super().check(wanted.model_copy(update={"prompt": wanted.toward}), arrays)

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """How well held-out pictures and captions find each other; then what every denoiser is measured by."""
        found = {"clip_match": self.clip_match(dataset)}
        return found | super().evaluate(dataset) if self.complete else found

    def clip_match(self, dataset: Dataset) -> float:
        """Share of held-out pictures whose nearest caption of all is theirs (or one of the same class)."""
        items, y = dataset.test.x[:500], dataset.test.y
        vectors = self.clip.picture(torch.from_numpy(np.ascontiguousarray(items)).to(self.device))
        texts = self.clip.text_vector(self.known_pooled[::2])
        nearest = (vectors @ texts.T).argmax(dim=1)
        own = torch.from_numpy(np.asarray(y)[:500]).to(self.device)
        return float((self.class_of[nearest] == self.class_of[own]).float().mean())

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """And chance for CLIP."""
        chance = 1 / len(torch.unique(self.class_of))
        return [
            *super().reference_lines(dataset),
            ReferenceLine("clip_match", chance, Text(en="chance", hi="संयोग")),
        ]

    def pictures(self) -> list[Shown]:
        """Samples of captions, and variations of held-out pictures; nothing while CLIP learns."""
        if not self.complete:
            return []
        e = Condition(None, {"picture": self.vector_of(self._shown.to(self.device))})
        rows = [self._shown.numpy(), *(self._varied(e, self.options.seed + 1 + k) for k in range(_VARIATIONS))]
        caption = Text(en="Held-out pictures (above) and variations drawn from their vectors",
                       hi="अलग रखी तस्वीरें (ऊपर) और उनके वेक्टर से बने रूप")  # fmt: skip
        grid = gallery.image_grid(np.concatenate(rows), len(self._shown))
        return [*super().pictures(), Picture("variations", grid, caption)]

    def _varied(self, condition: Condition, seed: int) -> FloatArray:
        """A picture for each vector of a condition."""
        count = len(condition.more["picture"])
        request, sampler = self.preview(count), SAMPLERS[self.preview_sampler]
        noise = ItemNoise(seed, 0, count, self.shape, self.device)
        denoise = self.denoiser(condition, request.guidance)
        grid = sampler.grid(self.noising.steps, request.steps)
        start = self.noising.start_scale * noise()
        drawn: FloatArray = last(sampler.walk(Walk(denoise, self.noising, start, grid, noise))).cpu().numpy()
        return drawn

    def _given(self, arrays: Arrays) -> Tensor:
        """The picture that is to be varied [1, *data shape].

        Raises:
            Problem: It is none of this model's shape.
        """
        picture = arrays["picture"]
        if picture.shape != (1, *self.data_shape) or not np.isfinite(picture).all():
            wanted = "×".join(str(size) for size in (1, *self.data_shape))
            raise Problem(
                Text(en=f"The picture must be finite numbers of shape {wanted}.", hi=f"तस्वीर {wanted} आकार की सीमित संख्याएँ होनी चाहिए।"),
                code="wrong_items", field="picture",
            )  # fmt: skip
        return torch.tensor(picture, dtype=torch.float32, device=self.device)


_QUICK: dict[str, Any] = {
    "steps": 120,
    "batch_size": 16,
    "learning_rate": 3e-3,
    "ema_decay": 0.98,
    "channels": 32,
    "quality_samples": 48,
    "preview_steps": 10,
    "evaluate_every": 120,
    "sample_every": 60,
    "checkpoint_every": 60,
}
_CAREFUL: dict[str, Any] = {
    "steps": 1200,
    "batch_size": 24,
    "learning_rate": 3e-3,
    "optimizer": "muon",
    "schedule": "cosine",
    "warmup_steps": 50,
    "ema_decay": 0.998,
    "quality_samples": 48,
    "evaluate_every": 600,
    "sample_every": 200,
    "checkpoint_every": 200,
}
_LARGE: dict[str, Any] = {
    "steps": 200_000,
    "batch_size": 128,
    "learning_rate": 2e-4,
    "warmup_steps": 1000,
    "ema_decay": 0.9999,
    "channels": 128,
    "blocks": 2,
    "vector": 256,
    "quality_samples": 5000,
    "evaluate_every": 5000,
    "sample_every": 1000,
    "checkpoint_every": 1000,
}

METHOD = MethodCard(
    name="unclip",
    title=Text(en="unCLIP: words to a vector, the vector to a picture", hi="unCLIP: शब्दों से वेक्टर, वेक्टर से तस्वीर"),
    summary=Text(
        en="A prior draws the vector of a picture from the prompt, a decoder draws the picture: the way of DALL·E 2; it can also vary a given picture.",
        hi="प्रायर प्रॉम्प्ट से तस्वीर का वेक्टर बनाता है, डीकोडर उससे तस्वीर: DALL·E 2 का तरीका; दी गई तस्वीर के नए रूप भी बनाता है।",
    ),
    family="prompts",
    source="A. Ramesh et al.: Hierarchical Text-Conditional Image Generation with CLIP Latents, 2022, arXiv:2204.06125",
    config=UnclipConfig,
    build=Unclip,
    accepts=("image",),
    presets=(Preset("tiny", _QUICK), Preset("small", _CAREFUL), Preset("base", _LARGE)),
    metrics=(
        *PROMPT_METRICS,
        MetricCard(
            "clip_match",
            Text(en="Pictures that find their caption", hi="अपना कैप्शन पाने वाली तस्वीरें"),
            Text(en="Share of the held-out pictures whose nearest caption of all, by CLIP, is theirs or one of the same class.",
                 hi="अलग रखी कितनी तस्वीरों का, CLIP के हिसाब से, सब कैप्शन में सबसे पास वाला उनका अपना या उसी क्लास का है।"),
            better="higher",
        ),
        MetricCard(
            "prior_loss",
            Text(en="Loss of the prior", hi="प्रायर का लॉस"),
            Text(en="Mean squared error of the picture's vector; 1 is a model that knows nothing.",
                 hi="तस्वीर के वेक्टर की औसत वर्ग त्रुटि; 1 यानी मॉडल कुछ नहीं जानता।"),
            better="lower",
        ),
    ),
    needs_captions=True,
    answers=("vary",),
)  # fmt: skip
