"""A trained denoiser as the folder that `diffusers` loads: `unet/`, and where theirs says the same as ours, `scheduler/`.

`UNet2DModel.from_pretrained(folder, subfolder="unet")` is our network; `DDIMPipeline.from_pretrained(folder)` draws with
it, and draws the same as our DDIM when called with `use_clipped_model_output=True`, since ours lets eps agree with the
clipped x_0. Their schedulers know variance-preserving paths with betas, and call the network with the noise step itself: ours are the
same for T = 1000 and the objectives eps, x0 and v. Elsewhere the folder holds the U-Net alone.
"""

from __future__ import annotations

import json
from typing import Any

from data.text import Problem, Text
from lightning_modules.base import Method
from lightning_modules.blocks.conditioning import TIME_SCALE
from lightning_modules.blocks.diffusers_layout import unet_config, unet_weights
from lightning_modules.blocks.unet import UNet
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.weight_files import packed

_SAYS = {"eps": "epsilon", "x0": "sample", "v": "v_prediction"}
_VERSION = {"_diffusers_version": "0.30.0"}
"""The oldest we know to read this folder."""


def diffusers_folder(method: Method) -> dict[str, bytes]:
    """The files of the folder by their path in it.

    Raises:
        Problem: The network has no equal in diffusers (`no_diffusers_layout`).
    """
    network = method.best_network
    if not isinstance(network, UNet) or not isinstance(method, DenoisingMethod):
        raise Problem(
            Text(
                en="Only U-Nets that denoise pictures have an equal in diffusers; export this model as safetensors.",
                hi="diffusers में जोड़ सिर्फ़ तस्वीरों के U-Net का है; इस मॉडल को safetensors में एक्सपोर्ट करें।",
            ),
            code="no_diffusers_layout",
            field="format",
        )
    files = {
        "unet/config.json": _json({"_class_name": "UNet2DModel", **_VERSION, **unet_config(network)}),
        "unet/diffusion_pytorch_model.safetensors": packed(unet_weights(network), {}),
    }
    scheduler = _scheduler(method)
    if scheduler is None:
        return files
    files["scheduler/scheduler_config.json"] = _json(scheduler)
    if not network.shape.classes and not network.shape.beside:  # their pipeline tells a network nothing
        index = {"_class_name": "DDIMPipeline", **_VERSION, "scheduler": ["diffusers", "DDIMScheduler"]}
        files["model_index.json"] = _json({**index, "unet": ["diffusers", "UNet2DModel"]})
    return files


def _scheduler(method: DenoisingMethod) -> dict[str, Any] | None:
    noising = method.noising
    if noising.path != "preserving" or noising.steps != TIME_SCALE or method.objective.name not in _SAYS:
        return None
    return {
        "_class_name": "DDIMScheduler",
        **_VERSION,
        "num_train_timesteps": noising.steps,
        "trained_betas": noising.betas.tolist(),
        "prediction_type": _SAYS[method.objective.name],
        "clip_sample": method.bound is not None,
        "clip_sample_range": method.bound or 1.0,
        "set_alpha_to_one": True,
        "timestep_spacing": "trailing",
    }


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, indent=1).encode()
