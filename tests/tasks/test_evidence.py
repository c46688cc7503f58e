import numpy as np

from contracts.task_contract import log
from penchant.data.normalise import Numbers
from penchant.records import words
from penchant.records.events import histories_of
from penchant.tasks.evidence import Evidence, ratings

PLAY = words.KINDS.index("play")


def amounts(kinds: tuple[int, ...] = ()) -> Evidence:
    numbers = Numbers(log=True, mean=0.0, deviation=1.0)
    return Evidence(column="amounts", numbers=numbers, spread=1.0, kinds=kinds)


def test_only_events_of_its_kinds_tell() -> None:
    events = log()
    told = ~np.isnan(amounts((PLAY,)).of(events))
    assert told.any()
    assert (events.kinds[told] == PLAY).all()
    assert (~np.isnan(amounts().of(events))).sum() > told.sum()


def test_a_history_tells_what_its_events_do() -> None:
    events = log()
    told = events.take(events.tell_of_people & (events.user_rows == 3))
    histories = histories_of(events, np.array([3]), np.zeros(1, np.int64), 8)
    for evidence in (ratings((1.0, 5.0)), amounts()):
        np.testing.assert_array_equal(evidence.of(histories), evidence.of(told))
        np.testing.assert_array_equal(evidence.of(histories.select([0])), evidence.of(told))


def test_events_without_the_column_tell_nothing() -> None:
    histories = histories_of(log().take(np.zeros(0, np.int64)), np.array([3]), np.zeros(1, np.int64), 8)
    assert len(amounts().of(histories)) == 0
