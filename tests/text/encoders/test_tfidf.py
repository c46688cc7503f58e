import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from contracts.encoder_contract import TEXTS, EncoderContract
from penchant.text.encoders.tfidf import fit_tfidf, right_axes
from penchant.text.encoders.words import WordsEncoder

TOPICS = {"soup": ["hot", "spoon", "bowl", "salt"], "music": ["guitar", "song", "band", "loud"]}


def spaces(text: str) -> list[str]:
    return text.split()


def corpus(seed: int = 0) -> list[str]:
    """Texts of four words from one of two topics; "soup" and "spoon" need not stand in the same text to be near."""
    rng = np.random.default_rng(seed)
    words = [[topic, *others] for topic, others in TOPICS.items()]
    return [" ".join(rng.choice(words[row % 2], 3, replace=False)) for row in range(200)]


class TestTfidf(EncoderContract):
    @pytest.fixture
    def encoder(self) -> WordsEncoder:
        return fit_tfidf(TEXTS, spaces, min_texts=1)


def test_words_of_one_topic_come_near() -> None:
    soup, spoon, guitar = fit_tfidf(corpus(), spaces, dimension=2).encode(["soup", "spoon", "guitar"])
    assert soup @ spoon > 0.9
    assert abs(soup @ guitar) < 0.1


def test_gives_the_cosines_of_scikit_learn() -> None:
    texts = corpus()
    reference = TfidfVectorizer(tokenizer=spaces, token_pattern=None, sublinear_tf=True, min_df=2)
    vectors = TruncatedSVD(4, algorithm="arpack", random_state=0).fit_transform(reference.fit_transform(texts))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ours = fit_tfidf(texts, spaces, dimension=4).encode(texts)
    np.testing.assert_allclose(ours @ ours.T, vectors @ vectors.T, atol=1e-4)


def test_options_change_the_encoder() -> None:
    texts = [*corpus(), "once"]
    plain = fit_tfidf(texts, spaces, dimension=4)
    assert "once" not in plain.words
    assert "once" in fit_tfidf(texts, spaces, dimension=4, min_texts=1).words
    assert len(fit_tfidf(texts, spaces, dimension=4, most_words=5).words) == 5
    assert fit_tfidf(texts, spaces, dimension=3).dimension == 3


def test_few_words_give_few_dimensions() -> None:
    assert fit_tfidf(["hot soup", "hot soup"], spaces).dimension == 2


def test_repeats_itself_under_a_seed_and_hardly_depends_on_it() -> None:
    first, second, other = (fit_tfidf(corpus(), spaces, dimension=4, seed=seed) for seed in (0, 0, 1))
    assert first.model_id == second.model_id
    np.testing.assert_allclose(other.matrix, first.matrix, atol=1e-4)
    assert other.model_id != first.model_id


def test_axes_are_those_of_the_exact_decomposition() -> None:
    matrix = np.random.default_rng(0).normal(size=(60, 40)) * np.linspace(3, 0.1, 40)
    axes = right_axes(csr_array(matrix), 5, seed=0)
    exact = np.linalg.svd(matrix)[2][:5].T
    np.testing.assert_allclose(np.abs((axes * exact).sum(axis=0)), 1, atol=1e-3)
    assert (axes.max(axis=0) >= -axes.min(axis=0)).all()
