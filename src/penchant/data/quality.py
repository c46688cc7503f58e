"""What a person should know of their data before training: how much, how old, how full, how cold. No ids, no judgement."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from penchant.records.data import Data

SCRIPTS = {
    "chinese": r"[\u{4e00}-\u{9fff}]",
    "japanese": r"[\u{3040}-\u{30ff}]",
    "korean": r"[\u{ac00}-\u{d7af}]",
    "latin": r"[A-Za-z\u{c0}-\u{24f}]",
    "cyrillic": r"[\u{400}-\u{4ff}]",
    "arabic": r"[\u{600}-\u{6ff}]",
    "other": r"[\u{370}-\u{3ff}\u{590}-\u{5ff}\u{900}-\u{e7f}]",
}
TEXTS_LOOKED_AT = 10_000
RECENT = 0.1
"""Cold shares are of the newest tenth of the events."""
MAX_BARS = 20
SKEWED = 20
"""Times the median: a largest value above makes bars of equal width useless."""


def quality(
    data: Data,
    languages: Callable[[pl.Series], Mapping[str, float]] | None = None,
    personal: Callable[[pl.Series], Mapping[str, int]] | None = None,
    labels: Callable[[Data], Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The quality report as JSON values; docs/quality.md says what each key means.

    languages: texts (String, no nulls) -> share of each language; default `script_mix`, which tells scripts apart.
    personal: texts -> how much personal data of each kind is in them; None: nobody looks.
    labels: data -> how many labels each task has; None: nobody looks.
    """
    events = data.events
    return {
        "num_events": events.height,
        "num_users": events["user_id"].n_unique(),
        "num_items": data.items.height,
        "has_clock": data.has_clock,
        "rating_scale": data.rating_scale,
        "time_range": _time_range(data),
        **_pairs(events),
        "kinds": dict(events["kind"].cast(pl.String).value_counts(sort=True, name="count").iter_rows()),
        "labels": None if labels is None else dict(labels(data)),
        "items_with": _filled(data.items, ("title", "description", "tags", "image", "audio")),
        "events_with": _filled(events, ("value", "text", "position", "propensity")),
        "cold": cold_shares(events),
        "values": _values(events),
        "top_users": _top_users(events),
        "languages": dict((languages or script_mix)(_texts(data, TEXTS_LOOKED_AT))),
        "personal": None if personal is None else dict(personal(_texts(data))),
        "weights": _weights(data),
    }


def cold_shares(events: pl.DataFrame) -> dict[str, float]:
    """Of the newest tenth of the events: the share of people and of items that none of the earlier ones knows.

    >>> cold_shares(pl.DataFrame({"user_id": ["a"] * 9 + ["b"], "item_id": ["x"] * 10}))
    {'users': 1.0, 'items': 0.0, 'events_of_new_users': 1.0, 'events_with_new_items': 0.0}
    """
    cut = events.height - max(1, round(RECENT * events.height))
    old, new = events.head(cut), events.slice(cut)
    shares: dict[str, float] = {}
    rows = {}
    for word, plural in (("user_id", "users"), ("item_id", "items")):
        met = new[word].drop_nulls()
        unknown = ~met.is_in(old[word].drop_nulls().unique().implode())
        shares[plural] = _share(met.filter(unknown).n_unique(), met.n_unique())
        rows[plural] = _share(int(unknown.sum()), len(met))
    return {**shares, "events_of_new_users": rows["users"], "events_with_new_items": rows["items"]}


def script_mix(texts: pl.Series) -> dict[str, float]:
    """Share of the texts that are mostly written in each script; the most frequent first.

    >>> script_mix(pl.Series(["你好", "hello", "hi", "こんにちは世界"]))
    {'latin': 0.5, 'chinese': 0.25, 'japanese': 0.25}
    """
    if not len(texts):
        return {}
    counts = pl.DataFrame({name: texts.str.count_matches(pattern) for name, pattern in SCRIPTS.items()})
    # Japanese is written with Chinese characters between its own.
    counts = counts.with_columns(japanese=pl.col("japanese") * 3)
    largest = pl.concat_list(pl.all()).list.arg_max()
    names = pl.Series(list(SCRIPTS))
    found = counts.filter(pl.any_horizontal(pl.all() > 0)).select(largest).to_series()
    mix = (
        names.gather(found)
        .alias("script")
        .value_counts(sort=True, normalize=True, name="share")
        .sort(pl.col("share") * -1, "script")
    )
    return dict(mix.iter_rows())


def _time_range(data: Data) -> list[str] | list[int]:
    """First and last time: ISO 8601 of a clock, plain numbers of an order."""
    ends = [int(data.events["timestamp"][0]), int(data.events["timestamp"][-1])]
    return [datetime.fromtimestamp(end, UTC).isoformat() for end in ends] if data.has_clock else ends


def _pairs(events: pl.DataFrame) -> dict[str, float]:
    """Which share of all pairs of person and item there is, and of the events which are of a pair that was there before.

    Pairs are told apart by a 64-bit hash: exact but for collisions.
    """
    met = events.filter(pl.col("item_id").is_not_null()) if events["item_id"].has_nulls() else events
    num_pairs = int(met.select(pl.struct("user_id", "item_id").hash().n_unique()).item())
    num_possible = met["user_id"].n_unique() * met["item_id"].n_unique()
    repeated = 1 - _share(num_pairs, met.height) if met.height else 0.0
    return {"density": _share(num_pairs, num_possible), "repeated_share": repeated}


def _filled(table: pl.DataFrame, words: tuple[str, ...]) -> dict[str, float]:
    return {word: _share(table[word].count(), table.height) for word in words}


def _values(events: pl.DataFrame) -> dict[str, Any]:
    """For each kind with values: a bar for each value where these are few, else for each twentieth of their range."""
    found = {}
    with_values = events.select("kind", pl.col("value").cast(pl.Float64)).filter(pl.col("value").is_not_null())
    for kind in with_values["kind"].unique().cast(pl.String).sort():
        values = with_values.filter(pl.col("kind") == kind)["value"]
        found[kind] = {**_spread(values), "histogram": _histogram(values)}
    return found


def _spread(values: pl.Series) -> dict[str, float]:
    names = {"min": values.min(), "median": values.median(), "mean": values.mean(), "max": values.max()}
    return {name: float(value) for name, value in names.items()}  # type: ignore[arg-type]


def _histogram(values: pl.Series) -> list[list[float]]:
    """[value or lower end of a bar, number]; bars grow with the values where a few are very large."""
    if values.n_unique() <= MAX_BARS:
        counts = values.value_counts(name="count").sort(values.name)
        return [[float(value), int(count)] for value, count in counts.iter_rows()]
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    edges = np.linspace(low, high, MAX_BARS + 1)
    if low >= 0 and high > SKEWED * float(values.median()):  # type: ignore[arg-type]
        edges = np.expm1(np.linspace(np.log1p(low), np.log1p(high), MAX_BARS + 1))
    edges[[0, -1]] = low, high
    bars, _ = np.histogram(values.to_numpy(), edges)
    return [[float(edge), int(count)] for edge, count in zip(edges, bars, strict=False)]


def _top_users(events: pl.DataFrame) -> dict[str, float]:
    """How many events the busiest people have; numbers only, so that nobody is named."""
    counts = events["user_id"].value_counts(name="count")["count"].sort(descending=True)
    hundredth = max(1, len(counts) // 100)
    return {
        "most_events": int(counts[0]),
        "median_events": float(counts.cast(pl.Float64).median()),  # type: ignore[arg-type]
        "share_of_busiest_hundredth": _share(int(counts.head(hundredth).sum()), events.height),
    }


def _texts(data: Data, most: int | None = None) -> pl.Series:
    """What is to be read: titles, descriptions and texts of events; of each at most so many, evenly."""
    parts = []
    for column in (data.items["title"], data.items["description"], data.events["text"]):
        texts = column.cast(pl.String).drop_nulls().alias("text")
        parts.append(texts if most is None else texts.gather_every(max(1, -(-len(texts) // most))))
    return pl.concat(parts)


def _weights(data: Data) -> dict[str, Any] | None:
    """How many events a later stage has given less weight, and why; None where nobody looked."""
    if data.weights is None:
        return None
    reasons = data.weights["reasons"].explode().drop_nulls().value_counts(sort=True, name="count")
    return {
        "num_events": data.weights.height,
        "share": _share(data.weights.height, data.events.height),
        "reasons": dict(reasons.iter_rows()),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
