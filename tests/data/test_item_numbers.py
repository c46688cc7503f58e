import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from penchant.data.item_numbers import ItemNumbers
from penchant.data.read import read


def numbers_of(**columns: list[Any]) -> ItemNumbers:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return ItemNumbers.of(pl.DataFrame({"attributes": [json.dumps(row) for row in rows]}))


def prices(num: int = 20) -> list[float]:
    return [1.5 * place + 0.49 for place in range(num)]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("price", [f"${price}" for price in prices()]),
        ("价格", [f"￥{price}" for price in prices()]),
        ("price", ["Free To Play", *prices(19)]),
        ("list price", [*prices(10), *["ask us"] * 10]),
        ("Was", [f"{price} €" for price in prices()]),
        ("num_pages", [100 + place % 7 for place in range(20)]),
        ("weight (kg)", [*prices(19), None]),
        ("temperature", [-3.5, *prices(19)]),
    ],
)
def test_numbers_are_found(column: str, cells: list[Any]) -> None:
    assert list(numbers_of(**{column: cells}).columns) == [column]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("average_rating", prices()),
        ("评分", prices()),
        ("num_reviews", prices()),
        ("月销量", prices()),
        ("tmdb_id", [place * 977 for place in range(20)]),
        ("bench", list(range(20))),
        ("year", prices()),
        ("since", [1990 + place % 9 for place in range(20)]),
        ("added", [1_600_000_000 + 977 * place for place in range(20)]),
        ("brand", ["Sony"] * 20),
        ("model", ["2nd edition", *["3rd edition"] * 19]),
        ("price", [9.99] * 20),
        ("price", ["ask us"] * 20),
        ("price", [*prices(9), *[None] * 11]),
        ("pages", [*prices(10), *["many"] * 10]),
        ("new", [True, False] * 10),
    ],
)
def test_what_is_no_number_or_not_to_be_known_is_left_out(column: str, cells: list[Any]) -> None:
    assert not numbers_of(**{column: cells}).columns


def test_scales_are_those_of_the_items_that_were_met() -> None:
    numbers = numbers_of(temperature=[-1.0, 1.0] * 10 + [99.0, None])
    features = numbers.fit(np.array([0, 1, 1, 3]))(numbers)
    assert features is not None
    third = np.array([-np.sqrt(2), np.sqrt(0.5)])  # of -1, 1, 1: mean 1/3, deviation sqrt(8)/3
    np.testing.assert_allclose(features[[0, 1], :2], np.stack([[1, 1], third], axis=1), rtol=1e-6)
    assert features[20, :2].tolist() == [1, 4]
    assert not features[21].any()


def test_waves_tell_apart_what_is_near() -> None:
    numbers = numbers_of(temperature=[-1.0, 1.0] * 10)
    features = numbers.fit(np.arange(20))(numbers)
    assert features is not None
    sines, cosines = np.sin(np.pi / np.array([1, 2, 4, 8])), np.cos(np.pi / np.array([1, 2, 4, 8]))
    np.testing.assert_allclose(features[1], [1, 1, *sines, *cosines], atol=1e-6)


def test_tails_are_shortened_by_the_logarithm() -> None:
    tailed, even = numbers_of(price=[1.1**place for place in range(60)]), numbers_of(price=prices())
    assert tailed.fit(np.arange(60)).columns["price"].log
    assert not even.fit(np.arange(20)).columns["price"].log
    assert not numbers_of(height=[-1.0, *prices(19)]).fit(np.arange(20)).columns["height"].log


def test_raw_items_are_read_alike() -> None:
    numbers = numbers_of(price=[f"${price}" for price in prices()])
    scales = numbers.fit(np.arange(20))
    known, rows = scales(numbers), [{"attributes": '{"price": "1.99 $"}'}, {"attributes": None}, {"title": "no price"}]
    read_rows = scales.read(rows)
    assert known is not None
    assert read_rows is not None
    np.testing.assert_array_equal(read_rows, [known[1], 0 * known[1], 0 * known[1]])


def test_without_numbers_there_are_no_features() -> None:
    numbers = numbers_of(brand=["Sony"] * 20)
    assert numbers.fit(np.arange(20))(numbers) is None
    assert numbers.fit(np.arange(20)).read([{"attributes": '{"price": 3}'}]) is None


def test_parts_of_a_catalogue() -> None:
    numbers = numbers_of(price=prices(), weight=prices())
    assert numbers.without(["price"]).take(np.array([1])).columns["weight"].tolist() == [1.99]


def test_a_price_column_of_a_table_of_items() -> None:
    events = [{"user_id": "a", "item_id": str(place), "timestamp": place} for place in range(20)]
    items = [
        {"item_id": str(place), "title": f"thing {place}", "Price": f"${price}"} for place, price in enumerate(prices())
    ]
    found = ItemNumbers.of(read(events, items=items).items)
    assert found.columns["Price"].tolist() == prices()
