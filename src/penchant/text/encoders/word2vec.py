"""Word2Vec on the user's own corpus: a few megabytes that know its words, in any language that can be cut into words."""

from collections.abc import Sequence

import numpy as np

from penchant.records.errors import MissingExtraError
from penchant.text.encoders.words import Segment, WordsEncoder, commonest_words, damped_counts, readable

SMOOTHING = 1e-3
"""Weight of a word: this / (this + its share of all words), "a" of Arora et al. (2017)."""
SAMPLE_TEXTS = 20_000
WORDS_TO_SEE = 1_000_000


def fit_word2vec(
    texts: Sequence[str],
    segment: Segment,
    dimension: int = 128,
    window: int = 5,
    epochs: int | None = None,
    min_texts: int = 2,
    most_words: int = 100_000,
    seed: int = 0,
) -> WordsEncoder:
    """Skip-gram with negative samples (Mikolov et al., 2013), averaged as Arora et al. (2017) propose.

    Frequent words weigh less, and the direction that all texts share is taken out. `window`: words on each side;
    `epochs`: passes over the texts; None: enough for a million words, 5 to 50. Words in fewer than `min_texts` texts
    are left out. The same texts and seed give the same encoder. The result needs no gensim.

    Raises MissingExtraError without gensim, DataError where no word is left.
    """
    try:
        from gensim.models import Word2Vec  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError.of("gensim", "nlp") from error
    words = list(commonest_words(texts, segment, min_texts, most_words))
    row_of = {word: row for row, word in enumerate(words)}
    sentences = [[word for word in segment(readable(text)) if word in row_of] for text in texts]
    model = Word2Vec(
        sentences,
        vector_size=dimension,
        window=window,
        min_count=1,
        sg=1,
        negative=5,
        epochs=epochs or _enough(sum(map(len, sentences))),
        seed=seed,
        workers=1,  # more would race, and no two runs would be equal
    )
    shares = np.array([model.wv.get_vecattr(word, "count") for word in words], np.float64)
    weights = SMOOTHING / (SMOOTHING + shares / shares.sum())
    matrix = np.stack([model.wv[word] for word in words]) * weights[:, None]
    sample = damped_counts(texts[:SAMPLE_TEXTS], segment, row_of) @ matrix
    return WordsEncoder("word2vec", words, _without_common(matrix, sample), segment)


def _enough(num_words: int) -> int:
    return min(max(WORDS_TO_SEE // max(num_words, 1), 5), 50)


def _without_common(matrix: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """The matrix without the direction in which the sample's rows, at unit length, agree most."""
    units = sample / np.maximum(np.linalg.norm(sample, axis=1, keepdims=True), 1e-12)
    common = np.linalg.svd(units.T @ units)[0][:, :1]
    return matrix - (matrix @ common) @ common.T
