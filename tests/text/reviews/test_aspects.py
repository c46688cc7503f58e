"""Aspects: exact quotes always; precision, recall and polarity on sentences that were labelled for this."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.records.errors import DataError
from penchant.stages.encoders import make_encoder
from penchant.stages.reader import read_texts
from penchant.text.encoders.hashing import HashingEncoder
from penchant.text.reviews.aspects import FINDING_COLUMNS, Aspects, summary
from penchant.text.reviews.sentiment import Sentiment, fit_sentiment, worth
from penchant.vectors.encoder import Encoder
from text.reviews.labelled_aspects import SETS, labelled

HOTEL = Aspects.given({"room": ["room", "房间"], "food": ["breakfast", "早餐", "breakfast buffet"]})
BAD = ("bad", "cold", "差", "小")


def feeling(texts: Sequence[str]) -> np.ndarray:
    """Good is what holds no bad word; what holds a question mark is in between."""
    return np.array([0.5 if "maybe" in text else 0.1 if any(word in text for word in BAD) else 0.9 for text in texts])


def test_finds_aspects_with_polarity_and_quote() -> None:
    found = HOTEL.find(["Lovely room, but the Breakfast was cold.", "早餐很差，房间不错", "nothing"], feeling)
    assert found.select("row", "aspect", "phrase", "quote", "polarity").rows() == [
        (0, "room", "room", "Lovely room", "positive"),
        (0, "food", "Breakfast", "but the Breakfast was cold", "negative"),
        (1, "food", "早餐", "早餐很差", "negative"),
        (1, "room", "房间", "房间不错", "positive"),
    ]
    assert found["confidence"].to_list() == [0.9, 0.9, 0.9, 0.9]


def test_a_feeling_in_between_is_neutral() -> None:
    assert HOTEL.find(["maybe the room"], feeling)["polarity"].to_list() == ["neutral"]


def test_the_longest_phrase_wins_and_words_are_whole() -> None:
    found = HOTEL.find(["breakfast buffet", "mushrooms", "roomy"], feeling)
    assert found["phrase"].to_list() == ["breakfast buffet"]


def test_an_aspect_is_found_once_in_a_quote() -> None:
    assert len(HOTEL.find(["room after room", "room. room"], feeling)) == 3


@given(st.lists(st.text(alphabet="room 房间早餐 breakfast，。.but,!x", max_size=50), max_size=4))
def test_every_quote_stands_in_its_review(texts: list[str]) -> None:
    for row in HOTEL.find(texts, feeling).iter_rows(named=True):
        text = texts[row["row"]]
        assert text[row["begin"] : row["begin"] + len(row["quote"])] == row["quote"]
        assert row["phrase"] in row["quote"]
        assert 0.5 <= row["confidence"] <= 1


def test_nothing_found_has_the_same_columns() -> None:
    found = HOTEL.find(["x"], feeling)
    assert found.is_empty()
    assert dict(found.schema) == FINDING_COLUMNS


def test_mined_aspects_group_what_is_near() -> None:
    texts = [
        f"the {name} is good" for name in ("battery", "battery life", "screen", "screens", "screen") for _ in range(3)
    ]
    encode = HashingEncoder().encode
    one, three = (Aspects.mined(texts, encode, num_aspects=num, min_count=3) for num in (1, 3))
    assert one.phrases == {"battery": "battery", "battery life": "battery", "life": "battery"}
    assert three.names == ["battery", "screen", "battery life"]


def test_a_phrase_of_two_aspects_is_refused() -> None:
    with pytest.raises(DataError, match="'bed' has 'room' and 'sleep'"):
        Aspects.given({"room": ["bed"], "sleep": ["Bed"]})
    with pytest.raises(DataError, match="at least one phrase"):
        Aspects.given({})


def test_too_few_reviews_are_refused() -> None:
    with pytest.raises(DataError, match="No name stands in 5 of the 1 reviews"):
        Aspects.mined(["the room is good"], HashingEncoder().encode)


def test_summary_counts_and_quotes() -> None:
    texts = ["room fine", "room lovely. room bad", "maybe the room", "breakfast bad"]
    told = summary(HOTEL.find(texts, feeling)).to_dicts()
    assert [(row["aspect"], row["num_reviews"]) for row in told] == [("room", 3), ("food", 1)]
    assert told[0]["positive"] == pytest.approx(2 / 3)  # two good, one bad; the neutral one does not count
    assert told[0]["praise"] == ["room fine", "room lovely"]
    assert told[0]["complaints"] == ["room bad"]


def shares(found: pl.DataFrame, terms: list[dict[str, str]]) -> np.ndarray:
    """Counts: mentions, of them right, right with the right polarity; terms, of them found."""
    right, felt, hit = 0, 0, set()
    for row, phrase, polarity in found.select("row", "phrase", "polarity").iter_rows():
        told = [term for term in terms[row] if term.lower() in phrase.lower() or phrase.lower() in term.lower()]
        hit |= {(row, term) for term in told}
        right += bool(told)
        felt += any(terms[row][term] == polarity for term in told)
    return np.array([len(found), right, felt, sum(map(len, terms)), len(hit)])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.assets
@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets")
def test_on_labelled_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """Aspects are mined from real reviews of the domain where there are any, else from the sentences themselves."""
    data = Path(os.environ["PENCHANT_DATA"])
    chinese = pl.read_parquet(data / "zh_reviews" / "reviews.parquet").select("domain", "label", "review")
    steam = pl.read_parquet(data / "steam_reviews" / "interactions.parquet")
    steam = steam.select(
        pl.lit("steam").alias("domain"), pl.col("rating").alias("label"), pl.col("review_text").alias("review")
    )
    steam = steam.filter(pl.col("review").str.len_chars() >= 10).unique("review", maintain_order=True)
    sample = [part.sample(min(len(part), 500), seed=0).head(250) for _, part in sorted(chinese.group_by("domain"))]
    sample += [part.sample(1500, seed=0).head(750) for _, part in sorted(steam.group_by("label"))]
    rows = pl.concat([part.with_columns(pl.col("label").cast(pl.Int64).cast(pl.String)) for part in sample])
    encoder = make_encoder("e5-small")
    vectors = read_texts(rows["review"].to_list(), encoder)
    held_out = np.random.default_rng(0).random(len(rows)) < 0.1
    model = fit_sentiment(rows["review"].to_list(), vectors, rows["label"].to_list(), held_out)
    corpora = {
        ("hotels", "zh"): (chinese.filter(pl.col("domain") == "hotel")["review"].to_list()[:2000], 8),
        ("phones", "zh"): (chinese.filter(pl.col("domain") == "手机")["review"].to_list(), 8),
        ("games", "en"): (steam["review"].to_list()[:8000], 15),
    }
    total = np.zeros(5)
    lines = []
    for key, text in SETS.items():
        texts, terms = labelled(text)
        corpus, least = corpora.get(key, (texts, 1))
        aspects = Aspects.mined(corpus, lambda phrases: read_texts(phrases, encoder), 40, least)
        counts = shares(aspects.find(texts, lambda quotes: _goodness(model, encoder, list(quotes))), terms)
        lines.append(_line(" ".join(key), counts))
        total += counts
    lines.append(_line("all", total))
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    mentions, right, felt, num_terms, hit = total
    assert right / mentions > 0.65
    assert hit / num_terms > 0.7
    assert felt / right > 0.75


def _goodness(model: Sentiment, encoder: Encoder, quotes: list[str]) -> np.ndarray:
    return model.probabilities(quotes, read_texts(quotes, encoder)) @ worth(model.labels)


def _line(name: str, counts: np.ndarray) -> str:
    mentions, right, felt, terms, hit = counts
    return f"{name:<10} precision {right / mentions:.3f}  recall {hit / terms:.3f}  polarity {felt / right:.3f}"
