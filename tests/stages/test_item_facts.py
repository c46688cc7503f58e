"""How old items are, in a catalogue of two: of the first nobody says when it came, the second came a day ago."""

import numpy as np
import polars as pl
import pytest

from penchant.records.errors import DataError
from penchant.stages.asking import NO_ITEMS, Asking
from penchant.stages.encoders import ChosenEncoder
from penchant.stages.item_facts import item_ages
from penchant.stages.reader import TextReader
from penchant.text.encoders.hashing import HashingEncoder

DAY, NOW = 86_400, 1_600_000_000
UNKNOWN = float("nan")


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> TextReader:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return TextReader(ChosenEncoder.fitted("hashing", HashingEncoder()))


def asking(reader: TextReader, came: list[int | None], *, has_clock: bool = True) -> Asking:
    columns = {"item_id": ["a", "b"], "domain": [None, None], "title": ["space", "jazz"], "created_at": came}
    items = pl.DataFrame(columns, schema_overrides={"domain": pl.String, "created_at": pl.Int64})
    return Asking(items, reader, has_clock=has_clock)


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ({}, 0),
        ({"created_at": None}, 0),
        ({"created_at": NOW - DAY}, DAY),
        ({"created_at": "2020-09-12"}, 36 * 3600 + 26 * 60 + 40),
    ],
)
def test_a_raw_item_comes_now_unless_it_says_when(reader: TextReader, said: dict[str, object], age: int) -> None:
    """2020-09-13 12:26:40 is second 1,600,000,000, so 36 hours, 26 minutes and 40 seconds after 2020-09-12."""
    shop = asking(reader, [None, NOW - DAY])
    expected = [UNKNOWN, DAY, age]
    np.testing.assert_array_equal(
        item_ages(shop, shop.raw_items([{"item_id": "n", "title": "x", **said}]), NOW), expected
    )


def test_what_came_after_the_newest_event_is_younger_than_nothing(reader: TextReader) -> None:
    np.testing.assert_array_equal(item_ages(asking(reader, [NOW + DAY, NOW]), NO_ITEMS, NOW), [-DAY, 0])


def test_ages_that_nobody_knows_are_told(reader: TextReader) -> None:
    with pytest.raises(DataError, match="no item says when it came"):
        item_ages(asking(reader, [None, None]), NO_ITEMS, NOW)
    with pytest.raises(DataError, match="times are only an order here"):
        item_ages(asking(reader, [3, 4], has_clock=False), NO_ITEMS, 9)
