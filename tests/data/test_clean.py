"""The rules one by one, on tables small enough to be read."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.data.clean import (
    DAY,
    REPEAT_SECONDS,
    Rule,
    event_rules,
    expression,
    near_repeats,
    off_scale,
    repeats,
    sift,
)
from penchant.records.words import EVENT_COLUMNS

NOON = 1_700_000_000


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    """Events with all our words; those that no row has are of type Null, as in a narrow table."""
    usual = {"user_id": "u", "item_id": "i", "kind": "view"}
    table = pl.DataFrame([usual | row for row in rows])
    missing = [pl.lit(None).alias(word) for word in EVENT_COLUMNS if word not in table.columns]
    table = table.with_columns(missing).with_row_index("row", offset=1)
    return table.with_columns(unreadable=pl.lit(None, pl.String))


def reasons(table: pl.DataFrame, **options: object) -> dict[int, str]:
    settings = {"has_times": True, "has_clock": True, "scale": None, "now": NOON} | options
    gone = sift(table, event_rules([], **settings))[1]  # type: ignore[arg-type]
    return dict(gone.select("row", "reason").iter_rows())


def test_a_row_goes_for_the_first_rule_that_holds() -> None:
    table = pl.DataFrame({"row": [1, 2, 3], "x": [1, 2, 3]})
    rules = [Rule("small", "x", expression(pl.col("x") < 3)), Rule("tiny", "x", expression(pl.col("x") < 2))]
    kept, gone = sift(table, rules)
    assert kept["row"].to_list() == [3]
    assert gone.rows() == [(1, "small", "x"), (2, "small", "x")]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | st.booleans()), max_size=8))
def test_rows_in_are_rows_kept_and_rows_rejected(rows: list[tuple[bool, bool, bool | None]]) -> None:
    table = pl.DataFrame(rows, schema={"a": pl.Boolean, "b": pl.Boolean, "c": pl.Boolean}, orient="row")
    table = table.with_row_index("row")
    kept, gone = sift(table, [Rule(name, name, expression(pl.col(name))) for name in "abc"])
    assert sorted([*kept["row"], *gone["row"]]) == list(range(len(rows)))
    assert not kept.select(pl.any_horizontal("a", "b", "c").fill_null(value=False)).to_series().any()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"user_id": None}, "no user"),
        ({"item_id": None}, "no item"),
        ({"item_id": None, "kind": "search"}, "no item"),
        ({"item_id": None, "kind": "search", "text": "shoes"}, None),
        ({"timestamp": None}, "no timestamp"),
        ({"timestamp": 0}, "time before 1973"),
        ({"timestamp": -2_209_161_600}, "time before 1973"),
        ({"timestamp": 10**8}, None),
        ({"timestamp": NOON + DAY}, None),
        ({"timestamp": NOON + DAY + 1}, "time in the future"),
    ],
)
def test_impossible_rows(row: dict[str, object], reason: str | None) -> None:
    table = frame({"timestamp": NOON} | row, {"timestamp": NOON - 99, "user_id": "other", "text": None})
    assert reasons(table) == ({1: reason} if reason else {})


def test_an_order_has_no_future_and_no_past() -> None:
    table = frame({"timestamp": 0}, {"timestamp": 10**12, "user_id": "v"})
    assert reasons(table, has_clock=False) == {}


def test_unreadable_cells_are_told_first() -> None:
    table = frame({"timestamp": NOON}, {"timestamp": None, "user_id": None})
    table = table.with_columns(unreadable=pl.Series([None, "timestamp"]))
    rules = event_rules(["timestamp"], has_times=True, has_clock=True, scale=None, now=NOON)
    assert sift(table, rules)[1].rows() == [(2, "unreadable timestamp", "timestamp")]


def test_ratings_off_the_scale_that_nearly_all_lie_on() -> None:
    rows = [{"kind": "rate", "value": float(1 + n % 5), "item_id": str(n)} for n in range(40)]
    table = frame(*rows, {"kind": "rate", "value": 55.0}, {"kind": "play", "value": 900.0})
    assert off_scale(table).arg_true().to_list() == [40]


def test_the_given_scale_goes_before_what_the_ratings_say() -> None:
    table = frame({"kind": "rate", "value": 7.0}, {"kind": "rate", "value": 4.0}, {"kind": "rate", "value": None})
    assert off_scale(table, (1, 5)).fill_null(value=False).to_list() == [True, False, False]
    assert off_scale(table).fill_null(value=False).to_list() == [False, False, False]


def test_repeats_are_all_but_the_first() -> None:
    table = frame({"timestamp": 1}, {"timestamp": 2}, {"timestamp": 1}, {"timestamp": 1})
    assert repeats(table, list(EVENT_COLUMNS)).to_list() == [False, False, True, True]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None])), max_size=9))
@settings(max_examples=50)
def test_repeats_are_those_that_polars_finds_without_hashes(rows: list[tuple[str | None, int | None]]) -> None:
    table = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.Int64}, orient="row")
    assert (
        repeats(table, ["a", "b"]).to_list()
        == (~table.select(pl.struct("a", "b").is_first_distinct()).to_series()).to_list()
    )


def near(*rows: dict[str, object], has_clock: bool = True) -> list[bool]:
    return near_repeats(frame(*rows), has_clock).to_list()


@pytest.mark.parametrize(
    ("first", "second", "is_near"),
    [
        ({"timestamp": NOON}, {"timestamp": NOON + REPEAT_SECONDS}, True),
        ({"timestamp": NOON}, {"timestamp": NOON + REPEAT_SECONDS + 1}, False),
        ({"timestamp": NOON}, {"timestamp": NOON + 1, "item_id": "j"}, False),
        ({"timestamp": NOON}, {"timestamp": NOON + 1, "kind": "click"}, False),
        ({"timestamp": NOON}, {"timestamp": NOON + 1, "user_id": "v"}, False),
        ({"timestamp": NOON, "value": 3.0}, {"timestamp": NOON + 1, "value": 4.0}, False),
        ({"timestamp": NOON, "value": 3.0}, {"timestamp": NOON + 1, "value": None}, True),
        ({"timestamp": NOON, "text": "a"}, {"timestamp": NOON + 1, "text": "b"}, False),
        ({"timestamp": NOON, "kind": "rate", "value": 3.0}, {"timestamp": NOON + DAY, "kind": "rate", "value": 3.0}, True),
        ({"timestamp": NOON, "kind": "rate", "value": 3.0}, {"timestamp": NOON + DAY, "kind": "rate", "value": 2.0}, False),
        ({"timestamp": NOON, "kind": "play", "value": 3.0}, {"timestamp": NOON + DAY, "kind": "play", "value": 3.0}, False),
        ({"timestamp": NOON, "kind": "search", "item_id": None, "text": "a"},
         {"timestamp": NOON + 1, "kind": "search", "item_id": None, "text": "a"}, True),
    ],
)  # fmt: skip
def test_near_repeats_add_nothing(first: dict[str, object], second: dict[str, object], is_near: bool) -> None:
    assert near(first, second) == [False, is_near]
    assert near(second, first) == [is_near, False]


def test_who_changes_their_mind_and_back_again_is_heard() -> None:
    rows = [
        {"timestamp": NOON + DAY * day, "kind": "rate", "value": value} for day, value in enumerate([3.0, 4.0, 3.0])
    ]
    assert near(*rows) == [False, False, False]


def test_without_a_clock_only_the_same_rating_is_near() -> None:
    assert near({"timestamp": 1}, {"timestamp": 2}, has_clock=False) == [False, False]
    rows = [{"timestamp": time, "kind": "rate", "value": 3.0} for time in (1, 2)]
    assert near(*rows, has_clock=False) == [False, True]
