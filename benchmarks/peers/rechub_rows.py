"""torch-rechub: HSTU (Zhai et al. 2024) with softmax over the catalogue.

    VENV/bin/python benchmarks/peers/rechub_rows.py SPLIT OUT [--seeds 0] [--minutes 30]

VENV holds requirements-rechub.txt; SPLIT and OUT are those of exchange.py. As its docstrings say of Meta's public
MovieLens settings: two layers, cosine scores at temperature .05, times in seconds by their logarithm. A history is cut
into windows from its end on, every place of which foresees the next; times count back from the last event of a window, since
the moment of the question is not ours to know.
"""

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from exchange import Cases, Contest, Interactions, Settings, epochs_between
from torch.utils.data import DataLoader
from torch_rechub.models.generative.hstu import HSTUModel
from torch_rechub.trainers.seq_trainer import SeqTrainer
from torch_rechub.utils.data import SeqDataset

LENGTH = 100
GRID = {
    "d_model": [64],
    "n_heads": [2],
    "n_layers": [2],
    "dropout": [0.2],
    "lr": [1e-3],
    "batch": [32],
    "epochs": [100],
}
SHAPE = {"dqk": 32, "dv": 32, "max_seq_len": LENGTH, "score_norm": "l2", "temperature": 0.05}
CLOCK = {"time_bucket_fn": "log", "time_bucket_divisor": 0.301, "time_bucket_unit": "seconds"}
Histories = dict[int, tuple[np.ndarray, np.ndarray]]
"""Of each person the items, from 1, and their times, oldest first."""


def main() -> None:
    contest = Contest.called(__doc__)
    fit, score = partial(fit_model, len(contest.split.item_ids)), partial(score_all, len(contest.split.item_ids))
    for seed in contest.seeds:
        contest.enter("torch-rechub HSTU", "torch-rechub", GRID, fit, score, seed)


def fit_model(num_items: int, events: Interactions, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
    torch.manual_seed(seed)
    histories = histories_of(events)
    sizes = {name: settings[name] for name in ("d_model", "n_heads", "n_layers", "dropout")}
    model = HSTUModel(num_items + 1, **sizes, **SHAPE, **CLOCK)
    trainer = SeqTrainer(model, optimizer_params={"lr": settings["lr"], "weight_decay": 1e-5})
    loader = DataLoader(windows(histories), batch_size=settings["batch"], shuffle=True)
    every = epochs_between(events)
    for epoch in range(1, settings["epochs"] + 1):
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            trainer.train_one_epoch(loader)
        if epoch % every == 0 or epoch == settings["epochs"]:
            yield {**settings, "epochs": epoch}, (model, histories)


def histories_of(events: Interactions) -> Histories:
    order = np.argsort(events.users, kind="stable")
    users, begins = np.unique(events.users[order], return_index=True)
    items, times = (np.split(column[order], begins[1:]) for column in (events.items + 1, events.times))
    return dict(zip(users.tolist(), zip(items, times, strict=True), strict=True))


def windows(histories: Histories) -> SeqDataset:
    """From the end of each history on, LENGTH places and what comes after the last of them."""
    found = [
        (*window(items[:stop], times[:stop]), items[stop])
        for items, times in histories.values()
        for stop in range(len(items) - 1, 0, -LENGTH)
    ]
    tokens, ages, targets = (np.array(column, np.int64) for column in zip(*found, strict=True))
    return SeqDataset(tokens, np.tile(np.arange(LENGTH), (len(tokens), 1)), targets, ages)


def window(items: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last LENGTH items and how many seconds they are from the last, filled up with 0 in front."""
    tokens, ages = np.zeros((2, LENGTH), np.int64)
    some = min(LENGTH, len(items))
    tokens[LENGTH - some :], ages[LENGTH - some :] = items[-some:], times[-1] - times[-some:]
    return tokens, ages


@torch.inference_mode()
def score_all(num_items: int, fitted: Any, cases: Cases, block: int = 64) -> np.ndarray:
    """From the events it was fitted on; of strangers it says nothing."""
    model, histories = fitted
    model.eval()
    scores = np.full((len(cases), num_items), -np.inf, np.float32)
    asked = np.flatnonzero([len(history) > 0 for history in cases.histories])
    for rows in np.split(asked, range(block, len(asked), block)):
        pairs = [window(*histories[user]) for user in cases.users[rows].tolist()]
        tokens, ages = (torch.from_numpy(np.stack(column)) for column in zip(*pairs, strict=True))
        scores[rows] = model(tokens, ages)[:, -1, 1:].numpy()
    return scores


if __name__ == "__main__":
    main()
