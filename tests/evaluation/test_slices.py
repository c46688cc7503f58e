from collections.abc import Callable

import numpy as np
import pytest

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.evaluation.slices import history_groups, item_groups, sliced, user_groups

LENGTHS = [0, 1, 5, 6, 20, 21, 100, 101]


@pytest.fixture
def cases(make_cases: Callable[..., Cases]) -> Cases:
    """Eight people with histories of item 0 of growing length, who all seek items 1 and 2; item 2 is new."""
    known = [True, True, False, True, True, True, True, True]
    return make_cases([[0] * length for length in LENGTHS], [[1, 2]] * 8, known, [True, True, False])


def members(groups: dict[str, np.ndarray]) -> dict[str, list[int]]:
    return {name: np.flatnonzero(mask).tolist() for name, mask in groups.items()}


def test_kinds_of_people(cases: Cases) -> None:
    assert members(user_groups(cases)) == {
        "all": [0, 1, 2, 3, 4, 5, 6, 7],
        "warm": [1, 3, 4, 5, 6, 7],
        "cold_history": [2],
        "no_history": [0],
    }


def test_lengths_of_histories_at_the_ends_of_each_range(cases: Cases) -> None:
    assert members(history_groups(cases)) == {
        "history_1-5": [1, 2],
        "history_6-20": [3, 4],
        "history_21-100": [5, 6],
        "history_101+": [7],
    }


def test_frequencies_of_items_at_the_ends_of_each_range(make_cases: Callable[..., Cases]) -> None:
    counts = np.array([0, 1, 5, 6, 20, 21, 500])
    cases = make_cases([[]], [[0]], [True], counts > 0)
    assert members(item_groups(cases, counts)) == {
        "known_items": [1, 2, 3, 4, 5, 6],
        "cold_items": [0],
        "items_0": [0],
        "items_1-5": [1, 2],
        "items_6-20": [3, 4],
        "items_head": [5, 6],
    }


def test_every_case_is_in_one_group_of_people_and_every_item_in_one_of_frequency(cases: Cases) -> None:
    people = user_groups(cases)
    assert sum(mask.astype(int) for name, mask in people.items() if name != "all").tolist() == [1] * 8
    groups = item_groups(cases, np.array([30, 3, 0]))
    assert sum(mask.astype(int) for name, mask in groups.items() if name.startswith("items_")).tolist() == [1] * 3


def test_slices_leave_empty_groups_out_and_agree_with_the_whole(cases: Cases) -> None:
    results = rank_cases(lambda histories: np.tile([3.0, 2.0, 1.0], (len(histories), 1)), cases, k=2)
    parts = dict(sliced(results, train_counts=np.array([30, 3, 0])))
    assert "items_6-20" not in parts
    assert "items_head" not in parts  # nobody seeks item 0
    assert {name: len(part) for name, part in parts.items() if name.startswith("history")} == {
        "history_1-5": 2,
        "history_6-20": 2,
        "history_21-100": 2,
        "history_101+": 1,
    }
    assert parts["all"].recall.tolist() == results.recall.tolist() == [1 / 2] + [2 / 2] * 7
    assert parts["no_history"].recall.tolist() == [1 / 2]  # item 0, which nobody else is given, takes a place
    assert parts["cold_items"].recall.tolist() == parts["items_0"].recall.tolist() == [0 / 1] + [1 / 1] * 7
    assert parts["known_items"].mrr.tolist() == [1 / 2] + [1 / 1] * 7
