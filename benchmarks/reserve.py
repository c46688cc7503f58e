"""Places kept for new items: what they cost all cases in NDCG@10 and bring to those that seek one, behind the whole recommender.

    PENCHANT_DATA=path/to/data python benchmarks/reserve.py [--sets movielens_100k ...] [--seeds 0 1 2] [--folder FOLDER]

Global time. The recommender is chosen and fitted as `penchant evaluate` does it (size tiny, texts by TF-IDF). New are items that
nobody met before the requests. `among` ranks new items alone, for the cases that seek one, by each score that may fill the
places: that choice is made on valid, by the mean over sets and seeds. `whole` is NDCG of new items in lists of the whole
catalogue, for the same cases; `all` is NDCG of all cases. NDCG of a case is the mean over seeds; differences are paired by case.
Scores stay in FOLDER and are not made again: name another for another commit.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from sources import Ground, difference, read_set

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import list_results
from penchant.ranking.lists import bar, make_candidates, relisted
from penchant.ranking.recommender import FusedRecommender
from penchant.ranking.rerank.fresh import Fresh
from penchant.ranking.wishes import Wishes
from penchant.records.events import Events
from penchant.records.ranked import Ranked, top_k
from penchant.stages.config import resolve_config
from penchant.stages.fitting import choose, make_tasks, refit
from penchant.stages.protocols import find_protocol
from penchant.stages.rerankers import FEW

K, SLOTS = 10, (1, 2, 3)
SCORES = ("fused", "network", "text-kNN", "fresh")
SETS = ("movielens_100k", "movielens_latest_small", "steam_reviews")
Scores = Mapping[str, np.ndarray]
"""Of each scorer float32 (C, I), what the person has met at -inf."""


def scored(recommender: FusedRecommender, cases: Cases) -> Scores:
    histories = cases.histories
    found = {"fused": recommender.score(histories), "network": recommender.network.score(histories)}
    found |= {name: recommender.sources[name].score(histories) for name in ("text-kNN", "fresh")}
    for scores in found.values():
        bar(scores, histories, Wishes())
    return found


def fit(ground: Ground, seed: int) -> tuple[Scores, Scores]:
    """Of valid, by what was fitted before it, and of the test."""
    encoded, config = ground.encoded, resolve_config("tiny", seed)
    split, events = find_protocol("global-time").split(encoded, 0, seed), encoded.events
    tasks = make_tasks(None, encoded, ground.past)
    choice, early = choose(ground.past, events.take(split.valid), ground.valid, encoded, tasks, config)
    late = refit(ground.fitted, encoded, tasks, config, choice).recommender
    return scored(early, ground.valid), scored(late, ground.test)


def read_scores(ground: Ground, name: str, seed: int, folder: Path) -> tuple[Scores, Scores]:
    paths = [folder / f"{name}-{seed}-{part}.npz" for part in ("valid", "test")]
    if not paths[1].exists():
        for path, scores in zip(paths, fit(ground, seed), strict=True):
            np.savez(path, **scores)  # type: ignore[arg-type]
    valid, test = (dict(np.load(path)) for path in paths)
    return valid, test


def reserved(scores: Scores, cases: Cases, mask: np.ndarray, slots: int, by: str, first: int | None = None) -> Ranked:
    """Lists as `fresh:slots=...,by=...,place=...` makes them."""
    content = None if by == "fused" else lambda histories: scores[by]  # noqa: ARG005
    wishes = Wishes(k=K, holding=(Fresh(mask, slots / K, first),), fresh=mask, content=content)
    return relisted(make_candidates(scores["fused"], cases.histories, wishes), wishes).ranked


def rows_of(scores: Scores, cases: Cases, mask: np.ndarray) -> dict[str, Ranked]:
    """The plain list, each scorer alone, and lists with places for the items under `mask`."""
    rows = {"as ranked": top_k(scores["fused"], K), "text-kNN alone": top_k(scores["text-kNN"], K)}
    for by in SCORES:
        rows |= {f"{slots} of {K}, by {by}": reserved(scores, cases, mask, slots, by) for slots in SLOTS}
        rows[f"2 of {K} from place 1, by {by}"] = reserved(scores, cases, mask, 2, by, 1)
    return rows


def among(scores: Scores, cases: Cases, mask: np.ndarray) -> dict[str, np.ndarray]:
    """NDCG of the cases that seek an item under `mask`, where these items alone are ranked; by scorer."""
    return {
        name: list_results(top_k(np.where(mask, given, -np.inf), K), cases).among(mask).ndcg
        for name, given in scores.items()
    }


def masks(cases: Cases, events: Events) -> dict[str, np.ndarray]:
    met = np.bincount(events.item_rows[events.item_rows >= 0], minlength=cases.num_items)
    return {"nobody met": met < 1, "fewer than 20 met": met < FEW}


def mean(values: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Of each row by case, over seeds."""
    found = list(values)
    return {name: np.mean([each[name] for each in found], axis=0) for name in found[0]}


def show_choice(name: str, ground: Ground, seeds: Sequence[Scores]) -> None:
    """NDCG among fresh items on valid: what `by` is chosen by."""
    for told, mask in masks(ground.valid, ground.past).items():
        found = mean(among(scores, ground.valid, mask) for scores in seeds)
        cells = " | ".join(f"{found[by].mean():.4f}" for by in SCORES)
        print(f"| {name}, {told} | {int(mask.sum())} | {len(found['fused'])} | {cells} |", flush=True)


def show(cases: Cases, mask: np.ndarray, seeds: Sequence[Scores]) -> None:
    """What places cost and bring."""
    print(f"{int(mask.sum())} such items, sought by {len(cases.among(mask))} of {len(cases)} cases")
    print("| row | NDCG@10 of them | over text-kNN alone | of all cases | cost | their share | of them shown |")
    print("|---" * 7 + "|", flush=True)
    lists = [rows_of(scores, cases, mask) for scores in seeds]
    results = [{row: list_results(ranked, cases, K) for row, ranked in some.items()} for some in lists]
    whole = mean({row: found.among(mask).ndcg for row, found in some.items()} for some in results)
    everybody = mean({row: found.ndcg for row, found in some.items()} for some in results)
    for row in lists[0]:
        shown = [some[row].item_rows for some in lists]
        cells = [
            f"{whole[row].mean():.4f}",
            difference(whole[row], whole["text-kNN alone"]),
            f"{everybody[row].mean():.4f}",
            difference(everybody[row], everybody["as ranked"]),
            f"{np.mean([mask[rows].mean() for rows in shown]):.3f}",
            f"{np.mean([len(np.unique(rows[mask[rows]])) for rows in shown]):.0f}",
        ]
        print(f"| {row} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=Path("runs/reserve"))
    parser.add_argument("--valid", action="store_true", help="the lists of valid, instead of the test's")
    options = parser.parse_args()
    root = os.environ.get("PENCHANT_DATA") or sys.exit("Set PENCHANT_DATA to the folder of data sets.")
    options.folder.mkdir(parents=True, exist_ok=True)
    grounds = {name: Ground.of(read_set(Path(root) / name, "tfidf"), "global-time") for name in options.sets}
    scores = {
        name: [read_scores(ground, name, seed, options.folder) for seed in options.seeds]
        for name, ground in grounds.items()
    }
    print(f"| valid, among them alone | items | cases | {' | '.join(SCORES)} |\n" + "|---" * 7 + "|")
    for name, ground in grounds.items():
        show_choice(name, ground, [valid for valid, _ in scores[name]])
    for name, ground in grounds.items():
        cases, events = (ground.valid, ground.past) if options.valid else (ground.test, ground.fitted)
        for told, mask in masks(cases, events).items():
            print(f"\n## {name}, items that {told}, {'valid' if options.valid else 'test'}")
            show(cases, mask, [pair[0 if options.valid else 1] for pair in scores[name]])


if __name__ == "__main__":
    main()
