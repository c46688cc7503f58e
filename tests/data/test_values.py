"""Columns without telling names. The tables are made up; what is expected is said by the rules in `values`."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from penchant.data.infer import infer_columns
from penchant.records.errors import DataError

NUM = 200
RNG = np.random.default_rng(0)
TIMES = np.sort(RNG.integers(1_500_000_000, 1_700_000_000, NUM))
PROSE = ["a long walk through the old town", "nothing to say about this one here", "很好看的一部电影推荐大家去看"]
COLUMNS: dict[str, object] = {
    "a": [f"u{n % 23}" for n in range(NUM)],
    "b": RNG.integers(10_000, 10_040, NUM),
    "c": RNG.integers(1, 6, NUM),
    "d": TIMES,
}


def words(table: str = "events", **columns: object) -> dict[str, str]:
    frame = pl.DataFrame(columns)
    return infer_columns(frame.columns, table, sample=frame).columns


def with_ids(**columns: object) -> dict[str, str]:
    found = words(user_id=COLUMNS["a"], item_id=COLUMNS["b"], **columns)
    return {word: column for word, column in found.items() if word not in ("user_id", "item_id")}


def test_a_table_without_any_telling_name() -> None:
    assert words(**COLUMNS) == {"user_id": "a", "item_id": "b", "timestamp": "d", "value": "c"}


def test_of_two_columns_of_ids_the_first_is_the_users() -> None:
    swapped = {name: COLUMNS[name] for name in "badc"}
    assert words(**swapped) == {"user_id": "b", "item_id": "a", "timestamp": "d", "value": "c"}


def test_a_name_goes_before_all_values() -> None:
    found = words(a=COLUMNS["a"], user=COLUMNS["b"], c=COLUMNS["c"], d=COLUMNS["d"])
    assert found == {"user_id": "user", "item_id": "a", "timestamp": "d", "value": "c"}


def test_the_reason_and_samples_are_shown() -> None:
    frame = pl.DataFrame(COLUMNS)
    mapped = infer_columns(frame.columns, "events", {"item_id": "b"}, sample=frame)
    rows = {row["column"]: row for row in mapped.rows}
    assert rows["b"]["reason"] == "you said so"
    assert rows["c"]["reason"] == "its values: 5 distinct values from 1 to 5"
    assert rows["a"]["samples"] == ["u0", "u1", "u2"]
    assert "events: value is read from 'c' (its values: 5 distinct values from 1 to 5)" in mapped.notes


@pytest.mark.parametrize(
    ("values", "is_rating"),
    [
        (RNG.integers(1, 6, NUM), True),
        (RNG.integers(1, 11, NUM) / 2, True),
        (RNG.integers(1, 11, NUM), True),
        ([str(n) for n in RNG.integers(1, 6, NUM)], True),
        (RNG.integers(0, 2, NUM), False),
        (RNG.integers(1, 5, NUM), False),
        (RNG.integers(1, 8, NUM), False),
        (RNG.integers(1, 100, NUM), False),
        (np.round(RNG.uniform(1, 5, NUM), 2), False),
        ([*RNG.integers(1, 6, NUM - 1), 6], False),
        (RNG.integers(1, 6, NUM) == 3, False),
    ],
)
def test_ratings_fill_a_scale_in_even_steps(values: object, is_rating: bool) -> None:
    assert ("value" in with_ids(x=values)) is is_rating


@pytest.mark.parametrize(
    "name", ["quantity", "num_items", "age_group", "Level", "price", "数量", "helpful_votes", "slot"]
)
def test_a_quantity_is_never_turned_into_a_rating(name: str) -> None:
    assert "value" not in with_ids(**{name: COLUMNS["c"]})


def test_two_columns_that_could_be_ratings_are_left_to_the_owner() -> None:
    assert "value" not in with_ids(x=COLUMNS["c"], y=RNG.integers(1, 6, NUM))


@pytest.mark.parametrize(
    ("values", "is_time"),
    [
        (TIMES, True),
        (TIMES * 1000, True),
        (TIMES[::-1], True),
        (RNG.permutation(TIMES), True),
        ([str(time) for time in TIMES], True),
        ([datetime(2024, 1, 1) + timedelta(hours=int(n)) for n in range(NUM)], True),
        ([f"2024-05-{1 + n % 30:02d}" for n in range(NUM)], True),
        ([f"2024年5月{1 + n % 30}日" for n in range(NUM)], True),
        (np.arange(NUM), False),
        (RNG.integers(2_000_000_000, 4_000_000_000, NUM), False),
        (RNG.integers(0, 500_000_000, NUM), False),
    ],
)
def test_times_are_dates_or_numbers_of_a_plausible_clock(values: object, is_time: bool) -> None:
    assert ("timestamp" in with_ids(x=values)) is is_time


def test_an_id_of_ten_digits_is_no_time_while_an_item_is_missing() -> None:
    """1,000,000,000 to 1,700,000,000 at random could be either: nothing is taken for granted."""
    with pytest.raises(DataError, match="needs a column for 'item_id'"):
        words(user_id=COLUMNS["a"], x=RNG.integers(1_000_000_000, 1_700_000_000, NUM))


def test_kinds_and_texts_are_told_by_what_they_say() -> None:
    found = with_ids(x=["pv", "buy", "wave", "收藏"] * (NUM // 4), y=[PROSE[n % 3] + str(n) for n in range(NUM)])
    assert found == {"kind": "x", "text": "y"}


def test_the_longer_of_two_texts_is_the_text() -> None:
    short = [PROSE[n % 3] for n in range(NUM)]
    assert with_ids(title=short, body=[text * 3 for text in short])["text"] == "body"


@pytest.mark.parametrize(
    "values",
    [
        np.arange(NUM),
        ["same"] * NUM,
        RNG.uniform(0, 99, NUM),
        [True, False] * (NUM // 2),
        [PROSE[n % 3] for n in range(NUM)],
        [["sports", "news", "music"][n % 3] + "abcdefgh"[n % 8] for n in range(NUM)],
        [f"c{n % 9}" for n in range(NUM)],
    ],
)
def test_what_can_be_no_id(values: object) -> None:
    with pytest.raises(DataError, match="needs a column for 'item_id'"):
        words(user_id=COLUMNS["a"], x=values)


def test_a_name_that_means_something_else_is_never_guessed_over() -> None:
    with pytest.raises(DataError, match="needs a column for 'user_id'"):
        words(genres=COLUMNS["a"], item_id=COLUMNS["b"])
    assert "text" not in with_ids(title=[PROSE[n % 3] for n in range(NUM)])


def test_few_rows_say_nothing() -> None:
    frame = pl.DataFrame(COLUMNS).head(19)
    with pytest.raises(DataError, match="no name tells"):
        infer_columns(frame.columns, "events", sample=frame)


def test_items_by_their_values() -> None:
    found = words(
        "items",
        k=[f"B{n:04d}" for n in range(NUM)],
        t=[f"Nail Lacquer {n}" for n in range(NUM)],
        g=["Drama|War", "War", "Comedy|War|Drama", "Drama"] * (NUM // 4),
        p=[" ".join(PROSE) + str(n) for n in range(NUM)],
        link=[f"https://x.example/{n}" for n in range(NUM)],
        lists=[["one", "two words and more of them to be prose"]] * NUM,
    )
    assert found == {"item_id": "k", "title": "t", "description": "p", "tags": "g"}


def test_a_column_of_a_strange_type_is_passed_over() -> None:
    assert with_ids(x=pl.Series([timedelta(days=1)] * NUM), y=pl.Series([b"a"] * NUM)) == {}
