"""What exploration costs and earns in a model that is served: in a made-up shop whose truth is known, and on MovieLens-100K.

    python benchmarks/explore_served.py regret [--worlds 5] [--steps 600]
    python benchmarks/explore_served.py cold [--folder runs/explore] [--seeds 0 1 2]

`regret`: 60 people, 40 items of 4 kinds, of which 12 came after the log and were met by nobody. How often an item is chosen
when it is shown depends on person and item; the titles tell the kind alone. A model is fitted on the log, and then serves
lists of 3: shown, chosen or not, observed. Regret is what the three best items would have earned more. Intervals are over
worlds, differences are paired with the first row.
`cold`: leave last out, fitted before the test, encoder and size tiny as `penchant evaluate`. Share of places with an item of
fewer than 20 events, distinct such items shown, NDCG@10 against the lists as they are; paired over people, mean over the seeds.
Models stay in FOLDER. Also the milliseconds of one request, the median of 100, one thread.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import penchant as pn
from penchant.data.read import read
from penchant.evaluation import metrics
from penchant.evaluation.significance import bootstrap_interval, paired_difference

PEOPLE, ITEMS, KINDS, NEW, K = 60, 40, 4, 12, 3
FEWER = 20
NAMES = ("space", "garden", "kitchen", "jazz")
SERVED = {
    "as ranked": None,
    "epsilon .1 of 40": "epsilon:share=0.1,best=40",
    "greedy on what is learned": "thompson:scale=0,best=40",
    "Thompson .3": "thompson:scale=0.3,best=40",
    "Thompson 1": "thompson:scale=1,best=40",
}
COLD = {
    "as ranked": None,
    "epsilon .1": "epsilon:share=0.1",
    "epsilon .1, fresh may come": f"epsilon:share=0.1,fewer={FEWER}",
    "epsilon 1, fresh may come, last place": f"epsilon:share=1,place=10,best=10,fewer={FEWER}",
    "Thompson 0, nothing learned": "thompson:scale=0",
    "Thompson .1": "thompson:scale=0.1",
    "Thompson .3": "thompson:scale=0.3",
    "Thompson 1": "thompson:scale=1",
    "Thompson 1, fresh may come": f"thompson:scale=1,fewer={FEWER}",
}


class World:
    """`chances` (PEOPLE, ITEMS): how often somebody chooses an item that is shown."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        kinds = np.arange(ITEMS) % KINDS
        tastes, quality = self.rng.normal(size=(PEOPLE, KINDS)), self.rng.normal(size=ITEMS)
        self.chances = 1 / (1 + np.exp(2 - tastes[:, kinds] - quality))

    def model(self) -> Any:
        """Fitted on what people chose of the older items."""
        old = ITEMS - NEW
        rows = []
        for person in range(PEOPLE):
            odds = self.chances[person, :old] / self.chances[person, :old].sum()
            for step, item in enumerate(self.rng.choice(old, 8, replace=False, p=odds)):
                rows.append((f"u{person}", f"i{item}", 1_600_000_000 + step * 1000 + person, "click"))
        events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "kind"], orient="row")
        ids = [f"i{item}" for item in range(ITEMS)]
        titles = [f"{NAMES[item % KINDS]} number {item}" for item in range(ITEMS)]
        items = pl.DataFrame({"item_id": ids, "title": titles})
        return pn.fit(read(events, items=items), size="tiny", encoder="hashing", epochs=4, num_positions=256)


def serve(run: Path, world: World, explore: str | None, steps: int, seed: int) -> np.ndarray:
    """Regret of each step, (steps,)."""
    model, rng, lost = pn.load(run, frame="records"), np.random.default_rng(seed), np.zeros(steps)
    for step in range(steps):
        person = int(rng.integers(PEOPLE))
        luck = rng.random(ITEMS)  # of this visit, whatever is shown
        asked = {} if explore is None else {"explore": explore, "seed": step}
        rows = model.recommend(f"u{person}", k=K, exclude_seen=False, **asked)
        items = [int(row["item_id"][1:]) for row in rows]
        chances = world.chances[person]
        lost[step] = np.sort(chances)[-K:].sum() - chances[items].sum()
        model.shown(rows)
        chosen = [item for item in items if luck[item] < chances[item]]
        if chosen:
            model.observe([{"user_id": f"u{person}", "item_id": f"i{item}", "kind": "click"} for item in chosen])
    return lost


def regret(args: argparse.Namespace) -> None:
    lost: dict[str, list[np.ndarray]] = {name: [] for name in SERVED}
    for seed in range(args.worlds):
        world, run = World(seed), args.folder / f"world-{seed}"
        world.model().save(run)
        for name, explore in SERVED.items():
            lost[name].append(serve(run, world, explore, args.steps, seed))
            print(seed, name, round(float(lost[name][-1].mean()), 4), flush=True)
    print(f"| row | regret per list, {args.steps} lists | last third | difference [95%] |")
    plain = np.array([one.mean() for one in lost["as ranked"]])
    for name, worlds in lost.items():
        means, late = (
            np.array([one.mean() for one in worlds]),
            np.array([one[-args.steps // 3 :].mean() for one in worlds]),
        )
        change = paired_difference(means, plain)
        print(
            f"| {name} | {told(means)} | {told(late)} | {change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}] |"
        )


def told(values: np.ndarray) -> str:
    low, high = bootstrap_interval(values)
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def fitted(folder: Path, seed: int) -> None:
    """Writes a model of MovieLens-100K that knows nothing of the test events."""
    from penchant.assets.resolve import resolve
    from penchant.data.sources.movielens import read_movielens_100k
    from penchant.stages.config import resolve_config
    from penchant.stages.encode import encode
    from penchant.stages.fitting import choose, make_tasks, refit
    from penchant.stages.folder import write_model
    from penchant.stages.protocols import find_protocol, make_cases

    encoded, config = encode(read_movielens_100k(resolve("ml-100k").path)), resolve_config("tiny", seed)
    events, split = encoded.events, find_protocol("leave-last-out").split(encoded, 0, seed)
    tasks = make_tasks(None, encoded, events.take(split.train))
    valid = make_cases(encoded, "leave-last-out", split.train, split.valid, split.told(split.train))
    choice, _ = choose(events.take(split.train), events.take(split.valid), valid, encoded, tasks, config)
    found = refit(events.take(split.before_test(events)), encoded, tasks, config, choice).recommender
    about = {"size": "tiny", "tasks": [], "created_at": "", "frame": "polars", "has_clock": True, "columns": {}}
    about |= {"config": config.to_dict(), "name": "penchant", "version": "0"}
    write_model(folder, found, encoded.data.items, encoded.data.events, encoded.reader, about)


def cold(args: argparse.Namespace) -> None:
    gains: dict[str, list[np.ndarray]] = {name: [] for name in COLD}
    shares: dict[str, list[np.ndarray]] = {name: [] for name in COLD}
    distinct: dict[str, list[int]] = {name: [] for name in COLD}
    taken: dict[str, float] = {}
    for seed in args.seeds:
        run = args.folder / str(seed) / "final"
        if not (run / "model").exists():
            fitted(run, seed)
        model = pn.load(run, frame="polars")
        everything = model.events.sort("timestamp", maintain_order=True)
        last = everything.group_by("user_id", maintain_order=True).agg(pl.len(), pl.col("item_id").last())
        last = last.filter(pl.col("len") >= 3)
        model.events = everything.filter(pl.int_range(pl.len()).over("user_id") < pl.len().over("user_id") - 1)
        people, relevant = last["user_id"].to_list(), dict(last.select("user_id", "item_id").iter_rows())
        counts = model.recommender.network.network.items.counts.numpy()
        fresh = {item for item, count in zip(model.items["item_id"], counts, strict=True) if count < FEWER}
        for name, explore in COLD.items():
            asked = {} if explore is None else {"explore": explore, "seed": seed}
            table = model.recommend(people, **asked)
            hits = np.zeros((len(people), 10))
            is_fresh = np.zeros((len(people), 10))
            row_of = {person: row for row, person in enumerate(people)}
            for person, item, rank in table.select("user_id", "item_id", "rank").iter_rows():
                hits[row_of[person], rank - 1] = item == relevant[person]
                is_fresh[row_of[person], rank - 1] = item in fresh
            gains[name].append(metrics.ndcg(hits.astype(bool), np.ones(len(people), np.int64)))
            shares[name].append(is_fresh.mean(axis=1))
            distinct[name].append(len(set(table["item_id"]) & fresh))
            taken.setdefault(name, milliseconds(model, people[0], asked))
            print(seed, name, round(float(gains[name][-1].mean()), 4), flush=True)
    print("| row | NDCG@10 | difference [95%] | share of fresh places | fresh items shown | ms |")
    plain = np.mean(gains["as ranked"], axis=0)
    for name in COLD:
        gain = np.mean(gains[name], axis=0)
        change = paired_difference(gain, plain)
        cells = f"{gain.mean():.4f} | {change.value:+.4f} [{change.low:+.4f}, {change.high:+.4f}]"
        print(
            f"| {name} | {cells} | {told(np.mean(shares[name], axis=0))} | {np.mean(distinct[name]):.0f} | {taken[name]:.1f} |"
        )


def milliseconds(model: Any, person: str, asked: dict[str, Any]) -> float:
    taken = []
    for _ in range(100):
        begin = time.thread_time()
        model.recommend(person, **asked)
        taken.append(time.thread_time() - begin)
    return float(np.median(taken)) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, work in (("regret", regret), ("cold", cold)):
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        command.add_argument("--folder", type=Path, default=Path("runs/explore"))
        command.add_argument("--worlds", type=int, default=5)
        command.add_argument("--steps", type=int, default=600)
        command.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    args = parser.parse_args()
    args.work(args)


if __name__ == "__main__":
    main()
