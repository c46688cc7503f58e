import numpy as np
import pytest

from penchant.ranking.pools import make_pool, together

RNG = np.random.default_rng(0)
SCORES = np.array([[5, 4, 3, 2, 1, 0, -1, -2], [0, 1, 2, 3, 4, 5, 6, 7]], np.float32)
SEEN, RELEVANT = np.zeros((2, 8), bool), np.zeros((2, 8), bool)
SEEN[0, 0] = SEEN[0, 7] = RELEVANT[0, 6] = RELEVANT[1, 3] = True


def test_a_small_catalogue_is_taken_whole() -> None:
    pool = make_pool([SCORES], SEEN, RELEVANT, RNG, width=8)
    np.testing.assert_array_equal(pool.of(SCORES), SCORES)
    np.testing.assert_array_equal(pool.stands_for, ~SEEN)
    np.testing.assert_array_equal(pool.relevant, RELEVANT)


def test_the_best_and_the_relevant_are_in_it_and_the_others_are_stood_for() -> None:
    pool = make_pool([SCORES], SEEN, RELEVANT, RNG, width=5)
    for person, sure in enumerate(({1, 2, 6}, {3, 6, 7})):
        stands_for = dict(zip(pool.columns[person].tolist(), pool.stands_for[person].tolist(), strict=True))
        assert {column for column, count in stands_for.items() if count == 1} >= sure
        left = 8 - SEEN[person].sum() - len(sure)
        others = [count for column, count in stands_for.items() if column not in sure and count > 0]
        assert others == [pytest.approx(left / 2)] * 2
    np.testing.assert_array_equal(pool.relevant.sum(axis=1), [1, 1])


def test_it_grows_where_the_sure_ones_need_room() -> None:
    pool = make_pool([SCORES, -SCORES], SEEN, RELEVANT, RNG, width=2)
    assert set(pool.columns[1].tolist()) == {0, 3, 7}
    np.testing.assert_array_equal(pool.stands_for[1], [1, 1, 1])
    assert sorted(pool.stands_for[0].tolist()) == [1, 1, 4]  # of the unseen six, 1 and 6 are sure


def test_sums_over_a_pool_are_those_over_the_catalogue_on_average() -> None:
    scores = np.exp(np.random.default_rng(1).normal(size=(1, 60))).astype(np.float32)
    nothing, one = np.zeros((1, 60), bool), np.arange(60)[None] == 7
    pools = [make_pool([scores], nothing, one, RNG, width=20) for _ in range(800)]
    sums = [float((pool.of(scores) * pool.stands_for).sum()) for pool in pools]
    assert np.mean(sums) == pytest.approx(scores.sum(), abs=4 * np.std(sums) / 800**0.5)
    assert np.std(sums) > 0


def test_narrower_parts_are_filled_up() -> None:
    np.testing.assert_array_equal(together([np.ones((1, 2)), np.ones((1, 3))]), [[1, 1, 0], [1, 1, 1]])
