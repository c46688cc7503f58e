"""Does a network that reads the prices of items rank better than one that doesn't, or that reads those of other items?

    PENCHANT_DATA=/path/to/data python benchmarks/prices.py

Steam reviews by global time: with the prices, without, and with the same prices dealt to other items.
Epochs are chosen on valid, then everything is fitted anew on train and valid; the test is looked at once. Cold: the
same lists, in which only items that nobody met before the test count.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from penchant.data.read import read
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import CaseResults, rank_cases
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.records.events import Histories
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import best_epoch, fit_network, fit_sources, make_tasks
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.protocols import find_protocol, make_cases

WITH, WITHOUT, DEALT = "prices", "no prices", "others' prices"
PROTOCOL = "global-time"


def read_steam(folder: Path, encoder: str) -> Encoded:
    """Events with a time; games that somebody reviewed."""
    events = pl.read_parquet(folder / "interactions.parquet").drop_nulls("timestamp")
    events = events.select("user_id", "item_id", "timestamp", "rating", "event_type")
    items = pl.read_parquet(folder / "items.parquet").select("item_id", "title", "tags", "price")
    return encode(read(events, items=items.join(events, on="item_id", how="semi")), encoder)


def make_variants(encoded: Encoded, seed: int) -> Iterator[tuple[str, Encoded]]:
    numbers = encoded.item_numbers
    order = np.random.default_rng(seed).permutation(len(encoded.items))
    for name, own in ((WITH, numbers), (WITHOUT, numbers.without(numbers.columns)), (DEALT, numbers.take(order))):
        yield name, replace(encoded, item_numbers=own)


@dataclass(frozen=True, kw_only=True)
class Found:
    """NDCG@10 of each case, float64 (C,), of the network alone and of the whole; and on cold items alone."""

    network: CaseResults
    whole: CaseResults


def evaluate(encoded: Encoded, size: str, seed: int) -> Found:
    """One fit."""
    split = find_protocol(PROTOCOL).split(encoded, 0, seed)
    tasks, config = make_tasks(None, encoded), resolve_config(size, seed)
    valid = make_cases(encoded, PROTOCOL, split.train, split.valid)
    past = encoded.events.take(split.train)
    first = fit_network(
        past,
        encoded,
        tasks,
        config,
        validate=lambda source, _: {"next_item": float(rank_cases(source.score, valid).ndcg.mean())},
    )
    weights = fuse(fit_sources(past, encoded), first.source, valid, time_scale(past))
    fitted = split.train | split.valid
    config = replace(config, training=replace(config.training, epochs=best_epoch(first.trained)))
    events = encoded.events.take(fitted)
    network, sources = fit_network(events, encoded, tasks, config).source, fit_sources(events, encoded)
    asked: Cases = make_cases(encoded, PROTOCOL, fitted, split.test)

    def whole(histories: Histories) -> np.ndarray:
        scores = {name: source.score(histories) for name, source in sources.items()}
        return weights.score(histories, {**scores, "network": network.score(histories)})

    return Found(network=rank_cases(network.score, asked), whole=rank_cases(whole, asked))


def print_rows(found: dict[str, list[Found]], pick: Callable[[Found], np.ndarray], title: str) -> None:
    """Each variant, then how far prices are above it; seeds are averaged case by case."""
    means = {name: np.mean([pick(one) for one in seeds], axis=0) for name, seeds in found.items()}
    for name, values in means.items():
        by_seed = " / ".join(f"{pick(one).mean():.4f}" for one in found[name])
        low, high = bootstrap_interval(values)
        text = f"| {title}: {name} | {len(values)} | {by_seed} | {values.mean():.4f} [{low:.4f}, {high:.4f}] |"
        if name != WITH:
            gap = paired_difference(means[WITH], values)
            text += f" {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] |"
        print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--size", default="tiny")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    told = parser.parse_args()
    encoded = read_steam(Path(os.environ["PENCHANT_DATA"]) / "steam_reviews", told.encoder)
    for name, values in encoded.item_numbers.columns.items():
        print(
            f"{name}: {np.isfinite(values).sum()} of {len(values)} items, {encoded.item_numbers.fit(np.arange(len(values)))}"
        )
    found: dict[str, list[Found]] = {WITH: [], WITHOUT: [], DEALT: []}
    for seed in told.seeds:
        for name, variant in make_variants(encoded, seed):
            one = evaluate(variant, told.size, seed)
            found[name].append(one)
            print(f"seed {seed}, {name}: {one.network.ndcg.mean():.4f} {one.whole.ndcg.mean():.4f}", flush=True)
    print("\n| row | cases | by seed | mean [95%] | prices minus this |\n|---|---|---|---|---|")
    print_rows(found, lambda one: one.network.ndcg, "network")
    print_rows(found, lambda one: one.whole.ndcg, "whole")
    print_rows(found, lambda one: one.network.on_unknown_items.ndcg, "network, cold items")
    print_rows(found, lambda one: one.whole.on_unknown_items.ndcg, "whole, cold items")


if __name__ == "__main__":
    main()
