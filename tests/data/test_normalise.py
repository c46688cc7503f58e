import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.normalise import PRIOR, Normaliser, Numbers, Ratings, Times, to_prices
from penchant.records.errors import DataError

SIZES = st.floats(-1e9, 1e9, allow_nan=False)
EVENT = st.tuples(
    st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(["rate", "play", "review"]), st.floats(0, 5)
)


def table(rows: list[tuple[str, str, str, float]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["user_id", "item_id", "kind", "value"], orient="row")
    return frame.cast({"value": pl.Float64}).with_columns(timestamp=pl.int_range(pl.len(), dtype=pl.Int64))


TRAIN = table(
    [
        ("a", "x", "rate", 5.0),
        ("a", "y", "rate", 4.0),
        ("b", "x", "rate", 1.0),
        ("b", "y", "play", 9.0),
        ("c", "x", "play", 99.0),
    ]
)


@given(st.lists(SIZES, min_size=1, max_size=9), st.booleans())
def test_numbers_come_back(values: list[float], log: bool) -> None:
    values = [abs(value) for value in values] if log else values
    numbers = Numbers.fit(np.array(values), log=log)
    there = numbers.apply(np.array(values))
    np.testing.assert_allclose(numbers.invert(there), values, rtol=1e-6, atol=1e-6 * max(1, *map(abs, values)))


def test_numbers_are_standard_scores_of_the_logarithm() -> None:
    numbers = Numbers.fit(np.expm1([1.0, 2.0, 3.0]), log=True)
    np.testing.assert_allclose(numbers.apply(np.expm1([1.0, 2.0, 3.0])), [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-12)


def test_what_is_never_below_zero_comes_back_as_zero_or_more() -> None:
    assert Numbers.fit(np.array([0.0, 9.0]), log=True).invert(np.array([-5.0])).tolist() == [0]


def test_equal_numbers_and_none_at_all() -> None:
    assert Numbers.fit(np.array([3.0, 3.0]), log=False).apply(np.array([4.0])).tolist() == [1.0]
    assert Numbers.fit(np.array([]), log=True).apply(np.array([0.0])).tolist() == [0.0]


@given(st.lists(st.integers(0, 4 * 10**9), min_size=1, max_size=9), st.integers(0, 4 * 10**9))
def test_times_come_back_to_the_second(times: list[int], later: int) -> None:
    scale = Times.fit(np.array(times))
    asked = np.array([*times, later])
    assert scale.invert(scale.apply(asked)).tolist() == asked.tolist()


def test_times_are_shares_of_the_training_span() -> None:
    assert Times.fit(np.array([10, 30])).apply(np.array([10, 20, 50])).tolist() == [0, 0.5, 2]


@given(st.lists(EVENT, min_size=2, max_size=12), st.lists(EVENT, min_size=1, max_size=6))
def test_values_of_events_come_back(
    train: list[tuple[str, str, str, float]], asked: list[tuple[str, str, str, float]]
) -> None:
    known, events = table(train), table(asked)
    fitted = Normaliser.fit(known, scale=(0.0, 5.0))
    back = fitted.invert(fitted.apply(events, known), events, known)
    readable = events["kind"].is_in(["rate", "review", *fitted.values]).to_numpy()
    np.testing.assert_allclose(back.to_numpy()[readable], events["value"].to_numpy()[readable], atol=1e-9)
    assert np.isnan(back.to_numpy()[~readable]).all()


@given(st.lists(EVENT, min_size=2, max_size=9), st.lists(EVENT, min_size=1, max_size=9))
def test_later_rows_say_nothing(
    train: list[tuple[str, str, str, float]], later: list[tuple[str, str, str, float]]
) -> None:
    """What is fitted, and what it makes of the training rows, is the same whatever comes after."""
    known = table(train)
    fitted = Normaliser.fit(known, scale=(0.0, 5.0))
    everything = table([*train, *later])
    again = Normaliser.fit(everything.head(len(train)), scale=(0.0, 5.0))
    assert again == fitted
    assert fitted.apply(everything, known)[: len(train)].equals(fitted.apply(known, known))


def test_a_rating_counts_from_the_mean_of_its_person() -> None:
    fitted = Normaliser.fit(TRAIN, scale=(1.0, 5.0))
    mean = (1 + 0.75 + 0) / 3
    own = (1 + 0.75 + PRIOR * mean) / (2 + PRIOR)
    events = table([("a", "z", "rate", 5.0), ("stranger", "z", "rate", 5.0)])
    np.testing.assert_allclose(fitted.apply(events, TRAIN), [1 - own, 1 - mean])


def test_a_strangers_own_history_counts_as_anybodys() -> None:
    fitted = Normaliser.fit(TRAIN, scale=(1.0, 5.0))
    known = TRAIN.filter(user_id="a").with_columns(user_id=pl.lit("stranger"))
    asked = table([("stranger", "z", "rate", 3.0)])
    twin = asked.with_columns(user_id=pl.lit("a"))
    assert fitted.apply(asked, known).to_list() == fitted.apply(twin, TRAIN).to_list()


def test_the_artifact_holds_numbers_and_nobodys_id() -> None:
    fitted = Normaliser.fit(TRAIN, prices=pl.Series([4.99, 20.0]))
    kept = json.dumps(fitted.to_dict())
    assert Normaliser.from_dict(json.loads(kept)) == fitted
    assert not {'"a"', '"b"', '"c"', '"x"'} & set(kept.split())
    nothing = replace(fitted, ratings=None)
    assert Normaliser.from_dict(nothing.to_dict()) == nothing


def test_counts_are_of_events_per_item() -> None:
    fitted = Normaliser.fit(TRAIN)
    assert fitted.counts == Numbers.fit(np.array([3.0, 2.0]), log=True)
    assert fitted.prices == Numbers(log=True, mean=0.0, deviation=1.0)


def test_without_ratings_there_is_nothing_to_normalise_them_by() -> None:
    plays = TRAIN.filter(kind="play")
    fitted = Normaliser.fit(plays)
    assert fitted.ratings is None
    assert fitted.apply(TRAIN.filter(kind="rate"), plays).is_nan().all()


def test_a_scale_has_two_ends() -> None:
    with pytest.raises(DataError, match="from low to high, not from 5 to 1"):
        Ratings.fit(pl.Series([1.0]), (5, 1))


@pytest.mark.parametrize(
    ("price", "number"),
    [
        ("US$ 4.99", 4.99),
        ("CNY 1,299", 1299.0),
        ("1.299.000", None),
        ("免费", 0.0),
        ("ask", None),
        (None, None),
        ("€0,99", 0.99),
    ],
)
def test_prices(price: str | None, number: float | None) -> None:
    assert to_prices(pl.Series([price], dtype=pl.String)).to_list() == [number]


def test_prices_that_are_numbers() -> None:
    assert to_prices(pl.Series([3, None])).to_list() == [3.0, None]
    assert to_prices(pl.Series([float("inf"), 2.5])).to_list() == [None, 2.5]
