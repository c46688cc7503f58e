"""CPU seconds until our network is as good on valid as another system was (`benchmarks/peers/`), training alone.

    python benchmarks/pace.py RUN --goal 0.0812 [--protocol leave-last-out] [--size tiny] [--seeds 0 1 2] [--task next_item]

RUN holds `data/`, as for `penchant compare`, and the cases of valid are those that it exports. Every task that fits the data is
learned, unless some are named. Looks at valid after each epoch and reading the texts are not counted; the latter, and the sources
that are fused with the network, are in the CPU seconds of `penchant compare`.
"""

import argparse
from pathlib import Path

import torch

from penchant.stages.compared_rows import Ground
from penchant.stages.config import resolve_config
from penchant.stages.encode import encode
from penchant.stages.fitting import fit_network, make_tasks, validation_scores
from penchant.stages.prepare import read_data
from penchant.training.callbacks import Callback, EpochEnd


class Curve(Callback):
    """After each epoch, CPU seconds so far and NDCG@10 on valid; ends the training when that is `goal`."""

    def __init__(self, listed: str, goal: float) -> None:
        self.listed, self.goal = listed, goal
        self.found: list[tuple[float, float]] = []

    def on_epoch(self, end: EpochEnd) -> bool:
        before = self.found[-1][0] if self.found else 0.0
        self.found.append((before + end.cpu_seconds, end.scores[self.listed]))
        return end.scores[self.listed] >= self.goal


def curve(ground: Ground, size: str, seed: int, tasks: list[str] | None, goal: float) -> list[tuple[float, float]]:
    made = make_tasks(tasks, ground.encoded, ground.past)
    (listed,) = (task.name for task in made if task.reads == "catalogue")
    seen = Curve(listed, goal)
    fit_network(
        ground.past,
        ground.encoded,
        made,
        resolve_config(size, seed),
        validate=lambda source, fitted: validation_scores(
            source, fitted, ground.past, ground.later, ground.valid, ground.encoded
        ),
        callbacks=[seen],
    )
    return seen.found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("--goal", type=float, required=True)
    arguments.add_argument("--protocol", default="leave-last-out")
    arguments.add_argument("--size", default="tiny")
    arguments.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments.add_argument("--task", nargs="+")
    arguments.add_argument("--encoder", default="auto")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    ground = Ground.of(encode(read_data(options.run), options.encoder), options.protocol, 10)
    for seed in options.seeds:
        found = curve(ground, options.size, seed, options.task, options.goal)
        told = "reached" if found[-1][1] >= options.goal else "not reached"
        print(f"seed {seed}: {options.goal} {told} after {found[-1][0]:.1f} CPU s and {len(found)} epochs")
        print("   " + ", ".join(f"{seconds:.1f} {ndcg:.4f}" for seconds, ndcg in found), flush=True)


if __name__ == "__main__":
    main()
