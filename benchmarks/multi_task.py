"""Stars and likes of MovieLens-100K by global time: ours against other multi-task networks and factor models.

    PENCHANT_YARDSTICK=path/to/yardstick python benchmarks/multi_task.py --peers VENV [--folder FOLDER] [--sizes tiny small]

VENV: an environment with benchmarks/peers/requirements.txt, made there if it doesn't exist (never a dependency of ours).
Everybody chooses settings on valid, then learns from train and valid, and is asked about the test with what was known
before it. Everybody is calibrated on valid by one regression: stars by a line, likes by Platt's curve (also where a peer
gives stars alone). Peers are also given as they are. Intervals are over people, of the mean over seeds. What was said stays
in FOLDER and is not asked again: name another for another commit.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from peers.answers import PEERS, Said, ask_peers, likes_of, peer_rows, write_ratings

from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.data.split import Split, global_time
from penchant.evaluation.prediction import auc, log_loss, rmse
from penchant.models.offsets import Offsets
from penchant.records.events import Events, histories_of
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import choose, make_tasks, refit
from penchant.stages.later import later_answers
from penchant.stages.protocols import make_cases
from penchant.tasks.evidence import ratings

TASKS = ("next_item", "rating", "like", "tags")
NUM_RESAMPLES = 1000
METRICS: dict[str, tuple[Callable[..., float | None], str]] = {
    "RMSE": (rmse, "stars"),
    "like-AUC": (auc, "likes"),
    "like log-loss": (log_loss, "likes"),
}
"""The measure, and what it reads."""


def check_split(encoded: Encoded, split: Split, yardstick: Path) -> None:
    """That the yardstick, which we did not write, trains on the same pairs.

    Raises: SystemExit where it does not.
    """
    truth = np.load(yardstick / "splits" / "ml-100k_P2.npz")
    ids = [(yardstick / "splits" / f"ml-100k_{kind}s.csv").read_text().split()[1:] for kind in ("user", "item")]
    rows = [
        vocabulary.rows([line.split(",")[-1] for line in lines])
        for vocabulary, lines in zip((encoded.users, encoded.items), ids, strict=True)
    ]
    theirs = set(zip(rows[0][truth["train_u"]].tolist(), rows[1][truth["train_i"]].tolist(), strict=True))
    train = encoded.events.take(split.train)
    if theirs != set(zip(train.user_rows.tolist(), train.item_rows.tolist(), strict=True)):
        raise SystemExit("The yardstick trains on other pairs.")


def simple_rows(encoded: Encoded, fitted: Events, asked: Events) -> dict[str, list[Said]]:
    """The mean, and the bias model that our heads read; chances of a like: the share, and none of their own."""
    scale = encoded.facts.rating_scale
    offsets = Offsets.fit(fitted, len(encoded.items), ratings(scale))
    people, owners = np.unique(asked.user_rows, return_inverse=True)
    known = histories_of(fitted, people, np.full(len(people), asked.timestamps.min()), len(encoded.users))
    units = offsets.mean + offsets.items()[asked.item_rows] + offsets.people(known)[owners]
    share = np.full(len(asked), likes_of(fitted.values, scale).mean())
    mean = np.full(len(asked), float(fitted.values.mean()))
    bias = scale[0] + (scale[1] - scale[0]) * np.clip(units, 0, 1).astype(np.float64)
    return {
        "constants": [Said(stars=mean, likes=share)],
        "our offsets alone": [Said(stars=bias, likes=np.clip(units, 0.01, 0.99))],
    }


def ours(encoded: Encoded, split: Split, size: str, seed: int, folder: Path) -> Said:
    """The whole way that `penchant evaluate` goes."""
    path = folder / f"Penchant_{size}_{seed}.npz"
    if path.exists():
        return Said(**np.load(path))
    events, config = encoded.events, resolve_config(size, seed)
    tasks = make_tasks(TASKS, encoded)
    cases = make_cases(encoded, "global-time", split.train, split.valid)
    choice, _ = choose(events.take(split.train), events.take(split.valid), cases, encoded, tasks, config)
    fitted, asked = events.take(split.before_test(events)), events.take(split.test)
    began = time.process_time()
    final = refit(fitted, encoded, tasks, config, choice)
    seconds = time.process_time() - began
    answers = later_answers(final.recommender.network, final.tasks, fitted, asked, encoded)
    stars, likes, tags = (
        final.recommender.calibrated(name, answers[name].outputs, answers[name].offsets)
        for name in ("rating", "like", "tags")
    )
    loss, share = (
        log_loss(answers["tags"].labels, values)
        for values in (tags, np.broadcast_to(tag_shares(encoded, fitted), tags.shape))
    )
    print(f"{size}, seed {seed}: {choice.epochs} epochs; tags log-loss {loss:.4f}, shares {share:.4f}", flush=True)
    np.savez(path, stars=stars, likes=likes, seconds=seconds)
    return Said(stars=stars, likes=likes, seconds=seconds)


def tag_shares(encoded: Encoded, events: Events) -> np.ndarray:
    """How many of the events of tagged items have each tag."""
    labels = encoded.facts.item_tags[events.item_rows]
    return labels[labels.any(axis=1)].mean(axis=0)


def resampled(
    rows: Mapping[str, Sequence[Said]], truth: Mapping[str, np.ndarray], users: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """By row and metric: the mean over seeds, first of everybody, then of people drawn anew; float64 (1 + resamples,)."""
    people, owners = np.unique(users, return_inverse=True)
    rng = np.random.default_rng(0)
    times = np.stack(
        [np.ones(len(people))]
        + [np.bincount(rng.integers(0, len(people), len(people)), minlength=len(people)) for _ in range(NUM_RESAMPLES)]
    )
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, seeds in rows.items():
        for metric, (measure, reads) in METRICS.items():
            values = []
            for said in seeds:
                own = getattr(said, reads)
                order = np.argsort(own, kind="stable")  # sorted once, the measure sorts in no time
                labels, own, who = truth[reads][order], own[order], owners[order]
                values.append([measure(labels, own, drawn[who]) for drawn in times])
            found.setdefault(name, {})[metric] = np.mean(np.array(values, np.float64), axis=0)
    return found


def interval(values: np.ndarray) -> str:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.4f} [{low:.4f}, {high:.4f}]"


def difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    low, high = np.quantile((ours - theirs)[1:], [0.025, 0.975])
    return f"{ours[0] - theirs[0]:+.4f} [{low:+.4f}, {high:+.4f}]"


def print_table(rows: Mapping[str, Sequence[Said]], found: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    print(f"| row, test [95%] | {' | '.join(METRICS)} | CPU s |\n|---|{'---|' * len(METRICS)}---|")
    for name, values in found.items():
        seconds = np.mean([said.seconds for said in rows[name]])
        print(f"| {name} | {' | '.join(interval(values[metric]) for metric in METRICS)} | {seconds:.0f} |")
    peers = [name for name in found if name.split(",")[0] in PEERS]
    for name in (name for name in found if name.startswith("Penchant")):
        print(f"\n| {name} minus | {' | '.join(METRICS)} |\n|---|{'---|' * len(METRICS)}")
        for peer in peers:
            cells = (difference(found[name][metric], found[peer][metric]) for metric in METRICS)
            print(f"| {peer} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--peers", type=Path, required=True, metavar="VENV")
    arguments.add_argument("--folder", type=Path, default=Path("runs/multi_task"))
    arguments.add_argument("--sizes", nargs="*", default=["tiny", "small"])
    arguments.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    options = arguments.parse_args()
    torch.set_num_threads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    encoded = encode(read_movielens_100k(resolve("ml-100k").path))
    events, scale = encoded.events, encoded.facts.rating_scale
    split = global_time(events)
    check_split(encoded, split, Path(os.environ["PENCHANT_YARDSTICK"]))
    write_ratings(encoded, split, options.folder / "ratings.npz")
    ask_peers(options.peers, options.folder, options.seeds)
    asked = events.take(split.test)
    rows = simple_rows(encoded, events.take(split.before_test(events)), asked)
    rows |= peer_rows(options.folder, options.seeds, events.take(split.valid), *scale)
    for size in options.sizes:
        rows[f"Penchant, {size}"] = [ours(encoded, split, size, seed, options.folder) for seed in options.seeds]
    truth = {"stars": asked.values.astype(np.float64), "likes": likes_of(asked.values, scale)}
    print_table(rows, resampled(rows, truth, asked.user_rows))


if __name__ == "__main__":
    main()
