import math

import numpy as np
import pytest

from penchant.evaluation.metrics import coverage, mrr, ndcg, recall

# The gain at ranks 1, 2, 3.
G1, G2, G3 = 1.0, 1 / math.log2(3), 1 / 2


@pytest.mark.parametrize(
    ("hits", "num_relevant", "expected_ndcg", "expected_recall", "expected_mrr"),
    [
        ([1, 0, 0], 1, G1 / G1, 1 / 1, 1 / 1),
        ([0, 1, 0], 1, G2 / G1, 1 / 1, 1 / 2),
        ([0, 0, 1], 1, G3 / G1, 1 / 1, 1 / 3),
        ([0, 0, 0], 1, 0, 0, 0),
        ([1, 0, 1], 2, (G1 + G3) / (G1 + G2), 2 / 2, 1 / 1),
        ([0, 1, 1], 2, (G2 + G3) / (G1 + G2), 2 / 2, 1 / 2),
        ([0, 1, 0], 5, G2 / (G1 + G2 + G3), 1 / 5, 1 / 2),  # the ideal list is cut at k = 3
        ([1, 1, 1], 5, 1, 3 / 5, 1 / 1),
    ],
)
def test_hand_worked_lists(
    hits: list[int], num_relevant: int, expected_ndcg: float, expected_recall: float, expected_mrr: float
) -> None:
    rows, counts = np.array([hits], bool), np.array([num_relevant])
    assert ndcg(rows, counts) == pytest.approx([expected_ndcg], abs=1e-15)
    assert recall(rows, counts) == pytest.approx([expected_recall], abs=1e-15)
    assert mrr(rows) == pytest.approx([expected_mrr], abs=1e-15)


def test_moving_a_hit_up_never_lowers_a_metric() -> None:
    rng = np.random.default_rng(0)
    hits = rng.random((200, 10)) < 0.2
    counts = hits.sum(axis=1) + rng.integers(1, 5, 200)
    sorted_hits = -np.sort(-hits.astype(int), axis=1) > 0
    assert (ndcg(sorted_hits, counts) >= ndcg(hits, counts)).all()
    assert (mrr(sorted_hits) >= mrr(hits)).all()
    assert (recall(sorted_hits, counts) == recall(hits, counts)).all()


def test_recall_and_mrr_grow_with_k() -> None:
    hits = np.random.default_rng(1).random((200, 10)) < 0.2
    counts = np.full(200, 10)
    for k in range(1, 10):
        assert (recall(hits[:, : k + 1], counts) >= recall(hits[:, :k], counts)).all()
        assert (mrr(hits[:, : k + 1]) >= mrr(hits[:, :k])).all()


def test_no_cases_give_no_values() -> None:
    hits, counts = np.zeros((0, 10), bool), np.zeros(0, int)
    assert len(ndcg(hits, counts)) == len(recall(hits, counts)) == len(mrr(hits)) == 0


@pytest.mark.parametrize(
    ("lists", "expected"), [([[0, 1], [1, 2]], 3 / 4), ([[0, -1], [-1, -1]], 1 / 4), ([[-1, -1]], 0), ([[3, 3]], 1 / 4)]
)
def test_coverage_counts_each_item_once_and_no_filling(lists: list[list[int]], expected: float) -> None:
    assert coverage(np.array(lists), 4) == expected
