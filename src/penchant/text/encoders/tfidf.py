"""TF-IDF with SVD: the floor that learns from the user's own texts, needs no model and runs anywhere."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, diags_array  # type: ignore[import-untyped]

from penchant.text.encoders.words import Segment, WordsEncoder, commonest_words, damped_counts

OVERSAMPLING, POWER_STEPS = 16, 4


def fit_tfidf(
    texts: Sequence[str],
    segment: Segment,
    dimension: int = 256,
    min_texts: int = 2,
    most_words: int = 50_000,
    seed: int = 0,
) -> WordsEncoder:
    """Latent semantic analysis (Deerwester et al., 1990): words by (1 + log count) * idf, folded to `dimension`.

    Words in fewer than `min_texts` texts are left out, and of the others the `most_words` commonest are kept. Fewer
    words or texts than `dimension` give a smaller one. Raises DataError where no word is left.
    """
    kept = commonest_words(texts, segment, min_texts, most_words)
    words = list(kept)
    idf = np.log((1 + len(texts)) / (1 + np.array([kept[word] for word in words]))) + 1
    counts = damped_counts(texts, segment, {word: row for row, word in enumerate(words)})
    weighted = csr_array(counts @ diags_array(idf))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    units = diags_array(1 / np.maximum(lengths, 1e-12)) @ weighted
    axes = right_axes(csr_array(units), min(dimension, *units.shape), seed)
    return WordsEncoder("tfidf", words, idf[:, None] * axes, segment)


def right_axes(matrix: csr_array, count: int, seed: int) -> np.ndarray:
    """The first `count` right singular vectors, float64 (columns, count): randomised, Halko et al. (2011)."""
    rng = np.random.default_rng(seed)
    size = min(count + OVERSAMPLING, *matrix.shape)
    basis = np.linalg.qr(matrix @ rng.normal(size=(matrix.shape[1], size)))[0]
    for _ in range(POWER_STEPS):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    axes = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)[2][:count].T
    # A singular vector has no sign of its own: its largest entry is made positive.
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
