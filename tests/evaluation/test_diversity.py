import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.source_contract import histories_with
from penchant.evaluation.diversity import (
    PULL,
    category_mixes,
    category_shares,
    divergence_from_mix,
    exposure_gini,
    grouped_interval,
    intra_list_distance,
    long_tail,
    novelty,
    share,
)
from penchant.evaluation.metrics import coverage
from penchant.records.errors import DataError

LISTS = np.random.default_rng(0).permuted(np.tile(np.arange(30), (40, 1)), axis=1)[:, :6]


def test_distance_is_the_mean_over_pairs() -> None:
    vectors = np.random.default_rng(1).normal(size=(30, 5))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    expected = [np.mean([1 - cosines[a, b] for place, a in enumerate(rows) for b in rows[:place]]) for rows in LISTS]
    np.testing.assert_allclose(intra_list_distance(LISTS, vectors), expected)
    np.testing.assert_allclose(intra_list_distance(LISTS, 1000 * vectors), expected)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [([[0, 0]], 0), ([[0, 1]], 1), ([[0, 2]], 2), ([[0, -1]], 0), ([[-1, -1]], 0), ([[0, 3]], 1)],
)
def test_distance_of_small_lists(lists: list[list[int]], expected: float) -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [-2.0, 0.0], [0.0, 0.0]])
    assert intra_list_distance(np.array(lists), vectors) == pytest.approx([expected])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_gini_is_half_the_relative_mean_difference(items: list[int]) -> None:
    places = np.bincount(items, minlength=6)
    expected = np.abs(places[:, None] - places).mean() / (2 * places.mean())
    assert exposure_gini(np.array([items]), 6) == pytest.approx(expected)


def test_gini_of_nothing() -> None:
    assert exposure_gini(np.full((2, 3), -1), 4) == 0


def test_novelty_is_information() -> None:
    # 3 + 1 of 7 + 1 people: 1 bit; nobody: 3 bits; everybody, and more events than people: 0 bits.
    num_events = np.array([3, 0, 7, 9])
    assert novelty(np.array([[0, 1], [2, 3], [1, -1], [-1, -1]]), num_events, 7).tolist() == [2, 0, 3, 0]


def test_share_and_long_tail() -> None:
    tail = long_tail(np.array([9, 8, 8, 1, 0]), head=0.4)
    assert tail.tolist() == [False, False, True, True, True]
    assert share(np.array([[0, 2], [3, 4], [0, -1], [-1, -1]]), tail).tolist() == [1 / 2, 1, 0, 0]


def test_mixes_count_events_in_equal_shares_of_their_categories() -> None:
    categories = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0]])
    histories = histories_with([[0, 1, 2], [], [2], [1, -1, 7]])
    # Item 0 gives 1 and item 1 gives 1/2 + 1/2 of two events that tell.
    assert category_mixes(histories, categories).tolist() == [
        [1.5 / 2, 0.5 / 2, 0],
        [0, 0, 0],
        [0, 0, 0],
        [0.5, 0.5, 0],
    ]


def test_divergence() -> None:
    categories = np.array([[1, 0], [0, 1], [0, 0]])
    half = np.array([[0.5, 0.5]])
    own = (1 - PULL) + PULL / 2
    expected = 0.5 * np.log(0.5 / own) + 0.5 * np.log(0.5 / (PULL / 2))
    assert divergence_from_mix(np.array([[0, 0]]), categories, half) == pytest.approx([expected])
    assert divergence_from_mix(np.array([[0, 1]]), categories, half) == pytest.approx([0])
    assert divergence_from_mix(np.array([[0, 1, 2, -1]]), categories, half) == pytest.approx([0])
    assert divergence_from_mix(np.array([[-1, -1]]), categories, half) == pytest.approx([np.log(1 / PULL)])
    assert divergence_from_mix(np.array([[0, 0]]), categories, 0 * half).tolist() == [0]


def test_what_is_no_matrix_of_categories_is_refused() -> None:
    with pytest.raises(DataError, match="Categories are a matrix"):
        category_shares(np.array([[1, -1]]))


def test_the_order_of_a_list_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    vectors, categories, mixes = rng.normal(size=(30, 4)), rng.random((30, 3)) < 0.5, rng.dirichlet(np.ones(3), 40)
    mixed = rng.permuted(LISTS, axis=1)
    for measure in (
        lambda lists: intra_list_distance(lists, vectors),
        lambda lists: novelty(lists, np.arange(30), 30),
        lambda lists: divergence_from_mix(lists, categories, mixes),
    ):
        np.testing.assert_allclose(measure(LISTS), measure(mixed), atol=1e-12)


def test_the_interval_of_a_mean_is_the_usual_one() -> None:
    lists = np.random.default_rng(3).integers(0, 9, (200, 1))
    low, high = grouped_interval(lambda given: float(given.mean()), lists, num_groups=200)
    half = 1.96 * lists.std(ddof=1) / np.sqrt(200)
    assert (low, high) == pytest.approx((lists.mean() - half, lists.mean() + half))


@pytest.mark.parametrize("statistic", [coverage, exposure_gini])
def test_the_interval_holds_what_is_found_on_average(statistic: object) -> None:
    """Popularity by Zipf's law: of 200 crowds of 300 people, at least 85% have the mean of all crowds in the interval."""
    rng = np.random.default_rng(4)
    chances = 1 / np.arange(1, 401)
    crowds = rng.choice(400, (200, 300, 5), p=chances / chances.sum())
    values = [statistic(lists, 400) for lists in crowds]  # type: ignore[operator]
    intervals = [grouped_interval(lambda given: statistic(given, 400), lists, 50) for lists in crowds]  # type: ignore[operator]
    inside = np.mean([low <= np.mean(values) <= high for low, high in intervals])
    assert inside >= 0.85
    assert np.mean([high - low for low, high in intervals]) <= 6 * np.std(values)


def test_no_interval_for_one() -> None:
    with pytest.raises(DataError, match="at least two people, found 1"):
        grouped_interval(lambda given: 0.0, LISTS[:1])
