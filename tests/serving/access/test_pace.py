"""Rates, on a clock of our own."""

import time

import pytest

from penchant.serving.access import pace as module
from penchant.serving.access.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_cut_and_regained_steadily() -> None:
    clock = Clock()
    pace = Pace(60, clock)
    assert [pace.wait("a") for _ in range(60)] == [0.0] * 60
    assert pace.wait("a") == pytest.approx(1.0)
    clock.now += 1
    assert pace.wait("a") == 0
    assert pace.wait("a") == pytest.approx(1.0)
    clock.now += 3600
    assert [pace.wait("a") for _ in range(61)].count(0.0) == 60


@pytest.mark.parametrize("per_minute", [1, 7, 100, 6000])
def test_over_ten_minutes_a_greedy_name_gets_its_rate_and_one_burst(per_minute: int) -> None:
    clock, taken = Clock(), 0
    pace = Pace(per_minute, clock)
    while clock.now < 1600:
        wait = pace.wait("a")
        taken += not wait
        clock.now += wait
    assert abs(taken - 11 * per_minute) <= 1


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    pace = Pace(1, clock)
    assert pace.wait("a") == 0
    for _ in range(100):
        assert pace.wait("a") == pytest.approx(60)
    clock.now += 60
    assert pace.wait("a") == 0


def test_the_clock_on_the_wall_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(2)
    assert [pace.wait("a"), pace.wait("a")] == [0, 0]
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert pace.wait("a") > 29


def test_only_so_many_names_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 3)
    pace = Pace(1)
    assert [pace.wait(name) for name in "abcd"] == [0] * 4
    assert len(pace._full_at) == 3
    assert pace.wait("d") > 0
