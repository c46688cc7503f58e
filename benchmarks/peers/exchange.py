"""What peers and Penchant have in common: files. A split in, top lists and a card of what they took out.

The split is what `penchant compare RUN --export FOLDER` writes, lists and cards are what `penchant compare RUN --peers` reads
(docs/compare.md). Runs in the environments of the peers: numpy and pyarrow alone, nothing of Penchant.
Settings are chosen on valid, fitted on train; then all is fitted anew on train and valid, and answers the cases. Whoever has no
history, or gets a short list, is filled up with what is most popular.
Legend: C cases, I items, k places.
"""

import argparse
import itertools
import json
import math
import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

Settings = dict[str, Any]
Grid = Mapping[str, Sequence[Any]]
BLOCK = 2048
PATIENCE = 6
"""Whoever learns in epochs stops after so many looks without a better one."""
MASKED = np.float32(-np.inf)


@dataclass(frozen=True)
class Interactions:
    """In the order of time: rows of people and items, and times, int64 (N,) each."""

    users: np.ndarray
    items: np.ndarray
    times: np.ndarray

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True)
class Cases:
    """`relevant` is empty where the answers are not ours to know."""

    users: np.ndarray  # int64 (C,)
    histories: list[np.ndarray]  # item rows, oldest first
    relevant: list[np.ndarray]

    def __len__(self) -> int:
        return len(self.users)

    def block(self, start: int) -> "Cases":
        """So many from `start` on."""
        rows = slice(start, start + BLOCK)
        return Cases(self.users[rows], self.histories[rows], self.relevant[rows])


@dataclass(frozen=True)
class Split:
    """People are all that stand anywhere, items the whole catalogue."""

    user_ids: list[str]
    item_ids: list[str]
    train: Interactions
    both: Interactions  # train and valid
    valid_cases: Cases
    cases: Cases
    k: int

    @classmethod
    def read(cls, folder: Path) -> "Split":
        tables = {
            name: pq.read_table(folder / f"{name}.parquet").to_pydict() for name in ("train", "valid", "cases", "items")
        }
        tables["valid_cases"] = pq.read_table(folder / "valid_cases.parquet").to_pydict()
        user_ids = sorted(
            {name for part in ("train", "valid", "cases", "valid_cases") for name in tables[part]["user_id"]}
        )
        item_ids = tables["items"]["item_id"]
        users, items = ({name: row for row, name in enumerate(ids)} for ids in (user_ids, item_ids))
        train = _interactions([tables["train"]], users, items)
        both = _interactions([tables["train"], tables["valid"]], users, items)
        cases = (_cases(tables[name], users, items) for name in ("valid_cases", "cases"))
        k = json.loads((folder / "split.json").read_text())["k"]
        return cls(user_ids, item_ids, train, both, *cases, k=k)


@dataclass(frozen=True)
class Meter:
    """`seconds` of the clock, `cpu_seconds` of the processor, since it was made."""

    began: tuple[float, float]

    @classmethod
    def start(cls) -> "Meter":
        return cls((time.perf_counter(), _cpu()))

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began[0]

    @property
    def cpu_seconds(self) -> float:
        return _cpu() - self.began[1]


Fit = Callable[[Interactions, Settings, int], Iterator[tuple[Settings, Any]]]
"""events, settings, seed -> whatever `Score` takes, with what the settings have become. Who learns in epochs gives itself again
after some of them, with `epochs` so far, and ends after those of the settings."""
Score = Callable[[Any, Cases], np.ndarray]
"""model, cases -> scores of the whole catalogue, float (C, I); not finite is no recommendation."""


@dataclass(frozen=True)
class Contest:
    """What a script was called with. `rows`: only these, all where empty; `minutes`: choosing ends after so many, of the
    processor's."""

    split: Split
    out: Path
    seeds: list[int]
    rows: list[str]
    minutes: float

    @classmethod
    def called(cls, text: str) -> "Contest":
        """`SPLIT OUT [--seeds 0 1 2] [--rows ...] [--minutes 30]`."""
        parser = argparse.ArgumentParser(description=text)
        parser.add_argument("split", type=Path)
        parser.add_argument("out", type=Path)
        parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
        parser.add_argument("--rows", nargs="+", default=[])
        parser.add_argument("--minutes", type=float, default=math.inf)
        given = parser.parse_args()
        return cls(Split.read(given.split), given.out, given.seeds, given.rows, given.minutes)

    def wants(self, row: str) -> bool:
        return not self.rows or row in self.rows

    def enter(self, row: str, package: str, grid: Grid, fit: Fit, score: Score, seed: int = 0) -> None:
        """Chooses, fits, answers, and writes `<row>@<seed>.npz` and its card; does nothing where they are there."""
        place = self.out / f"{row.replace(' ', '-')}@{seed}.npz"
        if place.exists():
            return
        split, choosing = self.split, Meter.start()
        found, cut = self._choose(f"{row}@{seed}", grid, fit, score, seed)
        valid_ndcg, settings = max(found, key=lambda one: one[0])
        chosen, fitting = (choosing.seconds, choosing.cpu_seconds), Meter.start()
        *_, (_, model) = fit(split.both, settings, seed)
        fitted, answering = (fitting.seconds, fitting.cpu_seconds), Meter.start()
        lists = asked(score, model, split.cases, split.both, split.k)
        about = f"{package} {version(package)}, {json.dumps(settings)}, best of {len(found)} on valid, refit"
        card = {
            "row": row,
            "seed": seed,
            "valid_ndcg": valid_ndcg,
            "choose_seconds": chosen[0],
            "fit_seconds": fitted[0],
            "cpu_seconds": chosen[1] + fitted[1],
            "score_seconds": answering.seconds,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "about": about + (f"; cut after {self.minutes:g} CPU minutes of choosing" if cut else ""),
        }
        self._write(place, lists, card)
        print(f"{row}@{seed}: valid {valid_ndcg:.4f}, fitted in {fitted[0]:.1f} s ({fitted[1]:.1f} CPU)", flush=True)

    def _choose(
        self, name: str, grid: Grid, fit: Fit, score: Score, seed: int
    ) -> tuple[list[tuple[float, Settings]], bool]:
        """NDCG on valid of everything that was tried, and whether time ended it."""
        split, clock = self.split, Meter.start()
        found: list[tuple[float, Settings]] = []
        for given in combinations(grid):
            worse, best = 0, 0.0
            for settings, model in fit(split.train, given, seed):
                value = ndcg(asked(score, model, split.valid_cases, split.train, split.k), split.valid_cases)
                found.append((value, settings))
                print(f"{name} {settings}: valid {value:.4f} after {clock.cpu_seconds:.0f} CPU s", flush=True)
                if clock.cpu_seconds > 60 * self.minutes:
                    return found, True
                worse, best = (0, value) if value > best else (worse + 1, best)
                if worse == PATIENCE:
                    break
        return found, False

    def _write(self, place: Path, lists: np.ndarray, card: Mapping[str, Any]) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        names = np.array([*self.split.item_ids, ""])
        users = np.array([self.split.user_ids[user] for user in self.split.cases.users])
        np.savez_compressed(place, user_id=users, item_ids=names[lists])
        place.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")


def epochs_between(events: Interactions) -> int:
    """Two looks at valid: about 500,000 events, at most five epochs."""
    return min(5, max(1, round(500_000 / len(events))))


def asked(score: Score, model: Any, cases: Cases, fitted: Interactions, k: int) -> np.ndarray:
    """Lists of all cases, item rows (C, k), from scores of BLOCK cases at a time."""
    blocks = [cases.block(start) for start in range(0, len(cases), BLOCK)]
    return np.concatenate([top_lists(score(model, block), block, fitted, k) for block in blocks])


def combinations(grid: Grid) -> Iterator[Settings]:
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def top_lists(scores: np.ndarray, cases: Cases, fitted: Interactions, k: int) -> np.ndarray:
    """Item rows (C, k), without what the person had met; places without a score go to what is most popular."""
    lists = np.full((len(cases), k), -1, np.int64)
    popular = np.argsort(-np.bincount(fitted.items, minlength=scores.shape[1]), kind="stable")
    for case, history in enumerate(cases.histories):
        own = np.where(np.isfinite(scores[case]), scores[case], MASKED)
        own[history] = MASKED
        some = np.argpartition(-own, k)[: k + 1]
        best = some[np.lexsort((some, -own[some]))][:k]
        best = best[own[best] > MASKED]
        barred = np.concatenate([history, best])
        rest = popular[: k + len(barred)]
        found = np.concatenate([best, rest[~np.isin(rest, barred)]])[:k]
        lists[case, : len(found)] = found
    return lists


def ndcg(lists: np.ndarray, cases: Cases) -> float:
    """Mean over the cases: binary gain, ideal list cut at k."""
    discounts = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    ideal = np.cumsum(discounts)
    values = [
        (np.isin(own, relevant) * discounts).sum() / ideal[min(len(relevant), len(own)) - 1]
        for own, relevant in zip(lists, cases.relevant, strict=True)
    ]
    return float(np.mean(values))


def _interactions(
    tables: Sequence[Mapping[str, list[Any]]], users: dict[str, int], items: dict[str, int]
) -> Interactions:
    user_rows = np.array([users[name] for table in tables for name in table["user_id"]], np.int64)
    item_rows = np.array([items[name] for table in tables for name in table["item_id"]], np.int64)
    times = np.array([moment for table in tables for moment in table["timestamp"]], np.int64)
    order = np.argsort(times, kind="stable")
    return Interactions(user_rows[order], item_rows[order], times[order])


def _cases(table: Mapping[str, list[Any]], users: dict[str, int], items: dict[str, int]) -> Cases:
    lists = [
        [np.array([items[name] for name in own], np.int64) for own in table.get(column, [])]
        for column in ("history", "relevant")
    ]
    return Cases(np.array([users[name] for name in table["user_id"]], np.int64), *lists)


def _cpu() -> float:
    used = os.times()
    return used.user + used.system
