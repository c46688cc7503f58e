"""Everybody's events cut into sequences; the rows of every table put to the states that were known before them.

Each row is learned from exactly once an epoch (or as often as its task's rate and its own weight say), with little padding.
Legend: B sequences, L cells of each, C cells of everybody, P rows of one table in a batch, O outputs of a head, Q texts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from penchant.models.sequences import START, Sequences, rating_buckets
from penchant.models.trends import Trends
from penchant.records.events import Events
from penchant.tasks.tables import Asked, history
from penchant.training.devices import CPU, all_moved

TEXTS_OF_A_BATCH = 64
"""At most, where nobody but texts is asked: a text costs as little as a cell, and so many steps are worth more."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What is asked of one table in a batch, in the order of the moments. Texts speak for themselves: their `places` are 0."""

    places: Tensor  # int64 (P,), cells b * L + l of the batch
    waits: Tensor  # int64 (P,), time since the last event that is known, 0 or more
    item_rows: Tensor  # int64 (P,), -1 = none
    text_rows: Tensor  # int64 (P,), -1 = none
    moments: Tensor  # int64 (P,), row of the trends that were known before
    told: dict[str, Tensor]  # what each pair head is told, float32 (P, O or 1, 2), see `models/told.py`
    labels: dict[str, Tensor]  # per task float32 (P, labels), NaN = no label

    def __len__(self) -> int:
        return len(self.places)

    def to(self, device: torch.device) -> Self:
        """All of it on a device."""
        told, labels = all_moved(self.told, device), all_moved(self.labels, device)
        rest = {name: values for name, values in vars(self).items() if name not in ("told", "labels")}
        return replace(self, told=told, labels=labels, **all_moved(rest, device))


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`sequences`: None where only texts are asked."""

    sequences: Sequences | None
    people: dict[str, Rows]
    texts: dict[str, Rows]

    def __len__(self) -> int:
        """Number of rows."""
        return sum(len(rows) for rows in [*self.people.values(), *self.texts.values()])

    def to(self, device: torch.device) -> Self:
        """All of it on a device; it comes from the CPU."""
        if device.type == CPU:
            return self
        sequences = self.sequences
        if sequences is not None:
            sequences = replace(sequences, **all_moved(vars(sequences), device))
        people = {name: rows.to(device) for name, rows in self.people.items()}
        return type(self)(
            sequences=sequences, people=people, texts={name: rows.to(device) for name, rows in self.texts.items()}
        )

    @property
    def item_rows(self) -> Tensor:
        """Of all items in histories and questions, int64; below 0 = none."""
        told = [] if self.sequences is None else [self.sequences.item_rows.flatten()]
        return _joined([*told, *(rows.item_rows for rows in self.people.values())])

    @property
    def text_rows(self) -> Tensor:
        """Of all texts in histories, and of those that are asked for themselves, int64; below 0 = none."""
        told = [] if self.sequences is None else [self.sequences.text_rows.flatten()]
        return _joined([*told, *(rows.text_rows for rows in self.texts.values())])


def _joined(rows: list[Tensor]) -> Tensor:
    return torch.cat(rows) if rows else torch.zeros(0, dtype=torch.int64)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of a table with the labels of its tasks. `of_people`: rows are put to the state of a person.

    `rates`: share of its labels that a task looks at in an epoch; `told`: what each pair head is told before each row,
    see `models/told.py`.
    """

    asked: Asked
    labels: Mapping[str, np.ndarray]  # per task float32 (A, labels)
    rates: Mapping[str, float]
    of_people: bool = True
    told: Mapping[str, np.ndarray] = field(default_factory=dict)  # per task float32 (A, O or 1, 2)


class _Placed:
    """A table in the order of its cells, with what never changes ready as tensors."""

    def __init__(self, table: Table, cells: np.ndarray, trends: Trends, num_cells: int, number: int) -> None:
        labelled = [~np.isnan(values).any(axis=1) for values in table.labels.values()]
        kept = np.flatnonzero(np.any(labelled, axis=0)) if labelled else np.zeros(0, np.int64)
        kept = kept[np.argsort(cells[kept], kind="stable")]
        asked = table.asked.take(kept)
        self.events, self.number = asked.events, number
        self.cells = cells[kept]
        self.ptr = np.searchsorted(self.cells, np.arange(num_cells + 1))
        self.waits = torch.from_numpy(asked.waits)
        self.item_rows = torch.from_numpy(asked.events.item_rows.astype(np.int64))
        self.text_rows = torch.from_numpy(asked.events.text_rows.astype(np.int64))
        self.moments = trends.before(asked.events.timestamps)
        self.told = {name: torch.from_numpy(offsets[kept]) for name, offsets in table.told.items()}
        self.labels = {name: torch.from_numpy(values[kept]) for name, values in table.labels.items()}
        self.rates = table.rates

    def __len__(self) -> int:
        return len(self.cells)

    def left_out(self, seed: int, epoch: int) -> dict[str, Tensor]:
        """bool (A,) for each task that leaves some rows out in this epoch: doubted ones, and what its rate does not reach."""
        doubted = ~self.events.believed(np.random.default_rng((seed, epoch, 1)))
        found = {}
        for place, (name, rate) in enumerate(self.rates.items()):
            out = doubted
            if rate < 1:
                draws = np.random.default_rng((seed, epoch, 2, self.number, place)).random(len(self))
                out = doubted | (draws >= rate)
            if out.any():
                found[name] = torch.from_numpy(out)
        return found

    def load(self, index: np.ndarray, places: np.ndarray, left_out: dict[str, Tensor]) -> Rows:
        """The rows `index` (P,), at cells `places` (P,) of the batch."""
        order = np.argsort(self.moments[index], kind="stable")
        chosen, moments = torch.from_numpy(index[order]), self.moments[index[order]]
        labels = {name: values[chosen] for name, values in self.labels.items()}
        for name, out in left_out.items():
            labels[name][out[chosen]] = torch.nan
        return Rows(
            places=torch.from_numpy(places[order]),
            waits=self.waits[chosen],
            item_rows=self.item_rows[chosen],
            text_rows=self.text_rows[chosen],
            moments=torch.from_numpy(moments),
            told={name: offsets[chosen] for name, offsets in self.told.items()},
            labels=labels,
        )


class TrainingSet:
    """The histories of people and the tables that are asked of them.

    A person's cell c holds the state after their first c events; a last one, after all of them, only where something asks.
    """

    def __init__(
        self,
        events: Events,
        num_users: int,
        tables: Mapping[str, Table],
        rating_scale: tuple[float, float],
        trends: Trends,
    ) -> None:
        told = history(events)
        order, ptr = told.grouped(num_users)
        self.events = told.take(order)
        self.buckets = rating_buckets(self.events.values, rating_scale)
        last = np.zeros(num_users, bool)
        for table in (table for table in tables.values() if table.of_people):
            users = table.asked.events.user_rows
            last[users[table.asked.known >= np.diff(ptr)[users]]] = True
        self.ptr = np.concatenate([[0], np.cumsum(np.diff(ptr) + last)]).astype(np.int64)
        owners = np.repeat(np.arange(num_users), np.diff(self.ptr))
        self.first = np.zeros(int(self.ptr[-1]), bool)
        self.first[self.ptr[:-1][np.diff(self.ptr) > 0]] = True
        self.before = np.arange(self.ptr[-1]) - 1 - (self.ptr[:-1] - ptr[:-1])[owners]
        self.people: dict[str, _Placed] = {}
        self.texts: dict[str, _Placed] = {}
        for number, (name, table) in enumerate(tables.items()):
            cells = self.ptr[table.asked.events.user_rows] + table.asked.known
            group = self.people if table.of_people else self.texts
            group[name] = _Placed(table, cells, trends, len(self.first), number)

    def __len__(self) -> int:
        """Number of rows, of all tables."""
        return sum(len(table) for table in [*self.people.values(), *self.texts.values()])

    def epoch(self, max_length: int, num_positions: int, seed: int, epoch: int) -> "Epoch":
        """What an epoch goes through; depends on nothing but the arguments, so it can be taken up in the middle."""
        return Epoch(self, max_length, num_positions, seed, epoch)


class Epoch:
    """Batches of an epoch: sequences of at most `num_positions` cells, with the rows that are asked of them."""

    def __init__(self, data: TrainingSet, max_length: int, num_positions: int, seed: int, epoch: int) -> None:
        self.data = data
        rng = np.random.default_rng((seed, epoch))
        self.plan = self._plan(max_length, num_positions, rng)
        self.left_out = {
            name: table.left_out(seed, epoch) for name, table in [*data.people.items(), *data.texts.items()]
        }
        self.texts = {
            name: np.array_split(np.random.default_rng((seed, epoch, 3)).permutation(len(table)), len(self.plan))
            for name, table in data.texts.items()
        }

    def __len__(self) -> int:
        return len(self.plan)

    def __iter__(self) -> Iterator[Batch]:
        for place, spans in enumerate(self.plan):
            texts = {name: parts[place] for name, parts in self.texts.items() if len(parts[place])}
            yield self._load(spans, texts)

    def _plan(self, max_length: int, num_positions: int, rng: np.random.Generator) -> list[np.ndarray]:
        """int64 (B, 2) of [begin, end) cells per batch; without anything that asks people, as many batches as texts fill."""
        if not any(len(table) for table in self.data.people.values()):
            num_texts = sum(len(table) for table in self.data.texts.values())
            return [np.zeros((0, 2), np.int64)] * max(1, -(-num_texts // min(num_positions, TEXTS_OF_A_BATCH)))
        spans = self._spans(max_length, rng)
        lengths = spans[:, 1] - spans[:, 0]
        spans = spans[np.argsort(-(lengths + 8 * rng.random(len(spans))), kind="stable")]
        plan, begin = [], 0
        while begin < len(spans):
            longest = int(spans[begin, 1] - spans[begin, 0]) + 8
            size = max(1, num_positions // longest)
            plan.append(spans[begin : begin + size])
            begin += size
        return [plan[place] for place in rng.permutation(len(plan))]

    def _spans(self, max_length: int, rng: np.random.Generator) -> np.ndarray:
        """Cuts long histories at places that differ from epoch to epoch."""
        cuts = []
        for begin, end in zip(self.data.ptr[:-1], self.data.ptr[1:], strict=True):
            if end > begin:
                first = begin + (int(rng.integers(1, max_length + 1)) if end - begin > max_length else max_length)
                edges = np.concatenate([[begin], np.arange(first, end, max_length), [end]])
                cuts.append(np.stack([edges[:-1], edges[1:]], axis=1))
        return np.concatenate(cuts)

    def _load(self, spans: np.ndarray, texts: dict[str, np.ndarray]) -> Batch:
        """What is doubted stays in the history, but nobody is asked about it."""
        data = self.data
        people = {
            name: table.load(*_rows_in(spans, table.ptr, table.cells), self.left_out[name])
            for name, table in data.people.items()
        }
        said = {
            name: data.texts[name].load(rows, np.zeros(len(rows), np.int64), self.left_out[name])
            for name, rows in texts.items()
        }
        return Batch(sequences=self._sequences(spans) if len(spans) else None, people=people, texts=said)

    def _sequences(self, spans: np.ndarray) -> Sequences:
        data, lengths = self.data, spans[:, 1] - spans[:, 0]
        grid = (len(spans), int(lengths.max()))
        owners = np.repeat(np.arange(len(spans)), lengths)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        cells = np.repeat(spans[:, 0], lengths) + places
        before, leading = data.before[cells], data.first[cells]  # the first event of a person follows the start
        events = data.events
        inputs, following = np.maximum(before, 0), np.minimum(before + 1, len(events) - 1)

        def padded(values: np.ndarray, fill: int, at_start: np.ndarray | int) -> Tensor:
            filled = np.full(grid, fill, np.int64)
            filled[owners, places] = np.where(leading, at_start, values[inputs])
            return torch.from_numpy(filled)

        return Sequences(
            item_rows=padded(events.item_rows, -1, START),
            kinds=padded(events.kinds, 0, 0),
            buckets=padded(data.buckets, 0, 0),
            times=padded(events.timestamps, 0, events.timestamps[following]),
            text_rows=padded(events.text_rows, -1, -1),
            lengths=torch.from_numpy(lengths),
        )


def _rows_in(spans: np.ndarray, ptr: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a table that are asked in the spans (B, 2), and their cells b * L + l in the batch; both int64 (P,)."""
    if not len(spans):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begins, ends = ptr[spans[:, 0]], ptr[spans[:, 1]]
    counts = ends - begins
    owners = np.repeat(np.arange(len(spans)), counts)
    rows = np.arange(len(owners)) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
    width = int((spans[:, 1] - spans[:, 0]).max())
    return rows, owners * width + cells[rows] - spans[owners, 0]
