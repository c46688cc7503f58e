"""What each re-ranker costs in NDCG@10 and brings in variety, on MovieLens-100K, leave last out, behind the whole recommender.

    python benchmarks/rerank.py [--size tiny] [--seeds 0 1 2] [--folder FOLDER] [--speed]

The recommender is chosen and fitted as `penchant evaluate` does it; its 100 best unseen films of each person are re-ranked to
10 with three strengths of each re-ranker. NDCG of a person is the mean over the seeds, its difference to the plain list is
paired; intervals are over people. Coverage and Gini are of the lists of one seed, the mean over seeds is shown. Candidates
stay in FOLDER and are not fitted again: name another for another commit. Distances are between the texts of films, mixes and
caps are of genres, popularity is events before the test, and fresh are films with fewer than FEW of them: the 20 that text-kNN
likes best join the candidates of the rows "fresh" and "fresh joined". A mark of - to + is half of the 95% interval.
--speed: microseconds per person, 100 candidates to 10, one thread.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.data.split import leave_last_out
from penchant.evaluation import diversity, metrics
from penchant.evaluation.cases import Cases
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.ranking.rerank.calibrated import Calibrated
from penchant.ranking.rerank.damp import Damped
from penchant.ranking.rerank.dpp import DPP
from penchant.ranking.rerank.fresh import Fresh, fresh_items
from penchant.ranking.rerank.mmr import MMR
from penchant.ranking.rerank.reranker import Candidates, Reranker
from penchant.ranking.rerank.rules import Cap, Rules, groups_of
from penchant.records.ranked import mask_seen, top_k
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import choose, make_tasks, refit
from penchant.stages.protocols import make_cases

NUM_CANDIDATES, NUM_FRESH, FEW, K = 100, 20, 20, 10


def fit_candidates(encoded: Encoded, size: str, seed: int, path: Path) -> None:
    """Writes each case's best unseen films, their scores, and what text-kNN says of the whole catalogue."""
    events, config = encoded.events, resolve_config(size, seed)
    split, tasks = leave_last_out(events), make_tasks(None, encoded)
    valid = make_cases(encoded, "leave-last-out", split.train, split.valid)
    choice, _ = choose(events.take(split.train), events.take(split.valid), valid, encoded, tasks, config)
    fitted = split.before_test(events)
    recommender = refit(events.take(fitted), encoded, tasks, config, choice).recommender
    histories = make_cases(encoded, "leave-last-out", fitted, split.test).histories
    scores, content = recommender.score(histories), recommender.sources["text-kNN"].score(histories)
    mask_seen(scores, histories)
    mask_seen(content, histories)
    ranked = top_k(scores, NUM_CANDIDATES)
    np.savez(path, rows=ranked.item_rows, scores=ranked.scores, all_scores=scores, content=content)


def read_candidates(path: Path, mixes: np.ndarray, fresh: np.ndarray) -> dict[bool, Candidates]:
    """The best of all; and those with the fresh ones that text-kNN likes best and that are not among them (True)."""
    found = np.load(path)
    content, rows = found["content"], found["rows"]
    plain = Candidates(item_rows=rows, scores=found["scores"], mixes=mixes)
    others = np.where(fresh, content, -np.inf)
    np.put_along_axis(others, rows, -np.inf, 1)
    joined = np.hstack([rows, top_k(others, NUM_FRESH).item_rows])
    scores, said = (np.take_along_axis(given, np.maximum(joined, 0), 1) for given in (found["all_scores"], content))
    return {False: plain, True: Candidates(item_rows=joined, scores=scores, mixes=mixes, content=said)}


def make_rows(
    vectors: np.ndarray, genres: np.ndarray, num_events: np.ndarray, fresh: np.ndarray
) -> dict[str, Reranker]:
    caps = {
        f"caps: at most {most} of a genre": Cap(name="genre", groups=groups_of(genres), limits=most)
        for most in (5, 4, 3)
    }
    return {
        "plain": Rules(),
        **{f"MMR {strength}": MMR(vectors, strength) for strength in (0.2, 0.4, 0.6)},
        **{f"DPP {strength}": DPP(vectors, strength) for strength in (0.1, 0.2, 0.4)},
        **{f"calibrated {strength}": Calibrated(genres, strength) for strength in (0.2, 0.5, 0.8)},
        **{f"damped {strength}": Damped(num_events, strength) for strength in (0.1, 0.3, 0.6)},
        "fresh joined 0": Fresh(fresh, 0),
        **{f"fresh {share}": Fresh(fresh, share) for share in (0.1, 0.2, 0.3)},
        **{name: Rules(caps=[cap]) for name, cap in caps.items()},
    }


def ndcg(lists: np.ndarray, cases: Cases) -> np.ndarray:
    """Of cases with one relevant film each."""
    return metrics.ndcg(lists == cases.relevant_rows[:, None], cases.num_relevant)


def half(low: float, high: float) -> float:
    return (high - low) / 2


def show(
    rows: Mapping[str, np.ndarray],
    cases: Cases,
    by_person: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    overall: Mapping[str, Callable[[np.ndarray], float]],
) -> None:
    """Prints the table. rows: lists (C, seeds, k) of each re-ranker, the first is what the others are compared with."""
    print("| row | NDCG@10 | difference [95%] | " + " | ".join([*by_person, *overall]) + " |")
    print("|---" * (3 + len(by_person) + len(overall)) + "|")
    plain = None
    for name, lists in rows.items():
        gain = np.mean([ndcg(lists[:, seed], cases) for seed in range(lists.shape[1])], axis=0)
        plain = gain if plain is None else plain
        change = paired_difference(gain, plain)
        cells = [f"{gain.mean():.4f}", f"{change.value:+.4f} [{change.low:+.4f}, {change.high:+.4f}]"]
        for measure in by_person.values():
            values = np.mean([measure(lists[:, seed]) for seed in range(lists.shape[1])], axis=0)
            cells.append(f"{values.mean():.3f} -+{half(*bootstrap_interval(values)):.3f}")
        for statistic in overall.values():
            mean = partial(mean_over_seeds, statistic)
            cells.append(f"{mean(lists):.3f} -+{half(*diversity.grouped_interval(mean, lists)):.3f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def mean_over_seeds(statistic: Callable[[np.ndarray], float], lists: np.ndarray) -> float:
    return float(np.mean([statistic(lists[:, seed]) for seed in range(lists.shape[1])]))


def show_speed(rows: Mapping[str, Reranker], candidates: Candidates, rounds: int = 7) -> None:
    """The fastest of some rounds: everybody at once, and one person alone."""
    print(f"| row | us per person of {len(candidates)} at once | us of one alone |\n|---|---|---|")
    one = candidates.part(slice(0, 1))
    for name, reranker in rows.items():
        took = []
        for given in (candidates, one):
            seconds = []
            for _ in range(rounds):
                began = time.perf_counter()
                reranker.rerank(given, K)
                seconds.append(time.perf_counter() - began)
            took.append(1e6 * min(seconds) / len(given))
        print(f"| {name} | {took[0]:.0f} | {took[1]:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="tiny")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=Path("runs/rerank"))
    parser.add_argument("--speed", action="store_true", help="time it, instead of the table")
    chosen = parser.parse_args()
    encoded = encode(read_movielens_100k(resolve("ml-100k").path))
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for seed in chosen.seeds:
        path = chosen.folder / f"{chosen.size}_{seed}.npz"
        if not path.exists():
            fit_candidates(encoded, chosen.size, seed, path)
            print(f"fitted seed {seed}", flush=True)
    split, num_items = leave_last_out(encoded.events), len(encoded.items)
    past = split.before_test(encoded.events)
    cases = make_cases(encoded, "leave-last-out", past, split.test)
    num_events = np.bincount(encoded.events.item_rows[past], minlength=num_items)
    fresh, vectors, genres = (
        fresh_items(num_events=num_events, fewer_than=FEW),
        encoded.item_vectors,
        encoded.facts.item_tags,
    )
    mixes = diversity.category_mixes(cases.histories, genres)
    pools = [read_candidates(chosen.folder / f"{chosen.size}_{seed}.npz", mixes, fresh) for seed in chosen.seeds]
    rows = make_rows(vectors, genres, num_events, fresh)
    print(f"{len(cases)} cases, {num_items} films, {fresh.sum()} fresh, {len(pools)} seeds, {chosen.size}")
    if chosen.speed:
        return show_speed(rows, pools[0][False])
    lists = {
        name: np.stack([(pool := of_seed["fresh" in name]).at(reranker.rerank(pool, K)) for of_seed in pools], axis=1)
        for name, reranker in rows.items()
    }
    by_person = {
        "distance": partial(diversity.intra_list_distance, vectors=vectors),
        "KL to the mix": partial(diversity.divergence_from_mix, categories=genres, mixes=mixes),
        "novelty, bits": partial(diversity.novelty, num_events=num_events, num_users=len(encoded.users)),
        "long tail": partial(diversity.share, item_mask=diversity.long_tail(num_events)),
        "fresh": partial(diversity.share, item_mask=fresh),
    }
    overall = {
        "coverage": partial(metrics.coverage, num_items=num_items),
        "Gini": partial(diversity.exposure_gini, num_items=num_items),
    }
    return show(lists, cases, by_person, overall)


if __name__ == "__main__":
    main()
