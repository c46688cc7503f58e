import polars as pl
import pytest

from penchant.records import words
from penchant.records.errors import DataError
from penchant.stages.shown_lists import shown_lists


def log(*rows: tuple[object, ...]) -> pl.DataFrame:
    """user, item, kind, position, propensity; one second apart unless the kind is `impression`, which belongs to its list."""
    told, now = [], 0
    for user, item, kind, *place in rows:
        now += kind != "impression" or place[0] == 1
        row = {"user_id": user, "item_id": item, "kind": kind, "timestamp": now}
        told.append(row | dict(zip(("position", "propensity"), place, strict=False)))
    return pl.DataFrame(told, schema=words.EVENT_COLUMNS)


def test_what_came_of_a_list_is_what_the_person_did_after_it_and_before_it_was_shown_again() -> None:
    found = shown_lists(
        log(
            ("u", "b", "click"),  # before the list
            ("u", "a", "impression", 1, 0.5),
            ("u", "b", "impression", 2, 0.25),
            ("v", "b", "click"),  # somebody else
            ("u", "b", "click"),
            ("u", "b", "impression", 1, 1.0),
            ("u", "c", "impression", 2, 1.0),
            ("u", "a", "purchase"),  # of the first list, late
            ("u", "c", "skip"),
        ),
        (1, 5),
    )
    assert found.user_ids == ["u", "u"]
    assert found.item_ids == [["a", "b"], ["b", "c"]]
    assert found.propensities.tolist() == [[0.5, 0.25], [1, 1]]
    assert found.rewards.tolist() == [[1, 1], [0, 0]]
    assert found.rows.tolist() == [1, 5]


def test_only_some_kinds_count_and_ratings_by_their_height() -> None:
    rows = [("u", item, "impression", place, 1.0) for place, item in enumerate("abc", 1)]
    did = log(*rows, ("u", "a", "click"), ("u", "b", "purchase"), ("u", "c", "rate"))
    rated = did.with_columns(pl.when(pl.col("kind") == "rate").then(2.0).alias("value"))
    assert shown_lists(rated, (1, 5)).rewards.tolist() == [[1, 1, 0]]
    assert shown_lists(rated, (1, 2)).rewards.tolist() == [[1, 1, 1]]
    assert shown_lists(rated, (1, 5), kinds=("purchase",)).rewards.tolist() == [[0, 1, 0]]


def test_a_kind_that_is_nowhere_and_a_list_of_nothing_are_refused() -> None:
    given = log(("u", "a", "impression", 1, 1.0), ("u", "a", "wave"))
    assert shown_lists(given, (1, 5), kinds=("wave", "purchase")).rewards.tolist() == [[1]]
    with pytest.raises(DataError, match=r"of the kind 'clik'\. Did you mean 'click'"):
        shown_lists(given, (1, 5), kinds=("clik",))
    with pytest.raises(DataError, match="at least 1, found 0"):
        shown_lists(given, (1, 5), k=0)


def test_a_list_shown_twice_in_one_second_is_two_lists() -> None:
    rows = [("u", item, "impression", place, 1.0) for item, place in (("a", 1), ("b", 2), ("c", 1), ("d", 2))]
    table = log(*rows).with_columns(timestamp=pl.lit(7, pl.Int64))
    assert shown_lists(table, (1, 5)).item_ids == [["a", "b"], ["c", "d"]]


def test_lists_of_another_length_are_counted_and_left_out_or_cut() -> None:
    rows = [("u", item, "impression", place, 1.0) for item, place in (("a", 1), ("b", 2), ("c", 1), ("d", 2), ("e", 1))]
    found = shown_lists(log(*rows), (1, 5))
    assert (len(found), found.num_others) == (2, 1)
    assert shown_lists(log(*rows), (1, 5), k=1).item_ids == [["a"], ["c"], ["e"]]


def test_what_tells_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="no event of the kind 'impression' with a position and a propensity"):
        shown_lists(log(("u", "a", "impression", 1)), (1, 5))
    with pytest.raises(DataError, match="all places from 1 to 3"):
        shown_lists(log(("u", "a", "impression", 1, 1.0)), (1, 5), k=3)


def test_places_may_be_counted_from_0() -> None:
    rows = [("u", "a", "impression", 1, 0.5), ("u", "b", "impression", 2, 0.25), ("u", "b", "click")]
    from_1 = log(*rows)
    ours, theirs = (shown_lists(from_1.with_columns(pl.col("position") - begin), (1, 5)) for begin in (0, 1))
    assert theirs.item_ids == ours.item_ids == [["a", "b"]]
    assert theirs.rewards.tolist() == ours.rewards.tolist() == [[0, 1]]
