"""Planted leaks are found by name of row; honest tables and splits raise nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.data.leaks import check, late_training, leaks_across, leaks_in, shared_events
from penchant.data.read import read
from penchant.data.split import Split, by_column, global_time, k_fold_by_user, leave_last_out
from penchant.records.data import Data
from penchant.records.errors import LeakError
from penchant.records.events import Events
from penchant.records.words import KINDS

NUM_ITEMS = 120
REVIEW = "I watched this with my whole family and we laughed until the very end of it."
RATE, PLAY = KINDS.index("rate"), KINDS.index("play")


def world(attributes: Callable[[pl.DataFrame], dict[str, object]] | None = None) -> Data:
    """Items whose popularity and quality drift from the past to the future, and what is told of them."""
    rng = np.random.default_rng(0)
    rows = []
    for time in range(12_000):
        late = time >= 9600
        popular = rng.exponential(size=1) * NUM_ITEMS / 3
        item = int(popular[0]) % NUM_ITEMS
        item = (NUM_ITEMS - 1 - item) if late and rng.random() < 0.7 else item
        good = (item * 7) % 11 / 11
        stars = 1 + int(np.clip(4 * (1 - good if late else good) + rng.normal(0, 0.7), 0, 4))
        rows.append((f"u{rng.integers(5000)}", f"i{item}", time, float(stars)))
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "rating"], orient="row")
    items = pl.DataFrame(
        {"item_id": [f"i{n}" for n in range(NUM_ITEMS)], "year": [1950 + n % 60 for n in range(NUM_ITEMS)]}
    )
    return read(events, items=items.with_columns(**(attributes(events) if attributes else {})))


def per_item(events: pl.DataFrame, value: pl.Expr) -> pl.Series:
    items = pl.DataFrame({"item_id": [f"i{n}" for n in range(NUM_ITEMS)]})
    return items.join(events.group_by("item_id").agg(value), on="item_id", how="left", maintain_order="left").to_series(
        1
    )


def rules(data: Data) -> list[str]:
    return [leak.rule for leak in leaks_in(data)]


def test_an_honest_table_has_no_leak() -> None:
    assert leaks_in(world()) == []


@pytest.mark.parametrize("name", ["average_rating", "Rating Number", "also_bought", "salesRank", "销量"])
def test_metadata_of_all_times_is_known_by_its_name(name: str) -> None:
    data = read(
        [{"user": "u", "item": "i"}, {"user": "v", "item": "j"}],
        items=[{"item": "i", name: None}, {"item": "j", name: 4.1}],
    )
    [leak] = leaks_in(data)
    assert leak.rows == ("item j",)
    assert repr(name) in leak.rule
    assert f"drop=[{name!r}]" in leak.remedy


def test_an_empty_column_is_no_leak() -> None:
    assert leaks_in(read([{"user": "u", "item": "i"}], items=[{"item": "i", "average_rating": None}])) == []


def test_numbers_that_follow_the_future_are_found_whatever_they_are_called() -> None:
    data = world(lambda events: {"x": per_item(events, pl.len()), "y": per_item(events, pl.col("rating").mean())})
    found = {leak.rule.split("'")[1]: leak.rule for leak in leaks_in(data)}
    assert "final number of events" in found["x"]
    assert "final mean rating" in found["y"]


def test_numbers_of_the_past_are_honest() -> None:
    past = pl.col("timestamp") < 9600
    data = world(
        lambda events: {
            "x": per_item(events.filter(past), pl.len()),
            "y": per_item(events.filter(past), pl.col("rating").mean()),
        }
    )
    assert rules(data) == []


@pytest.mark.parametrize(("table", "key", "word"), [("items", "item", "description"), ("users", "user", "bio")])
def test_a_review_in_what_it_is_asked_with(table: str, key: str, word: str) -> None:
    events = [{"user": "u", "item": "i", "review": REVIEW}, {"user": "v", "item": "j", "review": "short and sweet"}]
    told = [
        {key: "u" if key == "user" else "i", word: f"As they say:  {REVIEW.upper()}"},
        {key: "v" if key == "user" else "j", word: "short and sweet"},
    ]
    [leak] = leaks_in(read(events, **{table: told}))
    assert leak.rows == ("event 1",)
    assert "text of an event stands in the" in leak.rule


def test_a_review_in_the_words_of_another_item_is_no_leak() -> None:
    events = [{"user": "u", "item": "i", "review": REVIEW}]
    assert (
        leaks_in(read(events, items=[{"item": "i", "description": "a film"}, {"item": "j", "description": REVIEW}]))
        == []
    )


def test_people_whose_columns_name_what_they_met_later() -> None:
    events = [{"user": f"u{n % 20}", "item": f"i{n}", "ts": n} for n in range(100)]
    people = [{"user": f"u{n}", "favourite": f"i{80 + n}", "city": "x"} for n in range(20)]
    [leak] = leaks_in(read(events, users=people))
    assert "'favourite' of the users names items that they met only later" in leak.rule
    assert leak.num_rows == 20
    honest = [{"user": f"u{n}", "favourite": f"i{n}"} for n in range(20)]
    assert leaks_in(read(events, users=honest)) == []


def log(rows: list[tuple[int, int, int, int, float]]) -> Events:
    users, items, times, kinds, values = np.array(rows, float).T
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=times.astype(np.int64),
        values=values.astype(np.float32),
        kinds=kinds.astype(np.int16),
        text_rows=np.full(len(users), -1, np.int32),
    )


def halves(events: Events) -> Split:
    half = np.arange(len(events)) < len(events) // 2
    return Split(train=half, valid=np.zeros(len(events), bool), test=~half)


def test_the_same_rating_on_both_sides_of_a_split() -> None:
    events = log([(0, 0, 1, RATE, 4), (1, 0, 2, RATE, 4), (0, 0, 9, RATE, 4), (1, 0, 9, RATE, 3)])
    [leak] = list(shared_events(events, halves(events), has_clock=False))
    assert not list(shared_events(events, halves(events)))  # a clock tells that somebody thought of it again
    assert leak.rows == ("event 3",)


def test_the_same_song_again_is_only_the_same_event_at_the_same_time() -> None:
    again = log([(0, 0, 1, PLAY, np.nan), (0, 0, 9, PLAY, np.nan)])
    assert list(shared_events(again, halves(again))) == []
    twice = log([(0, 0, 1, PLAY, np.nan), (0, 0, 1, PLAY, np.nan)])
    assert len(list(shared_events(twice, halves(twice)))) == 1


def test_training_on_the_period_of_the_test() -> None:
    events = log([(0, n, n, PLAY, np.nan) for n in range(10)])
    split = by_column(events, np.array(["train"] * 4 + ["test"] + ["valid"] * 2 + ["train"] * 3))
    [leak] = list(late_training(events, split))
    assert leak.num_rows == 5
    assert leak.rows[0] == "event 6"
    assert list(late_training(events, global_time(events))) == []


def test_our_own_splits_have_no_leak() -> None:
    rng = np.random.default_rng(1)
    events = log([(int(rng.integers(9)), n, n, RATE, 3.0) for n in range(200)])
    assert leaks_across(events, global_time(events), by_time=True) == []
    assert leaks_across(events, leave_last_out(events), by_time=False) == []
    assert leaks_across(events, k_fold_by_user(events), by_time=False) == []
    assert leaks_across(events, leave_last_out(events), by_time=True) != []


def test_a_leak_stops_everything_unless_it_is_allowed() -> None:
    data = read(
        [{"user": "u", "item": str(n)} for n in range(9)], items=[{"item": str(n), "votes": n} for n in range(9)]
    )
    with pytest.raises(
        LeakError, match=r"'votes'.*9 rows \(item 0, item 1, .*\.\.\.\).*--drop votes.*\n.*--allow-leaks"
    ):
        check(leaks_in(data))
    [row] = check(leaks_in(data), allow_leaks=True)
    assert (row["num_rows"], row["rows"]) == (9, ("item 0", "item 1", "item 2", "item 3", "item 4"))
    assert check([]) == []


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets")
def test_real_tables_leak_only_where_their_columns_say_so() -> None:
    for folder in sorted(path.parent for path in Path(os.environ["PENCHANT_DATA"]).glob("*/interactions.parquet")):
        items = folder / "items.parquet"
        found = rules(read(folder / "interactions.parquet", items=items if items.exists() else None))
        named = {"also_buy", "also_view"} if folder.name == "amazon_gift_cards_2018" else set()
        assert {rule.split("'")[1] for rule in found} == named, folder.name
