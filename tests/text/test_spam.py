import numpy as np
import polars as pl
import pytest

from penchant.evaluation.prediction import auc
from penchant.records.errors import DataError
from penchant.text.spam import REASONS, SIGNS, spam_weights

DAY = 86_400
LONG = "I gave this to my whole family for the holidays and every single one of them was happy with it"
PRAISE = "这家酒店的房间很大很干净，早餐也非常丰富，服务员的态度特别好，下次一定还会再来住"


def people(num_users: int = 200, num_items: int = 30, seed: int = 0) -> pl.DataFrame:
    """Honest events: four ratings each of 1 to 5 on different days, with texts of their own."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(3000)]
    return pl.DataFrame(
        {
            "user_id": [f"u{user}" for user in range(num_users) for _ in range(4)],
            "item_id": [f"i{item}" for item in rng.integers(0, num_items, 4 * num_users)],
            "timestamp": 1_600_000_000 + rng.integers(0, 1000, 4 * num_users) * DAY,
            "kind": "review",
            "value": rng.integers(1, 6, 4 * num_users).astype(float),
            "text": [" ".join(rng.choice(words, 12)) for _ in range(4 * num_users)],
        }
    )


def campaign(
    num_users: int = 8, texts: list[str | None] | None = None, days: int = 300, value: float = 5.0
) -> pl.DataFrame:
    """New people who all rate one item, every so many days."""
    return pl.DataFrame(
        {
            "user_id": [f"s{user}" for user in range(num_users)],
            "item_id": "i3",
            "timestamp": [1_620_000_000 + user * days * DAY // num_users for user in range(num_users)],
            "kind": "review",
            "value": value,
            "text": pl.Series(texts or [None] * num_users, dtype=pl.String),
        }
    )


def judged(*parts: pl.DataFrame, **arguments: object) -> pl.DataFrame:
    events = pl.concat(parts, how="diagonal")
    return events.with_columns(spam_weights(events, **arguments))  # type: ignore[arg-type]


def reasons(table: pl.DataFrame) -> set[str]:
    return set(table["reasons"].explode().drop_nulls())


def test_honest_people_keep_their_weight() -> None:
    table = judged(people())
    assert table["weight"].mean() > 0.99
    assert (table["weight"] == 1).mean() > 0.95
    assert table["row"].to_list() == list(range(800))
    assert table.filter(weight=1.0)["reasons"].list.len().max() == 0


@pytest.mark.parametrize("original", [LONG, PRAISE])
def test_copied_texts(original: str) -> None:
    copies: list[str | None] = [f"{original}{end}" for end in ("", "!", "！！", " :)", " A+", " 10", "。", " ok")]
    table = judged(people(), campaign(texts=copies))
    spam, honest = table[-8:], table[:-8]
    assert "text much like that of others" in reasons(spam)
    assert spam["weight"].max() < 0.3
    assert honest["weight"].mean() > 0.99
    assert spam["weight"].min() >= 0.1


def test_short_texts_are_common_property() -> None:
    assert "text much like that of others" not in reasons(judged(people(), campaign(texts=["very good!"] * 8)))
    assert "text much like that of others" not in reasons(judged(people(), campaign(texts=["很好，推荐"] * 8)))


def test_reworded_texts() -> None:
    rng = np.random.default_rng(0)
    shuffled: list[str | None] = [" ".join(rng.permutation(LONG.split())) for _ in range(8)]
    spam = judged(people(), campaign(texts=shuffled))[-8:]
    assert "the words of others in another order" in reasons(spam)
    assert "text much like that of others" not in reasons(spam)
    assert spam["weight"].max() < 0.4


def test_a_burst_of_like_minded_people() -> None:
    table = judged(people(), campaign(days=2))
    assert "burst of events for the item" in reasons(table[-8:])
    assert "burst of events for the item" not in reasons(judged(people(), campaign(days=900))[-8:])


def test_a_burst_counts_more_where_all_agree() -> None:
    same = judged(people(), campaign(num_users=20, days=2))
    mixed = judged(
        people(), campaign(num_users=20, days=2).with_columns(value=pl.Series([1.0, 2.0, 3.0, 4.0, 5.0] * 4))
    )
    assert same[-20:]["score"].mean() > mixed[-20:]["score"].mean() + 0.2  # type: ignore[operator]


def test_an_order_has_no_bursts() -> None:
    events = pl.concat([people(), campaign(days=2)])
    assert "burst of events for the item" not in reasons(events.with_columns(spam_weights(events, has_clock=False)))


def test_a_person_who_does_very_much_on_one_day() -> None:
    rush = (
        people(1, 1)
        .head(1)
        .select(pl.all().repeat_by(300).explode())
        .with_columns(item_id=pl.Series([f"i{item}" for item in range(300)]), text=None, user_id=pl.lit("rush"))
    )
    assert "burst of events by the person" in reasons(judged(people(num_items=300), rush)[-300:])


def test_crowds_and_singletons() -> None:
    spam = judged(people(), campaign())[-8:]
    assert "crowd of people with one event for the item" in reasons(spam)
    assert spam["weight"].max() < 0.6
    one = judged(people(), campaign(num_users=1))[-1:]
    assert one["score"][0] == pytest.approx(SIGNS[-1][1] * 200 / 201)
    assert one["weight"][0] == 1  # alone it is no reason


def test_only_extremes() -> None:
    fan = people(1).with_columns(user_id=pl.lit("fan"), value=5.0, text=None)
    fan = pl.concat([fan] * 3).with_columns(timestamp=1_600_000_000 + pl.int_range(12) * 40 * DAY)
    assert "only the highest or only the lowest ratings" in reasons(judged(people(), fan)[-12:])
    mixed = fan.with_columns(value=pl.Series([5.0] * 11 + [3.0]))
    assert "only the highest or only the lowest ratings" not in reasons(judged(people(), mixed)[-12:])


def test_where_all_ratings_are_high_a_fan_is_normal() -> None:
    happy = people().with_columns(value=pl.when(pl.int_range(pl.len()) % 40 == 0).then(1.0).otherwise(5.0))
    assert "only the highest or only the lowest ratings" not in reasons(judged(happy))


def test_ratings_against_the_text() -> None:
    events = people().with_columns(value=pl.when(pl.int_range(pl.len()) == 0).then(5.0).otherwise("value"))
    sentiment = ((events["value"] - 1) / 4).scatter(0, 0.0)
    table = events.with_columns(spam_weights(events, sentiment))
    assert table["reasons"][0].to_list() == ["rating and text disagree"]
    assert table["weight"][0] < 0.7
    assert "rating and text disagree" not in reasons(table[1:])
    unknown = pl.Series([None] * 800, dtype=pl.Float64)
    assert spam_weights(events, unknown)["score"].to_list() == spam_weights(events)["score"].to_list()


def test_auc_of_a_copied_campaign_of_two_percent() -> None:
    table = judged(people(), campaign(num_users=4, texts=[LONG, LONG + "!", LONG.upper(), LONG + " :)"]))
    labels = np.array([0.0] * 800 + [1.0] * 4)
    value = auc(labels, table["score"].to_numpy())
    assert value is not None
    assert value >= 0.99


def test_order_of_rows_does_not_matter() -> None:
    events = pl.concat([people(), campaign(days=2, texts=[LONG] * 8)])
    mixed = events.sample(fraction=1, shuffle=True, seed=1)
    key = ["user_id", "item_id", "timestamp", "text"]
    ours, theirs = (t.with_columns(spam_weights(t)).sort(key)["score"].to_numpy() for t in (events, mixed))
    np.testing.assert_allclose(ours, theirs)


def test_reasons_name_nobody() -> None:
    table = judged(people(), campaign(days=2, texts=[LONG] * 8))
    assert reasons(table) <= set(REASONS)


def test_searches_are_no_copies() -> None:
    searches = campaign(texts=[LONG] * 8).with_columns(item_id=None, kind=pl.lit("search"))
    assert "text much like that of others" not in reasons(judged(people(), searches))


@pytest.mark.parametrize(
    "columns", [["user_id", "item_id"], ["user_id", "item_id", "value"], ["user_id", "item_id", "text"]]
)
def test_tables_with_few_columns(columns: list[str]) -> None:
    assert spam_weights(people().select(columns)).height == 800
    empty = spam_weights(people().select(columns).head(0))
    assert empty.schema == {"row": pl.Int64, "weight": pl.Float64, "reasons": pl.List(pl.String), "score": pl.Float64}


def test_what_cannot_be_weighed() -> None:
    with pytest.raises(DataError, match=r"\['user_id'\] is missing"):
        spam_weights(people().drop("user_id"))
    with pytest.raises(DataError, match="2 came for 800 events"):
        spam_weights(people(), pl.Series([0.5, 0.5]))
    with pytest.raises(DataError, match=r"between 0 and 1, found -1\.0 to 1\.0"):
        spam_weights(people(), pl.Series([1.0, -1.0] * 400))
