"""NDCG@10 and seconds of every candidate source on the yardstick splits, settings chosen on the validation part.

    PENCHANT_YARDSTICK=path/to/yardstick python benchmarks/yardstick.py [--splits P1 Beauty] [--sources EASE Nearby]

The folder holds `evaluate.py` and `splits/`. Columns: the default settings and the chosen ones on valid, the chosen
ones on test (fitted on train), and "refit" (fitted on train + valid). Text-kNN is left out: the splits have no texts.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from penchant.records.events import Events, Histories
from penchant.retrieval.source import CandidateSource
from penchant.retrieval.sources.ease import EASE
from penchant.retrieval.sources.item_knn import ItemKNN
from penchant.retrieval.sources.nearby import Nearby
from penchant.retrieval.sources.popularity import Popularity
from penchant.retrieval.sources.recent_popularity import RecentPopularity
from penchant.retrieval.sources.transitions import Transitions

SOURCES: tuple[Any, ...] = (Popularity, RecentPopularity, ItemKNN, EASE, Transitions, Nearby)
SPLITS = {"P1": "ml-100k_P1", "P2": "ml-100k_P2", "P2last": "ml-100k_P2last", "Beauty": "beauty_P1"}
CLOCKS = {"ml-100k": ("ml-100k_P1", "ml-100k_P2"), "beauty": ()}

Arrays = Mapping[str, np.ndarray]
Clock = Mapping[tuple[int, int], int]


def make_events(users: np.ndarray, items: np.ndarray, times: np.ndarray) -> Events:
    order = np.argsort(times, kind="stable")
    return Events(
        user_rows=users[order].astype(np.int32),
        item_rows=items[order].astype(np.int32),
        timestamps=times[order].astype(np.int64),
        values=np.full(len(users), np.nan, np.float32),
        kinds=np.zeros(len(users), np.int16),
        text_rows=np.full(len(users), -1, np.int32),
    )


def make_clock(folder: Path, name: str) -> Clock:
    """(user, item) -> time, for every event that some training part of the same data set holds."""
    clock: dict[tuple[int, int], int] = {}
    for split in CLOCKS[name.split("_", 1)[0]]:
        arrays = np.load(folder / f"{split}.npz")
        pairs = zip(arrays["train_u"].tolist(), arrays["train_i"].tolist(), strict=True)
        clock.update(zip(pairs, arrays["train_t"].tolist(), strict=True))
    return clock


def make_histories(split: Arrays, part: str) -> Histories:
    """The case's past; its order is all that the sources look at."""
    items = split[f"{part}_hist_i"]
    return Histories(
        ptr=split[f"{part}_hist_ptr"].astype(np.int64),
        item_rows=items.astype(np.int32),
        timestamps=np.arange(len(items)),
        values=np.full(len(items), np.nan, np.float32),
        kinds=np.zeros(len(items), np.int16),
        text_rows=np.full(len(items), -1, np.int32),
        request_times=np.full(len(split[f"{part}_case_u"]), len(items)),
    )


def known_by_test(split: Arrays, window: Arrays, clock: Clock) -> Events:
    """Train and valid together. A time that nobody tells is that of the user's event before."""
    users = np.repeat(window["valid_case_u"], np.diff(window["valid_rel_ptr"]))
    items = window["valid_rel_i"]
    latest = np.full(int(split["n_users"]), int(split.get("t1", 0)))
    np.maximum.at(latest, split["train_u"], split["train_t"])
    times = np.empty(len(users), np.int64)
    for row, pair in enumerate(zip(users.tolist(), items.tolist(), strict=True)):
        latest[pair[0]] = times[row] = clock.get(pair, latest[pair[0]])
    columns = ((split["train_u"], users), (split["train_i"], items), (split["train_t"], times))
    return make_events(*(np.concatenate(column) for column in columns))


def measure(evaluator: ModuleType, source: CandidateSource, split: Arrays, part: str) -> float:
    histories = make_histories(split, part)
    metrics, _ = evaluator.evaluate_scores(split, part, lambda rows: source.score(histories.select(rows)))
    return float(metrics["all"]["ndcg@10"])


def run_source(evaluator: ModuleType, kind: Any, split: Arrays, train: Events, refit: Events) -> str:
    num_items = int(split["n_items"])
    started = time.process_time()
    best = kind.fit(train, num_items, **kind.GRID[0])
    seconds = time.process_time() - started
    default = chosen = measure(evaluator, best, split, "valid")
    for settings in kind.GRID[1:]:
        source = kind.fit(train, num_items, **settings)
        score = measure(evaluator, source, split, "valid")
        if score > chosen:
            chosen, best = score, source
    again = kind.fit(refit, num_items, **best.settings)
    test, test_refit = (measure(evaluator, source, split, "test") for source in (best, again))
    figures = f"{default:.4f}  {chosen:.4f}  {test:.4f}  {test_refit:.4f}  {seconds:6.1f}"
    return f"{kind.__name__:18}{figures}  {best.settings}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", nargs="+", choices=list(SPLITS), default=list(SPLITS))
    parser.add_argument("--sources", nargs="+", choices=[kind.__name__ for kind in SOURCES])
    arguments = parser.parse_args()
    root = os.environ.get("PENCHANT_YARDSTICK")
    if not root:
        sys.exit("Set PENCHANT_YARDSTICK to the folder that holds evaluate.py and splits/.")
    spec = importlib.util.spec_from_file_location("yardstick", Path(root) / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    evaluator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluator)
    for label in arguments.splits:
        folder, name = Path(root) / "splits", SPLITS[label]
        split = evaluator.load_split(folder / f"{name}.npz")
        window = evaluator.load_split(folder / f"{name.removesuffix('last')}.npz")
        train = make_events(split["train_u"], split["train_i"], split["train_t"])
        refit = known_by_test(split, window, make_clock(folder, name))
        print(f"\n{label:18}default chosen  test    refit   seconds  settings", flush=True)
        for kind in SOURCES:
            if arguments.sources is None or kind.__name__ in arguments.sources:
                print(run_source(evaluator, kind, split, train, refit), flush=True)


if __name__ == "__main__":
    main()
