from pathlib import Path

import pytest

from penchant.data.read import read
from penchant.data.sources.recbole import read_recbole
from penchant.records.errors import DataError

HEADER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.inter").write_text(HEADER + "1\t007\t4\t978300760\n2\t8\t3\t978300761\n")
    (tmp_path / "shop.item").write_text('item_id:token\ttitle:token_seq\taverage_rating:float\n007\tSay "hi\t4.2\n')
    (tmp_path / "shop.user").write_text("user_id:token\tage:token\n1\t24\n")
    (tmp_path / "shop.kg").write_text("head_id:token\n1\n")
    return tmp_path


def test_a_folder_of_atomic_files(folder: Path) -> None:
    data = read(folder)
    assert data.events.select("user_id", "item_id", "value").rows() == [("1", "007", 4.0), ("2", "8", 3.0)]
    assert data.items.row(0, named=True)["title"] == 'Say "hi'
    assert data.items["attributes"][0] is None
    assert "items: 'average_rating:float' is left out: it knows the future" in data.notes


def test_parts_of_a_benchmark_stay_parts(folder: Path) -> None:
    (folder / "shop.inter").unlink()
    for part, row in (("train", "1\t007\t4\t1\n"), ("valid", "1\t8\t3\t2\n"), ("test", "1\t9\t3\t3\n")):
        (folder / f"shop.{part}.inter").write_text(HEADER + row)
    tables = read_recbole(folder)
    assert sorted(tables.events.select("item_id:token", "split").rows()) == [
        ("007", "train"),
        ("8", "valid"),
        ("9", "test"),
    ]


def test_several_files_of_events_are_not_mixed(folder: Path) -> None:
    (folder / "other.inter").write_text(HEADER)
    with pytest.raises(DataError, match=r"several files of events: other\.inter, shop\.inter\. Name the one"):
        read(folder)
