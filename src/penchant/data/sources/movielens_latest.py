"""MovieLens latest, 20M, 25M and 32M (Harper & Konstan 2015): ratings.csv, movies.csv, and tags.csv where it is there."""

from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, file_of, found
from penchant.data.sources.movielens import TITLE_AND_YEAR
from penchant.data.tables import Tables

FILES = ("*ratings.csv", "*movies.csv")
NAMES = {"userId": "user_id", "movieId": "item_id", "Id": "item_id", "tag": "text"}
"""Some copies call movieId just Id."""
NO_GENRES = "(no genres listed)"


def read_movielens_latest(folder: Path) -> Tables:
    """Ratings, and tags as events of kind "tag" with their text; films with the year apart from the title."""
    read, tags = Noting(), found(folder, "*tags.csv")
    events = read(file_of(folder, FILES[0])).rename(NAMES, strict=False).with_columns(kind=pl.lit("rate"))
    if tags:
        tagged = read(tags).rename(NAMES, strict=False).with_columns(kind=pl.lit("tag"))
        events = pl.concat([events, tagged], how="diagonal")
        read.notes.append(f"events: the {tagged.height} rows of {tags.name} are events of kind 'tag' with a text")
    films = read(file_of(folder, FILES[1]), "items").rename(NAMES, strict=False)
    return Tables(events=events, items=tidy_films(films), notes=tuple(read.notes), repairs=read.repairs)


def tidy_films(films: pl.DataFrame) -> pl.DataFrame:
    """Title and year apart, no words for no genres; columns title and genres."""
    title = pl.col("title").str.strip_chars()
    return films.with_columns(
        title=pl.coalesce(title.str.extract(TITLE_AND_YEAR, 1), title),
        release_year=title.str.extract(TITLE_AND_YEAR, 2),
        genres=pl.when(pl.col("genres") != NO_GENRES).then("genres"),
    )
