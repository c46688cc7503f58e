import json
from pathlib import Path

import pytest

from penchant.data.read import read
from penchant.data.sources.movielens_1m import read_movielens_1m
from penchant.records.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The published layout, in Latin-1, with colons and a comma in titles."""
    (tmp_path / "ratings.dat").write_text("1::1193::5::978300760\n6040::007::3::956703932\n", encoding="latin-1")
    (tmp_path / "movies.dat").write_text(
        "1193::Misérables, Les: Part I (1995)::Drama|Musical\n007::Cube (1997)::Sci-Fi\n", encoding="latin-1"
    )
    (tmp_path / "users.dat").write_text("1::F::1::10::48067\n6040::M::56::0::11106\n", encoding="latin-1")
    return tmp_path


def test_ratings_films_and_people(folder: Path) -> None:
    data = read(folder)
    assert data.events.select("user_id", "item_id", "kind", "value", "timestamp").rows() == [
        ("6040", "007", "rate", 3.0, 956703932),
        ("1", "1193", "rate", 5.0, 978300760),
    ]
    assert data.items.select("item_id", "title").rows() == [("1193", "Misérables, Les: Part I"), ("007", "Cube")]
    assert data.items["tags"].to_list() == [["Drama", "Musical"], ["Sci-Fi"]]
    assert [json.loads(text)["release_year"] for text in data.items["attributes"]] == ["1995", "1997"]
    assert json.loads(data.users["attributes"][0]) == {
        "gender": "F", "age": "under 18", "occupation": "K-12 student", "zip_code": "48067"
    }  # fmt: skip
    assert data.notes[0] == f"{folder} is MovieLens-1M"


def test_the_file_of_ratings_alone_leads_to_the_rest(folder: Path) -> None:
    assert read(folder / "ratings.dat").events.equals(read(folder).events)


def test_films_without_three_cells_are_refused(folder: Path) -> None:
    (folder / "movies.dat").write_text("1::A (1990)::Drama\n2::B\n")
    with pytest.raises(DataError, match=r"Line 2 of .*movies\.dat has not the 3 cells item_id, title, genres"):
        read_movielens_1m(folder)


def test_ten_million_come_without_people(folder: Path) -> None:
    (folder / "users.dat").unlink()
    assert read_movielens_1m(folder).users is None
