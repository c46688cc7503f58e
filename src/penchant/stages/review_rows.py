"""Somebody's table of reviews and labels -> clean rows, each text once, and which of them are for learning.

It recognises columns by name; what a label means is not known here.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from penchant.data.frames import to_polars
from penchant.data.infer import plain
from penchant.records.errors import ConfigError, DataError, suggestion

REVIEW = "review reviewtext reviewbody text comment comments content sentence 评论 评论内容 评价 评价内容 内容 文本"
LABEL = "label sentiment polarity rating stars star score class target 标签 情感 情感标签 评分 星级 打分"
GROUP = "group domain category source 领域 类别 分类"
SYNONYMS = {word: names.split() for word, names in (("review", REVIEW), ("label", LABEL), ("group", GROUP))}
TEST_SHARE, HELD_OUT_SHARE = 0.2, 0.1


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """Parallel rows. `groups` is empty where nobody asked for them; `dropped`: rows that went, by reason."""

    texts: list[str]
    labels: list[str]
    groups: list[str]
    dropped: dict[str, int]


def read_table(path: Path, columns: Mapping[str, str], words: Sequence[str]) -> tuple[pl.DataFrame, dict[str, str]]:
    """The table as it is, and the column that each of the words ("review", "label", "group") stands for.

    `columns` (our word -> the user's column) goes before names. Raises DataError for a word without a column, and
    ConfigError for a word that is none of ours.
    """
    frame, _ = to_polars(path)
    for word, column in columns.items():
        if word not in SYNONYMS:
            raise ConfigError(
                f"`--column` maps our words to your columns, but {word!r} is none. {suggestion(word, SYNONYMS)}"
            )
        if column not in frame.columns:
            raise DataError(
                f"`--column` names {column!r}, but {path} has no such column. {suggestion(column, frame.columns)}"
            )
    return frame, {word: columns.get(word) or _by_name(word, frame.columns, path) for word in words}


def read_reviews(path: Path, columns: Mapping[str, str], grouped: bool = False) -> Reviews:
    """Rows with a text and a label, each text once. Texts are equal if letters and digits are, whatever case and width.

    A text that carries different labels is dropped with all its rows. Raises DataError where nothing is left.
    """
    words = ["review", "label", *(["group"] if grouped else [])]
    frame, names = read_table(path, columns, words)
    table = frame.select(
        *(pl.col(name).cast(pl.String).str.strip_chars().alias(word) for word, name in names.items()),
    ).with_columns(pl.col("label").str.replace(r"^(-?\d+)\.0+$", "$1"))
    table = table.with_columns(pl.Series("key", [text_key(text or "") for text in table["review"]]))
    reasons = {
        "no text": pl.col("review").fill_null("") == "",
        "no label": pl.col("label").fill_null("") == "",
        "one text, several labels": pl.col("label").n_unique().over("key") > 1,
        "duplicate": ~pl.col("key").is_first_distinct(),
    }
    dropped: dict[str, int] = {}
    for reason, condition in reasons.items():
        left = table.filter(~condition)
        dropped |= {reason: table.height - left.height} if left.height < table.height else {}
        table = left
    if table.is_empty():
        raise DataError(
            f"No review is left of the {frame.height} rows of {path}: {dropped}. Check the columns: {names}."
        )
    groups = table["group"].fill_null("").to_list() if grouped else []
    return Reviews(texts=table["review"].to_list(), labels=table["label"].to_list(), groups=groups, dropped=dropped)


def text_key(text: str) -> str:
    """Stands for a text in a list of those that were learned from; the text cannot be read from it.

    >>> text_key("Good  ROOM!") == text_key("ｇｏｏｄ room"), text_key("good") == text_key("bad")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(letter for letter in folded if letter.isalnum()) or folded
    return blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def split_rows(reviews: Reviews, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masks (n,) of the rows to learn from, to calibrate on, and to test on: 70, 10 and 20%, of each label alike.

    With groups, test rows are those of whole groups that nothing else is taken from, about 20% of the rows.
    """
    rng = np.random.default_rng(seed)
    ranks = _ranks(np.array(reviews.labels), rng)
    test = ranks < TEST_SHARE
    if reviews.groups:
        test = np.isin(reviews.groups, _test_groups(reviews.groups, rng))
        ranks = TEST_SHARE + (1 - TEST_SHARE) * ranks
    held_out = ~test & (ranks < TEST_SHARE + HELD_OUT_SHARE)
    return ~test & ~held_out, held_out, test


def _by_name(word: str, found: Sequence[str], path: Path) -> str:
    by_name = {plain(column): column for column in reversed(found)}
    best = next((by_name[name] for name in SYNONYMS[word] if name in by_name), None)
    if best is None:
        raise DataError(
            f"{path} needs a column for {word!r}, and no name tells which it is: {', '.join(found)}. "
            f"Name it: --column {word}=<your column>."
        )
    return best


def _ranks(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random place 0..1 of each row among those of its label."""
    order = rng.permutation(len(labels))
    ranks = np.empty(len(labels))
    for label in np.unique(labels):
        mine = order[labels[order] == label]
        ranks[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return ranks


def _test_groups(groups: Sequence[str], rng: np.random.Generator) -> list[str]:
    names, counts = np.unique(groups, return_counts=True)
    if len(names) < 2:
        raise DataError(
            f"To test on other groups there must be two or more, found {names.tolist()}. Leave out --group."
        )
    order = rng.permutation(len(names))
    before = np.cumsum(counts[order]) - counts[order]
    return names[order][before < TEST_SHARE * len(groups)][: len(names) - 1].tolist()


def write_table(table: pl.DataFrame, out: Path | None) -> str:
    """Writes the file by its suffix; without one, gives the CSV. Raises ConfigError for another suffix."""
    if out is None:
        return table.write_csv()
    writers: dict[str, Any] = {".csv": table.write_csv, ".jsonl": table.write_ndjson, ".parquet": table.write_parquet}
    if out.suffix not in writers:
        raise ConfigError(f"--out ends in one of {', '.join(writers)}, not in {out.suffix!r}. Rename it.")
    out.parent.mkdir(parents=True, exist_ok=True)
    writers[out.suffix](out)
    return ""
