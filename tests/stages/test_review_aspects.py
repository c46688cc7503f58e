"""`penchant reviews aspects` on files."""

import json
from pathlib import Path

import polars as pl
import pytest

from penchant.records.errors import ConfigError, DataError
from penchant.stages.review_aspects import aspect_lines, find_aspects
from penchant.stages.reviews import train_reviews
from penchant.text.reviews.aspects import FINDING_COLUMNS, summary
from stages.test_reviews import penchant, write_reviews

LINES = ["the room was lovely, the bed was awful", "", "the room was great", "房间很差", "the bed was dirty"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aspects")
    train_reviews(write_reviews(folder / "reviews.csv", 200, seed=1), folder / "model", encoder="hashing")
    pl.DataFrame({"review": LINES}).write_csv(folder / "new.csv")
    (folder / "aspects.json").write_text(json.dumps({"room": ["room", "房间"], "bed": ["bed"]}), encoding="utf-8")
    return folder


def test_given_aspects_are_found_in_rows_of_the_file(folder: Path) -> None:
    found = find_aspects(folder / "model", folder / "new.csv", given=folder / "aspects.json")
    told = found.select("row", "aspect", "polarity").rows()
    assert told == [
        (0, "room", "positive"),
        (0, "bed", "negative"),
        (2, "room", "positive"),
        (3, "room", "negative"),
        (4, "bed", "negative"),
    ]


def test_mined_aspects_follow_number_and_count(folder: Path) -> None:
    file = folder / "reviews.csv"
    many, one, rare = (
        find_aspects(folder / "model", file, num_aspects=num, min_count=least)["aspect"].n_unique()
        for num, least in ((30, 5), (1, 5), (30, 45))
    )
    assert many > 2
    assert one == 1
    assert rare < many


def test_words_of_the_user_are_names_that_mining_finds(folder: Path, tmp_path: Path) -> None:
    pl.DataFrame({"review": [*["骨传导耳机很好", "骨传导耳机不好"] * 5, *["房间很大"] * 5]}).write_csv(
        tmp_path / "r.csv"
    )
    (tmp_path / "words.txt").write_text("骨传导耳机\n", encoding="utf-8")
    arguments = (folder / "model", tmp_path / "r.csv", "--json")
    plain, own = (
        json.loads(penchant("aspects", *arguments, *more).stdout) for more in ((), ("--words", tmp_path / "words.txt"))
    )
    phrases = [{row["aspect"] for row in told} for told in (plain, own)]
    assert "骨传导耳机" in phrases[1] - phrases[0]
    with pytest.raises(ConfigError, match="aspects are given"):
        find_aspects(folder / "model", tmp_path / "r.csv", given=folder / "aspects.json", words=tmp_path / "words.txt")


def test_the_command_line_sums_up_and_writes_every_finding(folder: Path, tmp_path: Path) -> None:
    arguments = (folder / "model", folder / "new.csv", "--aspects", folder / "aspects.json")
    shown = penchant("aspects", *arguments, "--out", tmp_path / "found.csv").stdout.splitlines()
    assert shown[0] == "room: 3 reviews, 67% positive"
    assert shown[1] in ("    + the room was lovely", "    + the room was great")
    assert "    - 房间很差" in shown
    assert len(pl.read_csv(tmp_path / "found.csv")) == 5
    told = json.loads(penchant("aspects", *arguments, "--json").stdout)
    assert [(row["aspect"], row["num_reviews"]) for row in told] == [("room", 3), ("bed", 2)]


def test_an_aspect_without_feeling_has_no_share() -> None:
    table = pl.DataFrame(
        {"aspect": ["bed"], "num_reviews": [1], "positive": [None], "praise": [[]], "complaints": [[]]}
    )
    assert aspect_lines(table) == ["bed: 1 reviews"]
    assert summary(pl.DataFrame(schema=FINDING_COLUMNS)).is_empty()


@pytest.mark.parametrize("text", ["[]", '{"food": "breakfast"}', '{"food": [1]}'])
def test_other_json_is_refused(text: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="must be a JSON object of lists of phrases"):
        find_aspects(folder / "model", folder / "new.csv", given=tmp_path / "a.json")


def test_labels_without_order_are_refused(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "reviews.csv").read_text(encoding="utf-8").replace(",1,", ",joyful,").replace(",0,", ",angry,")
    (tmp_path / "r.csv").write_text(lines, encoding="utf-8")
    train_reviews(tmp_path / "r.csv", tmp_path / "model", encoder="hashing")
    with pytest.raises(ConfigError, match="not of 'angry', 'joyful'"):
        find_aspects(tmp_path / "model", folder / "new.csv")
