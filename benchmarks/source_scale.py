"""Seconds and peak memory of the candidate sources as the catalogue grows, and of ranking a whole catalogue for everybody.

    python benchmarks/source_scale.py [--copies 1 6 60] [--only ITEM-KNN ...] [--plot docs/images/sources.png]

The events are MovieLens-100K several times over: each copy has people and films of its own, and a tenth of the events of
everybody strays to the same film of another copy. So popularity, histories and who meets what stay those of real people:
60 copies are 100,920 items, 56,580 people and 6 million events. Each row is a process of its own; memory is its largest
resident size, with what importing and the events themselves take ("start"). Scoring: 256 people in one call.
`fusion` learns the weights of all of them but EASE, on 1,000 people; fitting them is in its memory and not in its seconds.
`ranking` is `rank_cases` on as many people as items up to 100,000, with 32 factors of each, at random, as the scorer.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

STRAY = 0.1
NUM_PEOPLE = 256
NUM_FACTORS = 32
LEAST_SECONDS = 0.01
ROWS = ("start", "recent popularity", "item-kNN", "EASE", "transitions", "nearby", "text-kNN", "fusion", "ranking")


def many_films(copies: int) -> Any:
    """The events, and the number of items."""
    from penchant.assets.resolve import resolve
    from penchant.data.rows import to_events
    from penchant.data.sources.movielens import read_movielens_100k
    from penchant.records.events import Events
    from penchant.records.vocabulary import Vocabulary

    data = read_movielens_100k(resolve("ml-100k").path)
    users, items = (
        Vocabulary(table[f"{kind}_id"].to_list()) for kind, table in (("user", data.users), ("item", data.items))
    )
    one = to_events(data, users, items)
    rng = np.random.default_rng(0)
    home = np.repeat(np.arange(copies), len(one))
    away = np.where(rng.random(len(home)) < STRAY, rng.integers(copies, size=len(home)), home)
    order = np.argsort(np.tile(one.timestamps, copies), kind="stable")
    events = Events(
        user_rows=(np.tile(one.user_rows, copies) + home * len(users)).astype(np.int32)[order],
        item_rows=(np.tile(one.item_rows, copies) + away * len(items)).astype(np.int32)[order],
        timestamps=np.tile(one.timestamps, copies)[order],
        values=np.tile(one.values, copies)[order],
        kinds=np.tile(one.kinds, copies)[order],
        text_rows=np.tile(one.text_rows, copies)[order],
    )
    return events, len(items) * copies


def measure(row: str, copies: int) -> dict[str, Any]:
    from penchant.records.events import histories_of
    from penchant.stages.config import SOURCES

    events, num_items = many_films(copies)
    told = {"row": row, "items": num_items, "events": len(events)}
    if row == "ranking":
        return {**told, **timed_ranking(events, num_items)}
    if row == "fusion":
        return {**told, **timed_fusion(events, num_items)}
    if row == "start":
        return {**told, "fit": 0.0, "score": 0.0, "mib": peak()}
    more = (np.random.default_rng(0).normal(size=(num_items, 384)).astype(np.float32),) if row == "text-kNN" else ()
    began = time.process_time()
    source = SOURCES[row].fit(events, num_items, *more)
    fit = time.process_time() - began
    people = np.arange(NUM_PEOPLE)
    histories = histories_of(
        events, people, np.full(NUM_PEOPLE, events.timestamps[-1]), int(events.user_rows.max()) + 1
    )
    began = time.process_time()
    source.score(histories)
    return {**told, "fit": fit, "score": time.process_time() - began, "mib": peak()}


def some_cases(events: Any, num_items: int, num_people: int) -> Any:
    """Anybody's history and an item at random. The time of a request is the number of its case."""
    from penchant.evaluation.cases import Cases
    from penchant.records.events import histories_of

    rng = np.random.default_rng(0)
    num_users = int(events.user_rows.max()) + 1
    users = rng.integers(num_users, size=num_people)
    return Cases(
        histories=histories_of(events, users, np.arange(num_people), num_users),
        user_rows=users.astype(np.int32),
        relevant_ptr=np.arange(num_people + 1),
        relevant_rows=rng.integers(num_items, size=num_people).astype(np.int32),
        known_users=np.ones(num_people, bool),
        known_items=np.ones(num_items, bool),
    )


def timed_ranking(events: Any, num_items: int) -> dict[str, Any]:
    from penchant.evaluation.ranking import rank_cases

    cases = some_cases(events, num_items, min(num_items, 100_000))
    rng = np.random.default_rng(1)
    tastes, films = (rng.normal(size=(count, NUM_FACTORS)).astype(np.float32) for count in (len(cases), num_items))
    began = time.process_time()
    rank_cases(lambda histories: tastes[histories.request_times] @ films.T, cases)
    return {"fit": 0.0, "score": time.process_time() - began, "mib": peak()}


def timed_fusion(events: Any, num_items: int) -> dict[str, Any]:
    from penchant.stages.candidates import READ_TEXTS
    from penchant.stages.config import SOURCES
    from penchant.stages.fusing import fuse, time_scale

    vectors = np.random.default_rng(0).normal(size=(num_items, 384)).astype(np.float32)
    sources = {
        name: kind.fit(events, num_items, *((vectors,) if name in READ_TEXTS else ()))
        for name, kind in SOURCES.items()
        if name != "EASE"
    }
    cases = some_cases(events, num_items, 1000)
    began = time.process_time()
    fuse(sources, None, cases, time_scale(events))
    return {"fit": time.process_time() - began, "score": 0.0, "mib": peak()}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def plot(told: list[dict[str, Any]], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for place, row in enumerate(ROWS):
        some = [one for one in told if one["row"] == row]
        if not some:
            continue
        sizes, look = [one["items"] for one in some], {"label": row, "color": f"C{place}", "marker": "o"}
        seconds = [max(one["score"] if row == "ranking" else one["fit"], LEAST_SECONDS) for one in some]
        if row != "start":
            axes[0].plot(sizes, seconds, **look)
        axes[1].plot(sizes, [one["mib"] for one in some], **look)
    for axis, title in zip(axes, ("CPU seconds to fit (ranking: to rank)", "Peak memory, MiB"), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="items", title=title)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 6, 60])
    parser.add_argument("--only", nargs="+", choices=ROWS, default=ROWS)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one", action="store_true", help="measure in this process (used by itself)")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.only[0], options.copies[0])))
        return
    told = []
    print("| row | items | events | fit, CPU s | score, CPU s | peak MiB |\n|---|---|---|---|---|---|", flush=True)
    for copies in options.copies:
        for row in options.only:
            if row == "EASE" and copies > 6:
                continue
            command = [sys.executable, __file__, "--one", "--only", row, "--copies", str(copies)]
            one = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            told.append(one)
            cells = (
                f"{one['items']:,}",
                f"{one['events']:,}",
                f"{one['fit']:.2f}",
                f"{one['score']:.2f}",
                f"{one['mib']:.0f}",
            )
            print(f"| {row} | " + " | ".join(cells) + " |", flush=True)
    if options.plot:
        plot(told, options.plot)


if __name__ == "__main__":
    main()
