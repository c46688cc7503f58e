import numpy as np
import polars as pl
import pytest

from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS
from penchant.stages.asking import NO_ITEMS, Asking
from penchant.stages.encoders import ChosenEncoder
from penchant.stages.reader import TextReader
from penchant.text.encoders.hashing import HashingEncoder


@pytest.fixture
def asking(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    items = pl.DataFrame(
        {
            "item_id": ["a", "b"],
            "domain": ["film", None],
            "title": ["space", "jazz"],
            "description": [None, None],
            "tags": [["far"], None],
            "attributes": ['{"price": 3}', None],
        },
        schema_overrides={"description": pl.String},
    )
    return Asking(items, TextReader(ChosenEncoder.fitted("hashing", HashingEncoder())), has_clock=True)


def test_raw_items_are_told_of_as_the_catalogue_is(asking: Asking) -> None:
    new = asking.raw_items(
        [{"item_id": "n", "title": "garden", "tags": "quiet|green", "price": "$5", "domain": "film"}]
    )
    assert new.ids == ["n"]
    assert new.rows[0]["tags"] == ["quiet", "green"]
    assert new.rows[0]["attributes"] == '{"price": "$5"}'
    assert new.vectors is not None
    assert new.vectors.shape == (1, asking.reader.chosen.encoder.dimension)
    assert asking.names(new) == ["a", "b", "n"]
    assert asking.attributes.values("price") == [["3"], []]


def test_more_is_said_by_other_columns_too(asking: Asking) -> None:
    """Words among the attributes are read, as in the catalogue."""
    plain, more = (asking.raw_items([{"item_id": "n", "title": "garden", **said}]) for said in ({}, {"brand": "Acme"}))
    assert plain.vectors is not None
    assert more.vectors is not None
    assert not np.array_equal(plain.vectors, more.vectors)


def test_no_items_are_no_items(asking: Asking) -> None:
    assert asking.raw_items(None) is NO_ITEMS


@pytest.mark.parametrize(
    ("items", "told"),
    [([{"title": "x"}], "need an item_id, found title"), ([{"item_id": "a"}], "'a' is in the catalogue already")],
)
def test_mistakes_are_named(asking: Asking, items: list[dict[str, str]], told: str) -> None:
    with pytest.raises(DataError, match=told):
        asking.raw_items(items)


def test_pairs_are_people_and_rows(asking: Asking) -> None:
    pairs = pl.DataFrame({"user_id": ["u", "v"], "item_id": ["b", "a"]})
    people, rows = asking.pairs(pairs, of_stranger=False)
    assert (people, rows.tolist()) == (["u", "v"], [1, 0])
    assert asking.pairs(pairs.drop("user_id"), of_stranger=True)[0] == [None, None]
    with pytest.raises(DataError, match="columns user_id and item_id, found item_id"):
        asking.pairs(pairs.drop("user_id"), of_stranger=False)
    with pytest.raises(DataError, match="Item 'c' is not in the catalogue"):
        asking.pairs(pairs.with_columns(item_id=pl.lit("c")), of_stranger=False)


def test_texts_stay_with_their_events(asking: Asking) -> None:
    """Also behind a text about an item that the catalogue does not have."""
    told = [
        {"item_id": "gone", "text": "lost"},
        {"item_id": "a", "text": "stars"},
        {"text": "  "},
        {"text": "trumpets"},
    ]
    found = asking.histories([None], pl.DataFrame(schema=EVENT_COLUMNS), [told[1], told[3]])
    mixed = asking.histories([None], pl.DataFrame(schema=EVENT_COLUMNS), told)
    assert found.text_vectors is not None
    assert mixed.text_vectors is not None
    rows = mixed.text_rows[mixed.text_rows >= 0]
    np.testing.assert_array_equal(mixed.text_vectors[rows], found.text_vectors)
