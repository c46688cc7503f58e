import numpy as np
import pytest

from penchant.models.offsets import SHRINKAGE, RatingOffsets
from penchant.records import words
from penchant.records.events import Events


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


def test_an_item_is_pulled_to_the_average_by_ten_ratings() -> None:
    offsets = RatingOffsets.fit(ratings([(0, 0, 5), (0, 1, 1)]), 3, (1.0, 5.0))
    assert offsets.mean == 0.5
    assert offsets.items().tolist() == pytest.approx([0.5 / (1 + SHRINKAGE), -0.5 / (1 + SHRINKAGE), 0])


def test_while_learning_no_rating_sees_itself_or_what_comes_after() -> None:
    events = ratings([(0, 0, 5), (0, 1, 1), (1, 0, 4)])
    found = RatingOffsets.fit(events, 2, (1.0, 5.0)).while_learning(events, 2)
    other = ratings([(0, 0, 5), (0, 1, 5), (1, 0, 4)])  # the second rating changes
    assert found[1, 0] == 0  # the only rating of its item
    assert (found[[0, 2], 1] == 0).all()  # the first of each person
    changed = RatingOffsets.fit(other, 2, (1.0, 5.0))
    assert np.sign(changed.while_learning(other, 2)[1, 1]) == np.sign(found[1, 1]) == 1
