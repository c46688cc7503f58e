"""From a log of events to the lists that were shown, and what came of each item. It knows no policy and no model.

A list is what one person was shown at one moment, places from 1 upward; an item's reward is 1 if the person then did something
that speaks for it, before being shown it again.
Legend: N lists, K places of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from penchant.records.errors import DataError, suggestion
from penchant.records.ranges import Range
from penchant.records.words import KINDS
from penchant.stages.learner import reward_of

LENGTH = Range(least=1, whole=True)


@dataclass(frozen=True, kw_only=True)
class ShownLists:
    """Parallel arrays of N lists in the order of the log, all of K places."""

    user_ids: list[str]
    times: np.ndarray  # int64 (N,)
    rows: np.ndarray  # int64 (N,), of the log: what stands before it was known when the list was made
    item_ids: list[list[str]]  # (N, K)
    propensities: np.ndarray  # float64 (N, K)
    rewards: np.ndarray  # float64 (N, K), 0 or 1
    num_others: int  # lists that are shorter than K, or lack a place

    def __len__(self) -> int:
        return len(self.user_ids)


def shown_lists(
    log: pl.DataFrame, scale: tuple[float, float], k: int | None = None, kinds: Sequence[str] = ()
) -> ShownLists:
    """log: events in our columns, ordered by time. scale: of the ratings. k: places that are looked at, None: as many as most
    lists have. kinds: only events of these kinds count; none: all that speak for an item.

    Raises: DataError without an impression that has a position and a propensity, without a list of k places, for k below 1, and
    for a kind that is no word of ours and stands nowhere in the log.
    """
    log = log.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    places = _places(log)
    if places.is_empty():
        raise DataError(
            "The log holds no event of the kind 'impression' with a position and a propensity. Log what `recommend` drew with "
            "`shown`, or name the columns."
        )
    for kind in kinds:
        if kind not in KINDS and log.filter(pl.col("kind") == kind).is_empty():
            raise DataError(f"No event of the log is of the kind {kind!r}. {suggestion(kind, KINDS)}")
    if k is not None and k not in LENGTH:
        raise DataError(f"k is how many places are looked at, {LENGTH}, found {k!r}.")
    lengths = places.group_by("list").agg(pl.col("position").max(), filled=pl.len())
    k = k or int(lengths["position"].mode().max())  # type: ignore[arg-type]
    whole = places.filter(pl.col("position") <= k)
    whole = whole.filter((pl.len() == k).over("list") & (pl.col("position").n_unique() == k).over("list"))
    if whole.is_empty():
        raise DataError(f"No list of the log has all places from 1 to {k}. Ask about fewer places.")
    table = _rewarded(whole, log, scale, kinds).sort("list", "position")
    first = table.gather_every(k)
    grid = {name: table[name].to_numpy().reshape(-1, k).astype(np.float64) for name in ("propensity", "reward")}
    items = table["item_id"].to_list()
    return ShownLists(
        user_ids=first["user_id"].to_list(),
        times=first["timestamp"].to_numpy(),
        rows=first["row"].to_numpy(),
        item_ids=[items[start : start + k] for start in range(0, len(items), k)],
        propensities=grid["propensity"],
        rewards=grid["reward"],
        num_others=len(lengths) - len(first),
    )


def _places(log: pl.DataFrame) -> pl.DataFrame:
    """Impressions with a place and a chance, and the number of their list: another moment or a place again begins one."""
    known = pl.col("position").is_not_null() & pl.col("propensity").is_not_null() & pl.col("item_id").is_not_null()
    shown = log.filter((pl.col("kind") == "impression") & known).sort("user_id", "row")
    begins = (
        (pl.col("user_id") != pl.col("user_id").shift())
        | (pl.col("timestamp") != pl.col("timestamp").shift())
        | (pl.col("position") <= pl.col("position").shift())
    )
    numbered = shown.with_columns(begins.fill_null(value=True).cum_sum().alias("run"))
    # Numbered by their first row, so that lists stand in the order of the log. Some logs count places from 0.
    from_0 = pl.col("position").min().over("run") == 0
    listed = numbered.with_columns(pl.col("row").min().over("run").alias("list"), pl.col("position") + from_0)
    return listed.sort("row")


def _rewarded(shown: pl.DataFrame, log: pl.DataFrame, scale: tuple[float, float], kinds: Sequence[str]) -> pl.DataFrame:
    """The same rows with `reward`."""
    did = log.filter((pl.col("kind") != "impression") & pl.col("item_id").is_not_null())
    if kinds:
        did = did.filter(pl.col("kind").is_in(list(kinds)))
    good = [reward_of(row, scale) == 1 for row in did.iter_rows(named=True)]
    did = did.filter(pl.Series(good, dtype=pl.Boolean)).select("user_id", "item_id", "row").sort("row")
    latest = shown.select("user_id", "item_id", "row", pl.col("row").alias("shown")).sort("row")
    chosen = did.join_asof(latest, on="row", by=["user_id", "item_id"], check_sortedness=False)["shown"].drop_nulls()
    return shown.with_columns(pl.col("row").is_in(chosen.unique().to_list()).cast(pl.Float64).alias("reward"))
