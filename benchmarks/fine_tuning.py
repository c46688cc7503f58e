"""What it costs that the language model learns along, and what it brings.

    PENCHANT_DATA=path/to/data python benchmarks/fine_tuning.py cost [--items 64 256]
    PENCHANT_DATA=path/to/data python benchmarks/fine_tuning.py twins [--epochs 10] [--items 64] [--rate 1e-3] [--seeds 0]

Titles alone, read by MiniLM. `cost`: seconds of a step of each kind, on 600 items of the office products.
`twins`: frozen and LoRA, the same settings, seed and epochs, fitted on train + valid and asked for everybody's last item;
NDCG@10 of the network alone, for everybody, for items that nobody or one person had met, and for the others.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from penchant.data.read import read
from penchant.data.split import leave_last_out
from penchant.evaluation.ranking import rank_cases
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.stages.protocols import make_cases
from penchant.training.callbacks import Callback

OFFICE, CARDS = "amazon_office_2018_minionerec", "amazon_gift_cards_2018"
FEW = 1
"""A target that so many people had met at most counts as new."""


def shop(name: str, most: int | None = None) -> Encoded:
    """Titles and events of a shop, of its first items where there is a limit."""
    folder = Path(os.environ["PENCHANT_DATA"]) / name
    items = pl.read_parquet(folder / "items.parquet", columns=["item_id", "title"]).head(most or 10**9)
    events = pl.read_parquet(folder / "interactions.parquet").drop("review_title", "review_text", strict=False)
    return encode(read(events.join(items, on="item_id", how="semi"), items=items), "minilm")


@dataclass
class Stopwatch(Callback):
    """CPU and wall seconds of each step."""

    marks: list[tuple[float, float]] = field(default_factory=list)

    def on_start(self, start: Any) -> None:
        self.marks.append((time.process_time(), time.perf_counter()))

    def on_step(self, done: int, total: int) -> None:
        self.marks.append((time.process_time(), time.perf_counter()))

    def seconds(self) -> np.ndarray:
        """Median of (CPU, wall), but for the first step."""
        return np.median(np.diff(np.array(self.marks), axis=0)[1:], axis=0)


def cost(encoded: Encoded, items: list[int]) -> None:
    """Of the first events of the set, an epoch of some steps each."""
    events = encoded.events.take(np.arange(len(encoded.events)) < 2000)
    kinds: list[dict[str, Any]] = [{}]
    kinds += [{"fine_tune": word, "fine_tune_items": most} for most in items for word in ("lora", "full")]
    for options in kinds:
        watch = Stopwatch()
        config = resolve_config("tiny", 0, epochs=1, num_positions=2048, **options)
        fit_network(events, encoded, make_tasks(["next_item"], encoded), config, callbacks=[watch])
        cpu, wall = watch.seconds()
        print(f"| {options or 'frozen'} | {len(watch.marks) - 2} | {cpu:.2f} | {wall:.2f} |", flush=True)


def twins(encoded: Encoded, seeds: list[int], epochs: int, options: dict[str, Any]) -> None:
    split = leave_last_out(encoded.events)
    fitted = split.before_test(encoded.events)
    cases = make_cases(encoded, "leave-last-out", fitted, split.test, split.told(fitted))
    times_met = np.bincount(encoded.events.item_rows[fitted], minlength=len(encoded.items))[cases.relevant_rows]
    ndcg: dict[str, list[np.ndarray]] = {"frozen": [], "lora": []}
    for seed in seeds:
        for word, more in (("frozen", {}), ("lora", {"fine_tune": "lora", **options})):
            config = resolve_config("tiny", seed, epochs=epochs, num_positions=512, **more)
            began = time.perf_counter()
            tasks = make_tasks(["next_item"], encoded)
            found = fit_network(encoded.events.take(fitted), encoded, tasks, config)
            ndcg[word].append(rank_cases(found.source.score, cases).ndcg)
            losses = [round(end.losses["next_item"], 4) for end in found.trained.curves]
            moved = np.abs(found.encoded.item_vectors - encoded.item_vectors).mean()
            took = time.perf_counter() - began
            print(f"{word}, seed {seed}: {took:.0f} s, losses {losses}, vectors moved by {moved:.4f}", flush=True)
    groups: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "all": lambda met: met >= 0,
        f"met by {FEW} or nobody": lambda met: met <= FEW,
        "others": lambda met: met > FEW,
    }
    for name, of in groups.items():
        rows = of(times_met)
        frozen, lora = (np.mean(ndcg[word], axis=0)[rows] for word in ("frozen", "lora"))
        gap = paired_difference(lora, frozen)
        told = [
            f"{values.mean():.4f} [{', '.join(f'{b:.4f}' for b in bootstrap_interval(values))}]"
            for values in (frozen, lora)
        ]
        print(f"| {name} | {rows.sum()} | {told[0]} | {told[1]} | {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cost", "twins"])
    parser.add_argument("--data", choices=[OFFICE, CARDS], default=CARDS)
    parser.add_argument("--items", type=int, nargs="+", default=[64])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    if told.what == "cost":
        cost(shop(OFFICE, 600), told.items)
    else:
        twins(shop(told.data), told.seeds, told.epochs, {"fine_tune_items": told.items[0], "fine_tune_rate": told.rate})


if __name__ == "__main__":
    main()
