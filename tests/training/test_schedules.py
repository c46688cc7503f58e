"""Closed forms; what all schedules promise; and that each differs from each."""

import math

import pytest

from penchant.stages.learning import SCHEDULES, make_schedule
from penchant.training.schedules import Constant, Cosine, OneCycle, Plateau, WarmRestarts
from penchant.training.settings import TrainingConfig

MOMENTS = [place / 200 for place in range(200)]


def test_the_default_is_a_linear_rise_and_half_a_cosine() -> None:
    schedule = make_schedule(TrainingConfig())
    for done in MOMENTS:
        fallen = (done - 0.05) / max(1e-9, 1 - 0.05)
        expected = max(done / 0.05, 0.02) if done < 0.05 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fallen))
        assert schedule.share(done) == expected  # to the last bit


@pytest.mark.parametrize("word", SCHEDULES)
def test_shares_are_above_zero_and_reach_the_top(word: str) -> None:
    shares = [make_schedule(TrainingConfig(schedule=word)).share(done) for done in MOMENTS]
    assert 0 < min(shares) <= max(shares) <= 1
    assert max(shares) == pytest.approx(1, abs=0.01)


def test_each_differs_from_each() -> None:
    scores = [2.0, 1.0, 1.0]
    shares = {word: tuple(SCHEDULES[word]().share(done, scores) for done in MOMENTS) for word in SCHEDULES}
    assert len(set(shares.values())) == len(SCHEDULES)


def test_warming_up_can_be_left_out_or_made_longer() -> None:
    assert make_schedule(TrainingConfig(warm_up=0.0)).share(0.0) == 1
    assert make_schedule(TrainingConfig(warm_up=0.5)).share(0.25) == 0.5
    assert make_schedule(TrainingConfig(schedule="constant", warm_up=0.5)).share(0.75) == 1
    assert OneCycle().share(0.15) == pytest.approx((1 + 1 / 25) / 2)  # half of the way up a cosine
    assert make_schedule(TrainingConfig(schedule="one-cycle", warm_up=0.1)).share(0.1) == 1


def test_restarts_are_at_one_seventh_and_three_sevenths() -> None:
    schedule = WarmRestarts(warm_up=0.0)
    for end in (1 / 7, 3 / 7, 1.0):
        assert schedule.share(end - 1e-9) == pytest.approx(0.02, abs=1e-6)
    assert schedule.share(1 / 7 + 1e-9) == pytest.approx(1)
    assert schedule.share(3 / 7 + 1e-9) == pytest.approx(1)


def test_a_plateau_is_two_epochs_without_a_better_score() -> None:
    share = Plateau(warm_up=0.0).share
    assert share(0.5, [1, 2, 3, 4]) == 1
    assert share(0.5, [4, 4]) == 1
    assert share(0.5, [4, 4, 4]) == 1 / 2
    assert share(0.5, [4, 3, 3, 3, 3]) == 1 / 4
    assert share(0.5, [4, 3, 3, 3, 5, 4]) == 1 / 2


def test_without_validation_a_plateau_repeats_what_it_knows() -> None:
    told = Plateau(warm_up=0.0).knowing([4.0, 3.0, 3.0, 5.0])
    assert [told.share(0.5, [None] * epochs) for epochs in range(5)] == [1, 1, 1, 1 / 2, 1 / 2]
    assert Plateau(warm_up=0.0).share(0.5, [None] * 9) == 1
    assert Cosine().knowing([4.0]) == Cosine()
    assert Constant().knowing([4.0]) == Constant()
