from pathlib import Path

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.records.errors import ArtifactError, DataError
from penchant.text.encoders.words import WordsEncoder, commonest_words, damped_counts

WORDS = ["hot", "soup", "films", "music", "汤"]


def spaces(text: str) -> list[str]:
    return text.lower().split()


def letters(text: str) -> list[str]:
    return list(text)


@pytest.fixture
def encoder() -> WordsEncoder:
    return WordsEncoder("tfidf", WORDS, np.random.default_rng(0).normal(size=(5, 8)), spaces)


class TestWordsEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, encoder: WordsEncoder) -> WordsEncoder:
        return encoder


def test_a_text_is_the_weighted_sum_of_its_words() -> None:
    """hot once, soup twice: (1, 0) + (1 + ln 2) * (0, 1)."""
    encoder = WordsEncoder("tfidf", ["hot", "soup"], np.eye(2), spaces)
    (vector,) = encoder.encode(["soup hot unknown soup"])
    expected = np.array([1, 1 + np.log(2)])
    np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-6)


def test_texts_without_a_known_word_are_alike(encoder: WordsEncoder) -> None:
    nothing, unknown = encoder.encode(["", "unknown"])
    np.testing.assert_array_equal(nothing, unknown)


def test_more_texts_than_a_block(encoder: WordsEncoder) -> None:
    texts = [WORDS[row % 5] for row in range(5000)]
    np.testing.assert_array_equal(encoder.encode(texts)[4995:], encoder.encode(WORDS))


def test_saves_and_loads_to_equal_vectors(encoder: WordsEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "words")
    again = WordsEncoder.load(tmp_path / "words", spaces)
    np.testing.assert_array_equal(again.encode(WORDS), encoder.encode(WORDS))
    assert again.model_id == encoder.model_id


def test_the_name_stands_for_words_matrix_and_cut(encoder: WordsEncoder) -> None:
    others = [
        WordsEncoder("tfidf", [*WORDS[:4], "soupe"], encoder.matrix, spaces),
        WordsEncoder("tfidf", WORDS, encoder.matrix + 1e-3, spaces),
        WordsEncoder("tfidf", WORDS, encoder.matrix, letters),
        WordsEncoder("word2vec", WORDS, encoder.matrix, spaces),
    ]
    assert len({encoder.model_id, *(other.model_id for other in others)}) == 5


def test_words_cut_otherwise_are_refused(encoder: WordsEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "words")
    with pytest.raises(ArtifactError, match=r"learned from words cut as \['running'.*Use the segmentation"):
        WordsEncoder.load(tmp_path / "words", letters)


def test_a_damaged_folder_is_refused(encoder: WordsEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "words")
    (tmp_path / "words" / "words.json").write_text("{}")
    with pytest.raises(ArtifactError, match="damaged or was changed"):
        WordsEncoder.load(tmp_path / "words", spaces)


def test_common_words_are_counted_once_a_text() -> None:
    texts = ["soup soup soup", "hot soup", "hot music"]
    assert commonest_words(texts, spaces, min_texts=2, most=9) == {"hot": 2, "soup": 2}
    assert commonest_words(texts, spaces, min_texts=1, most=1) == {"hot": 2}
    with pytest.raises(DataError, match="No word stands in 4 texts"):
        commonest_words(texts, spaces, min_texts=4, most=9)


def test_damped_counts() -> None:
    counts = damped_counts(["soup soup hot", "", "music"], spaces, {"hot": 0, "soup": 1})
    np.testing.assert_allclose(counts.toarray(), [[1, 1 + np.log(2)], [0, 0], [0, 0]], rtol=1e-6)
