"""implicit: iALS (Hu, Koren & Volinsky 2008) and BM25 item-kNN.

    VENV/bin/python benchmarks/peers/implicit_rows.py SPLIT OUT [--seeds 0 1 2] [--rows iALS BM25]

VENV holds requirements-implicit.txt; SPLIT and OUT are those of exchange.py.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from exchange import Cases, Contest, Interactions, Settings, Split
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from scipy.sparse import csr_matrix

ALS = {"factors": [32, 64, 128, 256], "regularization": [0.01, 0.1], "alpha": [1.0, 10.0]}
BM25 = {"K": [20, 100, 400], "K1": [0.1, 1.2], "B": [0.2, 0.75]}


def main() -> None:
    contest = Contest.called(__doc__)
    split = contest.split
    for seed in contest.seeds if contest.wants("iALS") else []:
        contest.enter("implicit iALS", "implicit", ALS, partial(fit_als, split), score_als, seed)
    if contest.wants("BM25"):
        contest.enter("implicit BM25", "implicit", BM25, partial(fit_bm25, split), score_bm25)


def matrix(split: Split, events: Interactions) -> csr_matrix:
    """Who met what, float32 (people, I)."""
    shape = (len(split.user_ids), len(split.item_ids))
    met = csr_matrix((np.ones(len(events), np.float32), (events.users, events.items)), shape)
    met.data[:] = 1
    return met


def fit_als(split: Split, events: Interactions, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
    model = AlternatingLeastSquares(**settings, iterations=15, num_threads=1, random_state=seed, use_gpu=False)
    model.fit(matrix(split, events), show_progress=False)
    yield settings, model


def score_als(model: AlternatingLeastSquares, cases: Cases) -> np.ndarray:
    scores = model.user_factors[cases.users] @ model.item_factors.T
    return without_strangers(scores, cases)


def fit_bm25(split: Split, events: Interactions, settings: Settings, _seed: int) -> Iterator[tuple[Settings, Any]]:
    met = matrix(split, events)
    model = BM25Recommender(**settings, num_threads=1)
    model.fit(met, show_progress=False)
    yield settings, (model, met)


def score_bm25(model: tuple[BM25Recommender, csr_matrix], cases: Cases) -> np.ndarray:
    neighbours, met = model
    scores = np.asarray((met[cases.users] @ neighbours.similarity).todense(), np.float32)
    return without_strangers(np.where(scores > 0, scores, -np.inf), cases)


def without_strangers(scores: np.ndarray, cases: Cases) -> np.ndarray:
    """Of whom nothing is known, nothing is said: the list is filled with what is popular."""
    scores[[not len(history) for history in cases.histories]] = -np.inf
    return scores


if __name__ == "__main__":
    main()
