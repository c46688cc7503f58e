"""What happened since joins the data; a model that learned from it is judged."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.words import EVENT_COLUMNS
from penchant.stages.prepare import write_data
from penchant.stages.retrain import config_of, retrain, with_news


def news(events: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(events, schema=EVENT_COLUMNS)


def test_news_join_in_order_of_time_and_weights_go_along(shop: Data) -> None:
    middle = int(shop.events["timestamp"].sort()[100])
    weights = pl.DataFrame(
        {"row": [50, 300], "weight": [0.5, 0.2], "reasons": [["a"], ["b"]]}, schema_overrides={"row": pl.UInt32}
    )
    late = {"user_id": "late", "item_id": "i1", "timestamp": middle - 1, "kind": "view"}
    new = {"user_id": "u1", "item_id": "new", "timestamp": 2_000_000_000, "kind": "view"}
    unheard = {"user_id": "u1", "item_id": "never told of", "timestamp": 2_000_000_000, "kind": "view"}
    items = [{"item_id": "new", "title": "New", "tags": ["jazz"]}, {"item_id": "i1", "title": "Renamed", "tags": None}]
    data = with_news(replace(shop, weights=weights), news([late, new, unheard]), items, {"u7"})
    assert data.events["timestamp"].is_sorted()
    assert data.events["item_id"].to_list()[-1] == "new"
    assert "never told of" not in data.events["item_id"].to_list()
    assert not {"u7"} & {*data.events["user_id"], *data.users["user_id"]}
    assert "late" in data.users["user_id"].to_list()
    told = {row["item_id"]: row for row in data.items.to_dicts()}
    assert (told["i1"]["title"], told["i1"]["tags"]) == ("Renamed", ["kitchen" if 1 % 4 == 2 else "garden"])
    assert data.weights is not None
    kept = data.events[data.weights["row"].to_list()]
    theirs = shop.events[[50, 300]].filter(pl.col("user_id") != "u7")
    assert kept.rows() == theirs.rows()


def test_without_a_clock_news_come_last(shop: Data) -> None:
    data = with_news(replace(shop, has_clock=False), news([{"user_id": "u1", "item_id": "i1", "timestamp": 2**31}] * 2))
    last = int(shop.events["timestamp"].max())
    assert data.events["timestamp"].to_list()[-2:] == [last + 1, last + 2]


def test_settings_are_those_of_the_model() -> None:
    from penchant.stages.config import resolve_config

    config = resolve_config("tiny", 3, epochs=2, aggregator="gru", balancer="upgrad")
    assert config_of({"config": json.loads(json.dumps(config.to_dict()))}) == config


@pytest.fixture(scope="module")
def halves(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """A run that knows the first two thirds of what happened, and the last third as news."""
    folder = tmp_path_factory.mktemp("retrain")
    cut = len(shop.events) * 2 // 3
    early = replace(shop, events=shop.events[:cut], parts=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        write_data(folder / "run", early)
        pn.fit(early, size="tiny", encoder="hashing", epochs=2, num_positions=256).save(folder / "run")
    return folder / "run", shop.events[cut:]


def write_news(folder: Path, events: pl.DataFrame) -> Path:
    folder.mkdir()
    events.write_parquet(folder / "events.parquet")
    (folder / "items.json").write_text(json.dumps([{"item_id": "new", "title": "jazz number 99"}]), "utf-8")
    return folder


def test_one_that_is_not_worse_is_written(
    halves: tuple[Path, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, later = halves
    monkeypatch.setenv("PENCHANT_CACHE", str(run.parent / "cache"))
    verdict = retrain(run, run, write_news(tmp_path / "news", later), tmp_path / "out")
    assert verdict["accepted"], verdict
    assert verdict["low"] <= verdict["difference"] <= verdict["high"]
    assert verdict["ndcg@10"] - verdict["in_charge"] == pytest.approx(verdict["difference"])
    model = pn.load(tmp_path / "out", frame="records")
    assert len(model.events) == len(pn.load(run).events) + len(later)
    assert model.item("new") is not None


def test_one_that_is_worse_is_refused(
    halves: tuple[Path, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run's data are lost and replaced by nonsense: people and items drawn by chance."""
    run, later = halves
    monkeypatch.setenv("PENCHANT_CACHE", str(run.parent / "cache"))
    from penchant.stages.prepare import read_data

    data, rng = read_data(run), np.random.default_rng(0)
    items = [f"i{rng.integers(40)}" for _ in range(len(data.events))]
    write_data(tmp_path / "bad", replace(data, events=data.events.with_columns(pl.Series("item_id", items))))
    cut = int(len(later) * 0.4)
    mixed = pl.concat([later[:cut].with_columns(pl.Series("item_id", items[:cut])), later[cut:]])
    verdict = retrain(tmp_path / "bad", run, write_news(tmp_path / "news", mixed), tmp_path / "out")
    assert not verdict["accepted"], verdict
    assert "worse" in verdict["reason"]
    assert verdict["difference"] < 0
    assert not (tmp_path / "out").exists()


def test_there_has_to_be_something_to_learn_and_to_judge(
    halves: tuple[Path, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, later = halves
    monkeypatch.setenv("PENCHANT_CACHE", str(run.parent / "cache"))
    known = write_news(tmp_path / "known", later)
    told = retrain(run, run, known, tmp_path / "out", num_known=len(later))
    assert told == {"accepted": False, "reason": "Nothing has happened since the model in charge learned."}
    few = retrain(run, run, write_news(tmp_path / "few", later[-3:]), tmp_path / "out")
    assert "are needed to judge" in few["reason"]
