"""What people's own texts in their histories are worth: with them, without them, and with somebody else's.

    PENCHANT_DATA=path/to/data python benchmarks/event_texts.py [--encoder NAME] [--size tiny] [--seeds 0 1 2]

On the Steam reviews (half of the events carry a text), by global time and leave last out; epochs are chosen on valid, then
all is fitted anew on train + valid. With "others' texts" the same events have a text, but somebody else's. NDCG@10 of the
network alone, the only part that reads them, and of the fusion; for everybody, and for people whose history holds a text.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import torch

from penchant.data.read import read
from penchant.data.split import global_time, leave_last_out
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.records.events import NO_ROW, Histories
from penchant.stages.candidates import fit_sources
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.protocols import make_cases

WITH, WITHOUT, OTHERS = "their own texts", "no texts", "others' texts"
SPLITS = {"global-time": global_time, "leave-last-out": leave_last_out}


@dataclass(frozen=True, kw_only=True)
class Found:
    """NDCG@10 of each case, float64 (C,), and whether its history holds a text, bool (C,)."""

    network: np.ndarray
    fused: np.ndarray | None
    has_text: np.ndarray


def read_steam(folder: Path, encoder: str) -> Encoded:
    """Events with a time; games that somebody reviewed."""
    events = pl.read_parquet(folder / "interactions.parquet").drop_nulls("timestamp")
    events = events.select("user_id", "item_id", "timestamp", "rating", "event_type", "review_text")
    items = pl.read_parquet(folder / "items.parquet").select("item_id", "title", "tags")
    return encode(read(events, items=items.join(events, on="item_id", how="semi")), encoder)


def make_variants(encoded: Encoded, seed: int) -> Iterator[tuple[str, Encoded]]:
    rows = encoded.events.text_rows
    shuffled = rows.copy()
    shuffled[rows != NO_ROW] = np.random.default_rng(seed).permutation(rows[rows != NO_ROW])
    for name, texts in ((WITH, rows), (WITHOUT, np.full_like(rows, NO_ROW)), (OTHERS, shuffled)):
        yield name, replace(encoded, events=replace(encoded.events, text_rows=texts))


def evaluate(encoded: Encoded, protocol: str, size: str, seed: int, has_text: np.ndarray, fused: bool) -> Found:
    """One fit. has_text: bool (N,), by event, of the true texts; fused: with the other sources too."""
    split = SPLITS[protocol](encoded.events)
    tasks, config = make_tasks(None, encoded), resolve_config(size, seed)
    valid = make_cases(encoded, protocol, split.train, split.valid)
    events = encoded.events.take(split.train)
    found = fit_network(
        events,
        encoded,
        tasks,
        config,
        validate=lambda source, _: {"next_item": float(rank_cases(source.score, valid).ndcg.mean())},
    )
    network, trained = found.source, found.trained
    weights = fuse(fit_sources(events, encoded), network, valid, time_scale(events)) if fused else None

    fitted = split.train | split.valid
    config = replace(config, training=replace(config.training, epochs=trained.best_epoch))
    network = fit_network(encoded.events.take(fitted), encoded, tasks, config).source
    cases = make_cases(encoded, protocol, fitted, split.test)
    sources = fit_sources(encoded.events.take(fitted), encoded) if fused else {}

    def all_together(histories: Histories) -> np.ndarray:
        assert weights is not None
        scores = {name: source.score(histories) for name, source in sources.items()}
        return weights.score(histories, {**scores, "network": network.score(histories)})

    return Found(
        network=rank_cases(network.score, cases).ndcg,
        fused=rank_cases(all_together, cases).ndcg if fused else None,
        has_text=_with_text(encoded, cases, fitted & has_text),
    )


def _with_text(encoded: Encoded, cases: Cases, told: np.ndarray) -> np.ndarray:
    people = np.zeros(len(encoded.users), bool)
    people[encoded.events.user_rows[told]] = True
    return people[cases.user_rows]


def print_rows(found: dict[str, list[Found]], pick: Callable[[Found], np.ndarray], title: str) -> None:
    """Each variant, then its paired difference to their own texts; seeds are averaged case by case."""
    means = {name: np.mean([pick(one) for one in seeds], axis=0) for name, seeds in found.items()}
    by_seed = {name: " / ".join(f"{pick(one).mean():.4f}" for one in seeds) for name, seeds in found.items()}
    for name, values in means.items():
        low, high = bootstrap_interval(values)
        text = f"| {title}, {name} | {len(values)} | {by_seed[name]} | {values.mean():.4f} [{low:.4f}, {high:.4f}] |"
        if name != WITH:
            gap = paired_difference(means[WITH], values)
            text += f" {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] |"
        print(text, flush=True)


def print_table(protocol: str, found: dict[str, list[Found]]) -> None:
    print(f"\n**{protocol}**\n\n| row | cases | seeds | mean [95%] | own minus this |\n|---|---|---|---|---|")
    picks: dict[str, Callable[[Found], np.ndarray]] = {"network": lambda one: one.network}
    if found[WITH][0].fused is not None:
        picks["fusion"] = lambda one: np.asarray(one.fused)
    for part, pick in picks.items():
        print_rows(found, pick, f"{part}, all")
        print_rows(found, lambda one, pick=pick: pick(one)[one.has_text], f"{part}, with a text")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="all-MiniLM-L6-v2")
    parser.add_argument("--size", default="tiny")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--protocols", nargs="+", default=list(SPLITS))
    parser.add_argument("--network-only", action="store_true", help="leave the fusion out, for half the time")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    encoded = read_steam(Path(os.environ["PENCHANT_DATA"]) / "steam_reviews", arguments.encoder)
    has_text = encoded.events.text_rows != NO_ROW
    counts = f"{len(encoded.events)} events, {len(encoded.items)} items, {len(encoded.users)} people"
    print(f"{counts}, {has_text.mean():.0%} of the events with a text", flush=True)
    for protocol in arguments.protocols:
        found: dict[str, list[Found]] = {WITH: [], WITHOUT: [], OTHERS: []}
        for seed in arguments.seeds:
            for name, variant in make_variants(encoded, seed):
                fit = evaluate(variant, protocol, arguments.size, seed, has_text, not arguments.network_only)
                found[name].append(fit)
                print(protocol, seed, name, round(fit.network.mean(), 4), flush=True)
        print_table(protocol, found)


if __name__ == "__main__":
    main()
