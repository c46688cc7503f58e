"""MIND, Microsoft News (Wu et al. 2020): behaviors.tsv (what was shown, what was clicked) and news.tsv."""

from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, file_of, found
from penchant.data.tables import Tables

FILES = ("*behaviors*.tsv",)
SHOWN = ("impression_id", "user_id", "time", "history", "shown")
NEWS = ("item_id", "category", "subcategory", "title", "description", "url", "title_entities", "abstract_entities")
CLOCK = "%m/%d/%Y %I:%M:%S %p"


def read_mind(folder: Path) -> Tables:
    """One event per news shown: a click or an impression, with its position (from 0) and the impression's id.

    Each person's click history is there once, as clicks before the log begins: their true times aren't published, so
    they stand one second apart, in their order, and their context says {"history": true}.
    """
    read, news = Noting(), found(folder, "*news*.tsv")
    log = read.nameless(file_of(folder, FILES[0]), SHOWN).with_columns(
        timestamp=pl.col("time").str.to_datetime(CLOCK, strict=False).dt.epoch("s"),
        shown=pl.col("shown").str.split(" "),
    )
    shown, earlier = _shown(log), _histories(log)
    known = shown.filter(pl.col("clicked").is_not_null()).drop("clicked")
    notes = [
        f"events: {earlier.height} clicks of the histories stand before the log, since their times are not published"
    ]
    if known.height < shown.height:
        notes.append(f"events: {shown.height - known.height} news shown without a word on clicks are left out")
    items = _items(read.nameless(news, NEWS, role="items")) if news else None
    return Tables(
        events=pl.concat([earlier, known], how="diagonal"),
        items=items,
        notes=(*read.notes, *notes),
        repairs=read.repairs,
    )


def _shown(log: pl.DataFrame) -> pl.DataFrame:
    """A row for each news shown, "N7-1" (clicked) or "N7-0"; without the last part nothing is known of clicks."""
    each = log.with_columns(position=pl.int_ranges(pl.col("shown").list.len())).explode("shown", "position")
    clicked = pl.col("shown").str.extract(r"-([01])$").replace_strict({"1": True, "0": False}, return_dtype=pl.Boolean)
    return each.select(
        "user_id",
        "timestamp",
        "position",
        item_id=pl.col("shown").str.replace(r"-[01]$", ""),
        kind=pl.when(clicked).then(pl.lit("click")).otherwise(pl.lit("impression")),
        context=pl.concat_str(pl.lit('{"impression_id": "'), "impression_id", pl.lit('"}')),
        clicked=clicked,
    )


def _histories(log: pl.DataFrame) -> pl.DataFrame:
    """The history of each person's first impression, which has all that came before the log."""
    first = log.sort("timestamp", maintain_order=True).unique("user_id", keep="first", maintain_order=True)
    first = first.drop_nulls("history").with_columns(history=pl.col("history").str.split(" "))
    age = (pl.col("history").list.len() - pl.int_ranges(pl.col("history").list.len())).alias("age")
    start = log["timestamp"].min()
    return (
        first.with_columns(age)
        .explode("history", "age")
        .select(
            "user_id",
            item_id="history",
            timestamp=pl.lit(start, pl.Int64) - pl.col("age").cast(pl.Int64),
            kind=pl.lit("click"),
            context=pl.lit('{"history": true}'),
        )
    )


def _items(news: pl.DataFrame) -> pl.DataFrame:
    """Categories are tags; entities keep their labels only."""
    labels = (
        pl.col("title_entities").str.extract_all(r'"Label": "[^"]+"').list.eval(pl.element().str.slice(10).str.head(-1))
    )
    tags = pl.concat_list("category", "subcategory", labels).list.drop_nulls().list.unique(maintain_order=True)
    return news.select("item_id", "title", "description", "url", tags=tags)
