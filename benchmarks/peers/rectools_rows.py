"""RecTools: SASRec with softmax over the catalogue, BERT4Rec, EASE.

    VENV/bin/python benchmarks/peers/rectools_rows.py SPLIT OUT [--seeds 0] [--rows SASRec BERT4Rec EASE] [--minutes 30]

VENV holds requirements-rectools.txt; SPLIT and OUT are those of exchange.py.
"""

import logging
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from exchange import Cases, Contest, Interactions, Settings, Split, epochs_between
from pytorch_lightning import seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import BERT4RecModel, EASEModel, SASRecModel

NETWORK = {"n_factors": [128], "n_blocks": [1], "n_heads": [2], "lr": [1e-3], "batch_size": [32], "epochs": [100]}
GRIDS = {
    "SASRec": {**NETWORK, "session_max_len": [100], "dropout_rate": [0.2]},
    "SASRec-defaults": {"epochs": [100]},
    "BERT4Rec": {**NETWORK, "session_max_len": [100], "dropout_rate": [0.2]},
    "EASE": {"regularization": [50.0, 200.0, 500.0, 1000.0]},
}
KINDS = {"SASRec": SASRecModel, "SASRec-defaults": SASRecModel, "BERT4Rec": BERT4RecModel, "EASE": EASEModel}


def main() -> None:
    contest = Contest.called(__doc__)
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    score = partial(score_model, contest.split)
    for name in filter(contest.wants, GRIDS):
        for seed in [0] if name == "EASE" else contest.seeds:
            contest.enter(f"RecTools {name}", "rectools", GRIDS[name], partial(fit_model, name), score, seed)


def fit_model(name: str, events: Interactions, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
    dataset = Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: events.users,
                Columns.Item: events.items,
                Columns.Weight: 1.0,
                # the place in the order of time: ties stay as they stand in the split
                Columns.Datetime: pd.to_datetime(np.arange(len(events)), unit="s"),
            }
        )
    )
    seed_everything(seed, verbose=False)
    if "epochs" not in settings:
        yield settings, (KINDS[name](**settings).fit(dataset), dataset)
        return
    model, whole = KINDS[name](**settings), settings["epochs"]
    every = epochs_between(events)
    for done in range(0, whole, every):
        some = min(every, whole - done)
        model.fit_partial(dataset, min_epochs=some, max_epochs=some)
        yield {**settings, "epochs": done + some}, (model, dataset)


def score_model(split: Split, fitted: Any, cases: Cases) -> np.ndarray:
    """Its own lists as scores; of strangers it says nothing."""
    model, dataset = fitted
    scores = np.full((len(cases), len(split.item_ids)), -np.inf, np.float32)
    asked = [user for user, history in zip(cases.users.tolist(), cases.histories, strict=True) if len(history)]
    told = model.recommend(asked, dataset, k=split.k, filter_viewed=True, on_unsupported_targets="ignore")
    place = np.full(len(split.user_ids), -1, np.int64)
    place[cases.users] = np.arange(len(cases))
    scores[place[told[Columns.User].to_numpy()], told[Columns.Item].to_numpy()] = -told[Columns.Rank].to_numpy()
    return scores


if __name__ == "__main__":
    main()
