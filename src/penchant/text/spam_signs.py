"""Signs that an event was not somebody's honest word: each a suspicion from 0 to 1 per event, against what is normal in the
same table. None of them is a proof: a launch day is a burst, and people do repeat themselves.

Knows texts, ratings and times, and how they hang together; users and items only by their sameness.

Legend: N events. A table has the columns of `read_table`, one row per event.
"""

import numpy as np
import polars as pl

from penchant.records.words import RATING_KINDS
from penchant.text.duplicates import NO_GROUP, near_duplicates, same_words
from penchant.text.segment import Segmenter
from penchant.text.stop_words import BOTH

DAY = 86_400
USED = {
    "user_id": pl.String,
    "item_id": pl.String,
    "timestamp": pl.Int64,
    "kind": pl.String,
    "value": pl.Float64,
    "text": pl.String,
}


def read_table(events: pl.DataFrame, has_clock: bool = True) -> pl.DataFrame:
    """The columns that signs are told from.

    user, item (small numbers; null without one); text (null without an item: many people search for the same); day (null
    without a clock); rating (0 lowest to 1 highest of the table, null if none); end (1 for the highest rating, -1 for the
    lowest, else null).
    """
    table = events.select(
        pl.col(name).cast(kind) if name in events.columns else pl.lit(None, kind).alias(name)
        for name, kind in USED.items()
    )
    rated = pl.col("kind").is_null() | pl.col("kind").is_in(RATING_KINDS)
    value = pl.when(rated & pl.col("value").is_finite()).then("value")
    width = value.max() - value.min()
    rating = pl.when(width > 0).then((value - value.min()) / width)
    return table.select(
        pl.col("user_id").rank("dense").alias("user"),
        pl.col("item_id").rank("dense").alias("item"),
        pl.when(pl.col("item_id").is_not_null()).then("text").alias("text"),
        pl.when(has_clock).then(pl.col("timestamp").floordiv(DAY)).alias("day"),
        rating.alias("rating"),
        pl.when(rating >= 1).then(1).when(rating <= 0).then(-1).cast(pl.Int8).alias("end"),
    )


def copied(table: pl.DataFrame) -> np.ndarray:
    """The text is nearly that of other people: 1 - 1 / number of people; a third of that for one's own text on other items.

    Short texts are common property: they count from 24 bytes upwards, in full from 72 (24 Chinese letters).
    """
    found, texts = np.zeros(table.height), table["text"]
    length = texts.str.len_bytes().fill_null(0).to_numpy()
    some = np.flatnonzero(length > 24)
    part = table[some]
    found[some] = _ramp(length[some], 24, 72) * _crowded(part, near_duplicates(part["text"]))
    return found


def reworded(table: pl.DataFrame) -> np.ndarray:
    """The text has mostly the words of other people's texts, in whatever order; counts from 6 words, in full from 12."""
    found = np.zeros(table.height)
    some = np.flatnonzero(table["text"].str.len_chars().fill_null(0).to_numpy() >= 12)
    words = Segmenter(stop_words=BOTH).segment(table["text"][some].str.to_lowercase())
    found[some] = _ramp(words.list.n_unique().to_numpy(), 5, 12) * _crowded(table[some], same_words(words))
    return found


def burst_of_item(table: pl.DataFrame) -> np.ndarray:
    """More events of the item within a day before and after than its other days and the whole table let expect.

    A launch is a burst too. So only 0.4 of it counts where people disagree as usual, all where they agree beyond chance.
    """
    dated = table.with_row_index("row").drop_nulls(["day", "item"])
    found = np.zeros(table.height)
    if not dated.height:
        return found
    items, days = _codes(dated["item"]), dated["day"].to_numpy()
    near = _near(items, days, np.ones(len(items)))
    first, last = (_per_item(how, items, days) for how in (np.minimum, np.maximum))
    usual = 3 * (np.bincount(items)[items] - near) / np.maximum(last - first - 2, 3)
    others = np.sort(near - 1)
    expected = np.maximum(usual, others[: round(0.95 * len(others)) or 1].mean())
    surprise = _ramp(_surprise_of_count(near - 1, expected), 2, 8)
    found[dated["row"].to_numpy()] = surprise * (0.4 + 0.6 * _agreement(dated, items, days))
    return found


def burst_of_user(table: pl.DataFrame) -> np.ndarray:
    """Far more events of the user on the day than events usually have beside them: 3 to 8 robust deviations of the logarithm."""
    logs = table.select(pl.len().over("user", "day").log())["len"].to_numpy()
    known = table["day"].is_not_null().to_numpy()
    if not known.any():
        return np.zeros(table.height)
    middle = float(np.median(logs[known]))
    spread = max(1.4826 * float(np.median(np.abs(logs[known] - middle))), 0.5)
    return _ramp((logs - middle) / spread, 3, 8) * known


def mismatch(table: pl.DataFrame, sentiment: pl.Series) -> np.ndarray:
    """Stars against words: the rating (0 to 1) and the sentiment of the text (0 to 1) are more than half the scale apart."""
    apart = (table["rating"] - sentiment.cast(pl.Float64)).abs().fill_null(0).fill_nan(0)
    return _ramp(apart.to_numpy(), 0.5, 1)


def extreme_only(table: pl.DataFrame) -> np.ndarray:
    """Three ratings or more, all of them the highest or all the lowest: by how unlikely that is with the table's shares."""
    ends = table.select("user", "end", rated=pl.col("rating").is_not_null())
    share = {end: int((table["end"] == end).sum()) / max(1, int(ends["rated"].sum())) for end in (1, -1)}
    counts = ends.select(
        rated=pl.col("rated").sum().over("user"),
        **{f"end{end}": (pl.col("end") == end).sum().over("user") for end in share},
    )
    found = np.zeros(table.height)
    for end, chance in share.items():
        all_there = ((counts["rated"] >= 3) & (counts[f"end{end}"] == counts["rated"])).to_numpy()
        bits = -np.log10(max(chance, 1e-9)) * counts["rated"].to_numpy()
        found = np.maximum(found, all_there * _ramp(bits, 1, 4))
    return found


def singleton(table: pl.DataFrame) -> np.ndarray:
    """The only event of its user, in a table where that is rare: 1 - share of such users."""
    single = _single(table)
    return single * (1 - single.sum() / max(1, table["user"].n_unique()))


def crowd_of_singletons(table: pl.DataFrame) -> np.ndarray:
    """An item's highest (or lowest) ratings come from people with no other event far more often than elsewhere (binomial)."""
    single = _single(table)
    found = np.zeros(table.height)
    for end in (1, -1):
        there = ((table["end"] == end) & table["item"].is_not_null()).fill_null(value=False)
        if not there.any():
            continue
        here, items = there.to_numpy(), _codes(table["item"].filter(there))
        total, light = np.bincount(items), np.bincount(items, weights=single[here])
        surprise = _surprise_of_share(light, total, max(single[here].mean(), 1 / len(items))) * (light > 1)
        found[here] = _ramp(surprise, 2, 8)[items] * single[here]
    return found


def _crowded(table: pl.DataFrame, groups: np.ndarray) -> np.ndarray:
    """By how many people and items share a text's group, 0 to below 1."""
    counts = table.select("user", "item", group=pl.Series(groups)).select(
        users=pl.col("user").n_unique().over("group"), items=pl.col("item").n_unique().over("group")
    )
    by_others, by_self = (1 - 1 / np.maximum(counts[name].to_numpy(), 1) for name in ("users", "items"))
    return np.where(groups == NO_GROUP, 0, np.maximum(by_others, by_self / 3))


def _single(table: pl.DataFrame) -> np.ndarray:
    return (table.select(pl.len().over("user"))["len"] == 1).to_numpy()


def _codes(ids: pl.Series) -> np.ndarray:
    """Small numbers for ids, int64."""
    return ids.rank("dense").cast(pl.Int64).to_numpy() - 1


def _per_item(how: np.ufunc, items: np.ndarray, days: np.ndarray) -> np.ndarray:
    found = np.full(items.max() + 1, days[0])
    found[items] = days
    how.at(found, items, days)
    return found[items]


def _near(items: np.ndarray, days: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Sum of `counted` over the events of the same item on the same day, the day before and the day after."""
    keys, inverse = np.unique(items * (np.ptp(days) + 3) + days - days.min(), return_inverse=True)
    sums = np.bincount(inverse, counted)
    near = sums.copy()
    for shift in (-1, 1):
        place = np.minimum(np.searchsorted(keys, keys + shift), len(keys) - 1)
        near += np.where(keys[place] == keys + shift, sums[place], 0)
    return near[inverse]


def _agreement(table: pl.DataFrame, items: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Do the ratings near an extreme one lie at the same end beyond the table's share?

    0 as usual; 1 at odds of 100 to 1, or as soon as all agree where so few can't show more.
    """
    rated = table["rating"].is_not_null().to_numpy()
    found = np.zeros(len(items))
    if not rated.any():
        return found
    others = _near(items, days, rated.astype(float)) - 1
    for end in (1, -1):
        here = (table["end"] == end).fill_null(value=False).to_numpy()
        same = (_near(items, days, here.astype(float)) - 1)[here]
        share = here.sum() / rated.sum()
        most = np.clip(-np.log10(max(share, 1e-9)) * others[here], 1e-9, 2)
        found[here] = np.minimum(_surprise_of_share(same, others[here], share) / most, 1)
    return found


def _surprise_of_count(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """-log10 of the chance that a Poisson number with the given mean is as large."""
    from scipy.special import pdtrc  # type: ignore[import-untyped]

    chance = np.where(counts > 0, pdtrc(counts - 1, np.maximum(expected, 1e-9)), 1)
    return -np.log10(np.maximum(chance, 1e-300))


def _surprise_of_share(counts: np.ndarray, totals: np.ndarray, share: float) -> np.ndarray:
    """-log10 of the chance that a binomial number with the given share is as large."""
    from scipy.special import bdtrc

    chance = np.where(counts > 0, bdtrc(np.maximum(counts - 1, 0), np.maximum(totals, 1).astype(np.int64), share), 1)
    return -np.log10(np.maximum(chance, 1e-300))


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, a straight line between."""
    return np.clip((np.asarray(values, np.float64) - low) / (high - low), 0, 1)
