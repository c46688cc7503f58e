"""What other libraries foresee of the same ratings: torch-rechub's multi-task networks, surprise's factor models.

    VENV/bin/python benchmarks/peers/ratings.py FOLDER [--peers SVD PLE] [--seeds 0 1 2]

Run by benchmarks/multi_task.py in an environment of its own; knows nothing of Penchant. Reads FOLDER/ratings.npz, writes
FOLDER/<peer>_<seed>.npz (`valid_rating`, `valid_like`, `test_rating`, `test_like`; a peer without a like of its own has the
rating in its place) and FOLDER/<peer>_<seed>.json (settings, seconds, what each setting of the grid scored on valid).
Settings are chosen on valid with the first seed, what is said of the test is learned from train and valid, epochs as chosen.
"""

import argparse
import contextlib
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

TRAIN, VALID, TEST = 0, 1, 2
Arrays = Mapping[str, np.ndarray]
Settings = dict[str, Any]
Answers = tuple[np.ndarray, np.ndarray]
"""Stars and chance of a like, float64 (M,) each."""
MAX_EPOCHS, PATIENCE = 20, 3
BATCH = 1024
TASKS = ["regression", "classification"]
TOWERS = [{"dims": [8]}, {"dims": [8]}]
NETWORKS: dict[str, Callable[[Any, list[Any]], torch.nn.Module]] = {
    "SharedBottom": lambda kinds, features: kinds.SharedBottom(features, TASKS, {"dims": [117]}, TOWERS),
    "MMoE": lambda kinds, features: kinds.MMOE(features, TASKS, 8, {"dims": [16]}, TOWERS),
    "PLE": lambda kinds, features: kinds.PLE(features, TASKS, 1, 2, 1, {"dims": [16]}, TOWERS),
}
"""Of the sizes in their own examples (examples/ranking/run_ali_ccp_multi_task.py)."""
NETWORK_GRID = {"weight_decay": [1e-5, 1e-4, 1e-3], "unknown": [0.0, 0.3]}
FACTOR_GRIDS: dict[str, dict[str, list[Any]]] = {
    "BaselineOnly": {"reg_i": [1, 2, 5, 10], "reg_u": [5, 10, 15]},
    "SVD": {"n_factors": [20, 100], "n_epochs": [20, 40, 80], "reg_all": [0.05, 0.1, 0.2]},
    "SVDpp": {"n_epochs": [20], "reg_all": [0.02, 0.05, 0.1]},
}


def loss_of(answers: Answers, stars: np.ndarray, likes: np.ndarray) -> float:
    """What settings are chosen by: squared error of the stars, and log-loss of the likes where they are chances."""
    rating, like = answers
    squared = float(np.mean((rating - stars) ** 2))
    if like is rating:
        return squared
    sure = np.clip(like, 1e-6, 1 - 1e-6)
    return squared + float(-np.mean(likes * np.log(sure) + (1 - likes) * np.log(1 - sure)))


class Network:
    """One of torch-rechub's networks on user, item and genres; user 0 is whoever was not met.

    unknown: share of the training rows whose user is hidden, so that strangers mean something.
    """

    def __init__(self, name: str, data: Arrays, rows: np.ndarray, seed: int, settings: Settings) -> None:
        from torch_rechub.basic.features import SequenceFeature, SparseFeature
        from torch_rechub.models import multi_task
        from torch_rechub.trainers import MTLTrainer

        torch.manual_seed(seed)
        self.data, self.rows, self.unknown = data, rows, settings["unknown"]
        self.rng = np.random.default_rng(seed)
        self.mean = float(data["stars"][rows].mean())
        self.met = np.isin(np.arange(data["users"].max() + 1), data["users"][rows])
        features = [
            SparseFeature("user", len(self.met) + 1, 16),
            SparseFeature("item", int(data["items"].max()) + 1, 16),
            SequenceFeature("genres", int(data["genres"].max()) + 1, 16, pooling="mean", padding_idx=0),
        ]
        self.model = NETWORKS[name](multi_task, features)
        params = {"lr": 1e-3, "weight_decay": settings["weight_decay"]}
        self.trainer = MTLTrainer(self.model, task_types=TASKS, optimizer_params=params, n_epoch=MAX_EPOCHS)

    def batches(self, rows: np.ndarray, hidden: float = 0.0) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        users = np.where(self.met[self.data["users"][rows]], self.data["users"][rows] + 1, 0)
        users = np.where(self.rng.random(len(rows)) < hidden, 0, users)
        labels = np.stack([self.data["stars"][rows] - self.mean, self.data["likes"][rows]], axis=1)
        for begin in range(0, len(rows), BATCH):
            part = slice(begin, begin + BATCH)
            items = self.data["items"][rows[part]]
            x = {"user": users[part], "item": items, "genres": self.data["genres"][items]}
            yield {name: torch.from_numpy(values) for name, values in x.items()}, torch.from_numpy(labels[part])

    def epoch(self) -> None:
        self.trainer.train_one_epoch(list(self.batches(self.rng.permutation(self.rows), self.unknown)))

    def answers(self, rows: np.ndarray) -> Answers:
        said = np.array(self.trainer.predict(self.model, [x for x, _ in self.batches(rows)]), np.float64)
        return np.clip(said[:, 0] + self.mean, 1, 5), said[:, 1]


def learn_network(
    name: str, data: Arrays, fitted: np.ndarray, asked: np.ndarray, seed: int, settings: Settings
) -> tuple[Answers, Settings]:
    """Without `epochs` in the settings, as many as are best on the asked rows."""
    network = Network(name, data, fitted, seed, settings)
    if "epochs" in settings:
        for _ in range(settings["epochs"]):
            network.epoch()
        return network.answers(asked), settings
    found: list[tuple[float, Answers]] = []
    while len(found) < MAX_EPOCHS:
        network.epoch()
        answers = network.answers(asked)
        found.append((loss_of(answers, data["stars"][asked], data["likes"][asked]), answers))
        best = min(range(len(found)), key=lambda epoch: found[epoch][0])
        if len(found) - 1 - best >= PATIENCE:
            break
    return found[best][1], {**settings, "epochs": best + 1}


def learn_factors(
    name: str, data: Arrays, fitted: np.ndarray, asked: np.ndarray, seed: int, settings: Settings
) -> tuple[Answers, Settings]:
    import pandas as pd
    import surprise

    kind = getattr(surprise, name)
    model = kind(bsl_options=settings, verbose=False) if name == "BaselineOnly" else kind(random_state=seed, **settings)
    frame = pd.DataFrame({column: data[column][fitted] for column in ("users", "items", "stars")})
    model.fit(surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=(1, 5))).build_full_trainset())
    pairs = zip(data["users"][asked].tolist(), data["items"][asked].tolist(), strict=True)
    stars = np.array([model.predict(user, item).est for user, item in pairs])
    return (stars, stars), settings


def measure(name: str, data: Arrays, seeds: list[int], folder: Path) -> None:
    """Chooses with the first seed, then learns with each."""
    learn = learn_network if name in NETWORKS else learn_factors
    grid = NETWORK_GRID if name in NETWORKS else FACTOR_GRIDS[name]
    train, valid, test = (np.flatnonzero(data["parts"] == part) for part in (TRAIN, VALID, TEST))
    tried: list[dict[str, Any]] = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        answers, settings = learn(name, data, train, valid, seeds[0], settings)
        tried.append({**settings, "loss": loss_of(answers, data["stars"][valid], data["likes"][valid])})
    chosen = {key: value for key, value in min(tried, key=lambda row: row["loss"]).items() if key in grid}
    for seed in seeds:
        own, settings = learn(name, data, train, valid, seed, chosen)
        began, cpu = time.perf_counter(), time.process_time()
        final, _ = learn(name, data, np.concatenate([train, valid]), test, seed, settings)
        seconds = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
        said = {"valid_rating": own[0], "valid_like": own[1], "test_rating": final[0], "test_like": final[1]}
        np.savez(folder / f"{name}_{seed}.npz", **said)
        about = {"settings": settings, **seconds, "tried": tried}
        (folder / f"{name}_{seed}.json").write_text(json.dumps(about, indent=1))


def main() -> None:
    names = [*FACTOR_GRIDS, *NETWORKS]
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--peers", nargs="+", default=names, choices=names)
    arguments.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options = arguments.parse_args()
    torch.set_num_threads(1)
    data = dict(np.load(options.folder / "ratings.npz"))
    for name in options.peers:
        began = time.perf_counter()
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            measure(name, data, options.seeds, options.folder)
        print(f"{name}: {time.perf_counter() - began:.0f} s with the search", flush=True)


if __name__ == "__main__":
    main()
