"""Which rows of events are no events, and why: one small rule each, over typed columns. Nothing is mended here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from penchant.data.scale import rating_scale
from penchant.data.times import ORDER_LIMIT
from penchant.records.words import EVENT_COLUMNS, RATING_KINDS

DAY = 86_400
REPEAT_SECONDS = 3
"""The same again within so many seconds is a double click, or a form that was sent twice."""
ABOUT = ("user_id", "item_id", "kind", "domain")
DETAILS = ("value", "text", "position", "propensity", "context")


@dataclass(frozen=True)
class Rule:
    """`holds` gives bool (N,): the rows that go for this `reason`; `word` is the column that is to blame."""

    reason: str
    word: str
    holds: Callable[[pl.DataFrame], pl.Series]


def sift(frame: pl.DataFrame, rules: Sequence[Rule]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that no rule holds for, and `row, reason, word` of all others; a row goes for the first rule that holds.

    `frame` has a column `row` (any number that names the row). Kept and rejected rows add up.
    """
    rejected = [pl.DataFrame(schema={"row": frame.schema["row"], "reason": pl.String, "word": pl.String})]
    for rule in rules:
        bad = rule.holds(frame).fill_null(value=False)
        if bad.any():
            about = {"reason": pl.lit(rule.reason), "word": pl.lit(rule.word)}
            rejected.append(frame.filter(bad).select("row", **about))
            frame = frame.filter(~bad)
    return frame, pl.concat(rejected)


def event_rules(
    unreadable: Sequence[str], *, has_times: bool, has_clock: bool, scale: tuple[float, float] | None, now: float
) -> list[Rule]:
    """The rules for events, in the order in which they are asked.

    unreadable: words with cells that could not be read; the frame's column `unreadable` names the word where it is so.
    scale: the rating scale where the user gave one. now: seconds since 1970.
    """
    rules = [
        *(Rule(f"unreadable {word}", word, expression(pl.col("unreadable") == word)) for word in unreadable),
        Rule("no user", "user_id", expression(pl.col("user_id").is_null())),
        Rule("no item", "item_id", expression(pl.col("item_id").is_null() & ~is_search())),
    ]
    if has_times:
        rules.append(Rule("no timestamp", "timestamp", expression(pl.col("timestamp").is_null())))
    if has_clock:
        rules.append(Rule("time before 1973", "timestamp", expression(pl.col("timestamp") < ORDER_LIMIT)))
        rules.append(Rule("time in the future", "timestamp", expression(pl.col("timestamp") > now + DAY)))
    rules.append(Rule("rating off the scale", "value", lambda frame: off_scale(frame, scale)))
    rules.append(Rule("position below 0", "position", expression(pl.col("position") < 0)))
    rules.append(Rule("propensity outside 0..1", "propensity", expression(~is_propensity())))
    rules.append(Rule("duplicate", "item_id", lambda frame: repeats(frame, list(EVENT_COLUMNS))))
    if has_times:
        rules.append(Rule("near duplicate", "item_id", lambda frame: near_repeats(frame, has_clock)))
    return rules


def expression(condition: pl.Expr) -> Callable[[pl.DataFrame], pl.Series]:
    return lambda frame: frame.select(condition).to_series()


def is_search() -> pl.Expr:
    return (pl.col("kind") == "search") & pl.col("text").is_not_null()


def is_propensity() -> pl.Expr:
    """Above 0: what could not be shown was not shown. Null where there is none."""
    return (pl.col("propensity") > 0) & (pl.col("propensity") <= 1)


def off_scale(frame: pl.DataFrame, scale: tuple[float, float] | None = None) -> pl.Series:
    """Ratings outside the given scale, or outside the one that nearly all of them lie on."""
    scale = scale or rating_scale(frame)
    if scale is None:
        return pl.Series([False]).new_from_index(0, frame.height)
    off = pl.col("kind").is_in(RATING_KINDS) & ~pl.col("value").is_between(*scale)
    return frame.select(off).to_series()


def repeats(frame: pl.DataFrame, words: Sequence[str]) -> pl.Series:
    """All but the first of the rows that are equal in all of these columns."""
    keys = [word for word in words if frame.schema[word] != pl.Null]
    rows = _candidates(frame, keys)
    again = ~frame.select(keys)[rows].select(pl.struct(keys).is_first_distinct()).to_series()
    return _mask(frame.height, rows.filter(again))


def near_repeats(frame: pl.DataFrame, has_clock: bool) -> pl.Series:
    """Rows that add nothing to the one before them, by time, of the same person, item, kind and domain.

    They add nothing when all that they say was said there, and they come within `REPEAT_SECONDS` (of a clock) or are
    the same rating given again. A changed rating or a new text adds something, and so does a later play or purchase.
    """
    keys = [word for word in ABOUT if frame.schema[word] != pl.Null]
    rows = _candidates(frame, keys)
    details = [word for word in DETAILS if frame.schema[word] != pl.Null]
    order = ["timestamp", "row"]
    # Rows of one group come together, each in its time order.
    group = pl.struct(keys).rank("dense").alias("group")
    table = frame[rows].select(*order, "kind", *details, group).with_columns(pl.Series("place", rows))
    table = table.sort("group", *order)
    told = [pl.col(word).is_null() | (pl.col(word) == pl.col(word).shift()) for word in details]
    adds_nothing = pl.all_horizontal(pl.col("group") == pl.col("group").shift(), *told)
    soon = pl.col("timestamp").diff() <= REPEAT_SECONDS if has_clock else pl.lit(value=False)
    rated = pl.col("value").is_not_null() if "value" in details else pl.lit(value=False)
    same_rating = pl.col("kind").is_in(RATING_KINDS) & rated
    again = table.select((adds_nothing & (soon | same_rating)).fill_null(value=False)).to_series()
    return _mask(frame.height, table["place"].filter(again))


def _candidates(frame: pl.DataFrame, keys: Sequence[str]) -> pl.Series:
    """The rows that may have an equal in these columns: by hash, so that the exact look is only at few."""
    return frame.select(pl.struct(keys).hash().is_duplicated()).to_series().arg_true()


def _mask(height: int, rows: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, height).scatter(rows, True)
