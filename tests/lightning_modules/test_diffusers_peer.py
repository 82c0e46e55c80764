"""Our schedules, samplers and U-Net against those of diffusers, to 1e-5.

`pytest -m peers` in the peers' environment (`make bench-peers` makes it); elsewhere they are skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from data.text import Problem
from lightning_modules.blocks.diffusers_layout import unet_config, unet_weights
from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.diffusion.parts.diffusers_folder import diffusers_folder
from lightning_modules.diffusion.process.closed_form import GaussianDenoiser
from lightning_modules.diffusion.process.objectives import EDM
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
)
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.options import TrainingOptions
from lightning_modules.weight_files import take
from tests.lightning_modules.training import tiny_images

diffusers = pytest.importorskip("diffusers", reason="needs the peers' environment")
pytestmark = pytest.mark.peers


def _denoiser(schedule: NoiseSchedule) -> GaussianDenoiser:
    mean, values = torch.tensor([0.7, -0.4]).double(), torch.tensor([0.5, 0.02]).double()
    return GaussianDenoiser(schedule, mean, values, torch.eye(2, dtype=torch.float64))


def _start() -> Tensor:
    return torch.randn(16, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def _walked(name: str, schedule: NoiseSchedule, x: Tensor, grid: Any, noise: Any = None, eta: float = 0.0) -> Tensor:
    levels = tuple(float(t) for t in grid)
    return last(SAMPLERS[name].walk(Walk(_denoiser(schedule), schedule, x, levels, noise, eta)))


@pytest.mark.parametrize(("name", "theirs"), [("linear", "linear"), ("cosine", "squaredcos_cap_v2")])
def test_the_schedules_agree(name: Any, theirs: str) -> None:
    peer = diffusers.DDPMScheduler(num_train_timesteps=1000, beta_schedule=theirs)
    ours = noise_schedule(name, 1000)
    assert torch.allclose(ours.alphas_cumprod.float(), peer.alphas_cumprod, atol=1e-5)
    for t in (1, 487, 999):
        assert float(ours.posterior_variance[t]) == pytest.approx(float(peer._get_variance(t)), abs=1e-5)


def test_the_ladder_and_the_preconditioning_of_edm_agree() -> None:
    peer = diffusers.EDMEulerScheduler(sigma_min=0.002, sigma_max=80.0, sigma_data=0.5, rho=7.0)
    peer.set_timesteps(18)
    assert torch.allclose(peer.sigmas[:-1].double(), edm_sigmas(18), rtol=1e-5)
    x, output, one = _start(), _start() * 0.3, torch.tensor(1.0).double()
    for sigma in (0.01, 0.5, 30.0):
        at, edm = torch.tensor(sigma).double(), EDM(0.5)
        assert torch.allclose(peer.precondition_outputs(x, output, at), edm.interpret(output, x, one, at).x0, atol=1e-5)
        assert torch.allclose(peer.precondition_inputs(x, at), edm.entering(x, one, at), atol=1e-5)


@pytest.mark.parametrize("eta", [0.0, 0.7, 1.0])
def test_ddim_agrees(eta: float) -> None:
    peer = diffusers.DDIMScheduler(beta_schedule="linear", clip_sample=False, timestep_spacing="leading")
    peer.set_timesteps(50)
    schedule = noise_schedule("linear", 1000)
    drawn = torch.randn(50, 16, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    theirs = _start()
    for k, t in enumerate(peer.timesteps):
        eps = _denoiser(schedule)(theirs, int(t)).eps
        fresh = drawn[k] if t > 0 else torch.zeros_like(theirs)
        theirs = peer.step(eps, t, theirs, eta=eta, variance_noise=fresh).prev_sample
    noise = iter(drawn)
    ours = _walked("ddim", schedule, _start(), peer.timesteps, lambda: next(noise), eta)
    assert torch.allclose(ours, theirs, atol=1e-5)


def test_the_ancestral_sampler_agrees() -> None:
    peer = diffusers.DDPMScheduler(beta_schedule="linear", clip_sample=False, variance_type="fixed_small")
    schedule, theirs = noise_schedule("linear", 1000), _start()
    their_dice, our_dice = (torch.Generator().manual_seed(2) for _ in range(2))
    for t in peer.timesteps:
        eps = _denoiser(schedule)(theirs, int(t)).eps
        theirs = peer.step(eps, t, theirs, generator=their_dice).prev_sample
    ours = _walked(
        "ancestral", schedule, _start(), peer.timesteps, lambda: torch.randn(16, 2, generator=our_dice, dtype=torch.float64)
    )  # fmt: skip
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("steps", [10, 25])
def test_dpm_solver_agrees(steps: int) -> None:
    peer = diffusers.DPMSolverMultistepScheduler(beta_schedule="linear", algorithm_type="dpmsolver++", solver_order=2)
    peer.set_timesteps(steps)
    schedule, theirs = noise_schedule("linear", 1000), _start()
    for t in peer.timesteps:
        theirs = peer.step(_denoiser(schedule)(theirs, int(t)).eps, t, theirs).prev_sample
    assert torch.allclose(_walked("dpmpp_2m", schedule, _start(), peer.timesteps), theirs, atol=1e-5)


@pytest.mark.parametrize(("name", "theirs"), [("heun", "HeunDiscreteScheduler"), ("euler", "EulerDiscreteScheduler")])
def test_the_solvers_in_sigma_agree(name: str, theirs: str) -> None:
    peer = getattr(diffusers, theirs)(beta_schedule="linear", use_karras_sigmas=True)
    peer.set_timesteps(15)
    stood = peer.sigmas[:-1].double()
    distinct = torch.unique(stood).flip(0)
    schedule, x = exploding(distinct), _start() * distinct[0]
    levels = {round(float(sigma), 6): k for k, sigma in enumerate(schedule.levels)}
    sample = x
    for k, t in enumerate(peer.timesteps):
        peer.scale_model_input(sample, t)
        eps = _denoiser(schedule)(sample, levels[round(float(stood[k]), 6)]).eps
        sample = peer.step(eps, t, sample).prev_sample
    ours = _walked(name, schedule, x, range(len(distinct) - 1, -1, -1))
    assert torch.allclose(ours, sample.double(), atol=1e-5)


def test_euler_agrees_on_the_straight_path() -> None:
    peer = diffusers.FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000)
    schedule = rectified_flow()
    grid = [999.0, 800.0, 430.0, 77.0, 0.0]
    peer.set_timesteps(sigmas=[schedule.factors(t)[1] for t in grid])
    theirs = _start()
    for t, at in zip(peer.timesteps, grid, strict=True):
        said = _denoiser(schedule)(theirs, at)
        theirs = peer.step(said.eps - said.x0, t, theirs).prev_sample
    assert torch.allclose(_walked("euler", schedule, _start(), grid), theirs.double(), atol=1e-5)


@pytest.mark.parametrize(("multipliers", "attention", "classes"), [((1,), (), 0), ((1, 2), (4,), 3)])
def test_our_unet_is_theirs_under_other_names(
    multipliers: tuple[int, ...], attention: tuple[int, ...], classes: int
) -> None:
    shape = UNetShape((3, 8, 8), channels=256, multipliers=multipliers, attention=attention, classes=classes)
    torch.manual_seed(0)
    ours = UNet(shape).eval()
    with torch.no_grad():
        for parameter in ours.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.02)
    theirs = diffusers.UNet2DModel(**unet_config(ours)).eval()
    theirs.load_state_dict(unet_weights(ours))
    x, t = torch.randn(2, 3, 8, 8), torch.tensor([3.0, 871.0])
    y = torch.tensor([1, classes]) if classes else None
    with torch.no_grad():
        one, other = ours(x, t, y), theirs(x, t, class_labels=y).sample
    assert torch.allclose(one, other, atol=1e-5), float((one - other).abs().max())


def _trained(objective: Any, **config: Any) -> DDPM:
    """A model whose weights are all set, as if it had been trained, with an average of its own."""
    torch.manual_seed(0)
    shaped = DDPMConfig(channels=32, norm_groups=8, objective=objective, attention="4", **config)
    model = DDPM(shaped, tiny_images(), TrainingOptions()).eval()
    assert model.average is not None
    with torch.no_grad():
        for parameter in model.average.parameters():
            parameter.normal_(0, 0.05)
    return model


def _written(model: DDPM, folder: Path) -> Path:
    for name, content in diffusers_folder(model).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("objective", ["eps", "x0", "v"])
def test_an_exported_model_loads_in_diffusers_and_says_and_draws_the_same(objective: str, tmp_path: Path) -> None:
    model = _trained(objective, use_labels=False)
    pipeline = diffusers.DDIMPipeline.from_pretrained(_written(model, tmp_path), use_safetensors=True)
    x, t = torch.randn(4, 1, 8, 8), torch.tensor([0.0, 17.0, 500.0, 999.0])
    with torch.no_grad():
        one, other = model.best_network(x, t, None), pipeline.unet(x, t).sample
        assert torch.allclose(one, other, atol=1e-5), float((one - other).abs().max())
        scheduler, theirs = pipeline.scheduler, x
        scheduler.set_timesteps(20)
        for step in scheduler.timesteps:
            said = pipeline.unet(theirs, step).sample
            theirs = scheduler.step(said, step, theirs, use_clipped_model_output=True).prev_sample
        grid = tuple(float(step) for step in scheduler.timesteps)
        ours = last(SAMPLERS["ddim"].walk(Walk(model.denoiser(), model.noising, x, grid, lambda: torch.zeros(()), 0.0)))
    assert torch.allclose(ours, theirs, atol=1e-4), float((ours - theirs).abs().max())


def test_a_model_goes_to_diffusers_and_comes_back(tmp_path: Path) -> None:
    model = _trained("v")
    loaded = diffusers.UNet2DModel.from_pretrained(_written(model, tmp_path / "ours"), subfolder="unet")
    assert not (tmp_path / "ours/model_index.json").exists()  # their pipeline would not tell the class
    loaded.save_pretrained(tmp_path / "theirs", safe_serialization=True)
    fresh = DDPM(model.config, tiny_images(), TrainingOptions())
    take(fresh, tmp_path / "theirs/diffusion_pytorch_model.safetensors", "theirs")
    for name, value in model.best_network.state_dict().items():
        assert torch.equal(fresh.network.state_dict()[name], value), name


def test_a_unet_without_an_equal_is_refused_in_words() -> None:
    with pytest.raises(Problem, match="no equal in diffusers"):
        unet_config(UNet(UNetShape((1, 8, 8), channels=32)))
