"""LensKit: item-kNN and implicit matrix factorisation.

    VENV/bin/python benchmarks/peers/lenskit_rows.py SPLIT OUT [--seeds 0 1 2] [--rows ItemKNN ImplicitMF]

VENV holds requirements-lenskit.txt; SPLIT and OUT are those of exchange.py.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from exchange import Cases, Contest, Interactions, Settings, Split
from lenskit.als import ImplicitMFScorer
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import ItemKNNScorer
from lenskit.training import TrainingOptions

GRIDS = {
    "ItemKNN": {"max_nbrs": [20, 100, 400], "save_nbrs": [400], "feedback": ["implicit"]},
    "ImplicitMF": {"embedding_size": [32, 128], "weight": [5.0, 40.0], "regularization": [0.1], "epochs": [15]},
}
KINDS = {"ItemKNN": ItemKNNScorer, "ImplicitMF": ImplicitMFScorer}


def main() -> None:
    contest = Contest.called(__doc__)
    score = partial(score_all, contest.split)
    for name in filter(contest.wants, GRIDS):
        for seed in [0] if name == "ItemKNN" else contest.seeds:
            contest.enter(
                f"LensKit {name}", "lenskit", GRIDS[name], partial(fit_model, name, contest.split), score, seed
            )


def fit_model(
    name: str, split: Split, events: Interactions, settings: Settings, seed: int
) -> Iterator[tuple[Settings, Any]]:
    table = pd.DataFrame({"user_id": events.users, "item_id": events.items}).drop_duplicates()
    data = from_interactions_df(table, items=np.arange(len(split.item_ids)))
    model = KINDS[name](**settings)
    model.train(data, TrainingOptions(rng=seed))
    yield settings, model


def score_all(split: Split, model: Any, cases: Cases) -> np.ndarray:
    """From histories; of strangers it says nothing."""
    everything = ItemList(item_ids=np.arange(len(split.item_ids)))
    scores = np.full((len(cases), len(split.item_ids)), -np.inf, np.float32)
    for case, (user, history) in enumerate(zip(cases.users.tolist(), cases.histories, strict=True)):
        if len(history):
            query = RecQuery(user_id=user, user_items=ItemList(item_ids=history))
            scores[case] = np.nan_to_num(model(query=query, items=everything).scores(), nan=-np.inf)
    return scores


if __name__ == "__main__":
    main()
