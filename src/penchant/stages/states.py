"""What was worked out of people who were asked about lately, kept until they do something: histories, states, evidence.

Nothing here is an approximation: what the network and the sources say of a person hangs on the person's own events, and on the
time only as far as `NetworkSource.when` tells; the weights of the fusion, which follow the clock, are applied at each request.
Legend: I items, E raw items, S width of a state.
"""

import threading
import time
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
    """Who is asked about. Of one person also `vectors`, of the network, float32 (1, S); of a known one `network`, its scores,
    float32 (1, I + E), and `evidence`, float32 (1, I) of each source, too. They hold while `valid` is what it was, for the raw
    items `new`."""

    histories: Histories
    new: RawItems = NO_ITEMS
    vectors: np.ndarray | None = None
    network: np.ndarray | None = None
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
        self._kept: OrderedDict[tuple[str | None, bool], State] = OrderedDict()
        self._last: dict[bool, tuple[object, State]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def asked(self, ids: Sequence[str | None], history: list[dict[str, Any]] | None, new: RawItems = NO_ITEMS) -> State:
        """Known people, or with `history` a stranger, now; what is worked out of one known person is kept, and of the stranger
        who was asked about last, for a second: one request asks several times.

        new: raw items; while they are the same object, they are the same items.
        """
        if history is not None and len(ids) == 1:
            return self._stranger(history, new)
        if len(ids) == 1:
            return self._at(ids[0] or "", new)
        own = self.known.of(person for person in ids if person is not None)
        return State(histories=self.asking.histories(ids, own, history, new, self.known.newest))

    def scores(self, state: State) -> np.ndarray | None:
        """`FusedRecommender.score_with_extra` of one person's state, float32 (1, I + E); None of others."""
        if state.vectors is None:
            return None
        network, evidence = state.network, state.evidence
        if network is None:
            network, evidence = self._told(state.histories, state.vectors)
        return self.recommender.with_raw(self.recommender.fusion.add(state.histories, evidence), network)

    def _stranger(self, history: list[dict[str, Any]], new: RawItems) -> State:
        """By what was said; events without a time happened in this second."""
        said = repr(history), int(time.time()), self.known.newest
        last, state = self._last.get(bool(new.ids), (None, None))
        if state is None or last != said or state.new is not new:
            histories = self.asking.histories([None], self.known.of(()), history, new, self.known.newest)
            state = State(histories=histories, new=new, vectors=self.recommender.network.states(histories))
            self._last[bool(new.ids)] = said, state
        return state

    def _told(self, histories: Histories, vectors: np.ndarray) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
        """What the network says, (1, I + E), and the evidence of all sources."""
        network = self.recommender.network.score(histories, vectors)
        return network, self.recommender.evidence(histories, network[:, : self.recommender.network.num_items])

    def _at(self, person: str, new: RawItems) -> State:
        """The person now; all whom nobody knows are one."""
        name = (person if person in self.known else None, bool(new.ids))
        told = self.known.num_told(person)  # before the events are read: what comes in between is read again
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
        if kept is None or kept.valid[0] != told or kept.new is not new:
            kept = None
            histories = self.asking.histories([person], self.known.of([person]), None, new, self.known.newest)
        else:
            histories = replace(kept.histories, request_times=np.array([self.known.newest], np.int64))
        valid = told, *(int(part[0]) for part in self.recommender.network.when(histories))
        if kept is not None and kept.valid == valid:
            return replace(kept, histories=histories)
        made = self._make(histories, new, valid)
        self._keep(name, made)
        return made

    def _make(self, histories: Histories, new: RawItems, valid: tuple[int, ...]) -> State:
        vectors = self.recommender.network.states(histories)
        network, evidence = self._told(histories, vectors)
        own = [evidence[name] for name in evidence.keys() - self.recommender.common.keys()]
        told = [part for name, part in vars(histories).items() if part is not None and not name.startswith("extra_")]
        size = sum(part.nbytes for part in (vectors, network, *own, *told))
        return State(
            histories=histories,
            new=new,
            vectors=vectors,
            network=network,
            evidence=evidence,
            valid=valid,
            num_bytes=size,
        )

    def _keep(self, name: tuple[str | None, bool], state: State) -> None:
        with self._lock:
            before = self._kept.pop(name, None)
            self.num_bytes += state.num_bytes - (before.num_bytes if before else 0)
            self._kept[name] = state
            while self.num_bytes > self.most_bytes and self._kept:
                self.num_bytes -= self._kept.popitem(last=False)[1].num_bytes
