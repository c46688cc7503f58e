import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from penchant.data import scan
from penchant.data.read import read
from penchant.records.data import Data
from penchant.records.errors import DataError, LeakError
from penchant.records.words import EVENT_COLUMNS
from penchant.stages.prepare import prepare, read_data, write_data

ROWS = "user_id,item_id,rating,timestamp,split\n" + "".join(
    f"u{n % 5},i{n},{1 + n % 5},{1_600_000_000 + 100 * n},{'train' if n < 30 else 'test'}\n" for n in range(40)
)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(ROWS + "u,i,good,1600000000,train\n,i,3,1600000000,train\n", encoding="utf-8")
    return path


def test_what_is_written_is_what_was_read(events: Path, tmp_path: Path) -> None:
    quality = prepare(tmp_path / "run", events=str(events))
    data, again = read(events), read_data(tmp_path / "run")
    assert again.events.equals(data.events)
    assert dict(again.events.schema) == EVENT_COLUMNS
    assert again.items.equals(data.items)
    assert again.users.equals(data.users)
    assert again.rejected.equals(data.rejected)
    assert data.parts is not None
    assert again.parts is not None
    assert again.parts.cast(pl.String).equals(data.parts.cast(pl.String))
    assert again.rating_scale == data.rating_scale == (1, 5)
    assert json.loads((tmp_path / "run/data/quality.json").read_text("utf-8")) == json.loads(json.dumps(quality))


def test_personal_data_of_all_texts_is_counted_and_told(tmp_path: Path) -> None:
    events = [{"user_id": "u", "item_id": "i", "timestamp": n, "text": f"call 1381234567{n}"} for n in range(3)]
    items = [{"item_id": "i", "title": "Shop of ann@example.com", "description": "at 13912345678"}]
    assert write_data(tmp_path / "run", read(events, items=items))["personal"] == {"mail": 1, "phone": 4}
    assert write_data(tmp_path / "run", read(events[:1]))["personal"] == {"phone": 1}
    assert write_data(tmp_path / "run", read([{"user_id": "u", "item_id": "i"}]))["personal"] == {}


def test_rejected_rows_are_listed_in_the_run(events: Path, tmp_path: Path) -> None:
    quality = prepare(tmp_path / "run", events=str(events))
    listed = pl.read_parquet(tmp_path / "run/data/rejected.parquet")
    assert listed.rows() == [
        ("events", 41, "unreadable value", "rating", "good"),
        ("events", 42, "no user", "user_id", None),
    ]
    report = quality["report"]["events"]
    assert report["rows_in"] == 42 == report["rows_kept"] + listed.height


def test_a_big_file_is_prepared_to_the_same_bytes(
    events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = prepare(tmp_path / "small", events=str(events))
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    big = prepare(tmp_path / "big", events=str(events))
    assert big == small
    for name in ("events", "items", "users", "rejected", "parts"):
        paths = [tmp_path / run / "data" / f"{name}.parquet" for run in ("small", "big")]
        assert pl.read_parquet(paths[0]).equals(pl.read_parquet(paths[1])), name


def test_a_leak_fails_and_what_is_allowed_is_reported(events: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,title,average_rating\ni1,a,4.5\n", encoding="utf-8")
    run = tmp_path / "run"
    with pytest.raises(LeakError, match=r"'average_rating'.*item i1"):
        prepare(run, events=str(events), items=str(items))
    assert not (run / "data").exists()
    allowed = prepare(run, events=str(events), items=str(items), allow_leaks=True)
    assert [leak["rows"] for leak in allowed["leaks"]] == [("item i1",)]
    dropped = prepare(run, events=str(events), items=str(items), drop=["average_rating"])
    assert dropped["leaks"] == []
    assert read_data(run).items["attributes"].null_count() == 40


def test_an_unknown_column_to_drop(events: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"names 'ratng', but no table has such a column\. Did you mean 'rating'"):
        prepare(tmp_path / "run", events=str(events), drop=["ratng"])


def test_the_rating_scale_can_be_given(events: Path, tmp_path: Path) -> None:
    quality = prepare(tmp_path / "run", events=str(events), rating_scale=(2, 5))
    assert quality["report"]["events"]["dropped"]["rating off the scale"] == 8
    assert quality["rating_scale"] == (2, 5)


def test_weights_are_kept(tmp_path: Path) -> None:
    weights = pl.DataFrame({"row": [0], "weight": [0.1], "reasons": [["burst"]]})
    data = read([{"user": "u", "item": "i"}])
    assert read_data_of(tmp_path, data).weights is None
    kept = read_data_of(tmp_path, replace(data, weights=weights)).weights
    assert kept is not None
    assert kept.equals(weights)


def read_data_of(tmp_path: Path, data: Data) -> Data:
    write_data(tmp_path / "run", data)
    return read_data(tmp_path / "run")
