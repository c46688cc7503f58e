"""A shop whose texts say nothing and where everybody buys what costs about the same: prices have to be worth something."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.data.read import read
from penchant.evaluation.ranking import only, rank_cases
from penchant.records.data import Data
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.stages.model import Model
from penchant.stages.protocols import find_protocol, make_cases

NUM_ITEMS, NUM_USERS, LENGTH = 240, 150, 8
NEW = 3
"""Every third item is new: nobody bought it but as the very last thing."""


def make_shop() -> Data:
    """Prices from 1 to 1,000; a person buys within a tenth of that range, at log scale, around a place of their own."""
    rng = np.random.default_rng(0)
    places, rows = np.linspace(0, 3, NUM_ITEMS), []
    for user in range(NUM_USERS):
        near = rng.permutation(np.flatnonzero(abs(places - rng.uniform(0, 3)) < 0.15))
        bought = [*near[near % NEW > 0][:LENGTH], near[near % NEW == 0][0]]
        rows += [
            (f"u{user}", f"i{item}", 1_600_000_000 + 1000 * step + user, "purchase") for step, item in enumerate(bought)
        ]
    words = [" ".join(f"w{word}" for word in rng.integers(50, size=4)) for _ in range(NUM_ITEMS)]
    items = pl.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(NUM_ITEMS)],
            "title": words,
            "price": [f"${10**place:,.2f}" for place in places],
        }
    )
    return read(pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "kind"], orient="row"), items=items)


@pytest.fixture(scope="module")
def shop() -> Encoded:
    return encode(make_shop(), "hashing")


def ndcg_of_new_items(encoded: Encoded) -> float:
    """Everybody's last item, among the new ones: 10 of 80 by chance hit one in eight."""
    split = find_protocol("leave-last-out").split(encoded, 0, 0)
    events = encoded.events.take(~split.test)
    config = resolve_config("tiny", 0, epochs=15, num_positions=256)
    source = fit_network(events, encoded, make_tasks(["next_item"], encoded), config).source
    cases = make_cases(encoded, "leave-last-out", ~split.test, split.test)
    new = np.array([int(item[1:]) % NEW == 0 for item in encoded.items.all])
    return float(rank_cases(only(source.score, new), cases).ndcg.mean())


def test_new_items_are_found_by_their_prices_but_not_by_those_of_others(shop: Encoded) -> None:
    order = np.random.default_rng(1).permutation(NUM_ITEMS)
    true = ndcg_of_new_items(shop)
    dealt = ndcg_of_new_items(replace(shop, item_numbers=shop.item_numbers.take(order)))
    without = ndcg_of_new_items(replace(shop, item_numbers=shop.item_numbers.without(["price"])))
    assert true > 2 * max(dealt, without)


@pytest.fixture(scope="module")
def model() -> Model:
    return pn.fit(make_shop(), tasks=["next_item"], size="tiny", encoder="hashing", epochs=15, num_positions=256)


def scores_of_new(model: Model, prices: Sequence[object]) -> dict[str, float]:
    """Of one text at several prices, for somebody who buys for about ten."""
    data = make_shop().items
    near = [
        row["item_id"]
        for row in data.to_dicts()
        if 8 < float(json.loads(row["attributes"])["price"][1:].replace(",", "")) < 12
    ]
    items = [{"item_id": f"new {price}", "title": "w1 w2", "price": price} for price in prices]
    history = [{"item_id": item, "kind": "purchase"} for item in near]
    ids = [item["item_id"] for item in items]
    table = model.recommend(history=history, items=items, candidates=ids, k=len(ids))
    return {row["item_id"].removeprefix("new "): row["score"] for row in table.to_dicts()}


def test_raw_new_items_are_read_with_their_prices(model: Model) -> None:
    scores = scores_of_new(model, ["1.10", "10.00", "900.00", None])
    assert scores["10.00"] > max(scores["1.10"], scores["900.00"], scores["None"])
    assert scores["10.00"] == scores_of_new(model, [1.1, 10.0, 900.0, None])["10.0"]


def test_a_saved_model_reads_them_alike(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    prices = ["$1.10", "$10.00", "ask us"]
    assert scores_of_new(Model.load(tmp_path), prices) == scores_of_new(model, prices)
    assert set(json.loads((tmp_path / "model" / "schema.json").read_text())["item_numbers"]) == {"price"}


def test_columns_that_follow_later_events_are_left_out() -> None:
    data = make_shop()
    counts = data.events.group_by("item_id").len()
    table = (
        data.items.select("item_id", "title")
        .join(counts, on="item_id", how="left")
        .with_columns(pl.col("len").fill_null(0).alias("heat"), pl.int_range(pl.len()).alias("weight") % 7)
    )
    told = read(data.events, items=table.drop("len"))
    assert list(encode(told, "hashing").item_numbers.columns) == ["weight"]
