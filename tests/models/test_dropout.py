import pytest
import torch

from penchant.models.dropout import ByteDropout
from penchant.records.errors import ConfigError


@pytest.mark.parametrize("share", [0.1, 0.3, 0.75])
def test_the_share_is_left_out_and_the_mean_stays(share: float) -> None:
    torch.manual_seed(0)
    dropped = ByteDropout(share)(torch.ones(400, 501))
    cells = dropped.numel()
    # Within 5 deviations of a binomial share, plus the rounding to 1/256.
    assert abs((dropped == 0).float().mean().item() - share) < 5 * (share * (1 - share) / cells) ** 0.5 + 1 / 512
    assert abs(dropped.mean().item() - 1) < 5 * (share / (1 - share) / cells) ** 0.5


def test_cells_are_dropped_independently_of_their_neighbours() -> None:
    torch.manual_seed(0)
    kept = (ByteDropout(0.5)(torch.ones(80_000)) > 0).float()
    for gap in (1, 7, 8):
        assert abs(torch.corrcoef(torch.stack([kept[gap:], kept[:-gap]]))[0, 1].item()) < 0.02


def test_gradients_pass_where_the_cell_was_kept() -> None:
    torch.manual_seed(0)
    x = torch.randn(5, 9, requires_grad=True)
    out = ByteDropout(0.4)(x)
    out.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad * x, out)


def test_repeats_under_a_seed_and_does_nothing_while_serving() -> None:
    layer, x = ByteDropout(0.4), torch.randn(3, 5)
    torch.manual_seed(1)
    first = layer(x)
    torch.manual_seed(1)
    assert torch.equal(layer(x), first)
    assert torch.equal(layer.eval()(x), x)


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="0 to below 1, found"):
        ByteDropout(share)
