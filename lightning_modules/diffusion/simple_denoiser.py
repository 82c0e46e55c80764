"""The source document's *SimpleDenoiseModel* (chapter "Diffusion Models", section 9), trained exactly as it is written.

    net = Linear(784, 512), ReLU, Linear(512, 784); forward(x, t) returns net(x); t is ignored
    add_noise(x, t): alpha = 1 - 0.02 t; x_t = alpha x + (1 - alpha) noise

and the loss is the mean squared error of the predicted noise. Two things are wrong with it, and here they can be seen:

1. One function of x_t alone has to serve every noise level. It does not know how much of x_t is noise, so even the
   best *linear* denoiser that is told t beats it at most levels. `use_time_embedding` gives it t and nothing else.
2. alpha falls through 0 at t = 50. Beyond, x_t holds the *negative* of the image, and the more of it the larger t is: the
   signal-to-noise ratio rises again. Only t < 50 is a diffusion, and there it is the straight path of flow matching with
   tau = 0.02 t; so this is where samples are walked from, t = 49 down.

Notation: t = 0..T-1, alpha_t = 1 - 0.02 t the factor of x_0, beta_t = 0.02 t the factor of the noise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Text
from lightning_modules import quality
from lightning_modules.base import Picture, Shown
from lightning_modules.blocks.conditioning import sinusoids
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.process.closed_form import GaussianDenoiser
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import NoiseSchedule
from lightning_modules.options import TrainingOptions

SLOPE = 0.02
TURNING = 50
"""The noise step at which alpha is 0."""
_HELD_OUT = 500


class SimpleDenoiserConfig(Config):
    """What a person may change about the document's model."""

    use_time_embedding: bool = option(
        False,
        title=Text(en="Tell the network t", hi="नेटवर्क को t बताएँ"),
        help=Text(en="Off, as written: the network ignores the noise step t. On: it is told t by sinusoids, and nothing else changes.",
                  hi="बंद, जैसा लिखा है: नेटवर्क नॉइज़ स्टेप t को अनदेखा करता है। चालू: उसे साइन-कोसाइन से t बताया जाता है, बाकी कुछ नहीं बदलता।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    largest_t: int = option(
        100, ge=TURNING, le=1000, unit="steps", symbol="T",
        title=Text(en="Noise steps", hi="नॉइज़ स्टेप"),
        help=Text(en="t is drawn below this. At 50 the image is gone; beyond, alpha = 1 − 0.02·t is negative and the image comes back as its negative.",
                  hi="t इससे कम चुना जाता है। 50 पर तस्वीर मिट चुकी होती है; उसके बाद α = 1 − 0.02·t ऋणात्मक है और तस्वीर नेगेटिव बनकर लौटती है।"),
    )  # fmt: skip
    hidden: int = option(
        512, ge=8, le=4096, unit="units", advanced=True,
        title=Text(en="Hidden units", hi="छिपी इकाइयाँ"),
        help=Text(en="Units of the one hidden layer; 512 in the document.", hi="अकेली छिपी परत की इकाइयाँ; दस्तावेज़ में 512।"),
    )  # fmt: skip


class SimpleDenoiseModel(nn.Module):
    """The document's network for images of any size; `forward(x, t)` as there: x [batch, pixels], t [batch]."""

    def __init__(self, pixels: int, hidden: int = 512, *, use_time_embedding: bool = False) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, pixels))
        self.time = nn.Linear(64, hidden) if use_time_embedding else None

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """The noise in x; t is ignored unless there is a time embedding."""
        if self.time is None:
            out: Tensor = self.net(x)
            return out
        first, activation, second = self.net
        told: Tensor = second(activation(first(x) + self.time(sinusoids(t, 64))))
        return told


def add_noise(x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The document's forward process as written: x [batch, pixels], t [batch, 1] -> x_t and its noise."""
    noise = torch.randn_like(x)
    alpha = 1 - SLOPE * t
    return alpha * x + (1 - alpha) * noise, noise


def sound_part() -> NoiseSchedule:
    """The levels at which the process is a diffusion, t = 1..49: the straight path, tau = 0.02 t."""
    tau = SLOPE * torch.arange(1, TURNING, dtype=torch.float64)
    return NoiseSchedule(1 - tau, tau, "straight")


class SimpleDenoiser(DenoisingMethod):
    """The module that Lightning trains."""

    def __init__(self, config: SimpleDenoiserConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset, options, objective=OBJECTIVES["eps"], noising=sound_part(), use_labels=False, preview_steps=TURNING - 1
        )  # fmt: skip
        self.config = config
        pixels = int(torch.tensor(dataset.shape).prod())
        self.adopt(SimpleDenoiseModel(pixels, config.hidden, use_time_embedding=config.use_time_embedding))
        self._errors: tuple[list[float], list[float]] | None = None

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """x [batch, *shape] -> mean squared error of the predicted noise at random whole t."""
        x = batch[0].flatten(1)
        t = torch.randint(0, self.config.largest_t, (len(x), 1), device=x.device).float()
        noisy, noise = add_noise(x, t)
        loss: Tensor = (self.network(noisy, t[:, 0]) - noise).square().mean()
        self.log("loss", loss.detach())
        return loss

    def time_of(self, t: Tensor) -> Tensor:
        """The document's own t: level number k of the sound part is t = k + 1."""
        return t.float() + 1

    def respond(self, network: nn.Module, x: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """Images are flattened and put back."""
        output: Tensor = network(x.flatten(1), time).reshape(x.shape)
        return output

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Errors on held-out images at each noise step, against the best linear denoiser of the same process told t."""
        ours, best = self.errors(dataset)
        self._errors = ours, best
        worse = sum(a > b for a, b in zip(ours, best, strict=True)) / len(ours)
        mean, floor = sum(ours) / len(ours), sum(best) / len(best)
        return {"eps_mse": mean, "eps_mse_ratio": mean / floor, "worse_levels": worse}

    def errors(self, dataset: Dataset) -> tuple[list[float], list[float]]:
        """Held-out mean squared error of the noise at every t = 0..T-1: the network's, and the best linear denoiser's."""
        x = torch.from_numpy(dataset.test.x[:_HELD_OUT]).flatten(1).to(self.device)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(x.shape, generator=generator).to(self.device)
        ours = []
        for t in range(self.config.largest_t):
            at = torch.full((len(x),), float(t), device=self.device)
            noisy = (1 - SLOPE * t) * x + SLOPE * t * noise
            ours.append(float((self.best_network(noisy, at) - noise).square().mean()))
        return ours, best_linear_errors(dataset, self.config.largest_t)

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """The best linear denoiser that is told t."""
        best = best_linear_errors(dataset, self.config.largest_t)
        label = Text(en="best linear denoiser told t", hi="t जानने वाला सबसे अच्छा रेखीय डीनॉइज़र")
        mean = sum(best) / len(best)
        return [ReferenceLine("loss", mean, label), ReferenceLine("eps_mse", mean, label), ReferenceLine("eps_mse_ratio", 1.0, label)]  # fmt: skip

    def pictures(self) -> list[Shown]:
        """Samples, the walk to them, and the error at each noise step."""
        drawn = super().pictures()
        if self._errors is None:
            return drawn
        caption = Text(
            en="Error at each noise step t, left to right: the network (indigo), the best linear denoiser told t (marigold); at the dashes alpha turns negative",
            hi="हर नॉइज़ स्टेप t पर त्रुटि, बाएँ से दाएँ: नेटवर्क (नीला), t जानने वाला सबसे अच्छा रेखीय डीनॉइज़र (नारंगी); कटी रेखा पर α ऋणात्मक हो जाता है",
        )
        chart = gallery.line_chart(self._errors, mark=TURNING)
        return [*drawn, Picture("error_by_level", chart, caption, {"network": self._errors[0], "linear": self._errors[1]})]  # fmt: skip


def best_linear_errors(dataset: Dataset, largest_t: int) -> list[float]:
    """mean_i a² lam_i / (a² lam_i + b²) at every t, a = 1 - 0.02 t and b = 0.02 t; without noise nothing of it can be seen: 1."""
    fitted = GaussianDenoiser.fitted(sound_part(), torch.from_numpy(quality.flat(dataset.train.x)))
    found = []
    for t in range(largest_t):
        signal, level = (1 - SLOPE * t) ** 2 * fitted.values, (SLOPE * t) ** 2
        found.append(float((signal / (signal + level)).sum() / len(fitted.mean)) if t else 1.0)
    return found


METHOD = MethodCard(
    name="simple_denoiser",
    title=Text(en="SimpleDenoiseModel: the document's own, and why it fails", hi="SimpleDenoiseModel: दस्तावेज़ का अपना मॉडल, और वह क्यों नहीं चलता"),
    summary=Text(
        en="Two layers that ignore the noise step t, under a noise whose alpha = 1 − 0.02·t turns negative beyond t = 50. It cannot know how much to remove: a straight line that knows t does better, and many samples stay noisy. Tell it t, and see what that buys.",
        hi="दो परतें जो नॉइज़ स्टेप t को अनदेखा करती हैं, और ऐसा नॉइज़ जिसका α = 1 − 0.02·t, t = 50 के बाद ऋणात्मक हो जाता है। मॉडल जान नहीं सकता कि कितना हटाए: t जानने वाली सीधी रेखा उससे बेहतर है, और कई सैंपल में नॉइज़ रह जाता है। उसे t बताकर देखें कि क्या बदलता है।",
    ),
    family="diffusion",
    source="The source document, chapter “Diffusion Models”, section 9; time embedding: arXiv:2006.11239",
    config=SimpleDenoiserConfig,
    build=SimpleDenoiser,
    accepts=("image",),
    presets=(
        Preset("tiny", {"steps": 600, "batch_size": 128, "evaluate_every": 200, "sample_every": 100}),
        Preset("small", {"steps": 5000, "batch_size": 128, "evaluate_every": 500, "sample_every": 500}),
        Preset("base", {"steps": 50_000, "batch_size": 256, "evaluate_every": 5000, "sample_every": 5000}),
    ),
    metrics=(
        MetricCard(
            "loss",
            Text(en="Training loss", hi="ट्रेनिंग लॉस"),
            Text(en="Mean squared error of the predicted noise, over all t.", hi="नॉइज़ के अनुमान की औसत वर्ग त्रुटि, सभी t पर।"),
            better="lower", headline=True,
        ),
        MetricCard(
            "eps_mse",
            Text(en="Error on held-out data", hi="अलग रखे डेटा पर त्रुटि"),
            Text(en="Mean squared error of the predicted noise on images never trained on, a mean over every t.",
                 hi="नॉइज़ के अनुमान की औसत वर्ग त्रुटि, उन तस्वीरों पर जो ट्रेनिंग में नहीं थीं; सभी t का औसत।"),
            better="lower", headline=True,
        ),
        MetricCard(
            "eps_mse_ratio",
            Text(en="Error against the best linear model", hi="सबसे अच्छे रेखीय मॉडल की तुलना में त्रुटि"),
            Text(en="Divided by that of the best linear denoiser of the same noise that is told t; above 1 a straight line does better.",
                 hi="उसी नॉइज़ के, t जानने वाले सबसे अच्छे रेखीय डीनॉइज़र की त्रुटि से भाग देकर; 1 से ऊपर यानी सीधी रेखा बेहतर है।"),
            better="lower", headline=True,
        ),
        MetricCard(
            "worse_levels",
            Text(en="Noise steps lost to a straight line", hi="कितने स्टेप पर सीधी रेखा जीती"),
            Text(en="Share of the noise steps t at which the best linear denoiser told t does better.", hi="कितने नॉइज़ स्टेप t पर t जानने वाला सबसे अच्छा रेखीय डीनॉइज़र बेहतर है (हिस्सा)।"),
            better="lower",
        ),
    ),
)  # fmt: skip
