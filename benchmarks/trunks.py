"""Milliseconds of a step through each aggregator and each way of sharing, alone, on one thread.

    python benchmarks/trunks.py [--rounds 20]

Forward and backward. Aggregators: 16 histories of 128 events, two heads, dropout 0.3, of the widths and depths of `tiny` and
`small`. Sharing: 1,536 rows of 3 * width features, four tasks, experts of 64. Rounds are interleaved; the ratio is the median
over rounds of the ratio to the default in the same round, so that a machine that is shared disturbs it little.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.attention import Attention
from penchant.models.aggregators.gru import GRU
from penchant.models.aggregators.lstm import LSTM
from penchant.models.aggregators.mean import Mean
from penchant.models.aggregators.multi_interest import MultiInterest
from penchant.models.aggregators.recency import Recency
from penchant.models.aggregators.transformer import GatedTransformer
from penchant.models.sharing.mmoe import MMoE
from penchant.models.sharing.ple import PLE
from penchant.models.sharing.separate import Separate
from penchant.models.sharing.shared_bottom import SharedBottom

AGGREGATORS: Sequence[type[Aggregator]] = (GatedTransformer, Mean, Recency, Attention, GRU, LSTM, MultiInterest)
SHARING = {
    "PLE": PLE,
    "PLE, 2 levels": partial(PLE, levels=2),
    "MMoE": MMoE,
    "SharedBottom": SharedBottom,
    "Separate": Separate,
}
WARM_UP = 2


def seconds(step: Callable[[], Tensor]) -> float:
    began = time.perf_counter()
    step().sum().backward()
    return time.perf_counter() - began


def compare(steps: Mapping[str, Callable[[], Tensor]], rounds: int) -> None:
    """Prints a line for each; the first is what the others are measured by."""
    taken = [[seconds(step) for step in steps.values()] for _ in range(rounds + WARM_UP)][WARM_UP:]
    for place, name in enumerate(steps):
        ratio = statistics.median(row[place] / row[0] for row in taken)
        print(f"{name:18} {1000 * statistics.median(row[place] for row in taken):7.1f} ms  x{ratio:.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=20)
    rounds = arguments.parse_args().rounds
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for width, depth in ((64, 1), (128, 2)):
        print(f"width {width}, {depth} deep")
        x, times = torch.randn(16, 128, width, requires_grad=True), torch.randint(0, 10**8, (16, 128)).sort(1).values
        rows = torch.randn(1536, 3 * width, requires_grad=True)
        compare({kind.__name__: partial(kind(width, depth, 2, 0.3, 128), x, times) for kind in AGGREGATORS}, rounds)
        compare({name: partial(make(3 * width, 64, 4), rows) for name, make in SHARING.items()}, rounds)


if __name__ == "__main__":
    main()
