"""N-grams as sparse rows."""

import numpy as np
import pytest

from penchant.text.reviews.ngrams import NUM_COLUMNS, NGrams, ngrams


def test_a_chinese_character_is_a_word() -> None:
    assert list(ngrams("房间大")) == ["房", "间", "大", "房 间", "间 大", "房 间 大"]


def test_case_and_punctuation_do_not_count_but_shouting_does() -> None:
    assert list(ngrams("Good, good.")) == ["good", "good", "good good"]
    assert "!" in ngrams("good!")


def test_rows_have_unit_length_and_texts_without_words_none() -> None:
    texts = ["the room", "很好", "", "..."]
    rows = NGrams.fit(texts)(texts)
    assert rows.shape == (4, NUM_COLUMNS)
    np.testing.assert_allclose(np.sqrt(rows.power(2).sum(axis=1)), [1, 1, 0, 0], atol=1e-6)


def test_words_that_all_texts_hold_weigh_less() -> None:
    fitted = NGrams.fit(["the room", "the bed", "the bar"])
    the, room = fitted(["the"]).indices, fitted(["room"]).indices
    assert fitted.idf[the][0] == pytest.approx(1 + np.log(4 / 4))
    assert fitted.idf[room][0] == pytest.approx(1 + np.log(4 / 2))
