"""Training speed, memory, and the time to a first answer, on MovieLens-100K.

    python benchmarks/speed.py [RUN]

Positions per CPU second of all four tasks at `tiny` and `small` (three epochs on all events, one thread); with the folder of a
trained RUN also the seconds of a fresh process that loads it and recommends to a known person, then to a stranger with words.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks

FIRST_ANSWER = """
import sys, time
began = time.perf_counter()
import penchant as pn
model = pn.load(sys.argv[1], frame="records")
if sys.argv[2] == "known":
    model.recommend(model.user_ids[0])
else:
    model.recommend(history=[{"text": "a quiet film about the sea " + sys.argv[3], "kind": "search"}])
print(time.perf_counter() - began)
"""


def training_speed(encoded: Encoded, size: str) -> float:
    """Positions per CPU second."""
    config = resolve_config(size, 0, epochs=3)
    trained = fit_network(encoded.events, encoded, make_tasks(None, encoded), config).trained
    return sum(end.num_positions for end in trained.curves) / sum(end.cpu_seconds for end in trained.curves)


def first_answer(run: Path, who: str) -> float:
    """Wall-clock seconds of a fresh process, without the start of Python; the words are new each time, so they are read."""
    command = [sys.executable, "-c", FIRST_ANSWER, run, who, str(time.time_ns())]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(told.stdout)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("run", type=Path, nargs="?", help="a folder that `penchant train` or `penchant demo` wrote")
    run = arguments.parse_args().run
    torch.set_num_threads(1)
    encoded = encode(read_movielens_100k(resolve("ml-100k").path), "hashing")
    for size in ("tiny", "small"):
        print(f"{size}: {training_speed(encoded, size):,.0f} positions per CPU second")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    for who in ("known", "words") if run is not None else ():
        print(f"load and first answer, {who}: {min(first_answer(run, who) for _ in range(3)):.2f} s")


if __name__ == "__main__":
    main()
