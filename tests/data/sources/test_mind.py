import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from penchant.data.read import read

LOG = [
    "2\tU1\t11/12/2019 2:14:46 PM\tN9 N8\tN1-0 N2-1",
    "1\tU1\t11/11/2019 9:00:00 AM\tN9 N8\tN3-1",
    "3\tU2\t11/12/2019 12:00:00 AM\t\tN1-0",
]
NEWS = 'N1\tnews\tlocal\tTitle "one\tAbstract\thttps://x\t[{"Label": "Paris"}]\t[]\nN2\tsports\tnfl\tTwo\t\t\t[]\t[]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "behaviors.tsv").write_text("\n".join(LOG) + "\n")
    (tmp_path / "news.tsv").write_text(NEWS)
    (tmp_path / "entity_embedding.vec").write_text("Q1\t0.1\n")
    return tmp_path


def test_each_news_shown_is_an_event_and_histories_come_before(folder: Path) -> None:
    data = read(folder)
    start = 1573462800  # 2019-11-11 09:00, the first of the log
    assert data.events.select("user_id", "item_id", "timestamp", "kind", "position").rows() == [
        ("U1", "N9", start - 2, "click", None),
        ("U1", "N8", start - 1, "click", None),
        ("U1", "N3", start, "click", 0),
        ("U2", "N1", 1573516800, "impression", 0),
        ("U1", "N1", 1573568086, "impression", 0),
        ("U1", "N2", 1573568086, "click", 1),
    ]
    contexts = [json.loads(text) for text in data.events["context"]]
    assert contexts[:3] == [{"history": True}, {"history": True}, {"impression_id": "1"}]
    assert any("2 clicks of the histories stand before the log" in note for note in data.notes)


def test_a_time_that_is_none_rejects_its_rows(folder: Path) -> None:
    (folder / "behaviors.tsv").write_text(LOG[0] + "\n" + LOG[1].replace("11/11/2019", "yesterday") + "\n")
    data = read(folder)
    assert data.report["events"]["dropped"] == {"no timestamp": 1}  # type: ignore[index]
    assert data.events.filter(pl.col("position").is_not_null()).height == 2


def test_news_have_texts_and_labels(folder: Path) -> None:
    items = read(folder).items
    assert items.row(0, named=True)["title"] == 'Title "one'
    assert items["tags"].to_list()[:2] == [["news", "local", "Paris"], ["sports", "nfl"]]
    assert items["description"].to_list()[:2] == ["Abstract", None]


def test_what_was_shown_without_a_word_on_clicks_is_no_impression(folder: Path) -> None:
    (folder / "behaviors.tsv").write_text(LOG[0] + "\n4\tU3\t11/13/2019 1:00:00 PM\tN1\tN5 N6\n")
    data = read(folder / "behaviors.tsv")
    assert set(data.events.filter(pl.col("kind") == "impression")["item_id"]) == {"N1"}
    assert "events: 2 news shown without a word on clicks are left out" in data.notes


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of real data")
def test_the_real_files_give_what_the_sample_of_it_gives(tmp_path: Path) -> None:
    """Against a table of the same log that somebody else made."""
    data = Path(os.environ["PENCHANT_DATA"])
    for name in ("behaviors", "news"):
        shutil.copyfile(data / "raw_samples" / f"mind-{name}-400.tsv", tmp_path / f"{name}.tsv")
    ours = read(tmp_path).events.filter(pl.col("position").is_not_null())
    ours = ours.with_columns(impression_id=pl.col("context").str.json_path_match("$.impression_id"))
    keys = ["user_id", "item_id", "timestamp", "kind", "position", "impression_id"]
    theirs = pl.read_parquet(data / "mind_sample" / "interactions.parquet").rename({"event_type": "kind"})
    theirs = theirs.filter(pl.col("impression_id").is_in(ours["impression_id"].unique().implode()))
    assert ours.height > 10_000
    assert ours.select(keys).sort(keys).equals(theirs.select(keys).unique().sort(keys))
