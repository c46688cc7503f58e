import numpy as np
import pytest

from penchant.evaluation.cases import Cases, last_cases, window_cases
from penchant.records.errors import DataError, LeakError
from penchant.records.events import Events

# (user, item, time), in order of time; item -1 is a search.
STORY = [(0, 0, 10), (1, 1, 11), (0, 1, 12), (1, -1, 13), (0, 2, 20), (0, 3, 21), (1, 1, 22), (2, 0, 23), (0, 2, 24)]
ALL = np.ones(len(STORY), bool)
TIMES = np.array([time for _, _, time in STORY])
EARLY = TIMES < 20


def events_of(story: list[tuple[int, int, int]] = STORY) -> Events:
    users, items, times = np.array(story).reshape(-1, 3).T
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=times.astype(np.int64),
        values=np.full(len(story), np.nan, np.float32),
        kinds=np.zeros(len(story), np.int16),
        text_rows=np.full(len(story), -1, np.int32),
    )


def window(history: np.ndarray = EARLY, target: np.ndarray = ~EARLY, fitted: np.ndarray = EARLY) -> Cases:
    return window_cases(
        events_of(), history_mask=history, target_mask=target, fitted_mask=fitted, num_users=3, num_items=5
    )


def last(history: np.ndarray = ALL, target: np.ndarray = ALL, fitted: np.ndarray = EARLY) -> Cases:
    return last_cases(
        events_of(), history_mask=history, target_mask=target, fitted_mask=fitted, num_users=3, num_items=5
    )


def relevant_of(cases: Cases) -> dict[int, list[int]]:
    parts = np.split(cases.relevant_rows, cases.relevant_ptr[1:-1])
    return {int(user): part.tolist() for user, part in zip(cases.user_rows, parts, strict=True)}


def histories_of(cases: Cases) -> dict[int, list[int]]:
    parts = np.split(cases.histories.item_rows, cases.histories.ptr[1:-1])
    return {int(user): part.tolist() for user, part in zip(cases.user_rows, parts, strict=True)}


def test_window_wants_each_new_item_once_and_drops_who_meets_none() -> None:
    cases = window()
    assert relevant_of(cases) == {0: [2, 3], 2: [0]}  # 0 met item 2 twice; 1 only repeats item 1
    assert histories_of(cases) == {0: [0, 1], 2: []}
    assert cases.histories.request_times.tolist() == [20, 20]  # where the window begins
    assert cases.known_users.tolist() == [True, False]
    assert cases.known_items.tolist() == [True, True, False, False, False]


def test_window_keeps_searches_in_histories() -> None:
    target = ~EARLY & (np.array([item for _, item, _ in STORY]) != 1)
    story = [*STORY, (1, 4, 25)]
    cases = window_cases(
        events_of(story),
        history_mask=np.append(EARLY, False),
        target_mask=np.append(target, True),
        fitted_mask=np.append(EARLY, False),
        num_users=3,
        num_items=5,
    )
    assert histories_of(cases)[1] == [1, -1]
    assert relevant_of(cases)[1] == [4]


def test_window_refuses_history_from_the_window() -> None:
    with pytest.raises(LeakError, match=r"window begins \(20\), but 4 of their events are later"):
        window(history=ALL)


def test_window_refuses_fitting_on_the_window() -> None:
    with pytest.raises(LeakError, match="but 5 of 5 target events were"):
        window(fitted=ALL)


def test_window_without_targets_has_no_cases() -> None:
    assert len(window(target=~ALL)) == 0


def test_last_wants_the_newest_item_after_everything_before_it() -> None:
    cases = last(target=TIMES < 24)  # the repeat at 24 is no target
    assert relevant_of(cases) == {0: [3], 2: [0]}  # 1 had met item 1
    assert histories_of(cases) == {0: [0, 1, 2], 2: []}


def test_last_drops_who_had_met_the_item() -> None:
    assert relevant_of(last()) == {2: [0]}  # 0's last event repeats item 2


def test_last_does_not_know_when_the_sought_event_happens() -> None:
    story = [(0, 0, 10), (0, 1, 15), (1, 2, 20), (1, 3, 30), (0, 2, 70), (1, 4, 99), (2, 0, 120)]
    for delay in (0, 1000):
        late = [*story[:4], *((user, item, time + delay) for user, item, time in story[4:])]
        fitted = np.arange(7) < 4
        cases = last_cases(
            events_of(late),
            history_mask=np.ones(7, bool),
            target_mask=np.ones(7, bool),
            fitted_mask=fitted,
            num_users=3,
            num_items=5,
        )
        # The newest history event of 0 and of 1; of 2 nothing is known: the first relevant event of anybody.
        assert cases.histories.request_times.tolist() == [15, 30, 70 + delay]
        assert cases.histories.ages.tolist() == [0, 0, 0]


def test_last_refuses_fitting_on_the_sought_events() -> None:
    with pytest.raises(LeakError, match="but 2 of 2 target events were"):
        last(target=TIMES < 24, fitted=ALL)


def test_select_keeps_the_given_order() -> None:
    cases = window()
    swapped = cases.select(np.array([1, 0]))
    assert relevant_of(swapped) == relevant_of(cases)
    assert swapped.user_rows.tolist() == [2, 0]
    assert histories_of(swapped) == histories_of(cases)
    assert relevant_of(cases.select(cases.known_users)) == {0: [2, 3]}
    assert len(cases.select(slice(0, 0))) == 0


def test_among_thins_relevant_items_and_drops_empty_cases() -> None:
    cases = window()
    assert relevant_of(cases.among(np.array([0, 0, 0, 1, 0], bool))) == {0: [3]}
    assert relevant_of(cases.among(np.array([1, 0, 1, 0, 0], bool))) == {0: [2], 2: [0]}
    assert len(cases.among(np.zeros(5, bool))) == 0


def test_parts_must_belong_together() -> None:
    cases = window()
    with pytest.raises(DataError, match=r"the numbers are \(2, 2, 2, 3\)"):
        Cases(
            histories=cases.histories,
            user_rows=cases.user_rows,
            relevant_ptr=cases.relevant_ptr,
            relevant_rows=cases.relevant_rows,
            known_users=np.ones(3, bool),
            known_items=cases.known_items,
        )
