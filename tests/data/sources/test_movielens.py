import json
from pathlib import Path

import pytest

from penchant.data.sources.movielens import GENRES, read_movielens_100k
from penchant.records.errors import DataError

RATINGS = ["2\t1\t3\t881250949", "1\t1412\t5\t881250949", "1\t1\t1\t881250948"]
FILMS = [
    ("1", "Misérables, Les", "1995", ["Drama", "Musical"]),
    ("267", "unknown", None, ["unknown"]),
    ("11", "Seven (Se7en)", "1995", ["Crime", "Thriller"]),
    ("1412", "Land Before Time III: The Time of the Great Giving", "1995", ["Animation", "Children's"]),
]
PEOPLE = [("1", "24", "M", "technician", "85711"), ("2", "53", "F", "other", "T8H1N")]


def grouplens(folder: Path) -> Path:
    """The published layout: latin-1, bars, nineteen flags, the year in the title."""
    films = []
    for name, title, year, genres in FILMS:
        shown = f"{title} ({year})" + (" (V)" if name == "1412" else "") if year else title
        flags = ["1" if genre in genres else "0" for genre in GENRES]
        films.append("|".join([name, shown, f"01-Jan-{year}" if year else "", "", "http://x", *flags]))
    (folder / "u.data").write_text("\n".join(RATINGS) + "\n", encoding="latin-1")
    (folder / "u.item").write_text("\n".join(films) + "\n", encoding="latin-1")
    (folder / "u.user").write_text("\n".join("|".join(person) for person in PEOPLE) + "\n", encoding="latin-1")
    return folder


def recbole(folder: Path) -> Path:
    """RecBole's layout, with its slips: "unkonwn", and "V" for a year."""
    films = ["item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq"]
    for name, title, year, genres in FILMS:
        shown = (f"{title} ({year})", "V") if name == "1412" else (title, year) if year else ("unkonwn", "unkonwn")
        films.append("\t".join([name, *shown, " ".join(genres)]))  # type: ignore[list-item]
    events = ["user_id:token\titem_id:token\trating:float\ttimestamp:float", *RATINGS]
    people = ["user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token", *map("\t".join, PEOPLE)]
    for suffix, lines in (("inter", events), ("item", films), ("user", people)):
        (folder / f"ml-100k.{suffix}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_both_layouts_are_the_same_data(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours, theirs = read_movielens_100k(grouplens(tmp_path / "a")), read_movielens_100k(recbole(tmp_path / "b"))
    assert ours.events.equals(theirs.events)
    assert ours.items.equals(theirs.items)
    assert ours.users.equals(theirs.users)


@pytest.mark.parametrize("layout", [grouplens, recbole])
def test_titles_years_and_genres_stand_apart(tmp_path: Path, layout: object) -> None:
    data = read_movielens_100k(layout(tmp_path))  # type: ignore[operator]
    expected = [(name, None if title == "unknown" else title) for name, title, _, _ in FILMS]
    assert data.items.select("item_id", "title").rows() == expected
    assert data.items["tags"].to_list() == [FILMS[0][3], None, FILMS[2][3], FILMS[3][3]]
    years = [text and json.loads(text)["release_year"] for text in data.items["attributes"]]
    assert years == ["1995", None, "1995", "1995"]


@pytest.mark.parametrize("layout", [grouplens, recbole])
def test_ratings_with_ties_in_the_order_of_the_file(tmp_path: Path, layout: object) -> None:
    data = read_movielens_100k(layout(tmp_path))  # type: ignore[operator]
    assert data.events.select("user_id", "item_id", "kind", "value").rows() == [
        ("1", "1", "rate", 1.0),
        ("2", "1", "rate", 3.0),
        ("1", "1412", "rate", 5.0),
    ]
    assert data.has_clock
    assert data.rating_scale == (1, 5)
    people = [tuple(json.loads(text).values()) for text in data.users["attributes"]]
    assert people == [person[1:] for person in PEOPLE]


def test_another_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds neither u\.data.*nor ml-100k\.inter.*Name the folder"):
        read_movielens_100k(tmp_path)
