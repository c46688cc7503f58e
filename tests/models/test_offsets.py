from dataclasses import replace

import numpy as np
import pytest

from penchant.models.offsets import ITEM_SHRINKAGE, Offsets
from penchant.records import words
from penchant.records.events import Events, histories_of
from penchant.tasks.evidence import ratings as ratings_of

SCALE = ratings_of((1.0, 5.0))


def ratings(rows: list[tuple[int, int, float]]) -> Events:
    """(user, item, stars), in order of time and grouped by user."""
    size = len(rows)
    users, items, stars = zip(*rows, strict=True)
    return Events(
        user_rows=np.array(users, np.int32),
        item_rows=np.array(items, np.int32),
        timestamps=np.arange(size, dtype=np.int64),
        values=np.array(stars, np.float32),
        kinds=np.full(size, words.KINDS.index("rate"), np.int16),
        text_rows=np.full(size, -1, np.int32),
    )


def test_an_item_is_pulled_to_the_average_by_two_ratings() -> None:
    offsets = Offsets.fit(ratings([(0, 0, 5), (0, 1, 1)]), 3, SCALE)
    assert offsets.mean == 0.5
    assert offsets.items().tolist() == pytest.approx([0.5 / (1 + ITEM_SHRINKAGE), -0.5 / (1 + ITEM_SHRINKAGE), 0])


def test_while_learning_no_rating_sees_itself_or_what_comes_after() -> None:
    events = ratings([(0, 0, 5), (0, 1, 1), (1, 0, 4)])
    found = Offsets.fit(events, 2, SCALE).while_learning(events, 2)
    other = ratings([(0, 0, 5), (0, 1, 5), (1, 0, 4)])  # the second rating changes
    assert found[1, 0, 0] == pytest.approx(0, abs=1e-7)  # the only rating of its item
    assert (found[[0, 2], 0, 1] == 0).all()  # the first of each person
    changed = Offsets.fit(other, 2, SCALE)
    assert np.sign(changed.while_learning(other, 2)[1, 0, 1]) == np.sign(found[1, 0, 1]) == 1


def test_an_item_is_not_better_for_having_been_rated_by_mild_people() -> None:
    """Item 0 has 5 stars of somebody who gives 5 to all, item 1 has 5 of somebody who gives 1 to all the rest."""
    mild, strict = [(0, item, 5.0) for item in (0, *range(2, 30))], [(1, item, 1.0) for item in range(30, 58)]
    items = Offsets.fit(ratings([*mild, (1, 1, 5.0), *strict]), 58, SCALE).items()
    assert items[1] > 2 * items[0] > 0


def test_near_items_speak_louder() -> None:
    """Odd people like even items and dislike odd ones, even people the other way round."""
    rows = [(user, item, 5.0 if (user + item) % 2 else 1.0) for user in range(20) for item in range(20)]
    offsets = Offsets.fit(ratings(rows), 20, SCALE)
    some = ratings([(0, 3, 5.0), (0, 4, 1.0)])
    found = offsets.near(
        histories_of(some, np.array([0, -1]), np.zeros(2), 1), np.array([0, 0, 0, 1]), np.array([5, 6, 99, 5])
    )
    assert found[0] > 0.1 > -0.1 > found[1]
    assert found[2] == pytest.approx(0, abs=1e-6)  # a raw item: 5 and 1 stars are level
    assert found[3] == 0  # a stranger


def test_ratings_by_their_weights_alone() -> None:
    doubted = replace(ratings([(0, 0, 5), (1, 0, 1), (2, 1, 3)]), weights=np.array([1, 0.1, 1], np.float32))
    assert Offsets.fit(doubted, 2, SCALE).items()[0] > 0
