import gzip
import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from penchant.data.read import read
from penchant.records.errors import DataError

FUTURE = ("average_rating", "rating_number", "bought_together", "also_buy", "also_view", "related", "salesRank", "rank")


def written(path: Path, *rows: dict[str, object], literal: bool = False) -> None:
    """JSON lines, or Python dicts in lines as the metadata of 2014 has them."""
    text = "".join((repr(row) if literal else json.dumps(row)) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def folder_2014(folder: Path) -> Path:
    written(
        folder / "reviews_Beauty_5.json.gz",
        {"reviewerID": "A1", "asin": "007", "reviewerName": "N", "helpful": [1, 2], "reviewText": "Nice.", "overall": 5.0,
         "summary": "Good", "unixReviewTime": 1391040000, "reviewTime": "01 30, 2014"},
    )  # fmt: skip
    written(
        folder / "meta_Beauty.json.gz",
        {"asin": "007", "title": "L'Oréal \"x\"", "description": "Soft.", "price": 4.5, "imUrl": "http://i", "brand": "B",
         "related": {"also_bought": ["9"]}, "salesRank": {"Beauty": 3}, "categories": [["Beauty", "Skin"], ["Beauty", "Face"]]},
        literal=True,
    )  # fmt: skip
    return folder


def folder_2018(folder: Path) -> Path:
    written(
        folder / "Beauty_5.json.gz",
        {"overall": 5.0, "verified": True, "reviewTime": "01 30, 2014", "reviewerID": "A1", "asin": "007", "vote": "2",
         "style": {"Size:": " L"}, "reviewText": "Nice.", "summary": "Good", "unixReviewTime": 1391040000},
    )  # fmt: skip
    written(
        folder / "meta_Beauty.json.gz",
        {"asin": "007", "title": "L'Oréal \"x\"", "description": ["Soft.", "Mild."], "feature": ["Big"], "price": "$4.50",
         "brand": "B", "also_buy": ["9"], "also_view": [], "rank": "3 in Beauty", "category": ["Beauty", "Skin", "Face"],
         "imageURL": ["http://s"], "imageURLHighRes": ["http://i"], "main_cat": "All Beauty", "tech1": "", "fit": ""},
    )  # fmt: skip
    return folder


def folder_2023(folder: Path) -> Path:
    written(
        folder / "All_Beauty.jsonl",
        {"rating": 5.0, "title": "Good", "text": "Nice.", "images": [], "asin": "variant", "parent_asin": "007",
         "user_id": "A1", "timestamp": 1391040000123, "helpful_vote": 2, "verified_purchase": True},
    )  # fmt: skip
    written(
        folder / "meta_All_Beauty.jsonl",
        {"main_category": "All Beauty", "title": "L'Oréal \"x\"", "average_rating": 4.8, "rating_number": 10,
         "features": ["Big"], "description": ["Soft.", "Mild."], "price": 4.5, "videos": [], "store": "B",
         "images": [{"thumb": "http://t", "large": "http://l", "hi_res": "http://i"}],
         "categories": ["Beauty", "Skin", "Face"], "details": {"Weight": "1 oz", "Best Sellers rank": {"x": 1}},
         "parent_asin": "007", "bought_together": None},
    )  # fmt: skip
    return folder


@pytest.mark.parametrize("layout", [folder_2014, folder_2018, folder_2023])
def test_all_three_years_give_the_same_events_and_products(tmp_path: Path, layout: object) -> None:
    data = read(layout(tmp_path))  # type: ignore[operator]
    assert data.notes[0].endswith("is Amazon Reviews")
    assert data.events.select("user_id", "item_id", "timestamp", "kind", "value", "text").rows() == [
        ("A1", "007", 1391040000, "review", 5.0, "Good\nNice.")
    ]
    assert data.items.select("item_id", "title", "tags", "image").rows() == [
        ("007", 'L\'Oréal "x"', ["Beauty", "Skin", "Face"], "http://i")
    ]
    assert data.items["description"][0].startswith("Soft.")
    assert json.loads(data.items["attributes"][0])["brand"] == "B"


@pytest.mark.parametrize("layout", [folder_2014, folder_2018, folder_2023])
def test_what_knows_the_future_reaches_nothing(tmp_path: Path, layout: object) -> None:
    data = read(layout(tmp_path))  # type: ignore[operator]
    everything = json.dumps([data.items.to_dicts(), data.events.to_dicts()])
    assert not any(name in everything for name in FUTURE)
    left_out = [note for note in data.notes if note.endswith("is left out: it knows the future")]
    assert len(left_out) == {folder_2014: 2, folder_2018: 3, folder_2023: 3}[layout]  # type: ignore[index]


def test_context_says_what_was_bought(tmp_path: Path) -> None:
    context = read(folder_2018(tmp_path)).events["context"][0]
    assert json.loads(context) == {"verified": True, "style": {"Size:": " L"}}


def test_several_categories_and_none_of_metadata(tmp_path: Path) -> None:
    folder_2018(tmp_path)
    written(
        tmp_path / "Music.json",
        {
            "overall": 1.0,
            "reviewerID": "A2",
            "asin": "8",
            "reviewText": "",
            "summary": None,
            "unixReviewTime": 1391040001,
        },
    )
    data = read(tmp_path)
    assert data.events.select("item_id", "kind", "text").rows() == [
        ("007", "review", "Good\nNice."),
        ("8", "review", None),
    ]
    (tmp_path / "meta_Beauty.json.gz").unlink()
    assert read(tmp_path).items["item_id"].to_list() == ["007", "8"]


def test_metadata_is_read_as_literals_and_never_run(tmp_path: Path) -> None:
    folder_2014(tmp_path)
    canary = tmp_path / "canary"
    (tmp_path / "meta_Beauty.json.gz").write_bytes(gzip.compress(f"{{'asin': open({str(canary)!r}, 'w')}}\n".encode()))
    with pytest.raises(DataError, match=r"Line 1 of .*meta_Beauty\.json\.gz is no Python dict"):
        read(tmp_path)
    assert not canary.exists()


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of real data")
def test_the_real_files_give_what_the_table_of_them_has(tmp_path: Path) -> None:
    data = Path(os.environ["PENCHANT_DATA"])
    for name in ("reviews", "meta"):
        shutil.copyfile(data / "raw_samples" / f"amazon-gift-cards-{name}.jsonl.gz", tmp_path / f"{name}.jsonl.gz")
    ours = read(tmp_path)
    theirs = pl.read_parquet(data / "amazon_gift_cards_2018" / "interactions.parquet")
    keys = ["user_id", "item_id", "timestamp"]
    assert ours.events.height + ours.rejected.filter(pl.col("table") == "events").height == theirs.height == 2972
    assert ours.events.select(keys).unique().sort(keys).equals(theirs.select(keys).unique().sort(keys))
    keys = {key for text in ours.items["attributes"].drop_nulls() for key in json.loads(text)}
    assert {"brand", "price", "details"} <= keys
    assert not keys & set(FUTURE)
