"""Lists in the user's hands, on MovieLens-100K: what requests in words and values by a formula move and cost; heads as features.

    python benchmarks/lists.py steer|value|heads [--protocol leave-last-out] [--encoder auto] [--seeds 0 1 2] [--folder FOLDER]

The recommender is chosen and fitted as `penchant evaluate` does it, at size tiny; both stages stay in FOLDER and are not
fitted again: name another for another commit. Values of a person are means over the seeds; intervals are over people.

steer: for each of the 18 genres "more X" and "less X" (--chinese: in Chinese) to everybody: share of X among the first ten
before and after, and NDCG@10. Controls: random words instead of X; texts and tags of items in another order (the shares are
still those of the true genres). `own`: "more X" with X the rarest genre of the film that was watched next.
value: the mean predicted like of the first ten, the rating that the hits really got, NDCG@10 of all and of liked films alone.
heads: logits of like and predicted stars as features beside the fused score, among 200 candidates, by a conditional logit that is
fitted on valid; its gain there is cross-validated over people, that on test is of the weights of all of valid.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.evaluation import metrics
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import list_results
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.ranking.formula import parse_formula
from penchant.ranking.lists import bar, by_value, log_chances, make_candidates, pull
from penchant.ranking.recommender import FusedRecommender
from penchant.ranking.wishes import Wishes
from penchant.records.ranked import Ranked, mask_seen, top_k
from penchant.stages.asking import NO_ITEMS, Asking
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import choose, make_tasks, refit
from penchant.stages.folder import read_model, write_model
from penchant.stages.item_facts import ItemFacts
from penchant.stages.protocols import find_protocol, make_cases
from penchant.stages.steering import STRENGTH, steer_by
from penchant.text.interests import carried_by

K, POOL, SIZE = 10, 200, "tiny"
ENGLISH = {
    "Sci-Fi": "science fiction",
    "Children's": "films for children",
    "Film-Noir": "film noir",
    "Romance": "love stories",
    "Musical": "musicals",
}
"""As somebody would say it; other genres by their names."""
CHINESE = dict(
    zip(
        [
            "Action",
            "Adventure",
            "Animation",
            "Children's",
            "Comedy",
            "Crime",
            "Documentary",
            "Drama",
            "Fantasy",
            "Film-Noir",
            "Horror",
            "Musical",
            "Mystery",
            "Romance",
            "Sci-Fi",
            "Thriller",
            "War",
            "Western",
        ],
        [
            "动作",
            "冒险",
            "动画",
            "儿童",
            "喜剧",
            "犯罪",
            "纪录片",
            "剧情",
            "奇幻",
            "黑色电影",
            "恐怖",
            "音乐剧",
            "悬疑",
            "爱情",
            "科幻",
            "惊悚",
            "战争",
            "西部",
        ],
        strict=True,
    )
)
RANDOM = [
    "table",
    "window",
    "copper",
    "lantern",
    "paper",
    "river",
    "engine",
    "garden",
    "button",
    "winter",
    "silver",
    "carpet",
    "bottle",
    "ladder",
    "orchard",
]
VALUES = ("like", "like^1 * rating^0.5", "like^2", "like^4", "rating^4")
LIKED = 4.0
"""Stars."""


@dataclass(frozen=True)
class Fitted:
    """A recommender with the people that it is asked about."""

    encoded: Encoded
    recommender: FusedRecommender
    cases: Cases
    stars: np.ndarray  # float (R,), what the relevant items got

    @cached_property
    def scores(self) -> np.ndarray:
        """float32 (C, I), nothing masked."""
        parts = [self.cases.histories.select(slice(begin, begin + 128)) for begin in range(0, len(self.cases), 128)]
        return np.concatenate([self.recommender.score(part) for part in parts])

    def facts(self) -> ItemFacts:
        return ItemFacts(
            self.recommender, Asking(self.encoded.data.items, self.encoded.reader, has_clock=True), NO_ITEMS
        )

    def first(self, pulled: np.ndarray | None = None) -> np.ndarray:
        """Item rows of everybody's first ten."""
        scores, wishes = self.scores.copy(), Wishes(pull=pulled)
        pull(scores, wishes)
        bar(scores, self.cases.histories, wishes)
        return top_k(scores, K).item_rows

    def ndcg(self, lists: np.ndarray, cases: Cases | None = None) -> np.ndarray:
        ranked = Ranked(lists, np.tile(-np.arange(K, dtype=np.float32), (len(lists), 1)))
        return list_results(ranked, cases or self.cases, K).ndcg


def fit_one(encoded: Encoded, protocol: str, seed: int, folder: Path) -> dict[str, Fitted]:
    """The two stages, on valid and on test; from FOLDER where they are there."""
    events, config = encoded.events, resolve_config(SIZE, seed)
    split = find_protocol(protocol).split(encoded, 0, seed)
    fitted = split.before_test(events)
    valid = make_cases(encoded, protocol, split.train, split.valid, split.told(split.train))
    test = make_cases(encoded, protocol, fitted, split.test, split.told(fitted))
    if not (folder / "final" / "model").exists():
        tasks = make_tasks(None, encoded, events.take(split.train))
        choice, first = choose(events.take(split.train), events.take(split.valid), valid, encoded, tasks, config)
        final = refit(events.take(fitted), encoded, tasks, config, choice).recommender
        for name, recommender in (("first", first), ("final", final)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            about = {"size": SIZE, "tasks": [task.name for task in tasks], "created_at": "", "config": config.to_dict()}
            write_model(folder / name, recommender, encoded.data.items, encoded.data.events, encoded.reader, about)
    found = {}
    for name, cases in (("first", valid), ("final", test)):
        recommender = read_model(folder / name)[0]
        found[name] = Fitted(encoded, recommender, cases, stars_of(encoded, cases))
    return found


def stars_of(encoded: Encoded, cases: Cases) -> np.ndarray:
    """What people gave to their relevant items; they rate each once."""
    events, size = encoded.events, len(encoded.items)
    keys = events.user_rows.astype(np.int64) * size + events.item_rows
    order = np.argsort(keys)
    asked = cases.user_rows[cases.relevant_owners].astype(np.int64) * size + cases.relevant_rows
    return np.asarray(events.values[order[np.searchsorted(keys[order], asked)]])


def told(values: np.ndarray) -> str:
    low, high = bootstrap_interval(values)
    return f"{values.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def gained(ours: Sequence[np.ndarray], base: Sequence[np.ndarray]) -> str:
    found = paired_difference(np.mean(ours, axis=0), np.mean(base, axis=0))
    return f"{found.value:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"


def say(genre: str, *, chinese: bool) -> str:
    return CHINESE[genre] if chinese else ENGLISH.get(genre, genre)


def request(want: str, phrase: str, *, chinese: bool) -> str:
    return {"more": f"多来点{phrase}", "less": f"少一点{phrase}"}[want] if chinese else f"{want} {phrase}"


def shuffled(facts: ItemFacts, seed: int) -> ItemFacts:
    """Items with each other's texts and tags."""
    order = np.random.default_rng(seed).permutation(len(facts))
    vectors, tags = facts.vectors, facts.tags
    facts.__dict__["vectors"], facts.__dict__["tags"] = vectors[order], [tags[row] for row in order]
    return facts


def steer(runs: Sequence[Fitted], strengths: Sequence[float], *, chinese: bool) -> None:
    genres = list(CHINESE)
    rows: list[tuple[str, str, str, float]] = [
        *(
            (want, kind, "", STRENGTH)
            for want in ("more", "less")
            for kind in ("genre", "random words", "shuffled items")
        ),
        *(("more", "own", "", strength) for strength in strengths),
    ]
    base = [run.first() for run in runs]
    plain = [run.ndcg(lists) for run, lists in zip(runs, base, strict=True)]
    print(
        f"plain NDCG@10 {np.mean(plain):.4f}\n| request | strength | share before | change | NDCG@10 change |\n"
        "|---|---|---|---|---|"
    )
    for want, kind, _, strength in rows:
        before, change, ndcg = [], [], []
        for seed, (run, lists) in enumerate(zip(runs, base, strict=True)):
            facts = shuffled(run.facts(), seed) if kind == "shuffled items" else run.facts()
            carried = carried_by(run.facts().tags, genres)
            rng = np.random.default_rng(seed)
            phrases = {
                genre: " ".join(rng.choice(RANDOM, len(say(genre, chinese=False).split())))
                if kind == "random words"
                else say(genre, chinese=chinese)
                for genre in genres
            }
            pulls = [
                steer_by(
                    request(want, phrases[genre], chinese=chinese and kind != "random words"), facts, strength
                ).pull
                for genre in genres
            ]
            if kind == "own":
                own = own_genre(run.cases, carried)
                some = run.scores + run.scores.std(axis=1, keepdims=True) * np.stack(pulls)[own]
                mask_seen(some, run.cases.histories)
                moved = top_k(some, K).item_rows
                people = np.arange(len(own))
                before.append(carried[lists][people, :, own].mean(axis=1))
                change.append(carried[moved][people, :, own].mean(axis=1) - before[-1])
                ndcg.append(run.ndcg(moved))
                continue
            movements = [run.first(pulled) for pulled in pulls]
            before.append(np.mean([carried[lists][:, :, g].mean(axis=1) for g in range(len(genres))], axis=0))
            after = np.mean([carried[moved][:, :, g].mean(axis=1) for g, moved in enumerate(movements)], axis=0)
            change.append(after - before[-1])
            ndcg.append(np.mean([run.ndcg(moved) for moved in movements], axis=0))
        print(
            f"| {want}, {kind} | {strength} | {np.mean(before):.3f} | {told(np.mean(change, axis=0))} | {gained(ndcg, plain)} |",
            flush=True,
        )


def own_genre(cases: Cases, carried: np.ndarray) -> np.ndarray:
    """The rarest genre of each case's film."""
    rarity = np.where(carried, carried.sum(axis=0), np.iinfo(np.int64).max)
    return np.asarray(rarity[cases.relevant_rows].argmin(axis=1))


def likes(run: Fitted, lists: np.ndarray) -> np.ndarray:
    """The mean predicted like of each list."""
    owners = np.repeat(np.arange(len(lists)), K)
    return run.recommender.predict(run.cases.histories, owners, lists.ravel())["like"].reshape(lists.shape).mean(axis=1)


def value(runs: Sequence[Fitted]) -> None:
    print(
        "| value | predicted like | change | stars of hits (hits) | NDCG@10 change | NDCG@10 of liked films, change |\n"
        "|---|---|---|---|---|---|"
    )
    base: list[tuple[np.ndarray, ...]] = []
    for text in ("next", *VALUES):
        found = []
        for run in runs:
            lists = valued(run, text)
            hits = (lists[run.cases.relevant_owners] == run.cases.relevant_rows[:, None]).any(axis=1)
            pairs = run.cases.relevant_owners, run.cases.relevant_rows
            liked = np.zeros((len(run.cases), run.cases.num_items), bool)
            liked[pairs[0][run.stars >= LIKED], pairs[1][run.stars >= LIKED]] = True
            found.append((likes(run, lists), run.ndcg(lists), liked_ndcg(lists, liked), run.stars[hits]))
        base = base or found
        like, ndcg, of_liked = ([row[place] for row in found] for place in range(3))
        stars = np.concatenate([row[3] for row in found])
        print(
            f"| {text} | {np.mean(like):.3f} | {told(np.mean(like, axis=0) - np.mean([row[0] for row in base], axis=0))} "
            f"| {stars.mean():.3f} ({len(stars)}) | {gained(ndcg, [row[1] for row in base])} "
            f"| {gained(of_liked, [row[2] for row in base])} |",
            flush=True,
        )


def liked_ndcg(lists: np.ndarray, liked: np.ndarray) -> np.ndarray:
    hits = np.take_along_axis(liked, np.maximum(lists, 0), 1) & (lists >= 0)
    return metrics.ndcg(hits, np.maximum(liked.sum(axis=1), 1))


def valued(run: Fitted, text: str) -> np.ndarray:
    """The first ten by a formula, as `FusedRecommender.ask` makes them."""
    scores, wishes = run.scores.copy(), Wishes()
    bar(scores, run.cases.histories, wishes)
    candidates = make_candidates(scores, run.cases.histories, wishes)
    formula, shape = parse_formula(text), candidates.rows.shape
    owners = np.repeat(np.arange(shape[0]), shape[1])
    predicted = run.recommender.predict(run.cases.histories, owners, candidates.rows.ravel())
    values = formula.log_values(
        log_chances(candidates, scores), {name: predicted[name].reshape(shape) for name in formula.tasks}
    )
    return np.ascontiguousarray(by_value(candidates, values).item_rows[:, :K])


@dataclass(frozen=True)
class Pool:
    """`features`: (C, POOL, F), the fused score first; `relevant`, `there`: bool (C, POOL)."""

    rows: np.ndarray
    features: np.ndarray
    relevant: np.ndarray
    there: np.ndarray


def pool_of(run: Fitted) -> Pool:
    scores = run.scores.copy()
    mask_seen(scores, run.cases.histories)
    best = top_k(scores, POOL)
    there = best.item_rows >= 0
    rows = np.maximum(best.item_rows, 0)
    owners = np.repeat(np.arange(len(rows)), POOL)
    predicted = run.recommender.predict(run.cases.histories, owners, rows.ravel())
    like, stars = (predicted[name].reshape(rows.shape) for name in ("like", "rating"))
    relevant = np.zeros(scores.shape, bool)
    relevant[run.cases.relevant_owners, run.cases.relevant_rows] = True
    features = np.stack([np.where(there, best.scores, 0), np.log(like / (1 - like)), stars], axis=2)
    return Pool(best.item_rows, features, np.take_along_axis(relevant, rows, 1) & there, there)


def fit_logit(pool: Pool, people: np.ndarray, penalty: float = 1e-2) -> np.ndarray:
    """Weights (F,) of a conditional logit, drawn towards the fused score alone."""
    from scipy.optimize import minimize

    features, there = pool.features[people], pool.there[people]
    target = pool.relevant[people].astype(float)
    some = target.sum(axis=1) > 0
    features, there = features[some], there[some]
    target = target[some] / target[some].sum(axis=1, keepdims=True)
    alone = np.array([1.0, 0.0, 0.0])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = np.where(there, features @ weights, -np.inf)
        logits = logits - logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        total = chances.sum(axis=1, keepdims=True)
        chances = chances / total
        value = -(target * np.where(target > 0, logits - np.log(total), 0)).sum() / len(target)
        gradient = np.einsum("cp,cpf->f", chances - target, features) / len(target)
        return value + penalty * ((weights - alone) ** 2).sum(), gradient + 2 * penalty * (weights - alone)

    return np.asarray(minimize(loss, alone, jac=True, method="L-BFGS-B").x)


def reordered(pool: Pool, weights: np.ndarray, people: np.ndarray) -> np.ndarray:
    logits = np.where(pool.there[people], pool.features[people] @ weights, -np.inf)
    order = np.argsort(-logits, axis=1, kind="stable")[:, :K]
    return np.take_along_axis(pool.rows[people], order, 1)


def heads(seeds: Sequence[dict[str, Fitted]]) -> None:
    print("| slice | weights of fused, like, stars by seed | NDCG@10 plain | change |\n|---|---|---|---|")
    learned, ours, base = [], [], []
    for found in seeds:
        run = found["first"]
        pool = pool_of(run)
        folds = np.random.default_rng(0).integers(0, 5, len(run.cases))
        lists = np.zeros((len(run.cases), K), np.int32)
        for fold in range(5):
            lists[folds == fold] = reordered(pool, fit_logit(pool, folds != fold), folds == fold)
        learned.append(fit_logit(pool, folds >= 0))
        ours.append(run.ndcg(lists))
        base.append(run.ndcg(run.first()))
    shown = "; ".join(" ".join(f"{weight:+.2f}" for weight in weights) for weights in learned)
    print(f"| valid, cross-validated | {shown} | {np.mean(base):.4f} | {gained(ours, base)} |", flush=True)
    ours, base = [], []
    for found, weights in zip(seeds, learned, strict=True):
        run = found["final"]
        pool = pool_of(run)
        ours.append(run.ndcg(reordered(pool, weights, np.ones(len(run.cases), bool))))
        base.append(run.ndcg(run.first()))
    print(f"| test | the same | {np.mean(base):.4f} | {gained(ours, base)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["steer", "value", "heads"])
    parser.add_argument("--protocol", default="leave-last-out")
    parser.add_argument("--encoder", default="auto")
    parser.add_argument("--chinese", action="store_true")
    parser.add_argument("--valid", action="store_true", help="ask about valid instead of test")
    parser.add_argument("--strengths", type=float, nargs="*", default=[0.25, 0.5, 1.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=Path("runs/lists"))
    chosen = parser.parse_args()
    encoded = encode(read_movielens_100k(resolve("ml-100k").path), chosen.encoder)
    places = {seed: chosen.folder / chosen.encoder / chosen.protocol / str(seed) for seed in chosen.seeds}
    fitted = [fit_one(encoded, chosen.protocol, seed, place) for seed, place in places.items()]
    runs = [found["first" if chosen.valid else "final"] for found in fitted]
    print(f"{chosen.what}, {chosen.protocol}, {chosen.encoder}, {len(runs[0].cases)} cases, {len(runs)} seeds, {SIZE}")
    if chosen.what == "steer":
        steer(runs, chosen.strengths, chinese=chosen.chinese)
    elif chosen.what == "value":
        value(runs)
    else:
        heads(fitted)


if __name__ == "__main__":
    main()
