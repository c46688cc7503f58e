"""Which of somebody's columns is which of our words: by name, never by content."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from penchant.data.synonyms import QUANTITIES, SYNONYMS
from penchant.records.errors import DataError, suggestion

REQUIRED = {"events": ("user_id", "item_id"), "items": ("item_id",), "users": ("user_id",)}
RECBOLE_TYPES = ("token", "token_seq", "float", "float_seq")
ALIASES = {"rating": "value"}


@dataclass(frozen=True)
class ColumnMap:
    """`columns`: our word -> the user's column; `others`: the user's columns that have no word of ours."""

    columns: dict[str, str]
    others: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def value_is_rating(self) -> bool:
        """Whether the column of `value` holds ratings rather than hours, plays and the like."""
        return "value" in self.columns and plain(self.columns["value"]) not in QUANTITIES


def infer_columns(found: Sequence[str], table: str, chosen: Mapping[str, str] | None = None) -> ColumnMap:
    """The words that the columns of a table ("events", "items" or "users") stand for.

    `chosen` (our word -> the user's column) goes before names; entries meant for other tables are passed over.
    Raises DataError where a required word has no column.

    >>> infer_columns(["reviewerID", "asin", "stars:float"], "events").columns
    {'user_id': 'reviewerID', 'item_id': 'asin', 'value': 'stars:float'}
    """
    taken = {w: c for w, c in _own_words(chosen or {}).items() if w in SYNONYMS[table] and c in found}
    for word, names in SYNONYMS[table].items():
        column = None if word in taken else _best(names, found, set(taken.values()))
        if column is not None:
            taken[word] = column
    columns = {word: taken[word] for word in SYNONYMS[table] if word in taken}
    _check_required(columns, found, table)
    others = tuple(name for name in found if name not in columns.values())
    return ColumnMap(columns, others, _notes(columns, others, table))


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


def bare(name: str) -> str:
    """A column's name without RecBole's type.

    >>> bare("user_id:token"), bare("a:b")
    ('user_id', 'a:b')
    """
    head, _, kind = name.rpartition(":")
    return head if head and kind in RECBOLE_TYPES else name


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


def _notes(columns: Mapping[str, str], others: Sequence[str], table: str) -> tuple[str, ...]:
    read = [f"{table}: {word} is read from {column!r}" for word, column in columns.items() if word != column]
    fate = "is not used" if table == "events" else "is kept in attributes"
    return (*read, *(f"{table}: {column!r} {fate}" for column in others))
