"""Tables of reviews as people have them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.records.errors import ConfigError, DataError
from penchant.stages.review_rows import Reviews, read_reviews, read_table, split_rows, write_table


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("names", ["review,label", "Review_Text,Sentiment", "评论,标签", "评价内容,评分"])
def test_columns_are_known_by_name(names: str, tmp_path: Path) -> None:
    rows = read_reviews(write(tmp_path / "r.csv", f"{names}\nfine,1\n很差,0\n"), {})
    assert rows.texts == ["fine", "很差"]
    assert rows.labels == ["1", "0"]


def test_a_column_can_be_named(tmp_path: Path) -> None:
    rows = read_reviews(write(tmp_path / "r.csv", "a,b\nfine,1\n"), {"review": "a", "label": "b"})
    assert rows.texts == ["fine"]


def test_unknown_columns_are_refused_with_a_way_out(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "a,label\nfine,1\n")
    with pytest.raises(DataError, match=r"needs a column for 'review'.*a, label.*--column review=<your column>"):
        read_reviews(path, {})
    with pytest.raises(DataError, match=r"names 'lable'.*Did you mean 'label'"):
        read_reviews(path, {"label": "lable", "review": "a"})
    with pytest.raises(ConfigError, match=r"'reviw' is none. Did you mean 'review'"):
        read_reviews(path, {"reviw": "a"})


def test_every_dropped_row_is_counted(tmp_path: Path) -> None:
    lines = ["Good room!,1", "ｇｏｏｄ room,1", ",1", "fine,", "so so,1", "SO SO,0", "bad,0"]
    rows = read_reviews(write(tmp_path / "r.csv", "\n".join(["review,label", *lines])), {})
    assert rows.texts == ["Good room!", "bad"]
    assert rows.dropped == {"no text": 1, "no label": 1, "one text, several labels": 2, "duplicate": 1}
    assert len(rows.texts) + sum(rows.dropped.values()) == len(lines)


def test_a_table_without_any_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No review is left of the 2 rows"):
        read_reviews(write(tmp_path / "r.csv", 'review,label\n" ",1\n,0\n'), {})


def test_labels_may_be_numbers(tmp_path: Path) -> None:
    pl.DataFrame({"review": ["a b", "c d", "e f"], "label": [1.0, 0.0, 0.5]}).write_parquet(tmp_path / "r.parquet")
    assert read_reviews(tmp_path / "r.parquet", {}).labels == ["1", "0", "0.5"]


def make_rows(num: int, groups: int = 0) -> Reviews:
    labels = ["rare" if n % 10 == 0 else "usual" for n in range(num)]
    names = [f"g{n % groups}" for n in range(num)] if groups else []
    return Reviews(texts=[f"text {n}" for n in range(num)], labels=labels, groups=names, dropped={})


def test_each_part_has_its_share_of_each_label() -> None:
    rows = make_rows(1000)
    parts = split_rows(rows, seed=0)
    assert (np.sum(parts, axis=0) == 1).all()
    assert [part.sum() for part in parts] == [700, 100, 200]
    assert [(np.array(rows.labels)[part] == "rare").sum() for part in parts] == [70, 10, 20]


def test_the_seed_decides_the_split() -> None:
    first, again, other = (split_rows(make_rows(100), seed)[2] for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_groups_are_never_on_both_sides() -> None:
    rows = make_rows(1000, groups=10)
    train, held_out, test = split_rows(rows, seed=0)
    groups = np.array(rows.groups)
    assert len(set(groups[test])) == 2
    assert not set(groups[test]) & set(groups[train | held_out])
    assert held_out.sum() == pytest.approx(100, abs=15)


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(DataError, match=r"two or more, found \['g0'\]"):
        split_rows(make_rows(10, groups=1), 0)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_table_is_written_by_its_suffix(suffix: str, tmp_path: Path) -> None:
    table = pl.DataFrame({"review": ["好", "bad"]})
    assert write_table(table, tmp_path / f"out{suffix}") == ""
    assert read_table(tmp_path / f"out{suffix}", {}, ["review"])[0].equals(table)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.csv, \.jsonl, \.parquet, not in '\.doc'"):
        write_table(pl.DataFrame({"review": ["a"]}), tmp_path / "out.doc")
    assert write_table(pl.DataFrame({"review": ["a"]}), None) == "review\na\n"
