"""What another system is given: all that it needs to answer, and no answers."""

import json
from pathlib import Path

import polars as pl
import pytest

from penchant.records.data import Data
from penchant.stages.compared_rows import Ground
from penchant.stages.encode import encode
from penchant.stages.export_split import export_split


@pytest.mark.parametrize("protocol", ["leave-last-out", "global-time"])
def test_the_files_hold_the_split_and_no_answers(protocol: str, shop: Data, tmp_path: Path) -> None:
    ground = Ground.of(encode(shop, "hashing"), protocol, 7)
    export_split(ground, tmp_path / "split")
    read = {path.stem: pl.read_parquet(path) for path in (tmp_path / "split").glob("*.parquet")}
    assert set(read) == {"train", "valid", "items", "cases", "valid_cases"}
    assert len(read["train"]) == ground.split.train.sum()
    assert len(read["valid"]) == ground.split.valid.sum()
    assert read["train"].columns == ["user_id", "item_id", "timestamp", "kind", "value"]
    assert read["items"]["item_id"].to_list() == shop.items["item_id"].to_list()
    assert read["cases"].columns == ["user_id", "history"]
    assert json.loads((tmp_path / "split" / "split.json").read_text("utf-8")) == {
        "split": ground.key,
        "k": 7,
        "num_cases": len(ground.asked),
    }

    both = pl.concat([read["train"], read["valid"]]).sort("timestamp", maintain_order=True)
    met = {user: part["item_id"].to_list() for (user,), part in both.group_by("user_id", maintain_order=True)}
    for user, history in read["cases"].iter_rows():
        assert history == met[user]
    test = shop.events.filter(pl.Series(ground.split.test))
    sought = dict(test.group_by("user_id").agg("item_id").iter_rows())
    for user, history, relevant in read["valid_cases"].iter_rows():
        assert relevant
        assert not set(relevant) & set(history)
        assert set(relevant) <= set(read["valid"].filter(pl.col("user_id") == user)["item_id"])
        assert not set(history) & set(sought.get(user, []))
