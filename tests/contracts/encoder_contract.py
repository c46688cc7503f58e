"""What every text encoder promises. A test class inherits this and gives its `encoder` as a fixture."""

import numpy as np
import pytest

from penchant.vectors.encoder import Encoder

TEXTS = [
    "hot soup",
    "",
    "a much longer text about films, music and books",
    "汤",
    "hot soup",
    "...",
    "naïve \ud83c Ünïcode",
]


class EncoderContract:
    """Subclasses define the fixture `encoder`."""

    @pytest.mark.parametrize("num_texts", [0, 1, len(TEXTS)])
    def test_gives_one_finite_float32_vector_a_text(self, encoder: Encoder, num_texts: int) -> None:
        vectors = encoder.encode(TEXTS[:num_texts])
        assert vectors.dtype == np.float32
        assert vectors.shape == (num_texts, encoder.dimension)
        assert np.isfinite(vectors).all()

    def test_vectors_have_unit_length(self, encoder: Encoder) -> None:
        np.testing.assert_allclose(np.linalg.norm(encoder.encode(TEXTS), axis=1), 1, atol=1e-5)

    def test_repeats_itself(self, encoder: Encoder) -> None:
        np.testing.assert_array_equal(encoder.encode(TEXTS), encoder.encode(TEXTS))

    def test_equal_texts_are_equal_and_others_differ(self, encoder: Encoder) -> None:
        soup, _, films, _, again, *_ = encoder.encode(TEXTS)
        np.testing.assert_allclose(soup, again, atol=1e-5)
        assert np.abs(soup - films).max() > 1e-3

    def test_a_text_alone_equals_the_text_in_a_batch(self, encoder: Encoder) -> None:
        together = encoder.encode(TEXTS)
        alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
        np.testing.assert_allclose(alone, together, atol=1e-5)

    def test_vectors_follow_the_order_of_the_texts(self, encoder: Encoder) -> None:
        np.testing.assert_allclose(encoder.encode(TEXTS[::-1]), encoder.encode(TEXTS)[::-1], atol=1e-5)

    def test_has_a_name(self, encoder: Encoder) -> None:
        assert encoder.model_id
