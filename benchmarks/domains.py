"""Are domains worth learning together? Books and music of the same people (Douban), by `stages/domain_twins.py`.

    PENCHANT_DATA=path/to/data python benchmarks/domains.py [--size tiny] [--seeds 0 1 2] [--epochs 6] [--share 1]

Ratings without times or texts: the order of each file is kept, and the two are interleaved evenly, so that an event stands at
the same share of a person's list in both. The last book and the last album of everybody are asked, the ones before chose.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import polars as pl

from penchant.data.read import read
from penchant.records.data import Data
from penchant.stages.compare_domains import comparison_lines
from penchant.stages.config import resolve_config
from penchant.stages.domain_twins import domain_twins
from penchant.stages.encode import encode
from penchant.training.callbacks import Callback, EpochEnd


def read_douban(folder: Path, share: float) -> Data:
    """share: of the people, the first ones by a hash of their id."""
    events = pl.read_parquet(folder / "interactions.parquet")
    events = events.filter(pl.col("user_id").hash(seed=0) % 1000 < round(1000 * share))
    own = ["user_id", "domain"]
    place = (pl.int_range(pl.len()).over(own) + 0.5) / pl.len().over(own)
    events = events.with_columns(place=place).sort("user_id", "place", maintain_order=True)
    order = pl.int_range(pl.len()).over("user_id").alias("timestamp")
    return read(events.select("user_id", "item_id", "rating", "event_type", "domain", order))


class Tell(Callback):
    """A line for each epoch."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def on_epoch(self, end: EpochEnd) -> bool:
        score = "" if end.score is None else f" {end.score:.4f}"
        print(f"{time.monotonic() - self.began:7.0f} s  epoch {end.epoch + 1}{score}", file=sys.stderr, flush=True)
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="tiny")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--share", type=float, default=1.0, help="of the people")
    chosen = parser.parse_args()
    data = read_douban(Path(os.environ["PENCHANT_DATA"]) / "douban_book_music", chosen.share)
    encoded = encode(data, "hashing")
    print(len(encoded.users), "people", len(encoded.items), "items", len(encoded.events), "events", flush=True)
    config = resolve_config(chosen.size, 0, epochs=chosen.epochs, patience=chosen.epochs)  # the best epoch of all
    found = domain_twins(encoded, config, seeds=chosen.seeds, callbacks=[Tell()])
    print(*comparison_lines(found), sep="\n")
    for record in found["differences"]:
        print(json.dumps(record))


if __name__ == "__main__":
    main()
