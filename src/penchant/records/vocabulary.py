"""Outside id <-> inside row. Ids are strings, compared byte for byte; rows are int32, -1 is "unknown"."""

from collections.abc import Iterable, Sequence

import numpy as np

from penchant.records.errors import DataError


class Vocabulary:
    """A fixed list of ids and their rows.

    >>> items = Vocabulary(["7", "007"])
    >>> items.rows(["007", "7", "x"]).tolist()
    [1, 0, -1]
    >>> items.ids([1])
    ['007']
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = list(ids)
        self._row_of = {name: row for row, name in enumerate(self._ids)}
        if len(self._row_of) != len(self._ids):
            twice = next(name for row, name in enumerate(self._ids) if self._row_of[name] != row)
            raise DataError(f"Ids must be unique, but {twice!r} stands twice. Remove the duplicate row.")

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, name: object) -> bool:
        return name in self._row_of

    @property
    def all(self) -> Sequence[str]:
        return self._ids

    def rows(self, ids: Iterable[str | None]) -> np.ndarray:
        """Row of each id, int32, -1 where unknown."""
        return np.fromiter((self._row_of.get(name, -1) if name is not None else -1 for name in ids), np.int32)

    def ids(self, rows: Iterable[int]) -> list[str]:
        return [self._ids[row] for row in rows]
