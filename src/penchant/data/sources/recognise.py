"""Which known data set a folder or a file is, by the names of its files; where those are common, by their first line."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from penchant.data.sources import amazon, douban, lastfm, mind, movielens, movielens_1m, movielens_latest, recbole, yelp
from penchant.data.sources.folder import bare_name, found
from penchant.data.tables import Tables
from penchant.records.errors import DataError


@dataclass(frozen=True)
class Known:
    """`files`: patterns that each have to match a file of the folder. `headless`: the first cannot be read plainly."""

    name: str
    files: tuple[str, ...]
    read: Callable[[Path], Tables]
    also: Callable[[Path], bool] | None = None
    headless: bool = False


KNOWN = (
    Known("MovieLens-100K", movielens.GROUPLENS_FILES, movielens.movielens_100k, headless=True),
    Known("MovieLens-100K of RecBole", movielens.RECBOLE_FILES, movielens.movielens_100k),
    Known("MovieLens-1M", movielens_1m.FILES, movielens_1m.read_movielens_1m, headless=True),
    Known("a crawl of Douban", douban.FILES, douban.read_crawl, also=douban.is_crawl),
    Known("MovieLens latest", movielens_latest.FILES, movielens_latest.read_movielens_latest),
    Known("MIND", mind.FILES, mind.read_mind, headless=True),
    Known("Last.fm of HetRec", lastfm.FILES, lastfm.read_lastfm),
    Known("Yelp", yelp.FILES, yelp.read_yelp),
    Known("RecBole's atomic files", recbole.FILES, recbole.read_recbole),
    Known("Amazon Reviews", (), amazon.read_amazon, also=amazon.is_amazon),
)
"""Tried in this order."""


def known_tables(events: object, items: object, users: object) -> tuple[object, object, object, tuple[str, ...]]:
    """The tables to be read in place of the given ones, and notes: those of a known data set, if `events` names one.

    Where items or users are given too, everything is as it was given.
    """
    if not isinstance(events, str | Path) or items is not None or users is not None:
        return events, items, users, ()
    known = recognise(Path(events))
    if known is None:
        return events, items, users, ()
    name, tables = known
    told = (f"{events} is {name}", *tables.notes)
    return tables.table("events"), tables.table("items"), tables.table("users"), told


def recognise(path: Path) -> tuple[str, Tables] | None:
    """The name and the tables of a known data set: of a folder, or of a file that makes no sense without its reader."""
    if path.is_dir():
        known, folder = next((known for known in KNOWN if _fits(known, path)), None), path
    elif path.is_file():
        headless = (known for known in KNOWN if known.headless and fnmatch(bare_name(path), known.files[0]))
        known, folder = next((known for known in headless if _fits(known, path.parent)), None), path.parent
    else:
        return None
    if known:
        return _read(known, folder)
    return ("an export of Douban", douban.read_export(path)) if path.is_file() and douban.is_export(path) else None


def _fits(known: Known, folder: Path) -> bool:
    return all(found(folder, pattern) for pattern in known.files) and (known.also is None or known.also(folder))


def _read(known: Known, folder: Path) -> tuple[str, Tables]:
    try:
        return known.name, known.read(folder)
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{folder} has the files of {known.name}, but other columns in them: {error}. Give its tables one by one."
        ) from error
