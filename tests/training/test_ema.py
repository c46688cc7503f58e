import pytest
import torch
from torch import nn

from penchant.training.ema import AveragedWeights


def linear(weight: float) -> nn.Linear:
    network = nn.Linear(1, 1, bias=False).double()
    nn.init.constant_(network.weight, weight)
    return network


def test_the_average_follows_the_weights() -> None:
    """The first decays are (1 + n) / (10 + n) = 2/11 and 3/12, as long as that is less than 0.24; then it is 0.24."""
    network = linear(0.0)
    average = AveragedWeights(network, decay=0.24)
    nn.init.constant_(network.weight, 11.0)
    average.update()
    assert average.averages["weight"].item() == pytest.approx(11 * (1 - 2 / 11))
    average.update()
    assert average.averages["weight"].item() == pytest.approx(0.24 * 9 + 0.76 * 11)


def test_in_place_for_the_length_of_a_block() -> None:
    network = linear(1.0)
    average = AveragedWeights(network, decay=0.5)
    nn.init.constant_(network.weight, 3.0)
    with average.in_place():
        assert network.weight.item() == 1
    assert (network.weight.item(), average.averages["weight"].item()) == (3, 1)
    with pytest.raises(ValueError, match="inside"), average.in_place():
        raise ValueError("inside")
    assert network.weight.item() == 3
    average.put()
    assert network.weight.item() == 1


def test_buffers_are_left_alone() -> None:
    assert set(AveragedWeights(nn.BatchNorm1d(2), 0.9).averages) == {"weight", "bias"}


def test_its_state_is_all_there_is_to_it() -> None:
    networks = [linear(0.0), linear(0.0)]
    one, other = (AveragedWeights(network, decay=0.9) for network in networks)
    nn.init.constant_(networks[0].weight, 5.0)
    one.update()
    other.load_state({name: value.clone() for name, value in one.state().items()})
    for network, average in zip(networks, (one, other), strict=True):
        nn.init.constant_(network.weight, 7.0)
        average.update()
    torch.testing.assert_close(one.state(), other.state())
