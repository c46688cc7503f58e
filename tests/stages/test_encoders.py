"""One word gives the encoder that it says; what was fitted comes back out of its folder."""

from pathlib import Path

import numpy as np
import pytest

from penchant.records.errors import ArtifactError, ConfigError
from penchant.stages.encoders import (
    ENGLISH,
    FITTED,
    MULTILINGUAL,
    ChosenEncoder,
    choose_encoder,
    make_encoder,
    word_for,
)
from penchant.text.encoders.endpoint import EndpointEncoder

TEXTS = [f"{thing} {word} and {other}" for thing in ("a red", "a blue", "红色的", "蓝色的") for word in ("shoe", "耳机", "lamp")
         for other in ("a box", "a bag", "一本书")]  # fmt: skip


def test_an_unknown_word_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no encoder 'minlm'. Did you mean 'minilm'\? Known: .*word2vec"):
        make_encoder("minlm")


def test_an_endpoint_is_an_address_and_a_model() -> None:
    encoder = make_encoder("openai:http://127.0.0.1:9/v1#some-model")
    assert isinstance(encoder, EndpointEncoder)
    assert (encoder.url, encoder.model) == ("http://127.0.0.1:9/v1", "some-model")
    with pytest.raises(ConfigError, match="Add the model"):
        make_encoder("openai:http://127.0.0.1:9/v1")


def test_auto_goes_by_the_language_of_the_texts() -> None:
    assert word_for(["A quiet film about the sea", "Science fiction on a lonely planet", "War and peace"]) == ENGLISH
    assert word_for(["关于海的安静电影", "孤独星球上的科幻小说", "战争与和平"]) == MULTILINGUAL


def test_english_titles_with_chinese_reviews_are_read_by_all_languages() -> None:
    titles, reviews = ["A quiet film about the sea"] * 9, ["一部安静的电影"] * 3
    assert word_for(titles, []) == word_for(titles, ["I like quiet films"]) == ENGLISH
    assert word_for(titles, reviews) == MULTILINGUAL


@pytest.mark.parametrize("word", FITTED)
def test_what_was_fitted_comes_back_out_of_its_folder(word: str, tmp_path: Path) -> None:
    chosen = choose_encoder(word, TEXTS)
    chosen.save(tmp_path / "encoder")
    again = ChosenEncoder(word, tmp_path / "encoder", chosen.encoder.model_id)
    np.testing.assert_array_equal(again.encoder.encode(TEXTS), chosen.encoder.encode(TEXTS))
    red, blue, book = chosen.encoder.encode(["a red shoe and a box", "a red shoe and a bag", "蓝色的 耳机 and 一本书"])
    assert red @ blue > red @ book


def test_an_encoder_that_is_had_by_its_name_is_not_written(tmp_path: Path) -> None:
    choose_encoder("hashing", TEXTS).save(tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_other_weights_under_the_same_word_are_refused() -> None:
    with pytest.raises(
        ArtifactError, match="learned from vectors of 'hashing-999', but 'hashing' is 'hashing-256' now"
    ):
        _ = ChosenEncoder("hashing", expected="hashing-999").encoder
