"""The bargain: w_i (G w)_i = 1 for everybody, whatever the sizes and whoever is at the table."""

import pytest
import torch

from penchant.training.balancing.nash import NashWeigher

COSINES = torch.tensor([[1.0, 0.2, -0.5], [0.2, 1.0, 0.3], [-0.5, 0.3, 1.0]])


@pytest.mark.parametrize("sizes", [[1.0, 1.0, 1.0], [1e-3, 1.0, 1e3]])
def test_everybody_gains_the_same(sizes: list[float]) -> None:
    gramian = COSINES * torch.tensor(sizes) * torch.tensor(sizes)[:, None]
    weights = NashWeigher(3).weights(gramian, [0, 1, 2])
    gains = weights * (gramian @ weights)
    torch.testing.assert_close(gains, gains[:1].expand(3), rtol=1e-3, atol=0)


def test_who_is_absent_takes_no_part_and_keeps_the_last_weight() -> None:
    weigher = NashWeigher(3)
    weigher.weights(COSINES, [0, 1, 2])
    before = weigher.state()["bargain"]
    pair = [0, 2]
    weights = weigher.weights(COSINES[pair][:, pair], pair)
    torch.testing.assert_close(weights, torch.full((2,), 0.5**-0.5), rtol=1e-3, atol=0)  # w (1 - 0.5) w = 1
    after = weigher.state()["bargain"]
    assert after[1] == before[1]
    assert (after[pair] != before[pair]).all()


def test_one_alone_has_nobody_to_bargain_with() -> None:
    assert NashWeigher(3).weights(torch.tensor([[4.0]]), [1]).tolist() == [1]
