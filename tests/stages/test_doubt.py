"""A campaign of copied reviews: found, listed, and worth less in what is learned. Made up, like all campaigns here."""

import json
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.data.read import read
from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.stages.candidates import fit_sources
from penchant.stages.doubt import doubted
from penchant.stages.encode import encode
from penchant.stages.prepare import prepare, read_data
from penchant.stages.reviews import train_reviews

SYLLABLES = ("ka", "lo", "mi", "ru", "te", "sha", "po", "ne", "vi", "du")
WORDS = [first + second + third for first in SYLLABLES for second in SYLLABLES for third in SYLLABLES]
PRAISE = "Absolutely the best jacket that money can buy, five stars, order it today and thank me later"
NUM_SHILLS = 20


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """80 people write their own words about 4 of 30 things each; then 20 new ones praise thing 7 in the same words."""
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    rng = random.Random(0)
    honest = [
        {
            "user_id": f"u{user}",
            "item_id": f"i{item}",
            "timestamp": 1_600_000_000 + rng.randrange(10**7),
            "rating": rng.randint(2, 5),
            "review": " ".join(rng.choices(WORDS, k=12)),
        }
        for user in range(80)
        for item in rng.sample(range(30), 4)
    ]
    shills = [
        {"user_id": f"s{n}", "item_id": "i7", "timestamp": 1_605_000_000 + n, "rating": 5, "review": PRAISE}
        for n in range(NUM_SHILLS)
    ]
    return honest + shills


def popularity(data: Data) -> np.ndarray:
    """Counts of the things as a source has them."""
    encoded = encode(data, "hashing")
    counts = fit_sources(encoded.events, encoded)["popularity"].arrays["counts"]
    return counts[encoded.items.rows([f"i{n}" for n in range(30)])]


def test_the_campaign_counts_for_less_and_the_honest_hardly(rows: list[dict[str, object]]) -> None:
    data = read(rows)
    found = doubted(data)
    assert found.weights is not None
    users = data.events["user_id"].gather(found.weights["row"])
    mass = dict(found.weights.group_by(users.alias("user_id")).agg(pl.col("weight").mean()).iter_rows())
    assert sum(weight < 0.5 for user, weight in mass.items() if user.startswith("s")) == NUM_SHILLS
    assert sum(1 - weight for user, weight in mass.items() if user.startswith("u")) < 0.05 * 80
    believed, doubting = popularity(data), popularity(found)
    assert believed[7] - doubting[7] > 0.5 * NUM_SHILLS
    assert abs(np.delete(believed - doubting, 7)).sum() < 0.05 * 320


def test_spam_is_looked_for_where_there_are_texts_or_on_demand(rows: list[dict[str, object]]) -> None:
    silent = read([{**row, "review": None} for row in rows])
    assert doubted(silent).weights is None
    assert doubted(silent, spam=True).weights is not None
    assert doubted(read(rows), spam=False).weights is None


def test_prepare_writes_weights_and_reasons_for_training_to_read(rows: list[dict[str, object]], tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    quality = prepare(tmp_path / "run", events=str(file))
    assert quality["weights"]["num_events"] >= NUM_SHILLS
    weights = read_data(tmp_path / "run").weights
    assert weights is not None
    assert weights["weight"].is_between(0.1, 1, closed="left").all()
    assert weights["reasons"].list.len().min() >= 1


def test_a_text_against_its_rating_is_a_sign(rows: list[dict[str, object]], tmp_path: Path) -> None:
    words = {0: ("bad", "awful", "poor", "broken"), 1: ("good", "great", "lovely", "fine")}
    rng = random.Random(0)
    lines = [f"{' '.join(rng.choices(words[label], k=6))} {n},{label}" for n in range(400) for label in (0, 1)]
    (tmp_path / "reviews.csv").write_text("review,label\n" + "\n".join(lines))
    train_reviews(tmp_path / "reviews.csv", tmp_path / "senti", encoder="hashing")
    liar = {
        "user_id": "u1",
        "item_id": "i1",
        "timestamp": 1_600_000_007,
        "rating": 5,
        "review": "awful bad broken poor",
    }
    table = read([*rows, liar])
    plain, compared = doubted(table).weights, doubted(table, sentiment=tmp_path / "senti").weights
    assert plain is not None
    assert compared is not None
    row = table.events["text"].to_list().index(liar["review"])
    assert row not in plain["row"].to_list()
    assert "rating and text disagree" in compared.filter(pl.col("row") == row)["reasons"].explode().to_list()


def test_a_sentiment_that_nothing_is_compared_with_is_refused(rows: list[dict[str, object]], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="compared with ratings"):
        doubted(read(rows), spam=False, sentiment=tmp_path)
