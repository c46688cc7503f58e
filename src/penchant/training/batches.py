"""Everybody's events cut into sequences, each position learned from exactly once an epoch, little padding.

Legend: N events, B sequences, L positions, P positions that are learned from.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from penchant.models.offsets import RatingOffsets
from penchant.models.sequences import START, Sequences, rating_buckets
from penchant.models.trends import Trends
from penchant.records.events import Events


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Position p of a sequence is asked about the event that follows it."""

    sequences: Sequences
    places: Tensor  # int64 (P,), cells b * L + l that are learned from, in the order of their moments
    item_rows: Tensor  # int64 (P,), of the event that follows, -1 = none
    labels: dict[str, Tensor]  # per task float32 (P, O), NaN = no label
    offsets: Tensor  # float32 (P, 2)
    moments: Tensor  # int64 (P,), row of the trends that were known before the event


class TrainingSet:
    """Events grouped by person, with the labels of every task."""

    def __init__(
        self,
        events: Events,
        num_users: int,
        labels: dict[str, np.ndarray],
        offsets: RatingOffsets,
        trends: Trends,
    ) -> None:
        order, self.ptr = events.grouped(num_users)
        self.events = events.take(order)
        self.first = np.zeros(len(events) + 1, bool)
        self.first[self.ptr[:-1]] = True
        self.labels = {name: torch.from_numpy(values[order]) for name, values in labels.items()}
        self.offsets = torch.from_numpy(offsets.while_learning(self.events, self.ptr))
        self.buckets = rating_buckets(self.events.values, offsets.scale)
        self.moments = trends.before(self.events.timestamps)

    def __len__(self) -> int:
        """Number of positions, one for each event."""
        return len(self.events)

    def batches(self, max_length: int, num_positions: int, seed: int, epoch: int) -> list[np.ndarray]:
        """The plan of an epoch: int64 (B, 2) of [begin, end) events per batch, at most `num_positions` cells each.

        Depends on nothing but the arguments, so an interrupted epoch can be taken up in the middle.
        """
        rng = np.random.default_rng((seed, epoch))
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
        for begin, end in zip(self.ptr[:-1], self.ptr[1:], strict=True):
            if end > begin:
                first = begin + (int(rng.integers(1, max_length + 1)) if end - begin > max_length else max_length)
                edges = np.concatenate([[begin], np.arange(first, end, max_length), [end]])
                cuts.append(np.stack([edges[:-1], edges[1:]], axis=1))
        return np.concatenate(cuts)

    def doubted(self, seed: int, epoch: int) -> np.ndarray | None:
        """bool (N,): events that teach nothing in this epoch, each as often as its weight is below 1; None: there are none."""
        if self.events.weights is None:
            return None
        return ~self.events.believed(np.random.default_rng((seed, epoch, 1)))

    def load(self, spans: np.ndarray, doubted: np.ndarray | None = None) -> Batch:
        """The tensors of one batch of spans (B, 2). What is doubted stays in the history, but nobody is asked about it."""
        lengths = spans[:, 1] - spans[:, 0]
        grid = (len(spans), int(lengths.max()))
        owners = np.repeat(np.arange(len(spans)), lengths)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        targets = np.repeat(spans[:, 0], lengths) + places
        order = np.argsort(self.moments[targets], kind="stable")
        leading = self.first[targets]  # the first event of a person follows the start
        inputs = np.maximum(targets - 1, 0)
        events = self.events
        waits = np.zeros(grid, np.int64)
        waits[owners, places] = np.where(leading, 0, events.timestamps[targets] - events.timestamps[inputs])

        def padded(values: np.ndarray, fill: int, at_start: np.ndarray | int) -> Tensor:
            filled = np.full(grid, fill, np.int64)
            filled[owners, places] = np.where(leading, at_start, values[inputs])
            return torch.from_numpy(filled)

        chosen = torch.from_numpy(targets[order])
        return Batch(
            sequences=Sequences(
                item_rows=padded(events.item_rows, -1, START),
                kinds=padded(events.kinds, 0, 0),
                buckets=padded(self.buckets, 0, 0),
                times=padded(events.timestamps, 0, events.timestamps[targets]),
                text_rows=padded(events.text_rows, -1, -1),
                waits=torch.from_numpy(waits),
                lengths=torch.from_numpy(lengths),
            ),
            places=torch.from_numpy((owners * grid[1] + places)[order]),
            item_rows=torch.from_numpy(events.item_rows[targets[order]].astype(np.int64)),
            labels={name: self._labels(values, chosen, doubted) for name, values in self.labels.items()},
            offsets=self.offsets[chosen],
            moments=torch.from_numpy(self.moments[targets[order]]),
        )

    @staticmethod
    def _labels(values: Tensor, chosen: Tensor, doubted: np.ndarray | None) -> Tensor:
        labels = values[chosen]
        if doubted is not None:
            labels[torch.from_numpy(doubted)[chosen]] = torch.nan
        return labels
