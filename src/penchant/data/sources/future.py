"""Columns that know the future: sums over all of a data set's events. As an item's text or attribute they would leak."""

import polars as pl

from penchant.data.infer import plain

NAMES = (
    "averagerating averagestars avgrating ratingnumber ratingcount ratingscount numratings numreviews reviewcount "
    "salesrank rank related alsobuy alsobought alsoview alsoviewed buyafterviewing boughttogether similaritem "
    "similaritems similar votecount voteaverage popularity doubanscore doubanvotes helpfulvote helpful votes"
)
FUTURE = frozenset(NAMES.split())
"""As `infer.plain` writes names."""


def without_future(frame: pl.DataFrame, table: str, more: tuple[str, ...] = ()) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Without the columns that count or average what others did, now or later, and a note of which these were.

    `more` names further ones that only this source means so.

    >>> frame, notes = without_future(pl.DataFrame({"asin": ["a"], "also_buy": [["b"]]}), "items")
    >>> frame.columns, notes
    (['asin'], ("items: 'also_buy' is left out: it knows the future",))
    """
    names = [name for name in frame.columns if plain(name) in FUTURE or name in more]
    return frame.drop(names), tuple(f"{table}: {name!r} is left out: it knows the future" for name in names)
