from dataclasses import replace

import numpy as np
import pytest

from penchant.models.shares import Shares, beside, strength
from penchant.records import words
from penchant.records.events import Events, no_history

LOG = 3, 1  # hits of the first item and of the second, of ten each


def shown(rows: list[tuple[int, int, int]]) -> Events:
    """(user, item, time), each in a list of its own unless the time is the same."""
    users, items, times = zip(*rows, strict=True)
    return Events(
        user_rows=np.array(users, np.int32),
        item_rows=np.array(items, np.int32),
        timestamps=np.array(times, np.int64),
        values=np.full(len(rows), np.nan, np.float32),
        kinds=np.full(len(rows), words.KINDS.index("impression"), np.int16),
        text_rows=np.full(len(rows), -1, np.int32),
    )


def outcomes(*hits: float) -> np.ndarray:
    return np.array(hits, np.float32)[:, None]


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def two_items() -> tuple[Events, np.ndarray]:
    """Twenty people see an item each: the first three and one of the last ten take it."""
    events = shown([(row, row // 10, row) for row in range(20)])
    return events, outcomes(*[row % 10 < LOG[row // 10] for row in range(20)])


def test_an_item_has_the_log_odds_of_its_share_drawn_to_the_mean() -> None:
    found = Shares.fit(*two_items(), 3)
    k = found.strengths[0]
    assert found.means.tolist() == pytest.approx([0.2])
    told = found.pairs(no_history(1), np.zeros(4, np.int64), np.array([0, 1, 2, 99]))
    expected = [logit((hits + 0.2 * k) / (10 + k)) - logit(0.2) for hits in LOG]
    assert told[:, 0, 0].tolist() == pytest.approx([*expected, 0, 0], abs=1e-6)
    assert (told[:, 0, 1] == 0).all(), "nobody says how long the list is"
    chances = found.alone(told[:, 0])
    assert chances[0] == pytest.approx((3 + 0.2 * k) / (10 + k), abs=1e-6)
    assert chances[3] == pytest.approx(0.2, abs=1e-6)


def test_an_item_that_millions_took_has_log_odds_too() -> None:
    many = np.full((1, 1), 3e7, np.float32)
    one, most = np.ones(1, np.float32), np.full(1, 0.9, np.float32)
    shares = Shares(hits=many, rows=many, list_hits=many, list_rows=many, means=most, strengths=one)
    told = shares.pairs(no_history(1), np.zeros(1, np.int64), np.zeros(1, np.int32), np.ones(1, np.int64))
    assert told[0, 0, 0] == pytest.approx(logit(1 - 0.1 / 3e7) - logit(0.9), rel=1e-3)


def test_the_more_items_differ_the_less_they_are_drawn_to_the_mean() -> None:
    rows = np.full(2, 50.0)
    told = [strength(np.array([25 - step, 25 + step]), rows, 0.5) for step in (5, 10, 20)]
    assert told[0] > told[1] > told[2] >= 1


def test_a_row_is_told_of_earlier_rows_of_other_people() -> None:
    events = shown([(0, 0, 1), (1, 0, 2), (1, 0, 3), (2, 0, 3), (3, 0, 4), (4, 1, 5)])
    took = outcomes(1, 0, 1, 1, 0, 0)
    shares = replace(
        Shares.fit(events, took, 2), means=np.array([0.5], np.float32), strengths=np.array([2], np.float32)
    )
    told = shares.while_learning(events, took)[:, 0, 0]
    # hits and rows of others before: none, 1 of 1, 1 of 1 (not their own at 2), 1 of 2 (not of the same time), 3 of 4, none
    expected = [logit((hits + 1) / (rows + 2)) for hits, rows in [(0, 0), (1, 1), (1, 1), (1, 2), (3, 4), (0, 0)]]
    assert told.tolist() == pytest.approx(expected, abs=1e-6)


def test_nothing_that_a_row_is_told_depends_on_its_own_person_or_on_later_rows() -> None:
    rng = np.random.default_rng(0)
    events = shown([(int(rng.integers(9)), int(rng.integers(4)), int(rng.integers(40))) for _ in range(200)])
    took = rng.integers(0, 2, (200, 1)).astype(np.float32)
    shares = Shares.fit(events, took, 4)
    row = int(np.argsort(events.timestamps)[100])
    own = events.user_rows == events.user_rows[row]
    changed = np.where((own | (events.timestamps >= events.timestamps[row]))[:, None], 1 - took, took)
    fixed = {"means": shares.means, "strengths": shares.strengths}
    other = replace(Shares.fit(events, changed, 4), **fixed).while_learning(events, changed)
    assert other[row, 0, 0] == pytest.approx(shares.while_learning(events, took)[row, 0, 0], abs=1e-5)
    assert not np.allclose(other, shares.while_learning(events, took)), "but other rows are told other things"
    mine = np.where(own[:, None], 1 - took, took)
    again = replace(Shares.fit(events, mine, 4), **fixed).while_learning(events, mine)
    np.testing.assert_allclose(again[row], shares.while_learning(events, took)[row], atol=1e-5)


def test_in_a_long_list_little_is_taken() -> None:
    """Everybody takes one thing of their list, of two or of twenty."""
    rows, took = [], []
    for user in range(100):
        size = 2 if user % 2 else 20
        rows += [(user, place, user) for place in range(size)]
        took += [float(place == user % size) for place in range(size)]
    events = shown(rows)
    assert np.unique(beside(events)).tolist() == [2, 20]
    shares = Shares.fit(events, outcomes(*took), 20)
    told = shares.pairs(no_history(1), np.zeros(2, np.int64), np.zeros(2, np.int64), np.array([2, 20]))[:, 0, 1]
    assert told[0] > 1
    assert told[1] < 0
    learned = shares.while_learning(events, outcomes(*took))[:, 0, 1]
    np.testing.assert_allclose(learned[beside(events) == 2], told[0], atol=0.1)


def test_each_output_counts_the_rows_that_asked_for_it() -> None:
    """Of four clicks two led to a purchase; who did not click was not asked."""
    events = shown([(user, 0, user) for user in range(8)])
    clicked, bought = np.repeat([1, 0], 4), np.array([1, 1, 0, 0, *[np.nan] * 4])
    shares = Shares.fit(events, np.stack([clicked, bought], axis=1).astype(np.float32), 1)
    assert shares.rows.tolist() == [[8, 4]]
    assert shares.hits.tolist() == [[4, 2]]
    assert shares.means.tolist() == [0.5, 0.5]
    assert shares.alone(np.zeros((1, 2))).tolist() == pytest.approx([0.25]), "the chance of both"


def test_doubted_rows_count_by_their_weights() -> None:
    events = replace(shown([(0, 0, 0), (1, 0, 1)]), weights=np.array([1, 0.25], np.float32))
    shares = Shares.fit(events, outcomes(1, 0), 1)
    assert shares.rows.tolist() == [[1.25]]
    assert shares.means.tolist() == pytest.approx([0.8])
