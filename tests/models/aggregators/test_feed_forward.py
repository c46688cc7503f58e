import torch

from penchant.models.aggregators.feed_forward import FeedForward, feed_forwards


def test_a_position_sees_itself_alone() -> None:
    torch.manual_seed(0)
    layers, x = feed_forwards(8, 3, 0.0), torch.randn(2, 5, 8)
    before = layers(x)
    x[0, 3] = -x[0, 3]
    changed = (layers(x) - before).abs().amax(-1) > 1e-4
    assert changed.nonzero().tolist() == [[0, 3]]


def test_what_comes_in_is_kept() -> None:
    layer, x = FeedForward(8, 0.0), torch.randn(5, 8)
    torch.nn.init.zeros_(layer.down.weight)
    torch.nn.init.zeros_(layer.down.bias)
    assert torch.equal(layer(x), x)


def test_no_block_is_a_norm() -> None:
    x = torch.randn(5, 8)
    torch.testing.assert_close(feed_forwards(8, 0, 0.5)(x), torch.nn.functional.layer_norm(x, (8,)))
