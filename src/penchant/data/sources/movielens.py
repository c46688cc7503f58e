"""MovieLens-100K (Harper & Konstan 2015) from GroupLens' own files or from RecBole's atomic files: the same `Data`."""

from pathlib import Path

import polars as pl

from penchant.data.files import read_file
from penchant.data.tables import Tables
from penchant.records.data import Data
from penchant.records.errors import DataError

GROUPLENS_FILES = ("u.data", "u.item", "u.user")
RECBOLE_FILES = ("ml-100k.inter", "ml-100k.item", "ml-100k.user")
GENRES = [
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
]
TITLE_AND_YEAR = r"^(.*\S) *\((\d{4})\)(?: \(V\))?$"


def read_movielens_100k(folder: Path | str) -> Data:
    """The 100,000 ratings of 943 people on 1,682 films, ties of time in the order of the file.

    `folder` holds u.data, u.item and u.user, or ml-100k.inter, .item and .user. Titles come without the year, which is
    `release_year` in attributes, like age, gender, occupation and zip_code of the people; genres are tags.
    """
    from penchant.data.read import read

    tables = movielens_100k(Path(folder))
    return read(tables.events, items=tables.items, users=tables.users)


def movielens_100k(folder: Path) -> Tables:
    """The same before columns and values are read."""
    if all((folder / name).is_file() for name in GROUPLENS_FILES):
        events, films, people = _grouplens(folder)
    elif all((folder / name).is_file() for name in RECBOLE_FILES):
        events, films, people = _recbole(folder)
    else:
        raise DataError(
            f"{folder} holds neither {', '.join(GROUPLENS_FILES)} nor {', '.join(RECBOLE_FILES)}. "
            "Name the folder of the unpacked data set."
        )
    return Tables(events=events, items=_films(films), users=people)


def _grouplens(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    events = _table(folder / "u.data", "\t", ["user_id", "item_id", "rating", "timestamp"])
    films = _table(folder / "u.item", "|", ["item_id", "title", "date", "video_date", "url", *GENRES])
    flags = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in GENRES]
    people = _table(folder / "u.user", "|", ["user_id", "age", "gender", "occupation", "zip_code"])
    return events, films.select("item_id", "title", tags=pl.concat_list(flags).list.drop_nulls()), people


def _table(path: Path, separator: str, names: list[str]) -> pl.DataFrame:
    text = path.read_text(encoding="latin-1").encode()
    return pl.read_csv(
        text, separator=separator, has_header=False, new_columns=names, quote_char=None, infer_schema=False
    )


def _recbole(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    events, films, people = (read_file(folder / name) for name in RECBOLE_FILES)
    # RecBole took whatever the last brackets of a title hold for the year ("V" once): put it back.
    title = pl.format("{} ({})", "movie_title:token_seq", "release_year:token")
    tags = pl.col("class:token_seq").str.split(" ")
    return events, films.select(pl.col("item_id:token").alias("item_id"), title=title, tags=tags), people


def _films(films: pl.DataFrame) -> pl.DataFrame:
    """Title and year apart. Film 267 is a gap: "unknown" at GroupLens, "unkonwn" at RecBole; it has no title here."""
    gap = pl.col("title").is_in(["unknown", "unkonwn (unkonwn)"])
    title = pl.coalesce(pl.col("title").str.extract(TITLE_AND_YEAR, 1), "title")
    return films.with_columns(
        pl.when(~gap).then(title).alias("title"),
        pl.col("title").str.extract(TITLE_AND_YEAR, 2).alias("release_year"),
        pl.col("tags").list.eval(pl.element().filter(pl.element() != "unknown")),
    )
