import json

import polars as pl
import pytest

from penchant.records.errors import DataError
from penchant.text.templates import item_text, item_texts


def with_attributes(**attributes: object) -> str:
    return item_text({"title": "X", "attributes": json.dumps(attributes, ensure_ascii=False)})


def test_everything_in_its_order() -> None:
    row = {
        "title": "Toy Story",
        "tags": ["Animation", "Children's", "Comedy"],
        "attributes": '{"studio": "Pixar", "year": 1995}',
        "description": "A cowboy doll is threatened by a new toy.",
    }
    assert item_text(row) == (
        "Toy Story (1995). Animation, Children's, Comedy. studio: Pixar. A cowboy doll is threatened by a new toy."
    )


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({}, ""),
        ({"title": None, "tags": None, "attributes": None, "description": None}, ""),
        ({"title": "X"}, "X."),
        ({"description": "Only this"}, "Only this."),
        ({"tags": ["a", None, " ", "b"]}, "a, b."),
        ({"title": " ", "tags": [], "attributes": "", "description": "\n"}, ""),
        ({"attributes": '{"year": 1999}'}, "1999."),
        ({"title": "two\n lines"}, "two lines."),
    ],
)
def test_what_is_missing_is_skipped(row: dict[str, object], text: str) -> None:
    assert item_text(row) == text


@pytest.mark.parametrize("title", ["Airplane!", "Who?", "你好。", "E.T."])
def test_a_sentence_ends_once(title: str) -> None:
    assert item_text({"title": title}) == title


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"year": 1995}, "X (1995)."),
        ({"release_year": "1995"}, "X (1995)."),
        ({"year": 19.5}, "X."),
        ({"year": "unknown"}, "X."),
    ],
)
def test_the_year_stands_with_the_title(attributes: dict[str, object], text: str) -> None:
    assert with_attributes(**attributes) == text


def test_a_year_that_the_title_has_is_not_said_twice() -> None:
    assert item_text({"title": "X (1995)", "attributes": '{"year": 1995}'}) == "X (1995)."


@pytest.mark.parametrize(
    "value", [4.2, 3, True, None, "4.2", "-1", "1,234", "97%", "", " ", ["a"], {"a": "b"}, "https://x.org/y", "x" * 81]
)
def test_numbers_and_what_is_no_short_string_stay_out(value: object) -> None:
    assert with_attributes(average_rating=value) == "X."


@pytest.mark.parametrize("value", ["Sony", "索尼", "3D", "500 GB", "x" * 80])
def test_short_strings_come_in(value: str) -> None:
    assert with_attributes(made_by=value) == f"X. made by: {value}."


def test_nothing_is_cut_off() -> None:
    description = "word " * 5000 + "end"
    assert item_text({"title": "X", "description": description}) == f"X. {description}."


@pytest.mark.parametrize("attributes", ["[1]", "{", "Sony", "3"])
def test_attributes_that_are_no_object_are_an_error(attributes: str) -> None:
    with pytest.raises(DataError, match="attributes of item '7' must be a JSON object, found"):
        item_text({"item_id": "7", "attributes": attributes})


def test_a_table_gives_one_text_a_row_whatever_columns_it_has() -> None:
    items = pl.DataFrame({"item_id": ["1", "2"], "title": ["A", None], "tags": [["x"], None], "score": [4.2, 1.0]})
    assert item_texts(items) == ["A. x.", ""]
    assert item_texts(items.head(0)) == []
