"""Candidate sources and their fusion, without a network, on every data set: default against chosen settings, and is the fusion
ever worse than its best source?

    PENCHANT_DATA=path/to/data python benchmarks/sources.py [--sets movielens_100k ...] [--encoder tfidf] [--each] [--ease 6000]

Sets with times are split by global time and leave-last-out, sets with an order alone leave-last-out. Everything is chosen on
valid and fitted anew on train and valid, then asked about the test once: at most 5,000 cases, drawn with seed 0. Differences are
of NDCG@10, paired by case, with 95% bootstrap intervals. "best" is the best source by the test itself, which no choice could
know. New items are those that nobody met before the test: `unseen` ranks them alone, `whole` among all items, of the cases that
seek one. Items that no event is about are left out. Texts are read by TF-IDF, which takes seconds, so that all rows compare.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from penchant.data.read import read
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import only, rank_cases
from penchant.evaluation.significance import paired_difference
from penchant.records.events import Events, Histories
from penchant.retrieval.source import CandidateSource
from penchant.stages import candidates
from penchant.stages.candidates import choose_sources, fit_sources, settings_of
from penchant.stages.encode import Encoded, encode
from penchant.stages.fusing import fuse, some_cases, time_scale
from penchant.stages.protocols import find_protocol, make_cases

MAX_CASES = 5000
TIMED = ("movielens_100k", "movielens_latest_small", "steam_reviews", "mind_sample", "ciao_trust")
ORDERED = ("amazon_beauty_2014", "retailrocket", "lastfm_hetrec", "amazon_office_2018_minionerec", "douban_book_music")
Sources = Mapping[str, CandidateSource]


@dataclass(frozen=True, kw_only=True)
class Ground:
    encoded: Encoded
    past: Events
    fitted: Events
    valid: Cases
    test: Cases

    @classmethod
    def of(cls, encoded: Encoded, protocol: str) -> "Ground":
        events = encoded.events
        split = find_protocol(protocol).split(encoded, 0, 0)
        fitted, rng = split.before_test(events), np.random.default_rng(0)
        asked = make_cases(encoded, protocol, fitted, split.test, split.told(fitted))
        return cls(
            encoded=encoded,
            past=events.take(split.train),
            fitted=events.take(fitted),
            valid=make_cases(encoded, protocol, split.train, split.valid, split.told(split.train)),
            test=some_cases(asked, MAX_CASES, rng),
        )


def read_set(folder: Path, encoder: str) -> Encoded:
    events = pl.read_parquet(folder / "interactions.parquet")
    events = events.select(column for column in events.columns if column not in ("review_text", "split"))
    path = folder / "items.parquet"
    items = (
        pl.read_parquet(path).filter(pl.col("item_id").is_in(events["item_id"].unique().to_list()))
        if path.exists()
        else None
    )
    return encode(read(events, items=items), encoder if items is not None else "hashing")


def fused(ground: Ground, early: Sources, late: Sources) -> Callable[[Histories], np.ndarray]:
    """Weights learned on valid, of sources that were fitted before it."""
    fusion = fuse(early, None, ground.valid, time_scale(ground.past))
    return lambda histories: fusion.score(histories, {name: late[name].score(histories) for name in fusion.names})


def without(sources: Sources, name: str) -> Sources:
    return {other: source for other, source in sources.items() if other != name}


def run(ground: Ground, *, each: bool) -> None:
    began = time.process_time()
    default, default_late = fit_sources(ground.past, ground.encoded), fit_sources(ground.fitted, ground.encoded)
    fitting = time.process_time() - began
    chosen = choose_sources(ground.past, ground.encoded, ground.valid)
    print(f"CPU s: {fitting:.0f} to fit twice, {time.process_time() - began - fitting:.0f} to choose")
    late = fit_sources(ground.fitted, ground.encoded, settings_of(chosen))
    systems = {
        "fusion, default settings": fused(ground, default, default_late),
        "fusion, chosen settings": fused(ground, chosen, late),
        "fusion, chosen, without fresh": fused(ground, without(chosen, "fresh"), without(late, "fresh")),
    }
    ndcg = {name: rank_cases(score, ground.test).ndcg for name, score in systems.items()}
    alone = {name: rank_cases(source.score, ground.test).ndcg for name, source in late.items()}
    best = max(alone, key=lambda name: float(alone[name].mean()))
    for name, values in ndcg.items():
        told = difference(values, ndcg["fusion, default settings"])
        print(
            f"{name:30} {values.mean():.4f}  over default {told}  over {best} {difference(values, alone[best])}",
            flush=True,
        )
    for name, source in late.items():
        before = rank_cases(default_late[name].score, ground.test).ndcg if each else alone[name]
        told = f"  default {before.mean():.4f}, better by {difference(alone[name], before)}" if each else ""
        print(f"  {name:28} {alone[name].mean():.4f}{told}  {source.settings}", flush=True)
    new_items(ground, {**systems, "text-kNN": late["text-kNN"].score, "fresh": late["fresh"].score})


def new_items(ground: Ground, systems: Mapping[str, Callable[[Histories], np.ndarray]]) -> None:
    new = ~ground.test.known_items
    asked = ground.test.among(new)
    if not len(asked) or not ground.encoded.item_vectors.any():
        return
    print(f"  new items: {int(new.sum())}, sought by {len(asked)} of {len(ground.test)} cases")
    for name, score in systems.items():
        unseen, whole = rank_cases(only(score, new), asked).ndcg, rank_cases(score, asked).among(new).ndcg
        print(f"    {name:30} unseen {unseen.mean():.4f}  whole {whole.mean():.4f}", flush=True)


def difference(values: np.ndarray, others: np.ndarray) -> str:
    found = paired_difference(values, others)
    return f"{found.value:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=[*TIMED, *ORDERED])
    parser.add_argument("--protocols", nargs="+", default=["global-time", "leave-last-out"])
    parser.add_argument("--encoder", default="tfidf")
    parser.add_argument("--each", action="store_true", help="measure each source at its default settings too")
    parser.add_argument("--ease", type=int, default=candidates.MAX_EASE_ITEMS, help="items up to which EASE is fitted")
    options = parser.parse_args()
    candidates.MAX_EASE_ITEMS = options.ease
    root = os.environ.get("PENCHANT_DATA") or sys.exit("Set PENCHANT_DATA to the folder of data sets.")
    for name in options.sets:
        encoded = read_set(Path(root) / name, options.encoder)
        for protocol in options.protocols if name in TIMED else ["leave-last-out"]:
            ground = Ground.of(encoded, protocol)
            sizes = f"{len(encoded.items)} items, {len(ground.fitted)} events, {len(ground.test)} cases"
            print(f"\n## {name}, {protocol}: {sizes}", flush=True)
            run(ground, each=options.each)


if __name__ == "__main__":
    main()
