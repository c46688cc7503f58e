"""What options of training cost, and what they are good for, with the four tasks of MovieLens-100K.

    python benchmarks/training.py cost [--size small] [--rounds 7]
    python benchmarks/training.py good [--size tiny] [--seeds 3] [--only default constant ...]

cost: the real loop runs two epochs over the first EVENTS events per round and option, one thread, CPU seconds of the second.
Options take turns within a round, in an order that changes; a ratio is that of one round. Printed: the median over the
rounds with a 95% bootstrap interval. good: a whole training on the first 80% by time, scored on the next tenth: the best
mean score of an epoch and its neighbours; mean over the seeds and their range. The test is not looked at.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.data.split import global_time
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks, steady_scores, validation_scores
from penchant.stages.protocols import make_cases

EVENTS = 10_000
COSTS: dict[str, dict[str, Any]] = {
    "default": {},
    "ema=0.99": {"ema": 0.99},
    "accumulate=2": {"accumulate": 2},
    "accumulate=2, batches of half the size": {"accumulate": 2, "num_positions": 768},
    "batches of half the size": {"num_positions": 768},
    "cosine_every=20": {"cosine_every": 20},
    "precision=bfloat16": {"precision": "bfloat16"},
    "optimizer=sgd": {"optimizer": "sgd"},
    "optimizer=lion": {"optimizer": "lion", "learning_rate": 5e-4},
}
GOOD: dict[str, dict[str, Any]] = {
    "default": {},
    "adam": {"optimizer": "adam"},
    "sgd, rate 0.3": {"optimizer": "sgd", "learning_rate": 0.3},
    "lion, rate 0.0006": {"optimizer": "lion", "learning_rate": 6e-4},
    "constant": {"schedule": "constant"},
    "one-cycle": {"schedule": "one-cycle"},
    "plateau": {"schedule": "plateau"},
    "warm-restarts": {"schedule": "warm-restarts"},
    "ema 0.99": {"ema": 0.99},
    "constant, ema 0.99": {"schedule": "constant", "ema": 0.99},
    "accumulate 4": {"accumulate": 4},
    "bfloat16": {"precision": "bfloat16"},
}


def cost(encoded: Encoded, size: str, num_rounds: int) -> None:
    """A table of ratios to the default."""
    some, rng = encoded.events.take(np.arange(EVENTS)), np.random.default_rng(0)
    tasks, seconds = make_tasks(None, encoded), {name: list[float]() for name in COSTS}
    for _ in range(num_rounds):
        for name in rng.permutation(list(COSTS)):
            found = fit_network(some, encoded, tasks, resolve_config(size, 0, epochs=2, **COSTS[name]))
            seconds[name].append(found.trained.curves[1].cpu_seconds)
    print(f"{size}, default: {np.median(seconds['default']):.2f} s for {EVENTS:,} events")
    print("| option | times the default [95%] |\n|---|---|")
    draws = np.random.default_rng(0).integers(num_rounds, size=(10_000, num_rounds))
    for name, took in seconds.items():
        ratios = np.array(took) / np.array(seconds["default"])
        low, high = np.quantile(np.median(ratios[draws], axis=1), [0.025, 0.975])
        print(f"| {name} | {np.median(ratios):.2f} [{low:.2f}, {high:.2f}] |")


def good(encoded: Encoded, size: str, num_seeds: int, only: Sequence[str]) -> None:
    """A table of validation scores."""
    split, tasks = global_time(encoded.events), make_tasks(None, encoded)
    past, later = encoded.events.take(split.train), encoded.events.take(split.valid)
    cases = make_cases(encoded, "global-time", split.train, split.valid)
    print(
        f"{size}, {num_seeds} seeds\n| option | next item NDCG@10 | rating -RMSE | like AUC | epochs |\n|---|---|---|---|---|"
    )
    for name, options in ((name, GOOD[name]) for name in only or GOOD):
        best, epochs, others = [], [], []
        for seed in range(num_seeds):
            config = resolve_config(size, seed, **options)
            trained = fit_network(
                past,
                encoded,
                tasks,
                config,
                validate=lambda source, fitted: validation_scores(source, fitted, past, later, cases, encoded),
            ).trained
            best.append(max(steady_scores(trained)))
            epochs.append(len(trained.curves))
            at = trained.curves[int(np.argmax(steady_scores(trained)))].scores
            others.append([at["rating"], at["like"]])
        rating, like = np.mean(others, axis=0)
        told = f"{np.mean(best):.4f} ({min(best):.4f} to {max(best):.4f})"
        print(f"| {name} | {told} | {rating:.4f} | {like:.4f} | {np.mean(epochs):.1f} |", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["cost", "good"])
    arguments.add_argument("--size")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--only", nargs="+", choices=GOOD, default=[], help="of the rows of `good`")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    encoded = encode(read_movielens_100k(resolve("ml-100k").path), "hashing")
    if options.what == "cost":
        cost(encoded, options.size or "small", options.rounds)
    else:
        good(encoded, options.size or "tiny", options.seeds, options.only)


if __name__ == "__main__":
    main()
