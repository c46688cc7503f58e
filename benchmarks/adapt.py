"""Does fitting the language model to a shop help with items that nobody has met?

    PENCHANT_DATA=path/to/data python benchmarks/adapt.py [--num-pairs 1500] [--max-tokens 32] [--kinds next together]

Amazon Office 2018: pairs are made from the events of its train part alone; an item is cold if it has none there. Each later event
with a cold item is a case: what its person met before is averaged (the newest counts most), and the cosine ranks all cold items,
or all items. NDCG@10 of the adapted model minus that of the frozen one, on the same cases, with intervals over people. Which kind
of pairs is taken is chosen on the valid part with the first seed; the test part is looked at once.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch

from penchant.assets.resolve import resolve
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.text.adapt import Adaptation, Pair, adapt, next_pairs, together_pairs
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.templates import item_text

MODEL, DECAY, K = "all-MiniLM-L6-v2", 0.8, 10


@dataclass(frozen=True, kw_only=True)
class Case:
    """Rows of what somebody met, oldest first, and the row of the cold item that came next."""

    user_id: str
    history: list[int]
    target: int


@dataclass(frozen=True, kw_only=True)
class Shop:
    """`histories`: of the train part. `cold`: bool (I,). `cases`: by part."""

    texts: list[str]
    histories: list[list[int]]
    cold: np.ndarray
    cases: dict[str, list[Case]]


def read_shop(folder: Path) -> Shop:
    items = pl.read_parquet(folder / "items.parquet")
    row_of = {item_id: row for row, item_id in enumerate(items["item_id"])}
    events = pl.read_parquet(folder / "interactions.parquet").sort("user_id", "seq")
    events = events.with_columns(row=pl.col("item_id").replace_strict(row_of, return_dtype=pl.Int64))
    train = events.filter(pl.col("split") == "train")
    cold = np.ones(len(items), bool)
    cold[train["row"].to_numpy()] = False
    cases: dict[str, list[Case]] = {"valid": [], "test": []}
    for (user_id,), rows in events.group_by("user_id", maintain_order=True):
        met = rows["row"].to_list()
        for place, part in enumerate(rows["split"]):
            if place and cold[met[place]] and part in cases:
                cases[part].append(Case(user_id=str(user_id), history=met[:place], target=met[place]))
    histories = train.group_by("user_id", maintain_order=True).agg("row")["row"].to_list()
    return Shop(
        texts=[item_text(row) for row in items.iter_rows(named=True)], histories=histories, cold=cold, cases=cases
    )


def ndcg(vectors: np.ndarray, shop: Shop, part: str, among_cold: bool) -> np.ndarray:
    """Mean NDCG@10 of each person's cases, float64 (people,), in order of people."""
    directions = vectors - vectors.mean(axis=0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    gains: dict[str, list[float]] = {}
    for case in shop.cases[part]:
        weights = DECAY ** np.arange(len(case.history))[::-1]
        scores = directions @ (weights @ directions[case.history])
        scores[case.history] = -np.inf
        if among_cold:
            scores[~shop.cold] = -np.inf
        rank = int((scores > scores[case.target]).sum())
        gains.setdefault(case.user_id, []).append(1 / np.log2(rank + 2) if rank < K else 0.0)
    return np.array([np.mean(values) for _, values in sorted(gains.items())])


def vectors_of(path: Path, shop: Shop, max_tokens: int) -> np.ndarray:
    return TransformerEncoder(path, "x", max_tokens=max_tokens, precision="bfloat16").encode(shop.texts)


def adapted(kind: str, shop: Shop, num_pairs: int, max_tokens: int, seed: int, folder: Path) -> np.ndarray:
    pairs = KINDS[kind](shop)
    drawn = np.random.default_rng(seed).permutation(len(pairs))[:num_pairs]
    settings = Adaptation(max_tokens=max_tokens, bfloat16=True)
    began = time.process_time()
    path, losses = adapt(resolve(MODEL).path, [pairs[p] for p in drawn], folder, settings, seed)
    print(
        f"{kind}, seed {seed}: {len(drawn)} of {len(pairs)} pairs, loss {np.mean(losses[:5]):.3f} -> "
        f"{np.mean(losses[-5:]):.3f}, {time.process_time() - began:.0f} CPU s",
        flush=True,
    )
    return vectors_of(path, shop, max_tokens)


def pairs_of_next(shop: Shop) -> Sequence[Pair]:
    return next_pairs(shop.histories, shop.texts, last=1)


def pairs_together(shop: Shop) -> Sequence[Pair]:
    return together_pairs(shop.histories, shop.texts)


KINDS = {"next": pairs_of_next, "together": pairs_together}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-pairs", type=int, default=1500)
    parser.add_argument("--max-tokens", type=int, default=32)
    parser.add_argument("--kinds", choices=list(KINDS), nargs="+", default=list(KINDS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    shop = read_shop(Path(os.environ["PENCHANT_DATA"]) / "amazon_office_2018_minionerec")
    print(
        {part: len(cases) for part, cases in shop.cases.items()},
        f"{shop.cold.sum()} of {len(shop.cold)} items are cold",
    )
    frozen = vectors_of(resolve(MODEL).path, shop, arguments.max_tokens)
    with tempfile.TemporaryDirectory() as folder:
        made = {
            (kind, arguments.seeds[0]): adapted(
                kind, shop, arguments.num_pairs, arguments.max_tokens, arguments.seeds[0], Path(folder)
            )
            for kind in arguments.kinds
        }
        on_valid = {
            kind: round(float(ndcg(vectors, shop, "valid", True).mean()), 4) for (kind, _), vectors in made.items()
        }
        print(f"valid: frozen {ndcg(frozen, shop, 'valid', True).mean():.4f}, {on_valid}", flush=True)
        chosen = max(on_valid, key=lambda kind: on_valid[kind])
        for seed in arguments.seeds:
            if (chosen, seed) not in made:
                made[chosen, seed] = adapted(
                    chosen, shop, arguments.num_pairs, arguments.max_tokens, seed, Path(folder)
                )
            report(chosen, seed, frozen, made[chosen, seed], shop)


def report(kind: str, seed: int, frozen: np.ndarray, vectors: np.ndarray, shop: Shop) -> None:
    for name, among_cold in (("cold items", True), ("all items", False)):
        before, after = (ndcg(v, shop, "test", among_cold) for v in (frozen, vectors))
        low, high = bootstrap_interval(after)
        gain = paired_difference(after, before)
        print(
            f"test, {kind}, seed {seed}, among {name}: frozen {before.mean():.4f}, adapted {after.mean():.4f} "
            f"[{low:.4f}, {high:.4f}], gain {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}], {len(after)} people",
            flush=True,
        )


if __name__ == "__main__":
    main()
