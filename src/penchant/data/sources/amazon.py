"""Amazon Reviews of 2014, 2018 (McAuley, Ni) and 2023 (Hou et al.): reviews and, where it is there, metadata, by category.

The years differ in names (reviewerID or user_id), in times (seconds or milliseconds), and in 2014 metadata is written as
Python dicts. An item is a product with all its variants where that is known (parent_asin).
"""

import ast
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.cells import as_text, from_records, stacked
from penchant.data.contents import contents
from penchant.data.sources.folder import Noting, bare_name, first_line, matching
from penchant.data.sources.future import without_future
from penchant.data.tables import Tables
from penchant.records.errors import DataError

FILES = ("*.json", "*.jsonl")
FINGERPRINTS = ((b'"reviewerID"', b'"asin"'), (b'"parent_asin"', b'"user_id"'))
"""Keys of a review, in the older sets and in that of 2023."""
EVENTS = {
    "reviewerID": "user_id",
    "unixReviewTime": "timestamp",
    "overall": "rating",
    "reviewText": "text",
    "summary": "title",
}
ITEMS = {"main_cat": "main_category", "store": "brand"}
DESCRIPTIONS = ("description", "features", "feature")
TAGS = ("categories", "category")
PICTURES = ("imUrl", "imageURLHighRes", "imageURL", "images")
SIZES = ("hi_res", "large", "thumb")
COUNTED = ("rank", "customer reviews")
"""In the keys of a product's details: what sums up others' events."""
UNUSED = ("videos", "tech1", "tech2", "fit")


def is_amazon(folder: Path) -> bool:
    """Whether some file of JSON lines begins with such a review."""
    return bool(_reviews(folder))


def read_amazon(folder: Path) -> Tables:
    """Reviews (title and text in one) and products, of all the categories in the folder.

    Left out: what counts or averages what others did, and pictures but the first.
    """
    reviews = _reviews(folder)
    metas = [path for path in _json_files(folder) if path not in reviews and "meta" in bare_name(path)]
    read = Noting()
    events = stacked([_events(read(path)) for path in reviews])
    if not metas:
        return Tables(events=events, notes=tuple(read.notes), repairs=read.repairs)
    items, notes = without_future(stacked([_items(_metadata(path, read)) for path in metas]), "items")
    return Tables(events=events, items=items, notes=(*read.notes, *notes), repairs=read.repairs)


def _json_files(folder: Path) -> list[Path]:
    return [path for pattern in FILES for path in matching(folder, pattern)]


def _reviews(folder: Path) -> list[Path]:
    return [
        path
        for path in _json_files(folder)
        if any(all(key in first_line(path) for key in keys) for keys in FINGERPRINTS)
    ]


def _events(reviews: pl.DataFrame) -> pl.DataFrame:
    """Columns in our words; `context` says whether the purchase was verified, and which variant it was."""
    frame = reviews.rename({name: word for name, word in EVENTS.items() if name in reviews.columns})
    item = "parent_asin" if "parent_asin" in frame.columns else "asin"
    known = [name for name in ("title", "text") if name in frame.columns]
    return frame.select(
        "user_id",
        "timestamp",
        "rating",
        pl.col(item).alias("item_id"),
        pl.concat_str(
            [pl.col(name).cast(pl.String).replace("", None) for name in known], separator="\n", ignore_nulls=True
        ).alias("text"),
        _context(frame.columns).alias("context"),
        kind=pl.lit("review"),
    )


def _context(columns: Sequence[str]) -> pl.Expr:
    """Whether the purchase was verified and which variant it was, as JSON."""
    verified = next((name for name in ("verified", "verified_purchase") if name in columns), None)
    known = pl.col(verified).cast(pl.String).fill_null("null") if verified else pl.lit("null")
    style = pl.col("style").fill_null("null") if "style" in columns else pl.lit("null")
    return pl.concat_str(pl.lit('{"verified": '), known, pl.lit(', "style": '), style, pl.lit("}"))


def _items(frame: pl.DataFrame) -> pl.DataFrame:
    item = "parent_asin" if "parent_asin" in frame.columns else "asin"
    frame = frame.rename({item: "item_id"} | {name: word for name, word in ITEMS.items() if name in frame.columns})
    pictures = [name for name in PICTURES if name in frame.columns]
    derived = [
        _joined(frame, DESCRIPTIONS).list.join("\n").alias("description"),
        _joined(frame, TAGS).list.unique(maintain_order=True).alias("tags"),
        _joined(frame, pictures).list.first().alias("image"),
    ]
    if "details" in frame.columns:
        derived.append(pl.Series("details", [_details(text) for text in frame["details"]], dtype=pl.String))
    kept = frame.drop({*UNUSED, *DESCRIPTIONS, *TAGS, *PICTURES}, strict=False)
    return kept.with_columns(as_text(kept[name]) for name in kept.columns).with_columns(derived)


def _details(text: str | None) -> str | None:
    """The JSON of a product's details without its rank among the best sellers and its reviews.

    >>> _details('{"\\\\n Weight: ": "1 oz", "Best Sellers Rank": {"Beauty": 3}, "Customer Reviews": "4.5"}')
    '{"Weight": "1 oz"}'
    """
    try:
        found = json.loads(text or "null")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return None
    kept = {key.strip(" \n:"): value for key, value in found.items() if not any(w in key.lower() for w in COUNTED)}
    return json.dumps(kept, ensure_ascii=False)


def _joined(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """The texts of several columns, whatever they are nested in, as one list a row."""
    columns = [frame[name].to_list() for name in names if name in frame.columns]
    rows = zip(*columns, strict=True) if columns else ([],) * frame.height
    return pl.Series([[text for cell in row for text in _texts(cell)] for row in rows], dtype=pl.List(pl.String))


def _texts(cell: Any) -> Iterator[str]:
    """All texts in a cell: itself, its elements', or of a picture the address of its largest size.

    >>> list(_texts('[["Music", "Jazz"], ["Gifts"]]'))
    ['Music', 'Jazz', 'Gifts']
    """
    if isinstance(cell, str) and cell.startswith(("[", "{")):
        with suppress(ValueError):
            cell = json.loads(cell)
    if isinstance(cell, dict):
        cell = next((cell[size] for size in SIZES if cell.get(size)), None)
    if isinstance(cell, list):
        for element in cell:
            yield from _texts(element)
    elif isinstance(cell, str) and cell.strip():
        yield cell


def _metadata(path: Path, read: Noting) -> pl.DataFrame:
    """The lines of a metadata file, JSON or, as in 2014, Python dicts, of which only literals are read."""
    if not first_line(path).lstrip().startswith(b"{'"):
        return read(path, "items")
    records = []
    with contents(path, (".json", ".jsonl")).open() as stream:
        for number, line in enumerate(stream, start=1):
            try:
                records.append(ast.literal_eval(line.decode()))
            except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
                raise DataError(f"Line {number} of {path} is no Python dict: {error}. Download it again.") from error
    return from_records(records)
