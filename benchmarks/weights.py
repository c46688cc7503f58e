"""Is there a setting under which no task loses by learning with the others, and one gains? Judged on valid; no test is asked.

    python benchmarks/weights.py [--protocol global-time] [--seeds 0 1 2] [--only NAME ...]

MovieLens-100K, size tiny, four tasks. Each setting learns on train; each task has the score of its first metric (signed, so
that higher is better) in the epoch that the network itself would keep, the mean of it and its neighbours. `alone` are the
networks of one task each, that keep epochs of their own. A weight below 1 is what damps a head's gradient in what is
shared: the head's own step does not feel it, since Adam divides it out.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.stages.config import Config, resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks, validation_scores
from penchant.stages.protocols import find_protocol, make_cases

TASKS = ("next_item", "rating", "like", "tags")
ALONE = "alone"


def weighed(rating: float, like: float, tags: float) -> dict[str, Any]:
    return {"weights": {"rating": rating, "like": like, "tags": tags}}


SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "weights a third": weighed(0.1, 0.1, 0.03),
    "weights a tenth": weighed(0.03, 0.03, 0.01),
    "weights three times": weighed(1.0, 1.0, 0.3),
    "rating and like 2": weighed(2.0, 2.0, 0.1),
    "tags .01": weighed(0.3, 0.3, 0.01),
    "shared bottom": {"sharing": "shared-bottom"},
    "nothing shared above": {"sharing": "separate"},
    "mmoe": {"sharing": "mmoe"},
    "sum": {"balancer": "sum"},
    "uncertainty": {"balancer": "uncertainty"},
    "dwa": {"balancer": "dwa"},
    "famo": {"balancer": "famo"},
    "geometric mean": {"balancer": "geometric-mean"},
    "imtl-l": {"balancer": "imtl-l"},
    "stch": {"balancer": "stch"},
    "upgrad": {"balancer": "upgrad"},
    "pcgrad": {"balancer": "pcgrad"},
    "aligned-mtl": {"balancer": "aligned-mtl"},
    "fairgrad": {"balancer": "fairgrad"},
}


class Ground:
    """The data of a protocol, once for all settings."""

    def __init__(self, encoded: Encoded, protocol: str) -> None:
        split = find_protocol(protocol).split(encoded, 0, 0)
        self.encoded = encoded
        self.past, self.later = encoded.events.take(split.train), encoded.events.take(split.valid)
        self.cases = make_cases(encoded, protocol, split.train, split.valid, split.told(split.train))

    def scores(self, names: Sequence[str], config: Config) -> dict[str, float]:
        """Of each task, in the epoch with the best objective of itself and its neighbours."""
        tasks = make_tasks(list(names), self.encoded)
        found = fit_network(
            self.past,
            self.encoded,
            tasks,
            config,
            validate=lambda source, fitted: validation_scores(
                source, fitted, self.past, self.later, self.cases, self.encoded
            ),
        )
        curves = found.trained.curves
        steady = {name: smoothed([end.scores[name] for end in curves]) for name in names}
        best = int(np.argmax(smoothed([end.score or 0.0 for end in curves])))
        return {name: steady[name][best] for name in names}


def smoothed(scores: Sequence[float]) -> list[float]:
    return [float(np.mean(scores[max(0, epoch - 1) : epoch + 2])) for epoch in range(len(scores))]


def run(ground: Ground, name: str, seed: int) -> dict[str, float]:
    """The score of each task. Alone, each has a network of its own."""
    if name == ALONE:
        config = resolve_config("tiny", seed, cosine_every=0)
        return {task: ground.scores([task], config)[task] for task in TASKS}
    return ground.scores(TASKS, resolve_config("tiny", seed, cosine_every=0, **SETTINGS[name]))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--protocol", default="global-time")
    arguments.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments.add_argument("--only", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    options = arguments.parse_args()
    ground = Ground(encode(read_movielens_100k(resolve("ml-100k").path)), options.protocol)
    print("| setting | " + " | ".join(TASKS) + " | CPU s |", flush=True)
    base: dict[str, np.ndarray] = {}
    for name in (ALONE, *options.only):
        began = time.process_time()
        told = [run(ground, name, seed) for seed in options.seeds]
        values = {task: np.array([scores[task] for scores in told]) for task in TASKS}
        base = base or values
        cells = (cell(values[task], base[task], first=name == ALONE) for task in TASKS)
        print(f"| {name} | " + " | ".join(cells) + f" | {time.process_time() - began:.0f} |", flush=True)


def cell(values: np.ndarray, alone: np.ndarray, *, first: bool) -> str:
    """The mean over seeds; what the least and the most of them are above the network of this task alone."""
    more = values - alone
    return f"{values.mean():.4f}" + ("" if first else f" ({more.min():+.4f}..{more.max():+.4f})")


if __name__ == "__main__":
    main()
