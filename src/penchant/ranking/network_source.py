"""The network behind the words of a recommender: scores of the catalogue, predictions for pairs.

Numpy in and out, wherever the network is. Legend: B people, I items, E raw extra items, T text width.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from penchant.data.item_numbers import NO_NUMBERS, NumberScales
from penchant.models.network import Network
from penchant.models.sequences import sequences_of
from penchant.models.told import Told
from penchant.models.trends import Trends
from penchant.records.events import Histories


class NetworkSource:
    """A trained network with what its pair heads are `told` beforehand, by name, and the scales of ratings and of the numbers of
    items."""

    by_rank = True
    """As for `CandidateSource`: the temperature of its logits was learned for the likelihood, not for a sum with others."""

    def __init__(
        self,
        network: Network,
        told: Mapping[str, Told],
        scale: tuple[float, float],
        numbers: NumberScales = NO_NUMBERS,
        batch: int = 64,
    ) -> None:
        self.network = network
        self.told = told
        self.scale = scale
        self.numbers = numbers
        self.trends = Trends(moments=_array(network.moments), values=_array(network.trends))
        self.batch = batch
        self._settled: Tensor | None = None

    @torch.inference_mode()
    def settle(self) -> None:
        """From here on the network learns nothing: the vectors of the catalogue are made once, not for each request."""
        self._settled = self._catalogue()

    @torch.inference_mode()
    def states(self, histories: Histories) -> np.ndarray:
        """What is known of each person at the time of the request, float32 (B, S); the same whenever `when` is."""
        return _array(self._states(histories, self._table(histories)))

    def when(self, histories: Histories) -> tuple[np.ndarray, np.ndarray]:
        """All that the network sees of the times of requests: how long each waited, in steps, and the moment of the trends;
        int64 (B,) each."""
        steps = self.network.steps_of(self._here(histories.ages))
        return _array(steps), self.trends.at(histories.request_times)

    @torch.inference_mode()
    def score(self, histories: Histories, states: np.ndarray | None = None) -> np.ndarray:
        """Logits of the next item, float32 (B, I + E). states: those of the histories, where they are known."""
        table = self._table(histories)
        known = self._states(histories, table) if states is None else self._here(states)
        moments = self._here(self.trends.at(histories.request_times))
        return _array(self.network.catalogue(known, table, moments))

    @torch.inference_mode()
    def predict(
        self,
        histories: Histories,
        owners: np.ndarray,
        item_rows: np.ndarray,
        beside: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Raw outputs of every pair head for M pairs: person `owners` (M,) and item `item_rows` (M,); each (M, O).

        beside: how many items each was shown with, itself among them, int64 (M,); None: nobody says. states: as for `score`.
        """
        table = self._table(histories)
        known = self._states(histories, table) if states is None else self._here(states)
        each = {one: self._here(one.pairs(histories, owners, item_rows, beside)) for one in set(self.told.values())}
        told = {name: each[one] for name, one in self.told.items()}
        chosen, rows = self._here(owners.astype(np.int64)), self._here(item_rows.astype(np.int64))
        outputs = self.network.pairs(known[chosen], functional.embedding(rows, table), rows, told)
        return {name: _array(values) for name, values in outputs.items()}

    @property
    def num_items(self) -> int:
        """Of the catalogue."""
        return len(self.network.item_domains)

    @property
    def num_events(self) -> np.ndarray:
        """How often each item of the catalogue was met while the network learned, float64 (I,)."""
        return _array(self.network.items.counts).astype(np.float64)

    def prior(self, name: str) -> tuple[float, ...]:
        """The outputs of the constant predictor of a head that has several; () of any other head."""
        head = next(head for head in self.network.heads if head.name == name)
        return head.prior if len(head.prior) > 1 else ()

    def pair_offsets(
        self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray, beside: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Offsets of item, of person or list, and of person near the item, of M pairs, float32 (M, 3), by name of the head.

        Those of several outputs are summed. Heads read the first two, calibration all.
        """
        found: dict[Told, np.ndarray] = {}
        for one in self.told.values():
            if one not in found:
                near = one.near(histories, owners, item_rows)
                found[one] = np.column_stack([one.pairs(histories, owners, item_rows, beside).sum(axis=1), near])
        return {name: found[one] for name, one in self.told.items()}

    @torch.inference_mode()
    def people(self, histories: Histories) -> dict[str, np.ndarray]:
        """Raw outputs of the heads that look at the person alone, each (B, O)."""
        states = self._states(histories, self._table(histories))
        return {name: _array(values) for name, values in self.network.people(states).items()}

    @torch.inference_mode()
    def texts(self, text_vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Raw outputs of the heads that look at a text alone: raw vectors (Q, T) -> each (Q, O)."""
        self.network.eval()
        vectors = self._here(text_vectors)
        outputs = self.network.texts(self.network.read(vectors), vectors)
        return {name: _array(values) for name, values in outputs.items()}

    @torch.inference_mode()
    def vectors(self, histories: Histories) -> tuple[np.ndarray, np.ndarray]:
        """Where people and items stand in one space: float32 (B, D), of several interests their mean, and (I + E, D)."""
        table = self._table(histories)
        states = self._states(histories, table)
        interests = states.view(len(states), self.network.trunk.num_interests, table.shape[1])
        return _array(interests.mean(dim=1)), _array(table)

    def _catalogue(self) -> Tensor:
        self.network.eval()
        return self.network.item_table()

    def _table(self, histories: Histories) -> Tensor:
        """Vectors of the catalogue and of the raw items, (I + E, D)."""
        table = self._catalogue() if self._settled is None else self._settled
        extra, numbers = histories.extra_vectors, histories.extra_numbers
        if extra is None:
            return table
        told = None if numbers is None else self._here(numbers)
        return torch.cat([table, self.network.items.of_text(self._here(extra), told)])

    def _states(self, histories: Histories, table: Tensor) -> Tensor:
        """What is known of each person now, (B, D)."""
        text = None if histories.text_vectors is None else self._here(histories.text_vectors)
        domains = None if histories.extra_domains is None else self._here(histories.extra_domains)
        parts = []
        for begin in range(0, len(histories), self.batch):
            some = histories.select(slice(begin, begin + self.batch))
            sequences = sequences_of(some, self.network.config.max_length, self.scale).to(self.network.device)
            states = self.network.states(sequences, table, text, domains)
            last = states[torch.arange(len(some), device=states.device), sequences.lengths - 1]
            parts.append(self.network.asked(last, self._here(some.ages)))
        width = self.network.trunk.num_interests * self.network.config.embedding_size
        return torch.cat(parts) if parts else torch.zeros(0, width, device=self.network.device)

    def _here(self, values: np.ndarray) -> Tensor:
        """Where the network is."""
        return torch.from_numpy(values).to(self.network.device)


def _array(values: Tensor) -> np.ndarray:
    return values.cpu().numpy()
