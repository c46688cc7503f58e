import os
import shutil
from pathlib import Path

import pytest

from penchant.data.read import read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,0.5,964982704\n")
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n1,Toy Story (1995),Comedy|Fantasy\n2,"Nameless, The",(no genres listed)\n'
    )
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n1,1,pixar,1139045764\n")
    (tmp_path / "links.csv").write_text("movieId,imdbId,tmdbId\n1,0114709,862\n")
    return tmp_path


def test_ratings_films_and_tags(folder: Path) -> None:
    data = read(folder)
    assert data.events.select("item_id", "kind", "value", "text").rows() == [
        ("1", "rate", 4.0, None),
        ("2", "rate", 0.5, None),
        ("1", "tag", None, "pixar"),
    ]
    assert data.items.select("item_id", "title", "tags").rows() == [
        ("1", "Toy Story", ["Comedy", "Fantasy"]),
        ("2", "Nameless, The", None),
    ]
    assert "events: the 1 rows of tags.csv are events of kind 'tag' with a text" in data.notes


def test_tags_may_be_missing_and_items_given(folder: Path) -> None:
    (folder / "tags.csv").unlink()
    assert set(read(folder).events["kind"]) == {"rate"}
    plain = read(folder / "ratings.csv", items=folder / "movies.csv")
    assert plain.items["title"][0] == "Toy Story (1995)"


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of real data")
def test_the_real_files(tmp_path: Path) -> None:
    samples = Path(os.environ["PENCHANT_DATA"]) / "raw_samples"
    for name in ("ratings", "movies"):
        shutil.copyfile(samples / f"ml-latest-small-{name}.csv", tmp_path / f"{name}.csv")
    data = read(tmp_path)
    assert data.events.height == 100_836
    assert data.rating_scale == (0.5, 5.0)
    assert data.items.filter(data.items["title"].str.contains(r"\(\d{4}\)$")).is_empty()
