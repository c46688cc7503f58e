"""What balancing costs: the time of a training step as a ratio to that of the plain sum, with the four tasks of MovieLens-100K.

    python benchmarks/balancing.py [--size small] [--aggregators transformer gru lstm] [--balancers upgrad ...] [--rounds 9]

The real loop runs one epoch over the first EVENTS events per round and balancer, one thread, CPU seconds of the process.
Balancers take turns within a round, in an order that changes; a ratio is that of one round. Printed: the median over the
rounds with a 95% bootstrap interval, and the mean weights of the tasks. `WORD!` is the exact mode of WORD.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import torch

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.stages.balancers import GRADIENT_METHODS, WORDS
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.training.callbacks import EpochEnd

EVENTS = 10_000
EXACT = "!"
PLAIN = "sum"


def epoch(encoded: Encoded, size: str, aggregator: str, word: str) -> EpochEnd:
    """The second of two epochs: the first one warms up solvers and memory."""
    options = {"balancer": word.removesuffix(EXACT), "exact_gradients": word.endswith(EXACT), "aggregator": aggregator}
    config = resolve_config(size, 0, epochs=2, **options)
    return fit_network(
        encoded.events.take(np.arange(EVENTS)), encoded, make_tasks(None, encoded), config
    ).trained.curves[1]


def rounds(
    encoded: Encoded, size: str, aggregator: str, words: Sequence[str], num_rounds: int
) -> dict[str, list[EpochEnd]]:
    """Every word once a round."""
    rng = np.random.default_rng(0)
    found: dict[str, list[EpochEnd]] = {word: [] for word in words}
    for _ in range(num_rounds):
        for place in rng.permutation(len(words)):
            found[words[place]].append(epoch(encoded, size, aggregator, words[place]))
    return found


def interval(values: np.ndarray) -> tuple[float, float]:
    """95%, of the median, over 10,000 draws of rounds."""
    draws = np.random.default_rng(0).integers(len(values), size=(10_000, len(values)))
    low, high = np.quantile(np.median(values[draws], axis=1), [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--size", default="small")
    arguments.add_argument("--aggregators", nargs="+", default=["transformer", "gru", "lstm"])
    arguments.add_argument("--balancers", nargs="+", default=[*WORDS, *(word + EXACT for word in GRADIENT_METHODS)])
    arguments.add_argument("--rounds", type=int, default=9)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    encoded = encode(read_movielens_100k(resolve("ml-100k").path), "hashing")
    words = [PLAIN, *(word for word in options.balancers if word != PLAIN)]
    for aggregator in options.aggregators:
        found = rounds(encoded, options.size, aggregator, words, options.rounds)
        seconds = {word: np.array([end.cpu_seconds for end in ends]) for word, ends in found.items()}
        print(f"\n{options.size}, {aggregator}, {PLAIN}: {np.median(seconds[PLAIN]):.2f} s for {EVENTS:,} events")
        print("| balancer | times the plain sum [95%] | mean weights |\n|---|---|---|")
        for word, ends in found.items():
            ratios = seconds[word] / seconds[PLAIN]
            low, high = interval(ratios)
            weights = ", ".join(f"{name} {weight:.2f}" for name, weight in ends[0].weights.items())
            print(f"| {word} | {np.median(ratios):.2f} [{low:.2f}, {high:.2f}] | {weights} |", flush=True)


if __name__ == "__main__":
    main()
