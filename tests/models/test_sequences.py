import numpy as np

from penchant.models.sequences import START, sequences_of
from penchant.records.events import Histories, no_history


def history(times: list[int], request_time: int) -> Histories:
    size = len(times)
    return Histories(
        ptr=np.array([0, size], np.int64),
        item_rows=np.arange(size, dtype=np.int32),
        timestamps=np.array(times, np.int64),
        values=np.full(size, np.nan, np.float32),
        kinds=np.zeros(size, np.int16),
        text_rows=np.full(size, -1, np.int32),
        request_times=np.array([request_time], np.int64),
    )


def test_a_history_that_fits_is_led_by_the_start() -> None:
    found = sequences_of(history([10, 20], 25), 4, (1.0, 5.0))
    assert found.item_rows.tolist() == [[START, 0, 1]]
    assert found.times.tolist() == [[10, 10, 20]]
    assert found.lengths.tolist() == [3]


def test_a_long_history_keeps_its_newest_events_and_no_start() -> None:
    found = sequences_of(history([10, 20, 30], 31), 2, (1.0, 5.0))
    assert found.item_rows.tolist() == [[1, 2]]


def test_somebody_unknown_is_the_start_alone() -> None:
    found = sequences_of(no_history(2, request_time=99), 4, (1.0, 5.0))
    assert found.item_rows.tolist() == [[START], [START]]
    assert found.lengths.tolist() == [1, 1]
