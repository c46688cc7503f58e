"""What was worked out of people who were asked about lately, kept until they do something: histories, states, evidence.

Nothing here is an approximation: what the network and the sources say of a person hangs on the person's own events, and on the
time only as far as `NetworkSource.when` tells; the weights of the fusion, which follow the clock, are applied at each request.
Legend: I items, S width of a state.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from penchant.ranking.recommender import FusedRecommender
from penchant.records.events import Histories
from penchant.stages.asking import NO_ITEMS, Asking, RawItems
from penchant.stages.people import People

MOST_BYTES = 256 << 20
"""Of all that is kept: some 4,500 people with 2,000 items, 80 with 100,000."""


@dataclass(frozen=True, kw_only=True)
class State:
    """Who is asked about. Of one known person also `vectors`, of the network, float32 (1, S), and `evidence`, float32 (1, I) of
    each source; they hold while `valid` is what it was."""

    histories: Histories
    vectors: np.ndarray | None = None
    evidence: Mapping[str, np.ndarray] = field(default_factory=dict)
    valid: tuple[int, ...] = ()
    num_bytes: int = 0


class States:
    """Of the people in `known`. Threads may share it; who was asked about longest ago makes room."""

    def __init__(
        self, recommender: FusedRecommender, asking: Asking, known: People, most_bytes: int = MOST_BYTES
    ) -> None:
        self.recommender = recommender
        self.asking = asking
        self.known = known
        self.most_bytes = most_bytes
        self.num_bytes = 0
        self._kept: OrderedDict[str | None, State] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def asked(self, ids: Sequence[str | None], history: list[dict[str, Any]] | None, new: RawItems = NO_ITEMS) -> State:
        """Known people, or with `history` a stranger, now; what is worked out of one known person is kept."""
        if history is None and not new.ids and len(ids) == 1:
            return self._at(ids[0] or "")
        own = self.known.of(person for person in ids if person is not None)
        return State(histories=self.asking.histories(ids, own, history, new, self.known.newest))

    def scores(self, state: State) -> np.ndarray | None:
        """`FusedRecommender.score` of a state with evidence, float32 (1, I); None of others."""
        return self.recommender.fusion.add(state.histories, state.evidence) if state.evidence else None

    def _at(self, person: str) -> State:
        """The person now; all whom nobody knows are one."""
        name = person if person in self.known else None
        told = self.known.num_told(person)  # before the events are read: what comes in between is read again
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
        if kept is None or kept.valid[0] != told:
            own = self.known.of([person])
            histories = self.asking.histories([person], own, None, now=self.known.newest)
        else:
            histories = replace(kept.histories, request_times=np.array([self.known.newest], np.int64))
        valid = told, *(int(part[0]) for part in self.recommender.network.when(histories))
        if kept is not None and kept.valid == valid:
            return replace(kept, histories=histories)
        made = self._make(histories, valid)
        self._keep(name, made)
        return made

    def _make(self, histories: Histories, valid: tuple[int, ...]) -> State:
        network = self.recommender.network
        vectors = network.states(histories)
        evidence = self.recommender.evidence(histories, network.score(histories, vectors))
        own = [evidence[name] for name in evidence.keys() - self.recommender.common.keys()]
        parts = [vectors, *own, *(part for part in vars(histories).values() if part is not None)]
        size = sum(part.nbytes for part in parts)
        return State(histories=histories, vectors=vectors, evidence=evidence, valid=valid, num_bytes=size)

    def _keep(self, name: str | None, state: State) -> None:
        with self._lock:
            before = self._kept.pop(name, None)
            self.num_bytes += state.num_bytes - (before.num_bytes if before else 0)
            self._kept[name] = state
            while self.num_bytes > self.most_bytes and self._kept:
                self.num_bytes -= self._kept.popitem(last=False)[1].num_bytes
