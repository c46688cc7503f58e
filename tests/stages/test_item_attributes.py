import json

import numpy as np
import pytest

from penchant.records.errors import DataError
from penchant.stages.item_attributes import ItemAttributes

ROWS = [
    {
        "item_id": "a",
        "domain": "film",
        "tags": ["War", "Drama"],
        "attributes": json.dumps({"brand": "Acme", "price": "$1,250.00", "year": 1998.0, "margin": -2}),
    },
    {
        "item_id": "b",
        "domain": None,
        "tags": None,
        "attributes": json.dumps({"brand": "acme", "price": 3, "year": 1998}),
    },
    {"item_id": "c", "domain": "film", "tags": ["war"], "attributes": None},
]
ITEMS = ItemAttributes(ROWS)


def test_everything_has_a_name() -> None:
    assert ITEMS.names == ["item_id", "domain", "tags", "brand", "price", "year", "margin"]
    assert ITEMS.values("year") == [["1998"], ["1998"], []]
    assert ITEMS.values("domain") == [["film"], [], ["film"]]


def test_values_are_found_whatever_the_case() -> None:
    assert ITEMS.carriers("brand", ["ACME"]).tolist() == [True, True, False]
    assert ITEMS.carriers("tags", ["war"]).tolist() == [True, False, True]
    assert ITEMS.carriers("item_id", ["b", "c"]).tolist() == [False, True, True]


def test_groups_are_numbers_of_values() -> None:
    members, names = ITEMS.groups("tags")
    assert (members.tolist(), names) == ([[0, 1], [-1, -1], [0, -1]], ["war", "drama"])


def test_numbers_are_read_as_shops_write_them() -> None:
    np.testing.assert_array_equal(ITEMS.numbers("price"), [1250, 3, np.nan])
    np.testing.assert_array_equal(ITEMS.numbers("margin"), [-2, np.nan, np.nan])


def test_what_there_is_not_is_named() -> None:
    with pytest.raises(DataError, match=r"No item has 'barnd'\. Did you mean 'brand'"):
        ITEMS.values("barnd")
    with pytest.raises(DataError, match=r"No item has the brand 'acne'\. Did you mean 'acme'"):
        ITEMS.carriers("brand", ["acne"])
    with pytest.raises(DataError, match=r"No item has a number under 'brand'\. Known: margin, price, year\."):
        ITEMS.numbers("brand")


def test_others_follow_and_what_was_read_is_not_read_again() -> None:
    ITEMS.numbers("price")
    both = ITEMS.followed_by([{"item_id": "n", "tags": ["jazz"], "attributes": '{"price": 7, "colour": "red"}'}])
    assert both.numbers("price")[[1, 3]].tolist() == [3, 7]
    assert both.values("colour") == [[], [], [], ["red"]]
    assert both._attributes[0] is ITEMS._attributes[0]
    assert "colour" not in ITEMS.names
    assert len(ITEMS.values("tags")) == len(ITEMS.numbers("price")) == 3
