"""Neighbours of items and of words, from a really fitted model, with an index and without."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.artifacts import write_json
from penchant.records.data import Data
from penchant.records.errors import ArtifactError, DataError
from penchant.retrieval.index import choose
from penchant.retrieval.index.clusters import ClusterIndex
from penchant.retrieval.index.exact import ExactIndex
from penchant.retrieval.index.index import HEAD
from penchant.stages.model import Model
from penchant.stages.similar import load_index


@pytest.fixture(scope="module")
def two_shops(shop: Data) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ring of items, with domains, and one item that says nothing."""
    names = ["rooms" if row % 2 else "sounds" for row in range(len(shop.items))]
    items = shop.items.with_columns(pl.Series("domain", names))
    silent = pl.col("item_id") == "i39"
    items = items.with_columns(
        pl.when(silent).then(pl.lit("")).otherwise(pl.col("title")).alias("title"),
        pl.when(silent).then(pl.lit([], dtype=pl.List(pl.String))).otherwise(pl.col("tags")).alias("tags"),
    )
    return shop.events.select("user_id", "item_id", "timestamp", "value"), items


@pytest.fixture(scope="module")
def model(two_shops: tuple[pl.DataFrame, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        events, items = two_shops
        yield pn.fit(pn.read(events, items=items), size="tiny", encoder="hashing", epochs=1, num_positions=256)


def kinds(model: Model, table: pl.DataFrame) -> list[str]:
    """The first word of the titles."""
    return [model.item(name)["title"].split()[0] for name in table["item_id"]]


def test_an_item_is_near_to_those_that_say_the_same(model: Model) -> None:
    found = model.similar("i3", k=8)
    assert found.columns == ["asked", "item_id", "score", "rank"]
    assert kinds(model, found) == ["jazz"] * 8
    assert "i3" not in found["item_id"].to_list()
    assert found["rank"].to_list() == list(range(1, 9))
    assert found["score"].is_sorted(descending=True)


def test_scores_are_cosines_away_from_the_mean(model: Model) -> None:
    vectors = model.recommender.sources["text-kNN"].directions()
    for row in model.similar("i3", k=5).iter_rows(named=True):
        other = int(row["item_id"][1:])
        assert row["score"] == pytest.approx(float(vectors[3] @ vectors[other]), abs=1e-6)


def test_several_items_are_asked_about_at_once(model: Model) -> None:
    both = model.similar(["i3", "i4"], k=3)
    assert both["asked"].to_list() == ["i3"] * 3 + ["i4"] * 3
    assert both.filter(asked="i4")["item_id"].to_list() == model.similar("i4", k=3)["item_id"].to_list()


def test_words_find_items(model: Model) -> None:
    assert kinds(model, model.similar(texts="garden", k=4)) == ["garden"] * 4
    assert model.similar(texts=["garden", "jazz"], k=1)["asked"].to_list() == ["garden", "jazz"]


def test_a_domain_leaves_the_others_out(model: Model) -> None:
    found = model.similar("i0", k=30, domain="rooms")
    assert len(found) == 19  # of 20, i39 says nothing
    assert all(int(name[1:]) % 2 for name in found["item_id"])


def test_without_a_text_nothing_is_near(model: Model) -> None:
    assert len(model.similar("i39")) == 0
    assert "i39" not in model.similar("i3", k=100)["item_id"].to_list()


def test_mistakes_are_named(model: Model) -> None:
    with pytest.raises(DataError, match="Item 'nobody' is not in the catalogue"):
        model.similar("nobody")
    with pytest.raises(DataError, match=r"no domain 'room'\. Did you mean 'rooms'"):
        model.similar("i3", domain="room")
    for k in (0, "2", 2.5):
        with pytest.raises(DataError, match=f"a whole number of at least 1, found {k!r}"):
            model.similar("i3", k=k)
    with pytest.raises(DataError, match=r"Ids are strings, found 3\. Ask for '3'"):
        model.similar(3)
    with pytest.raises(DataError, match="is empty, or no text"):
        model.similar(texts=["jazz", None])
    assert model.similar("i3", k=10**15).equals(model.similar("i3", k=len(model.items)))
    with pytest.raises(DataError, match="Give item_ids, or texts, and not both"):
        model.similar()
    with pytest.raises(DataError, match="text to look for is empty"):
        model.similar(texts=" ")


def test_a_large_catalogue_has_its_index_saved(model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model.save(tmp_path / "small")
    assert not (tmp_path / "small" / "model" / "index").exists()
    assert isinstance(pn.load(tmp_path / "small").similar_items.index, ExactIndex)
    monkeypatch.setattr(choose, "EXACT_NUMBERS", 100)
    large = pn.load(tmp_path / "small")
    assert isinstance(large.similar_items.index, ClusterIndex)
    large.save(tmp_path / "large")
    loaded = pn.load(tmp_path / "large")
    monkeypatch.setattr(choose, "EXACT_NUMBERS", 10**9)
    assert isinstance(loaded.similar_items.index, ClusterIndex)
    assert loaded.similar("i3", k=5).equals(model.similar("i3", k=5))


def test_an_index_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    ExactIndex.build(np.eye(3)).save(tmp_path / "index")
    assert isinstance(load_index(tmp_path / "index"), ExactIndex)
    write_json(tmp_path / "index" / HEAD, {"index": "ExactIndx", "settings": {}})
    with pytest.raises(ArtifactError, match=r"kind 'ExactIndx'\. Did you mean 'ExactIndex'"):
        load_index(tmp_path / "index")
