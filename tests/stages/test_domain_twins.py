"""Two worlds of known truth, and what the twins are made of."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages.config import resolve_config
from penchant.stages.domain_twins import (
    ALONE,
    HIDDEN,
    SWAPPED,
    UNDECIDED,
    _difference,
    alone_in,
    domain_twins,
    split_within,
)
from penchant.stages.encode import Encoded, encode
from penchant.stages.evaluate import ALONE as NETWORK
from penchant.stages.evaluate import OURS
from stages.books_and_films import books_and_films

NUM_EACH, NUM_USERS, NUM_STEPS = 20, 120, 8


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))


def two_worlds(tied: bool) -> Data:
    """People read a book, then see a film, eight times. Books come by chance. Tied, the film is that of the book just read;
    else people walk along a ring of films, whatever they read."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(NUM_USERS):
        books, start = rng.permutation(NUM_EACH)[:NUM_STEPS], int(rng.integers(NUM_EACH))
        for step, book in enumerate(books):
            film = book if tied else (start + step) % NUM_EACH
            rows += [(f"u{user}", f"book{book}", 2 * step, "book"), (f"u{user}", f"film{film}", 2 * step + 1, "film")]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "domain"], orient="row")
    return pn.read(events)


def differences(data: Data, epochs: int) -> dict[tuple[str, str, str], dict[str, Any]]:
    config = resolve_config(
        "tiny", 0, epochs=epochs, patience=epochs, embedding_size=32, num_positions=256, dropout=0.1
    )
    found = domain_twins(encode(data, "hashing"), config, seeds=(0, 1, 2))
    return {(d["domain"], d["row"], d["minus"]): d for d in found["differences"] if d["group"] == "all"}


def test_where_books_decide_the_films_the_joint_model_wins_by_what_was_read() -> None:
    """Alone, films are chance: NDCG@10 of 10 of about 13 unseen films. Together, the last book says which."""
    found = differences(two_worlds(tied=True), epochs=16)
    for row, minus in product((OURS, NETWORK), (ALONE, HIDDEN, SWAPPED)):
        assert found["film", row, minus]["verdict"] == "better", found["film", row, minus]
        assert found["film", row, minus]["low"] > 0.4
    for row in (OURS, NETWORK):  # films say nothing of the next book, but swapped ones mislead
        assert found["book", row, ALONE]["verdict"] != "better"


def test_where_they_are_independent_the_joint_model_does_not_claim_to_win() -> None:
    """It has learned where to look for the last film; without the books that place is another, so hiding them costs."""
    found = differences(two_worlds(tied=False), epochs=30)
    for domain, row, minus in product(("book", "film"), (OURS, NETWORK), (ALONE, SWAPPED)):
        assert found[domain, row, minus]["verdict"] != "better", found[domain, row, minus]
    assert found["film", NETWORK, HIDDEN]["verdict"] == "better"


@pytest.fixture
def both() -> Encoded:
    return encode(books_and_films(), "hashing")


def ordered(encoded: Encoded) -> Encoded:
    """The same events, whose times are only an order."""
    return replace(encoded, data=replace(encoded.data, has_clock=False))


def test_without_a_clock_everybody_s_last_event_of_each_domain_is_asked(both: Encoded) -> None:
    split = split_within(ordered(both))
    for place in (0, 1):
        own = both.item_domains[both.events.item_rows] == place
        asked = both.events.user_rows[split.test & own]
        assert sorted(asked) == list(range(30))
        for user in (0, 29):
            mine = np.flatnonzero(own & (both.events.user_rows == user))
            assert split.test[mine].tolist() == [False] * 5 + [True]
            assert split.valid[mine].tolist() == [False] * 4 + [True, False]
    assert (
        split_within(both).test == (both.events.timestamps >= both.events.timestamps[split_within(both).test].min())
    ).all()


def test_a_domain_alone_holds_nothing_of_the_others(both: Encoded) -> None:
    films = alone_in(both, 1)
    assert films.items.all == [name for name in both.items.all if name.startswith("film")]
    assert len(films.events) == len(both.events) / 2
    assert films.domain_names == ["film"]
    told = both.items.ids(both.events.item_rows[both.item_domains[both.events.item_rows] == 1])
    assert films.items.ids(films.events.item_rows) == told
    row = both.items.rows(["film3"])[0]
    assert (films.item_vectors[films.items.rows(["film3"])[0]] == both.item_vectors[row]).all()


def test_searches_belong_to_every_domain(both: Encoded) -> None:
    rows = both.events.item_rows.copy()
    rows[:3] = -1
    searched = alone_in(replace(both, events=replace(both.events, item_rows=rows)), 0)
    assert (searched.events.item_rows[:3] == -1).all()
    assert searched.events.item_rows[3:].min() >= 0


def test_a_verdict_needs_people_and_seeds() -> None:
    people = np.tile([0.1, 0.2, 0.3], 10)
    assert _difference(np.stack([people, people]))["verdict"] == "better"
    assert _difference(-np.stack([people, people]))["verdict"] == "worse"
    assert _difference(np.stack([3 * people, -people]))["verdict"] == UNDECIDED  # +.6 and -.2: .2 on average
    assert _difference(np.stack([people - 0.2, people - 0.2]))["verdict"] == UNDECIDED


def test_what_cannot_be_compared_is_told(both: Encoded) -> None:
    config = resolve_config("tiny", 0)
    with pytest.raises(DataError, match="two or more, found \\['film'\\]"):
        domain_twins(alone_in(both, 1), config)
    with pytest.raises(ConfigError, match=r"Seeds differ.*found \[1, 1\]"):
        domain_twins(both, config, seeds=(1, 1))
    with pytest.raises(ConfigError, match="not fine_tune=lora"):
        domain_twins(both, resolve_config("tiny", 0, fine_tune="lora"))
    nameless = replace(alone_in(both, 1), domain_names=[""])
    with pytest.raises(DataError, match=r"found none\. Give items or events a column `domain`"):
        domain_twins(nameless, config)
