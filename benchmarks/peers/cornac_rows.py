"""Cornac: BPR (Rendle et al. 2009).

    VENV/bin/python benchmarks/peers/cornac_rows.py SPLIT OUT [--seeds 0 1 2]

VENV holds requirements-cornac.txt; SPLIT and OUT are those of exchange.py.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from cornac.data import Dataset
from cornac.models import BPR
from exchange import Cases, Contest, Interactions, Settings, Split

GRID = {"k": [64], "max_iter": [50, 200], "learning_rate": [0.05, 0.01], "lambda_reg": [0.001, 0.01]}


def main() -> None:
    contest = Contest.called(__doc__)
    for seed in contest.seeds:
        contest.enter("Cornac BPR", "cornac", GRID, fit_model, partial(score_all, contest.split), seed)


def fit_model(events: Interactions, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
    pairs = np.unique(np.stack([events.users, events.items], axis=1), axis=0)
    data = Dataset.from_uir([(int(user), int(item), 1.0) for user, item in pairs], seed=seed)
    yield settings, BPR(**settings, seed=seed).fit(data)


def score_all(split: Split, model: Any, cases: Cases) -> np.ndarray:
    """Of strangers, and of items that nobody had met, it says nothing."""
    scores = np.full((len(cases), len(split.item_ids)), -np.inf, np.float32)
    items = np.array(list(model.iid_map), np.int64)
    for case, user in enumerate(cases.users.tolist()):
        if user in model.uid_map:
            scores[case, items] = model.score(model.uid_map[user])
    return scores


if __name__ == "__main__":
    main()
