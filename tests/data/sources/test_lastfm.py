import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from penchant.data.read import read


def test_plays_artists_tags_and_friends(tmp_path: Path) -> None:
    (tmp_path / "user_artists.dat").write_text("userID\tartistID\tweight\n2\t51\t13883\n3\t52\t7\n")
    (tmp_path / "artists.dat").write_text('id\tname\turl\tpictureURL\n51\tThe "Quote\tu\thttp://p\n52\tBjörk\tu\t\n')
    (tmp_path / "tags.dat").write_bytes("tagID\ttagValue\n1\tmétal\n2\tpop\n".encode("latin-1"))
    (tmp_path / "user_taggedartists.dat").write_text(
        "userID\tartistID\ttagID\tday\tmonth\tyear\n2\t51\t1\t1\t4\t2009\n2\t51\t2\t1\t4\t2009\n3\t51\t2\t1\t4\t2009\n"
    )
    (tmp_path / "user_friends.dat").write_text("userID\tfriendID\n2\t3\n2\t9\n3\t2\n")
    data = read(tmp_path)
    assert data.events.select("user_id", "item_id", "kind", "value").rows() == [
        ("2", "51", "play", 13883.0),
        ("3", "52", "play", 7.0),
    ]
    assert data.rating_scale is None
    assert data.items.select("title", "image", "tags").rows() == [
        ('The "Quote', "http://p", ["pop", "métal"]),
        ("Björk", None, None),
    ]
    assert [json.loads(text) for text in data.users["attributes"]] == [{"friends": ["3", "9"]}, {"friends": ["2"]}]
    assert "items: tags are of all times, also from after the plays" in data.notes
    assert "tags.dat: read as LATIN-1" in data.notes


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of real data")
def test_the_real_file_gives_what_the_table_of_it_has(tmp_path: Path) -> None:
    data = Path(os.environ["PENCHANT_DATA"])
    shutil.copyfile(data / "raw_samples" / "lastfm-user_artists.dat", tmp_path / "user_artists.dat")
    ours = read(tmp_path).events.select("user_id", "item_id", "value").sort(pl.all())
    theirs = pl.read_parquet(data / "lastfm_hetrec" / "interactions.parquet")
    assert ours.height == theirs.height == 92_834
    assert ours.select("user_id", "item_id").equals(theirs.select("user_id", "item_id").sort(pl.all()))
