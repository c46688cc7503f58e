"""A folder of RecBole's atomic files (Zhao et al. 2021): .inter, and .item and .user where they are there."""

from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, bare_name, found, matching
from penchant.data.sources.future import without_future
from penchant.data.tables import Tables
from penchant.records.errors import DataError

FILES = ("*.inter",)
PARTS = ("train", "valid", "test")


def read_recbole(folder: Path) -> Tables:
    """Events, items and people as they stand; their types are behind the colons of their columns' names.

    Of name.train.inter, name.valid.inter and name.test.inter the parts are kept in a column `split`. Raises DataError
    for several other .inter files.
    """
    read, items, people = Noting(), found(folder, "*.item"), found(folder, "*.user")
    catalogue, notes = without_future(read(items, "items"), "items") if items else (None, ())
    events = _events(matching(folder, FILES[0]), folder, read)
    users = read(people, "users") if people else None
    return Tables(events=events, items=catalogue, users=users, notes=(*read.notes, *notes), repairs=read.repairs)


def _events(paths: list[Path], folder: Path, read: Noting) -> pl.DataFrame:
    if len(paths) == 1:
        return read(paths[0])
    parts = [bare_name(path).removesuffix(".inter").rpartition(".")[2] for path in paths]
    if len(set(parts)) < len(parts) or not set(parts) <= set(PARTS):
        shown = ", ".join(path.name for path in paths)
        raise DataError(f"{folder} holds several files of events: {shown}. Name the one that you mean.")
    return pl.concat([read(path).with_columns(split=pl.lit(part)) for path, part in zip(paths, parts, strict=True)])
