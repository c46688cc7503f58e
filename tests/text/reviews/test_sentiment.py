"""Sentiment from vectors and words."""

import numpy as np
import pytest

from penchant.records.errors import ConfigError, DataError
from penchant.text.encoders.hashing import HashingEncoder
from penchant.text.reviews.sentiment import Sentiment, fit_sentiment, sort_labels, worth

GOOD, BAD = ["lovely", "great", "clean", "很好", "满意"], ["awful", "dirty", "broken", "很差", "失望"]
NOUNS = ["room", "bed", "screen", "phone", "早餐", "房间", "手机", "service", "price", "view"]


def make_reviews(num: int, seed: int, bad_share: float = 0.5) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    bad = rng.random(num) < bad_share
    texts = [f"the {rng.choice(NOUNS)} was {rng.choice(BAD if b else GOOD)} {rng.choice(NOUNS)}" for b in bad]
    return texts, ["bad" if b else "good" for b in bad]


def vectors_of(texts: list[str]) -> np.ndarray:
    return HashingEncoder().encode(texts)


def fit(texts: list[str], labels: list[str], **options: bool) -> Sentiment:
    held_out = np.arange(len(texts)) % 5 == 0
    return fit_sentiment(texts, vectors_of(texts), labels, held_out, **options)


@pytest.mark.parametrize("words", [True, False])
def test_tells_good_from_bad_in_two_languages(words: bool) -> None:
    model = fit(*make_reviews(300, 0), words=words)
    texts, labels = make_reviews(100, 1)
    chances = model.probabilities(texts, vectors_of(texts))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert model.labels == ("bad", "good")
    assert (
        np.mean([model.labels[row] == label for row, label in zip(chances.argmax(axis=1), labels, strict=True)]) > 0.9
    )


def test_words_help_where_the_vectors_say_nothing() -> None:
    texts, labels = make_reviews(300, 0)
    blind = np.ones((300, 4), np.float32)
    held_out = np.arange(300) % 5 == 0
    with_words, without = (fit_sentiment(texts, blind, labels, held_out, words=words) for words in (True, False))
    assert with_words.probabilities(["awful"], blind[:1])[0, 0] > 0.8
    assert without.words is None
    assert without.probabilities(["awful"], blind[:1])[0, 0] == pytest.approx(labels.count("bad") / 300, abs=0.1)


def test_balanced_finds_more_of_the_rare_label() -> None:
    texts, labels = make_reviews(400, 2, bad_share=0.05)
    texts = [text if n % 3 else "the room" for n, text in enumerate(texts)]  # a third says nothing
    plain, balanced = (fit(texts, labels, balanced=balanced) for balanced in (False, True))
    vectors = vectors_of(["the room"])
    assert plain.probabilities(["the room"], vectors)[0, 0] < 0.2
    assert balanced.probabilities(["the room"], vectors)[0, 0] > 0.3


def test_probabilities_are_as_sure_as_they_are_right() -> None:
    rng = np.random.default_rng(3)
    texts, labels = make_reviews(1500, 3)
    labels = [label if rng.random() < 0.8 else {"good": "bad", "bad": "good"}[label] for label in labels]
    chances = fit(texts, labels).probabilities(texts, vectors_of(texts)).max(axis=1)
    assert chances.mean() == pytest.approx(0.8, abs=0.05)


def test_state_round_trips_to_equal_probabilities() -> None:
    texts, labels = make_reviews(100, 0)
    model = fit(texts, labels)
    again = Sentiment.of_state(model.labels, model.state())
    vectors = vectors_of(texts)
    np.testing.assert_allclose(again.probabilities(texts, vectors), model.probabilities(texts, vectors), atol=1e-6)


def test_three_labels() -> None:
    texts = [f"{word} {noun}" for noun in NOUNS for word in ("awful", "fine", "great")]
    model = fit(texts, ["1", "2", "3"] * len(NOUNS))
    found = model.probabilities(["awful", "fine", "great"], vectors_of(["awful", "fine", "great"]))
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_one_label_is_refused() -> None:
    with pytest.raises(DataError, match=r"two labels or more, found good\. Add rows"):
        fit(["a", "b"], ["good", "good"])


def test_a_label_with_too_few_rows_is_refused() -> None:
    texts, labels = make_reviews(50, 0)
    with pytest.raises(DataError, match="'odd' has 1 in all"):
        fit([*texts, "strange"], [*labels, "odd"])


def test_labels_are_ordered_from_worst_to_best() -> None:
    assert sort_labels({"positive", "neutral", "negative"}) == ["negative", "neutral", "positive"]
    assert sort_labels({"5", "1", "10"}) == ["1", "5", "10"]
    assert sort_labels({"b", "a", "1"}) == ["1", "a", "b"]
    assert worth(["差评", "中评", "好评"]).tolist() == [0, 0.5, 1]


def test_labels_without_an_order_have_no_worth() -> None:
    with pytest.raises(ConfigError, match="not of 'angry', 'joyful'"):
        worth(["angry", "joyful"])
