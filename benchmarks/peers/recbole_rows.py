"""RecBole: GRU4Rec and SASRec with softmax over the catalogue, in its own settings.

    VENV/bin/python benchmarks/peers/recbole_rows.py SPLIT OUT [--seeds 0] [--rows GRU4Rec SASRec] [--minutes 30]

VENV holds requirements-recbole.txt; SPLIT and OUT are those of exchange.py. RecBole reads its atomic files, makes its samples
(every prefix of every history is one) and takes its steps; what it scores is asked of its model. What today's stack needs: numpy
before 2 (it sets names that numpy took away), pandas before 3 (it fills columns in place), setuptools before 81 (its ray asks for
`pkg_resources`), all three pinned; here, that it keeps no log of its own in the folder it is called from.
"""

import tempfile
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import recbole.trainer.trainer
import torch
from exchange import Cases, Contest, Interactions, Settings, Split
from recbole.config import Config
from recbole.data import create_dataset
from recbole.data.dataloader import TrainDataLoader
from recbole.data.interaction import Interaction
from recbole.utils import get_model, get_trainer, init_seed

GRIDS = {"GRU4Rec": {"epochs": [100]}, "SASRec": {"epochs": [100]}}
"""All else as in its properties/model/*.yaml."""
BLOCK = 512
OURS = {
    "train_neg_sample_args": None,
    "eval_args": {"split": {"RS": [1.0]}, "group_by": "none", "order": "TO", "mode": "full"},
    "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
    "TIME_FIELD": "timestamp",
    "use_gpu": False,
}


def main() -> None:
    contest = Contest.called(__doc__)
    warnings.filterwarnings("ignore")
    recbole.trainer.trainer.get_tensorboard = lambda _logger: None
    score = partial(score_all, contest.split)
    for name in filter(contest.wants, GRIDS):
        for seed in contest.seeds:
            contest.enter(f"RecBole {name}", "recbole", GRIDS[name], partial(fit_model, name), score, seed)


def fit_model(name: str, events: Interactions, settings: Settings, seed: int) -> Iterator[tuple[Settings, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        write_atomic(events, Path(folder) / "split" / "split.inter")
        told = {**OURS, "data_path": folder, "checkpoint_dir": folder, "seed": seed, "epochs": settings["epochs"]}
        config = Config(model=name, dataset="split", config_dict=told)
        init_seed(seed, reproducibility=True)
        dataset = create_dataset(config)
        (samples,) = dataset.build()
        model = get_model(name)(config, samples)
        trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)
        loader = TrainDataLoader(config, samples, None, shuffle=True)
        for epoch in range(settings["epochs"]):
            trainer._train_epoch(loader, epoch)  # of its trainer, all that is not its own split and evaluation
            yield {**settings, "epochs": epoch + 1}, (model, dataset)


def write_atomic(events: Interactions, path: Path) -> None:
    """For the time the place in the order of time, so that ties stay as they stand in the split."""
    path.parent.mkdir()
    lines = zip(events.users.tolist(), events.items.tolist(), range(len(events)), strict=True)
    text = "".join(f"{user}\t{item}\t{place}\n" for user, item, place in lines)
    path.write_text("user_id:token\titem_id:token\ttimestamp:float\n" + text)


@torch.inference_mode()
def score_all(split: Split, fitted: Any, cases: Cases) -> np.ndarray:
    """From the last items of the histories that it knows; of strangers it says nothing."""
    model, dataset = fitted
    model.eval()
    names = dataset.field2id_token["item_id"]  # [PAD] is the first
    catalogue = np.array([int(name) for name in names[1:]])
    token = np.zeros(len(split.item_ids), np.int64)
    token[catalogue] = np.arange(1, len(names))
    known = [row[row > 0][-model.max_seq_length :] for row in (token[history] for history in cases.histories)]
    scores = np.full((len(cases), len(split.item_ids)), -np.inf, np.float32)
    asked = np.flatnonzero([len(row) > 0 for row in known])
    for rows in np.split(asked, range(BLOCK, len(asked), BLOCK)):
        sequences = np.zeros((len(rows), model.max_seq_length), np.int64)
        for place, row in enumerate(rows):
            sequences[place, : len(known[row])] = known[row]
        told = {model.ITEM_SEQ: sequences, model.ITEM_SEQ_LEN: np.array([len(known[row]) for row in rows])}
        found = model.full_sort_predict(Interaction({name: torch.from_numpy(value) for name, value in told.items()}))
        scores[np.ix_(rows, catalogue)] = found[:, 1:].numpy()
    return scores


if __name__ == "__main__":
    main()
