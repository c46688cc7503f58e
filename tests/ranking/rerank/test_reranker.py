import numpy as np
import pytest

from penchant.ranking.rerank.reranker import Candidates, unit_scores
from penchant.records.errors import DataError


def two_people() -> Candidates:
    return Candidates(
        item_rows=np.array([[4, 7, 2], [9, -1, 1]], np.int32),
        scores=np.array([[3.0, 2.0, 1.0], [5.0, 9.0, np.nan]]),
        mixes=np.eye(2),
        content=np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]),
    )


def test_a_row_below_zero_or_a_score_that_is_not_finite_is_no_candidate() -> None:
    assert two_people().possible.tolist() == [[True, True, True], [True, False, False]]
    assert two_people().rows.tolist() == [[4, 7, 2], [9, 0, 0]]


def test_an_order_makes_lists_and_the_candidates_of_the_next_one() -> None:
    order = np.array([[2, 0], [0, -1]])
    ranked = two_people().ranked(order)
    assert ranked.item_rows.tolist() == [[2, 4], [9, -1]]
    assert ranked.scores.tolist() == [[1.0, 3.0], [5.0, -np.inf]]
    assert ranked.scores.dtype == np.float32
    taken = two_people().take(order)
    assert taken.item_rows.tolist() == [[2, 4], [9, -1]]
    assert taken.content is not None
    assert taken.content.tolist() == [[0.3, 0.1], [0.4, -np.inf]]
    assert taken.mixes is not None
    assert taken.possible.tolist() == [[True, True], [True, False]]


def test_a_part_is_of_the_same_people_everywhere() -> None:
    part = two_people().part(slice(1, 2))
    assert part.item_rows.tolist() == [[9, -1, 1]]
    assert part.mixes is not None
    assert part.mixes.tolist() == [[0.0, 1.0]]
    assert part.content is not None
    assert part.content.tolist() == [[0.4, 0.5, 0.6]]


def test_unit_scores_look_at_candidates_alone() -> None:
    assert unit_scores(two_people()).tolist() == [[1.0, 0.5, 0.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": np.zeros((2, 2))}, r"one shape \(B, C\), found \[\(2, 3\), \(2, 2\)"),
        ({"content": np.zeros((1, 3))}, r"one shape \(B, C\)"),
        ({"mixes": np.zeros((3, 2))}, r"Each of 2 people has one mix \(B, T\), found \(3, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(changes: dict[str, np.ndarray], message: str) -> None:
    given = {"item_rows": np.zeros((2, 3), np.int32), "scores": np.zeros((2, 3))}
    with pytest.raises(DataError, match=message):
        Candidates(**{**given, **changes})
