"""MovieLens-1M and 10M (Harper & Konstan 2015): ratings.dat, movies.dat and, for 1M, users.dat, with "::" between cells."""

from pathlib import Path

import polars as pl

from penchant.data.contents import contents
from penchant.data.encodings import as_stream, detect, utf8
from penchant.data.sources.folder import Noting, file_of, found
from penchant.data.sources.movielens_latest import tidy_films
from penchant.data.tables import Tables
from penchant.records.errors import DataError

FILES = ("ratings.dat", "movies.dat")
AGES = {"1": "under 18", "18": "18-24", "25": "25-34", "35": "35-44", "45": "45-49", "50": "50-55", "56": "56 and over"}
JOBS = (
    "other", "academic or educator", "artist", "clerical or admin", "college or grad student", "customer service",
    "doctor or health care", "executive or managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales or marketing", "scientist", "self-employed", "technician or engineer", "tradesman or craftsman",
    "unemployed", "writer",
)  # fmt: skip


def read_movielens_1m(folder: Path) -> Tables:
    """Ratings, films with the year apart from the title, and people with their age group and occupation in words."""
    read, people = Noting(), found(folder, "users.dat")
    # No cell of the ratings has a colon: to a reader of ":" every second column is empty.
    names = ("user_id", "gap_1", "item_id", "gap_2", "rating", "gap_3", "timestamp")
    events = read.nameless(file_of(folder, FILES[0]), names, ":").select(pl.exclude("^gap_.$"))
    films = _rows(file_of(folder, FILES[1]), ("item_id", "title", "genres"))
    users = _people(_rows(people, ("user_id", "gender", "age", "occupation", "zip_code"))) if people else None
    return Tables(events=events, items=tidy_films(films), users=users, notes=tuple(read.notes), repairs=read.repairs)


def _rows(path: Path, names: tuple[str, ...]) -> pl.DataFrame:
    """A small file with "::" between cells."""
    file = contents(path, (".dat",))
    with as_stream(utf8(file.open(), detect(file.open, file.name))) as stream:
        rows = [line.split("::") for line in stream.read().decode().splitlines() if line]
    bad = next((number for number, row in enumerate(rows, start=1) if len(row) != len(names)), None)
    if bad:
        raise DataError(f"Line {bad} of {path} has not the {len(names)} cells {', '.join(names)}. Download it again.")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _people(people: pl.DataFrame) -> pl.DataFrame:
    jobs = {str(number): job for number, job in enumerate(JOBS)}
    return people.with_columns(pl.col("age").replace(AGES), pl.col("occupation").replace(jobs))
