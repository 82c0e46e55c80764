"""Attention of vision transformers: rows, rollout and gradient weights, by closed forms and on a model whose reason is planted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dashboard.explain.image import attention_gradient, attention_rollout
from dashboard.explain.image.attending import looked
from dashboard.explain.image.places import pointed_at
from data.text import Problem
from lightning_modules.blocks import relevance
from lightning_modules.blocks.relevance import Recorded
from lightning_modules.blocks.vit import VisionTransformer, attention_maps
from lightning_modules.supervised.classifier import Classes
from tests.explain.image.planted import Patch, answer, subject_before


def _transformer(seed: int = 0, pool: str = "mean") -> Classes:
    torch.manual_seed(seed)
    vit = VisionTransformer((1, 8, 10), patch=4, width=16, layers=2, heads=2, pool=pool)  # type: ignore[arg-type]
    return Classes(vit, 16, 3).eval()


def test_watching_leaves_the_answer_as_it_is_and_rows_sum_to_one() -> None:
    network, x = _transformer(), torch.randn(1, 8, 10)
    with torch.no_grad(), attention_maps(network) as known:
        before = network(x[None])
    seen = looked(subject_before(network, x, 1, 3))
    assert seen.score == pytest.approx(float(before[0, 1]), abs=1e-5)
    torch.testing.assert_close(
        seen.weights.sum(dim=-1), torch.ones(2, 2, 7)
    )  # 2 rows × 3 columns of patches, and the class token
    torch.testing.assert_close(seen.weights, torch.cat(known), atol=1e-6, rtol=1e-5)


def test_masks_causality_and_scale_are_worked_out_as_the_fused_kernel_does() -> None:
    q, k, v = torch.randn(3, 2, 4, 5, 8)
    mask, bias = torch.rand(5, 5) > 0.3, torch.randn(5, 5)
    mask[:, 0] = True
    for more in ({}, {"attn_mask": mask}, {"attn_mask": bias}, {"is_causal": True}, {"scale": 0.1}):
        wanted = F.scaled_dot_product_attention(q, k, v, **more)
        with Recorded() as recorded:
            found = F.scaled_dot_product_attention(q, k, v, **more)
        torch.testing.assert_close(found, wanted)
        assert len(recorded.weights) == 1


def test_rollout_of_even_attention_is_half_the_token_itself_and_half_all() -> None:
    tokens = 5
    even = torch.full((1, 3, tokens, tokens), 1 / tokens)
    reached = attention_rollout.rollout(even)
    torch.testing.assert_close(reached.diagonal(), torch.full((tokens,), 0.5 + 0.5 / tokens))
    deep = attention_rollout.rollout(torch.rand(4, 2, tokens, tokens).softmax(dim=-1))
    torch.testing.assert_close(deep.sum(dim=-1), torch.ones(tokens))


def test_relevance_is_that_of_the_paper_worked_out_by_hand() -> None:
    weights = torch.tensor([[[[0.5, 0.5], [1.0, 0.0]]], [[[0.25, 0.75], [0.5, 0.5]]]])
    slopes = torch.tensor([[[[2.0, -1.0], [1.0, 5.0]]], [[[4.0, 0.0], [-2.0, 2.0]]]])
    first = np.array([[1.0, 0.0], [1.0, 0.0]])
    second = np.array([[1.0, 0.0], [0.0, 1.0]])
    wanted = (np.eye(2) + second) @ (np.eye(2) + first) - np.eye(2)
    np.testing.assert_allclose(relevance.relevance(weights, slopes).numpy(), wanted)


def test_a_class_the_read_out_cannot_see_has_no_relevance() -> None:
    network = _transformer(pool="class")
    with torch.no_grad():
        network.head.weight[2] = 0
    x = torch.randn(1, 8, 10)
    way, config = attention_gradient.attention_gradient, attention_gradient.AttentionGradientConfig()
    assert np.abs(answer(way, subject_before(network, x, 2, 3), config).attributions).max() == 0
    assert answer(way, subject_before(network, x, 1, 3), config).attributions.max() > 0


class Looks(nn.Module):
    """A vision transformer of one layer whose class token looks at bright patches, and whose score is what it finds there."""

    def __init__(self) -> None:
        super().__init__()
        self.vit = VisionTransformer((1, 8, 8), patch=2, width=4, layers=1, heads=1, pool="class")

    def forward(self, x: Tensor) -> Tensor:
        bright = F.avg_pool2d(x, 2).flatten(2).transpose(1, 2)  # [batch, patches, 1]
        key = torch.cat([torch.zeros_like(bright[:, :1]), bright], dim=1)[:, None]
        found = F.scaled_dot_product_attention(torch.full_like(key, 4.0), key, key)[:, 0, 0]
        return torch.cat([torch.zeros_like(found), found], dim=1)


@pytest.mark.parametrize("way", [attention_rollout.attention_rollout, attention_gradient.attention_gradient])
def test_attention_points_at_the_planted_patch_every_time(way: object) -> None:
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(10):
        row, column = rng.integers(0, 4, 2)
        x = torch.from_numpy(rng.uniform(-1, -0.5, (1, 8, 8)).astype(np.float32))
        x[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 1
        wanted = np.zeros((8, 8), dtype=bool)
        wanted[2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = True
        hits.append(pointed_at(answer(way, subject_before(Looks(), x, 1), None).attributions, wanted))
    assert hits == [True] * 10


def test_a_map_covers_the_picture_where_patches_do_not_divide_it_and_a_convolution_has_no_attention() -> None:
    subject = subject_before(_transformer(), torch.randn(1, 8, 10), 0, 3)
    found = answer(attention_rollout.attention_rollout, subject, None)
    assert found.attributions.shape == (8, 10)
    with pytest.raises(Problem, match="no attention"):
        looked(subject_before(Patch(3), torch.randn(1, 8, 8), 1))
