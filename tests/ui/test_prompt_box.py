"""The box for prompts: what it asks of the model, and how its pictures reach the screen."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.ui.prompt_box import SHOWN_PX, Wish, enlarged
from lightning_modules.diffusion.parts.prompts import PromptRequest
from lightning_modules.diffusion.unclip import UnclipRequest


def test_what_is_asked_is_what_every_model_with_a_prompt_understands() -> None:
    values = Wish("a-run", "लाल दिल", 2.5, 7).values
    request = PromptRequest.model_validate({key: value for key, value in values.items() if key != "run"})
    assert (request.prompt, request.guidance, request.seed) == ("लाल दिल", 2.5, 7)


def test_wishes_differ_by_all_that_is_asked_and_unclip_understands_them() -> None:
    plain = Wish("a-run", "red heart", 2.0, 0)
    picture = np.zeros((3, 8, 8), np.float32)
    others = [replace(plain, toward="star"), replace(plain, request="words"), replace(plain, varied=picture),
              replace(plain, varied=picture + 1), replace(plain, seed=1)]  # fmt: skip
    assert len({wish.name for wish in (plain, *others)}) == 6 and replace(plain).name == plain.name
    assert others[2].arrays["picture"].shape == (1, 3, 8, 8) and plain.arrays == {}
    values = {key: value for key, value in others[0].values.items() if key != "run"}
    assert UnclipRequest.model_validate(values).toward == "star"


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 28, 32])
def test_a_picture_is_enlarged_in_whole_pixels_and_keeps_its_colours(channels: int, side: int) -> None:
    item = np.random.default_rng(0).uniform(-1.1, 1.1, (channels, side, side))
    png = Image.open(io.BytesIO(enlarged(item)))
    times, rest = divmod(png.height, side)
    assert rest == 0 and png.width == png.height and SHOWN_PX <= png.height < SHOWN_PX + side
    back = np.asarray(png).reshape(png.height, png.width, channels)[::times, ::times].transpose(2, 0, 1)
    assert np.abs(back / 127.5 - 1 - np.clip(item, -1, 1)).max() <= 0.5 / 127.5 + 1e-9


SCRIPT = """
from types import SimpleNamespace
import numpy as np
from dashboard.ui import prompt_box
from dashboard.ui.background import Outcome
run, dice = SimpleNamespace(id="a-run"), np.random.default_rng(0)
wish = prompt_box.Wish("a-run", "red heart", 2.0, 0, request="words")
drawn = prompt_box.Drawn(dice.uniform(-1, 1, (6, 3, 8, 8)), ("red", "heart"), dice.uniform(0, 1, (6, 2, 8, 8)))
prompt_box._form(run, varies=True)
prompt_box._show(run, Outcome(drawn), wish, ("words", "vary"))
"""


def test_the_words_stand_under_their_pictures_and_a_variation_can_be_wished_for() -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert not app.exception
    assert {"red", "heart"} <= {caption.value for caption in app.caption}
    next(button for button in app.button if button.key == "prompt-vary:a-run").click().run()
    assert not app.exception
    wish = app.session_state["prompt-wish:a-run"]
    assert wish.varied is not None and wish.varied.shape == (3, 8, 8)
