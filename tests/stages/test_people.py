"""An index is right when it says what a look at the whole table says."""

import numpy as np
import polars as pl
import pytest

from penchant.records.words import EVENT_COLUMNS
from penchant.stages import people as module
from penchant.stages.people import People


def some_events(num: int, seed: int, start: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        {
            "user_id": f"u{rng.integers(12)}",
            "item_id": f"i{rng.integers(30)}",
            "timestamp": start + place,
            "kind": "view" if rng.random() < 0.8 else "impression",
        }
        for place in range(num)
    ]
    return pl.DataFrame(rows, schema=EVENT_COLUMNS)


def as_the_table_says(known: People, everything: pl.DataFrame) -> None:
    ids = everything["user_id"].unique(maintain_order=True).to_list()
    assert known.ids == ids
    assert len(known) == len(ids)
    told = everything.filter(pl.col("kind") != "impression")["user_id"].to_list()
    assert [known.num_told(person) for person in ids] == [told.count(person) for person in ids]
    assert known.newest == everything["timestamp"].max()
    assert known.events.equals(everything)
    for person in ids:
        assert known.of([person]).equals(everything.filter(pl.col("user_id") == person))


@pytest.mark.parametrize("fewest", [3, 10_000])
def test_what_is_known_is_what_the_whole_table_says(monkeypatch: pytest.MonkeyPatch, fewest: int) -> None:
    """Whether new events wait or have joined the table."""
    monkeypatch.setattr(module, "FEWEST_WAITING", fewest)
    everything = some_events(40, 0)
    known = People(everything)
    as_the_table_says(known, everything)
    for seed in range(1, 8):
        more = some_events(5, seed, start=1000 * seed)
        known.add(more)
        everything = pl.concat([everything, more])
        as_the_table_says(known, everything)


def test_several_people_keep_the_order_of_each() -> None:
    everything, more = some_events(40, 0), some_events(10, 1, 1000)
    known = People(everything)
    known.add(more)
    found = known.of(["u3", "nobody", "u1", "u3"])
    for person in ("u3", "u1"):
        own = pl.concat([everything, more]).filter(pl.col("user_id") == person)
        assert found.filter(pl.col("user_id") == person).equals(own)
    assert set(found["user_id"]) == {"u1", "u3"}


def test_impressions_tell_nothing_of_a_person() -> None:
    known = People(some_events(40, 0))
    event = some_events(1, 5).with_columns(user_id=pl.lit("u1"))
    before = known.num_told("u1"), known.num_told("u2")
    known.add(event.with_columns(kind=pl.lit("impression")))
    assert (known.num_told("u1"), known.num_told("u2")) == before
    known.add(event.with_columns(kind=pl.lit("search")))
    assert (known.num_told("u1"), known.num_told("u2")) == (before[0] + 1, before[1])


def test_nobody_is_known_at_first() -> None:
    known = People(pl.DataFrame(schema=EVENT_COLUMNS))
    assert (known.ids, known.newest, len(known.of(["u"]))) == ([], 0, 0)
    assert "u" not in known
    known.add(some_events(1, 0).with_columns(user_id=pl.lit("u")))
    assert "u" in known
