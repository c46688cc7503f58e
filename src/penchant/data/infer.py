"""Which of somebody's columns is which of our words: by name first; what names leave open, `values` may fill."""

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from penchant.data.casts import bare
from penchant.data.scan import RawTable
from penchant.data.synonyms import QUANTITIES, SPLIT, SYNONYMS
from penchant.data.values import Guess, guess_columns
from penchant.records.errors import DataError, suggestion

REQUIRED = {"events": ("user_id", "item_id"), "items": ("item_id",), "users": ("user_id",)}
ALIASES = {"rating": "value"}


SAMPLE_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """What the columns of a table stand for.

    `columns`: our word -> the user's column; `others`: the user's columns that have no word of ours; `split`: the one
    that says which events are for training and which for the test. `rows` is the same as a table to look at: `table`,
    `word`, `column`, `reason` and three `samples` each.
    """

    table: str
    columns: dict[str, str]
    others: tuple[str, ...]
    notes: tuple[str, ...]
    split: str | None = None
    rows: list[dict[str, object]] = field(default_factory=list)

    @property
    def value_is_rating(self) -> bool:
        """Whether the column of `value` holds ratings rather than hours, plays and the like."""
        return "value" in self.columns and plain(self.columns["value"]) not in QUANTITIES


def infer_tables(tables: Mapping[str, RawTable], chosen: Mapping[str, str] | None = None) -> dict[str, ColumnMap]:
    """`infer_columns` for all tables, with a look at a sample of their values."""
    return {
        name: infer_columns(table.columns, name, chosen, sample=table.sample(SAMPLE_ROWS))
        for name, table in tables.items()
    }


def infer_columns(
    found: Sequence[str], table: str, chosen: Mapping[str, str] | None = None, sample: pl.DataFrame | None = None
) -> ColumnMap:
    """The words that the columns of a table ("events", "items" or "users") stand for.

    `chosen` (our word -> the user's column) goes before names, names go before the values of the `sample`; entries of
    `chosen` that are meant for other tables are passed over. Raises DataError where a required word has no column.

    >>> infer_columns(["reviewerID", "asin", "stars:float"], "events").columns
    {'user_id': 'reviewerID', 'item_id': 'asin', 'value': 'stars:float'}
    """
    taken = {w: c for w, c in _own_words(chosen or {}).items() if w in SYNONYMS[table] and c in found}
    reasons = dict.fromkeys(taken, "you said so")
    for word, names in SYNONYMS[table].items():
        column = None if word in taken else _best(names, found, set(taken.values()))
        if column is not None:
            taken[word], reasons[word] = column, "its name"
    split = _best(SPLIT, found, set(taken.values())) if table == "events" else None
    free = [column for column in found if column not in taken.values() and column != split]
    for guess in _guesses(sample, table, taken, free):
        taken[guess.word], reasons[guess.word] = guess.column, f"its values: {guess.reason}"
    columns = {word: taken[word] for word in SYNONYMS[table] if word in taken}
    _check_required(columns, found, table)
    others = tuple(name for name in found if name not in columns.values() and name != split)
    return ColumnMap(
        table=table,
        columns=columns,
        others=others,
        notes=_notes(columns, reasons, others, split, table),
        split=split,
        rows=_rows(table, columns, reasons, others, split, sample),
    )


def check_chosen(chosen: Mapping[str, str], tables: Mapping[str, Sequence[str]]) -> None:
    """Raises DataError unless each chosen word is ours and its column is in a table that knows the word.

    `tables`: the columns found in each of "events", "items", "users".
    """
    words = {word for synonyms in SYNONYMS.values() for word in synonyms} | set(ALIASES)
    for word, column in chosen.items():
        if word not in words:
            raise DataError(
                f"`columns` maps our words to your columns, but {word!r} is none. {suggestion(word, words)}"
            )
        own = ALIASES.get(word, word)
        names = {name for table, found in tables.items() if own in SYNONYMS[table] for name in found}
        if column not in names:
            hint = suggestion(str(column), names)
            raise DataError(f"`columns` names {column!r} for {word!r}, but no table that has one holds it. {hint}")


def plain(name: str) -> str:
    """A column's name as it is compared: letters and digits only, no case, no type.

    >>> plain("Movie_Title:token_seq"), plain("用户 ID")
    ('movietitle', '用户id')
    """
    folded = unicodedata.normalize("NFKC", bare(name)).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _own_words(chosen: Mapping[str, str]) -> dict[str, str]:
    return {ALIASES.get(word, word): column for word, column in chosen.items()}


def _best(names: Sequence[str], found: Sequence[str], taken: set[str]) -> str | None:
    """The free column with the best synonym."""
    by_name: dict[str, str] = {}
    for column in found:
        if column not in taken:
            by_name.setdefault(plain(column), column)
    return next((by_name[name] for name in names if name in by_name), None)


def _check_required(columns: Mapping[str, str], found: Sequence[str], table: str) -> None:
    for word in REQUIRED[table]:
        if word not in columns:
            raise DataError(
                f"The {table} table needs a column for {word!r}, and no name tells which it is: {', '.join(found)}. "
                f'Name it: columns={{"{word}": "<your column>"}}.'
            )


def _guesses(sample: pl.DataFrame | None, table: str, taken: Mapping[str, str], free: Sequence[str]) -> list[Guess]:
    """Guesses for columns whose names say nothing: one that we know for something else is left alone."""
    open_words = [word for word in SYNONYMS[table] if word not in taken]
    known = {name for words in SYNONYMS.values() for names in words.values() for name in names}
    silent = {column: plain(column) for column in free if plain(column) not in known}
    return [] if sample is None else guess_columns(sample, table, open_words, silent)


def _notes(
    columns: Mapping[str, str], reasons: Mapping[str, str], others: Sequence[str], split: str | None, table: str
) -> tuple[str, ...]:
    read = [
        f"{table}: {word} is read from {column!r}" + (f" ({reasons[word]})" if "values" in reasons[word] else "")
        for word, column in columns.items()
        if word != column
    ]
    ready = [] if split is None else [f"{table}: {split!r} is a ready-made split (--protocol column)"]
    fate = "is not used" if table == "events" else "is kept in attributes"
    left = [f"{table}: {column!r} {fate}{_near_miss(column, columns, table)}" for column in others]
    return (*read, *ready, *left)


def _near_miss(column: str, columns: Mapping[str, str], table: str) -> str:
    """A hint where a column's name is nearly one that we know for a word that has no column yet."""
    words = {name: word for word, names in SYNONYMS[table].items() if word not in columns for name in names}
    near = difflib.get_close_matches(plain(column), [name for name in words if len(name) > 3], n=1, cutoff=0.86)
    if not near:
        return ""
    return f'; is it {near[0]!r}? Then say so: columns={{"{words[near[0]]}": "{column}"}}'


def _rows(
    table: str,
    columns: Mapping[str, str],
    reasons: Mapping[str, str],
    others: Sequence[str],
    split: str | None,
    sample: pl.DataFrame | None,
) -> list[dict[str, object]]:
    fate = "no word of ours" if table == "events" else "kept in attributes"
    lines = [(word, column, reasons[word]) for word, column in columns.items()]
    lines += [] if split is None else [("(split)", split, "its name")]
    lines += [("", column, fate + _near_miss(column, columns, table)) for column in others]
    return [
        {"table": table, "word": word, "column": column, "reason": reason, "samples": _samples(sample, column)}
        for word, column, reason in lines
    ]


def _samples(sample: pl.DataFrame | None, column: str) -> list[str]:
    """The first three different values, cut to 40 characters."""
    if sample is None:
        return []
    values = dict.fromkeys(str(value) for value in sample[column].head(1000).to_list() if value is not None)
    return [value[:40] for value in list(values)[:3]]
