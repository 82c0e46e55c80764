"""Captions while learning, prompts afterwards: what the network is told, and what a person is told who asks badly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.text import Problem, Text
from lightning_modules.blocks.attention import TextAttention, text_maps
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.asking.word_maps import mean_map, words_of
from lightning_modules.diffusion.cascade import Cascade, CascadeConfig, dynamically_clipped
from lightning_modules.diffusion.latent_diffusion import LatentDiffusion, LatentDiffusionConfig
from lightning_modules.diffusion.measures.caption_match import CaptionMatch
from lightning_modules.diffusion.parts.prompts import PromptRequest
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions

NAMES = [Text(en="red heart", hi="लाल दिल"), Text(en="blue heart", hi="नीला दिल"), Text(en="green book", hi="हरी किताब"),
         Text(en="star", hi="तारा"), Text(en="flag", hi="झंडा")]  # fmt: skip
OPTIONS = TrainingOptions(steps=10, batch_size=4)


def named(side: int = 8) -> Dataset:
    """Five pictures with names, the last of them held out."""
    x = np.random.default_rng(0).uniform(-1, 1, (5, 3, side, side)).astype(np.float32)
    return make_dataset("image", Split(x[:4], np.arange(4)), Split(x[4:], np.array([4])), captions=NAMES)


def latent(**config: Any) -> LatentDiffusion:
    reseed(0, 0, "start")
    settled = LatentDiffusionConfig(channels=8, autoencoder_channels=8, preview_steps=2, **config)
    return LatentDiffusion(settled, named(), OPTIONS)


def ready(model: LatentDiffusion) -> LatentDiffusion:
    model.stage.fill_(1)
    model.scale.fill_(model.measured_scale())
    return model.eval()


def test_a_caption_is_told_in_both_languages_about_equally_often_and_hidden_as_often_as_wished() -> None:
    model = latent(caption_dropout=0.25).train()
    reseed(0, 0)
    y = torch.zeros(4000, dtype=torch.long)
    told = model.told(torch.empty(0), y)
    english = (told.more["pooled"] == model.known_pooled[0]).all(1)
    hindi = (told.more["pooled"] == model.known_pooled[1]).all(1)
    assert bool((english ^ hindi).all()) and abs(float(english.float().mean()) - 0.5) < 0.03
    hidden = model.partly_hidden(told).more
    gone = ~hidden["mask"].any(1)
    assert abs(float(gone.float().mean()) - 0.25) < 0.03
    assert (
        not hidden["pooled"][gone].any() and not hidden["tokens"][gone].any() and hidden["pooled"][~gone].any(1).all()
    )


def test_nothing_of_the_captions_is_among_the_weights() -> None:
    assert not [name for name in latent().state_dict() if "known" in name]


def test_the_english_and_the_hindi_name_are_near_each_other_and_far_from_another() -> None:
    pooled = torch.nn.functional.normalize(latent().known_pooled, dim=1)
    heart, heart_hi, book = pooled[0], pooled[1], pooled[4]
    assert float(heart @ heart_hi) > 0.8 > float(heart @ book) + 0.2


def test_guidance_of_nothing_ignores_the_prompt_and_a_guided_answer_lies_on_the_line() -> None:
    model = ready(latent())
    for parameter in model.best_network.parameters():
        parameter.data += 0.05 * torch.randn(
            parameter.shape, generator=torch.Generator().manual_seed(parameter.numel())
        )
    x, t = torch.randn(2, *model.shape), torch.tensor([300, 700])
    one, other = (model.asked(PromptRequest(prompt=words), {}, 0, 2) for words in ("red heart", "flag"))
    free, free_too, plain = model.says(x, t, one, 0.0), model.says(x, t, other, 0.0), model.says(x, t, one, 1.0)
    assert torch.equal(free.x0, free_too.x0) and torch.equal(free.x0, model.says(x, t).x0)
    assert not torch.allclose(free.x0, plain.x0, atol=1e-3)
    guided = model.says(x, t, one, 3.0)
    assert torch.allclose(guided.x0, free.x0 + 3 * (plain.x0 - free.x0), atol=1e-4)


def test_previews_go_through_the_captions_with_new_ones_in_the_last_rows() -> None:
    model = latent()
    turns = [model.in_turn(k) for k in range(96)]
    assert {caption for caption, _ in turns[:32]} == {0, 1, 2, 3} and {caption for caption, _ in turns[32:48]} == {4}
    assert turns[0] == (0, 0) and turns[1] == (1, 1) and turns[48] == (0, 1), "both languages in turn"


@pytest.mark.parametrize(
    ("values", "code"),
    [({}, "empty_prompt"), ({"prompt": "  "}, "empty_prompt"), ({"prompt": "красное сердце"}, "unknown_script"),
     ({"prompt": "heart " * 60}, "prompt_too_long"), ({"prompt": "heart", "label": 3}, "unknown_class")],
)  # fmt: skip
def test_a_bad_prompt_is_refused_in_one_sentence_at_its_field(values: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        ready(latent()).answer("sample", {"count": 1, "steps": 2, **values}, {})
    assert refused.value.code == code and refused.value.field in ("prompt", "label") and refused.value.text.hi


def test_a_number_is_a_prompt_like_any_other() -> None:
    assert PromptRequest.model_validate({"prompt": 7}).prompt == "7"


def test_a_prompt_draws_the_same_for_the_same_seed_in_any_batch() -> None:
    model = ready(latent())
    ask = {"count": 3, "steps": 2, "seed": 5, "prompt": "लाल दिल"}
    whole = model.answer("sample", ask, {}).arrays["x"]
    assert whole.shape == (3, 3, 8, 8) and np.abs(whole).max() <= 1
    alone = model.draw(PromptRequest(**ask), batch=1)
    assert np.allclose(whole, alone, atol=1e-4)


def test_scaled_latents_have_unit_spread_and_the_scale_is_kept() -> None:
    model = latent()
    for layer in (model.autoencoder.enter, model.autoencoder.to_latent):
        layer.weight.data *= 5
    model = ready(model).train()
    reseed(0, 0)
    drawn = model.encode(torch.from_numpy(named().train.x).repeat(50, 1, 1, 1))
    assert float(drawn.std()) == pytest.approx(1, abs=0.05)
    assert "scale" in model.state_dict()


def test_dynamic_thresholding_leaves_what_is_in_range_and_scales_what_is_not() -> None:
    inside = torch.rand(2, 3, 4, 4) * 2 - 1
    assert torch.equal(dynamically_clipped(inside, 1.0), inside)
    outside = inside.clone()
    outside[0, 0, 0, 0] = 4
    scaled = dynamically_clipped(outside, 1.0)
    assert torch.allclose(scaled[0], outside[0] / 4) and torch.equal(scaled[1], inside[1])
    assert dynamically_clipped(10 * torch.randn(2, 3, 8, 8), 0.9).abs().max() <= 1


def cascade(**config: Any) -> Cascade:
    reseed(0, 0, "start")
    return Cascade(CascadeConfig(channels=8, preview_steps=2, **config), named(), OPTIONS)


def test_the_small_picture_is_noised_to_its_level_and_the_level_is_told() -> None:
    model = cascade().train()
    reseed(0, 0)
    items = torch.zeros(3000, 3, 8, 8)
    more = model.told(items, torch.zeros(3000, dtype=torch.long)).more
    level = model.noising.signal_and_noise(model.times_at(more["aug"].clamp(max=0.999)), torch.empty(1))[1]
    assert float(more["aug"].mean()) == pytest.approx(1 / 3, abs=0.03)  # of a square of what is even
    assert float((more["small"].flatten(1).std(1) / level.flatten()).mean()) == pytest.approx(1, abs=0.05)


def test_without_augmentation_the_enlarger_sees_the_small_picture_itself() -> None:
    model = cascade(augmentation=0.0).eval()
    items = torch.rand(2, 3, 8, 8)
    assert torch.equal(model.told(items, torch.zeros(2, dtype=torch.long)).more["small"], model.smaller(items))


def test_the_same_prompt_and_seed_draw_the_same_through_both_networks_in_any_batch() -> None:
    model = cascade().eval()
    model.stage.fill_(1)
    ask = PromptRequest(count=3, steps=2, seed=1, prompt="red heart")
    assert np.allclose(model.draw(ask), model.draw(ask, batch=2), atol=1e-4)


def test_a_plain_request_without_words_goes_through_the_captions() -> None:
    model = ready(latent())
    condition = model.asked(SampleRequest(), {}, 0, 2)
    assert torch.equal(condition.more["pooled"], model.known_pooled[[0, 3]])


def test_a_picture_matches_its_caption_when_its_nearest_real_picture_bears_it() -> None:
    data = named()
    match = CaptionMatch(data, None)
    real = np.concatenate([data.train.x, data.test.x])
    noisy = real + np.float32(0.1)
    assert match.right(noisy, np.arange(5)).all()
    assert match.right(noisy, np.array([1, 0, 2, 3, 4])).tolist() == [False, False, True, True, True]
    assert {line.value for line in match.lines()} == {0.2}


def test_pieces_of_a_word_count_together() -> None:
    assert words_of(["▁smi", "ling", "▁face"]) == (["smiling", "face"], [0, 0, 1])
    assert words_of(["x", "▁y"]) == (["x", "y"], [0, 1])


@pytest.mark.parametrize("guidance", [1.0, 3.0])
@pytest.mark.parametrize("method", ["latent", "cascade"])
def test_watching_the_words_changes_no_pixel_and_accounts_for_all_attention(method: str, guidance: float) -> None:
    model: Any = ready(latent()) if method == "latent" else cascade().eval()
    model.stage.fill_(1)
    with torch.no_grad():
        for layer in model.best_network.modules():
            if isinstance(layer, TextAttention):  # as if it had learned to look at words
                layer.queries.weight.normal_(0, 2)
                layer.keys_values.weight.normal_(0, 2)
                layer.out.weight.normal_(0, 0.1)
        values = {"prompt": "red heart", "count": 2, "steps": 3, "guidance": guidance, "seed": 4}
        plain = model.answer("sample", values, {}).arrays["x"]
        told = model.answer("words", values, {})
        with text_maps(model.best_network) as found:
            model.answer("sample", values, {})
    maps = told.arrays["maps"]
    assert np.array_equal(told.arrays["x"], plain)
    assert told.values["words"] == ["red", "heart"] and maps.shape == (2, 2, 8, 8)
    nothing = mean_map([one[-2:] for one in found], (8, 8))[:, 0].numpy()
    assert np.allclose(maps.sum(1) + nothing, 1, atol=1e-5) and maps.std() > 1e-3
    other = model.answer("words", {**values, "prompt": "green book"}, {}).arrays["maps"]
    assert not np.allclose(other, maps, atol=1e-4)


def test_the_average_of_maps_is_over_heads_layers_and_steps_at_the_size_of_the_picture() -> None:
    flat = torch.tensor([0.2, 0.8]).expand(1, 4, 2, 2, 2)  # heads alike, every pixel alike
    half = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).view(1, 2, 1, 1, 2)  # two heads, one of them sees the word
    assert torch.allclose(mean_map([flat, half], (4, 4))[0, 1], torch.tensor((0.8 + 0.5) / 2))


def test_what_cannot_be_watched_is_told_in_words() -> None:
    with pytest.raises(Problem, match="At most 16"):
        ready(latent()).answer("words", {"prompt": "star", "count": 17}, {})
    with pytest.raises(Problem) as caught:
        ready(latent()).answer("words", {"prompt": ""}, {})
    assert caught.value.field == "prompt"
