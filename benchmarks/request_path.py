"""What a request costs inside a model that is served: CPU milliseconds of each kind, and whether the lists stay what they are.

    python benchmarks/request_path.py RUN [--requests 40] [--seed 0]
    python benchmarks/request_path.py RUN --make 100000

RUN is a trained run folder; --make writes one first, a made-up shop of so many items and three times as many events, encoder
hashing, size tiny, one epoch. For before and after run it with another source tree in PYTHONPATH. CPU is of the whole
process, threads too; wall is the median and the worst of the requests. `lists` is a hash of the ids that came: equal hashes are
equal lists. "known, again" asks about one person who was asked about before, "known, first" about people who were not.
"""

import argparse
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

import penchant as pn

KINDS = ("space", "garden", "kitchen", "jazz", "mountain", "winter", "ocean", "robot")
STEER = "more {}, less {}"
Request = Callable[[int], Any]


def make(folder: Path, num_items: int, seed: int) -> None:
    """People follow rings of items of one kind, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    num_events, num_people = 3 * num_items, max(100, num_items // 10)
    people = rng.integers(num_people, size=num_events)
    steps = rng.geometric(0.001, size=num_events)
    rows = (people % len(KINDS) + len(KINDS) * (people * 7919 + steps)) % num_items
    events = pl.DataFrame(
        {
            "user_id": [f"u{person}" for person in people],
            "item_id": [f"i{row}" for row in rows],
            "timestamp": 1_600_000_000 + np.arange(num_events) * 60,
            "rating": rng.integers(1, 6, size=num_events),
        }
    )
    names = [KINDS[row % len(KINDS)] for row in range(num_items)]
    titles = [f"{name} number {row}" for row, name in enumerate(names)]
    items = pl.DataFrame({"item_id": [f"i{row}" for row in range(num_items)], "title": titles, "tags": names})
    pn.fit(pn.read(events, items=items), size="tiny", encoder="hashing", epochs=1, num_positions=2_000).save(folder)


def requests(model: Any, seed: int, num: int) -> dict[str, Request]:
    """Of each kind, by the number of the request."""
    rng = np.random.default_rng(seed)
    items = model.items["item_id"].to_list()
    people = rng.permutation(model.user_ids).tolist()
    now = int(model.events["timestamp"].max()) + 1
    again, first = people[0], people[1 : num + 4]
    tags = [tag for row in model.items["tags"].head(1000).to_list() for tag in row or ()] or list(KINDS)
    histories = [
        [{"item_id": items[row], "value": 4.0} for row in rng.integers(len(items), size=20)] for _ in range(num + 3)
    ]
    words = [
        [{"text": f"something like {tags[row % len(tags)]} {rng.integers(10**9)}"} for row in range(5)]
        for _ in histories
    ]
    pairs = [{"user_id": again, "item_id": item} for item in items[:10]]
    steer = STEER.format(tags[0], tags[-1])
    return {
        "known, first": lambda each: model.recommend(first[each], k=10),
        "known, again": lambda _: model.recommend(again, k=10),
        "stranger, 20 events": lambda each: model.recommend(history=histories[each], k=10),
        "stranger, 5 new texts": lambda each: model.recommend(history=words[each], k=10),
        "known, steered": lambda _: model.recommend(again, k=10, steer=steer),
        "known, pins": lambda _: model.recommend(again, k=10, rules={"pins": {1: items[5]}}),
        "10 predictions, known": lambda _: model.predict(pairs),
        "10 predictions, stranger": lambda each: model.predict(pairs, history=histories[each]),
        "similar items": lambda each: model.similar(items[each]),
        "event, then list": lambda each: (
            model.observe([{"user_id": again, "item_id": items[each], "kind": "view", "timestamp": now + each}]),
            model.recommend(again, k=10),
        ),
    }


def measured(ask: Request, num: int) -> dict[str, Any]:
    """After three requests that count for nothing."""
    answers = [ask(num + each) for each in range(3)]
    walls, began = [], time.process_time()
    for each in range(num):
        start = time.perf_counter()
        answers.append(ask(each))
        walls.append(1000 * (time.perf_counter() - start))
    cpu = 1000 * (time.process_time() - began) / num
    rows = [row for answer in answers for row in (answer[1] if isinstance(answer, tuple) else answer)]
    ids = ",".join(row["item_id"] for row in rows)
    told = {"cpu ms": f"{cpu:.2f}", "wall median": f"{np.median(walls):.2f}", "wall worst": f"{max(walls):.2f}"}
    return {**told, "lists": hashlib.sha256(ids.encode()).hexdigest()[:8]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--make", type=int, metavar="ITEMS")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.make:
        make(given.run, given.make, given.seed)
    model = pn.load(given.run, frame="records")
    sizes = f"{len(model.items)} items, {len(model.events)} events, {torch.get_num_threads()} torch threads"
    print(f"{sizes}, {Path(pn.__file__).parent}")
    print("| request | cpu ms | wall ms, median | worst | lists |\n|---|---|---|---|---|")
    for name, ask in requests(model, given.seed, given.requests).items():
        print(f"| {name} | {' | '.join(map(str, measured(ask, given.requests).values()))} |", flush=True)


if __name__ == "__main__":
    main()
