import json
from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest

from penchant.data.quality import cold_shares, quality, script_mix
from penchant.data.read import read, read_narrow
from penchant.records.data import Data

TABLE = [
    {"user": "a", "item": "x", "stars": 5, "kind": "rate", "ts": 1, "review": "很好看"},
    {"user": "a", "item": "y", "stars": 1, "kind": "rate", "ts": 2, "review": "dull"},
    {"user": "a", "item": "x", "stars": None, "kind": "play", "ts": 3, "review": None},
    {"user": "b", "item": "x", "stars": None, "kind": "impression", "ts": 4, "review": None},
    {"user": "b", "item": None, "stars": None, "kind": "search", "ts": 5, "review": "shoes"},
]
ITEMS = [{"item": "x", "title": "Кино", "genres": "a|b"}, {"item": "z", "title": "z", "genres": None}]


@pytest.fixture
def data() -> Data:
    return read(TABLE, items=ITEMS)


def test_what_is_counted(data: Data) -> None:
    found = quality(data)
    assert (found["num_events"], found["num_users"], found["num_items"]) == (5, 2, 3)
    assert found["time_range"] == [1, 5]
    assert found["kinds"] == {"rate": 2, "play": 1, "impression": 1, "search": 1}
    assert found["labels"] is None
    assert found["items_with"]["title"] == 2 / 3
    assert found["events_with"]["text"] == 3 / 5
    assert found["density"] == 3 / (2 * 2)
    assert found["repeated_share"] == pytest.approx(1 - 3 / 4)
    assert found["top_users"] == {"most_events": 3, "median_events": 2.5, "share_of_busiest_hundredth": 3 / 5}
    assert found["values"] == {"rate": {"min": 1, "median": 3, "mean": 3, "max": 5, "histogram": [[1, 1], [5, 1]]}}


def test_the_report_is_json_and_the_same_for_narrow_columns(data: Data) -> None:
    told = json.dumps(quality(data), allow_nan=False)
    assert json.dumps(quality(read_narrow(TABLE, items=ITEMS)), allow_nan=False) == told


def test_labels_are_counted_by_whoever_is_asked(data: Data) -> None:
    told = quality(data, labels=lambda given: {"rating": {"labels": given.events["value"].count()}})
    assert told["labels"] == {"rating": {"labels": 2}}


def test_nobody_is_named(data: Data) -> None:
    named = replace(data, events=data.events.with_columns(user_id=pl.lit("secret-user")))
    assert "secret-user" not in json.dumps(quality(named))


def test_a_clock_is_told_as_dates() -> None:
    found = quality(read([{"user": "a", "item": "x", "ts": 1_700_000_000}]))
    assert found["time_range"] == ["2023-11-14T22:13:20+00:00"] * 2


def test_cold_shares_are_of_the_newest_tenth() -> None:
    events = pl.DataFrame({"user_id": ["a"] * 18 + ["b", "a"], "item_id": ["x"] * 18 + ["y", None]})
    assert cold_shares(events) == {
        "users": 1 / 2,
        "items": 1.0,
        "events_of_new_users": 1 / 2,
        "events_with_new_items": 1.0,
    }


def test_large_values_get_bars_that_grow() -> None:
    hours = [{"user": "a", "item": str(n), "hours": float(n)} for n in range(30)]
    even = quality(read(hours))["values"]["view"]["histogram"]
    assert {round(second[0] - first[0], 9) for first, second in pairwise(even)} == {29 / 20}
    assert sum(count for _, count in even) == 30
    skewed = quality(read([*hours, {"user": "b", "item": "z", "hours": 1e6}]))["values"]["view"]["histogram"]
    assert sum(count for _, count in skewed) == 31
    widths = [second[0] - first[0] for first, second in pairwise(skewed)]
    assert all(later > earlier for earlier, later in pairwise(widths))
    assert skewed[-1][1] == 1


def test_languages_are_told_by_whoever_is_asked(data: Data) -> None:
    assert quality(data)["languages"] == {"latin": 3 / 5, "chinese": 1 / 5, "cyrillic": 1 / 5}
    asked: list[str] = []

    def told(texts: pl.Series) -> dict[str, float]:
        asked.extend(texts)
        return {"zh": 1.0}

    assert quality(data, told)["languages"] == {"zh": 1.0}
    assert sorted(asked) == sorted(["Кино", "z", "很好看", "dull", "shoes"])


@pytest.mark.parametrize(
    ("texts", "mix"),
    [
        (["東京タワー", "东京塔"], {"chinese": 0.5, "japanese": 0.5}),
        (["苹果 iPhone 手机壳透明款"], {"chinese": 1.0}),
        (["한국어", "123", "ไทย"], {"korean": 0.5, "other": 0.5}),
        (["!!", "42"], {}),
        ([], {}),
    ],
)
def test_scripts(texts: list[str], mix: dict[str, float]) -> None:
    assert script_mix(pl.Series(texts, dtype=pl.String)) == mix


def test_weights_are_told_where_somebody_set_them(data: Data) -> None:
    assert quality(data)["weights"] is None
    weights = pl.DataFrame({"row": [0, 1], "weight": [0.1, 0.5], "reasons": [["burst", "copy"], ["burst"]]})
    found = quality(replace(data, weights=weights))["weights"]
    assert found == {"num_events": 2, "share": 2 / 5, "reasons": {"burst": 2, "copy": 1}}


def test_personal_data_is_counted_by_whoever_knows_it_in_all_texts() -> None:
    rows = [{"user": "u", "item": "i", "text": f"a mail@{n}"} for n in range(3)]
    data = read(rows, items=[{"item": "i", "title": "b", "description": "c mail@9"}])
    seen: list[str] = []
    told = quality(data, personal=lambda texts: {"mail": sum("mail" in text for text in seen.extend(texts) or seen)})
    assert told["personal"] == {"mail": 4}
    assert len(seen) == 5
    assert quality(data)["personal"] is None
