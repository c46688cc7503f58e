"""Known data sets without the columns that know the future: sums over all events. Which these are: `synonyms.FUTURE`."""

import polars as pl

from penchant.data.infer import plain
from penchant.data.synonyms import FUTURE


def without_future(frame: pl.DataFrame, table: str, more: tuple[str, ...] = ()) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Without the columns that count or average what others did, now or later, and a note of which these were.

    `more` names further ones that only this source means so.

    >>> frame, notes = without_future(pl.DataFrame({"asin": ["a"], "also_buy": [["b"]]}), "items")
    >>> frame.columns, notes
    (['asin'], ("items: 'also_buy' is left out: it knows the future",))
    """
    names = [name for name in frame.columns if plain(name) in FUTURE or name in more]
    return frame.drop(names), tuple(f"{table}: {name!r} is left out: it knows the future" for name in names)
