import math

import pytest
import torch

from penchant.models.aggregators.decay import TIME_RATE, Decay


def weights(decay: Decay, times: list[int]) -> torch.Tensor:
    return decay(torch.tensor([times])).softmax(-1)[0].detach()


def test_half_lives_start_apart_on_a_log_scale() -> None:
    half_lives = math.log(2) / Decay(4, 128).step_rates
    assert half_lives.tolist() == pytest.approx([2 * 64**share for share in (1 / 8, 3 / 8, 5 / 8, 7 / 8)])


def test_one_way_with_the_shortest_history_halves_with_each_second_step() -> None:
    at_once = weights(Decay(1, 1), [5, 5, 5])[0]  # all at one time
    torch.testing.assert_close(at_once[2], torch.tensor([0.5, 0.5**0.5, 1]) / (1.5 + 0.5**0.5))


def test_time_is_a_power_law() -> None:
    decay = Decay(1, 1)
    torch.nn.init.constant_(decay.by_step, -torch.inf)  # steps do not count
    old, new = weights(decay, [0, 86_400])[0, 1]
    assert (old / new).item() == pytest.approx(86_401**-TIME_RATE, rel=1e-5)
    assert (old / new).item() == pytest.approx(0.57, abs=0.01)


def test_the_future_has_no_weight() -> None:
    assert (weights(Decay(3, 8), [1, 2, 3, 4]).triu(1) == 0).all()


def test_each_way_has_its_own_rates() -> None:
    decay = Decay(2, 8)
    before = decay(torch.tensor([[0, 9, 30]]))
    with torch.no_grad():
        decay.by_step[0] += 1
        decay.by_time[1] += 1
    lower = (decay(torch.tensor([[0, 9, 30]])) < before)[0]
    assert lower[:, 2, 0].all()
    assert torch.equal(decay(torch.tensor([[0, 9, 30]])).diagonal(dim1=-2, dim2=-1), torch.zeros(1, 2, 3))
