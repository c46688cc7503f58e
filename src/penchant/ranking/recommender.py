"""The whole recommender: candidate sources and the network, fused; predictions of the task heads beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from penchant.ranking.batched import in_batches
from penchant.ranking.calibrate import Calibration
from penchant.ranking.fuse import Fusion
from penchant.ranking.links import one_number
from penchant.ranking.lists import Listed, bar, by_value, drawn, log_chances, make_candidates, pull, relisted
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.normal_scores import among, normal_scores
from penchant.ranking.rerank.reranker import Candidates
from penchant.ranking.wishes import Value, Wishes
from penchant.records.events import Histories, no_history
from penchant.records.ranked import Ranked, top_k
from penchant.retrieval.source import CandidateSource


@dataclass(frozen=True, kw_only=True)
class FusedRecommender:
    """Satisfies `records.ranked.Recommender`. `sources` by name, as `fusion` knows them; "network" is the network."""

    sources: dict[str, CandidateSource]
    network: NetworkSource
    fusion: Fusion
    calibrations: dict[str, Calibration]

    def scores(self, histories: Histories) -> dict[str, np.ndarray]:
        """What each source says of the catalogue, float32 (B, I) each; the network also of raw items (B, I + E)."""
        given = {name: source.score(histories) for name, source in self.sources.items()}
        return {**given, "network": self.network.score(histories)}

    def evidence(self, histories: Histories, network: np.ndarray) -> dict[str, np.ndarray]:
        """What each source says of the catalogue on one scale, float32 (B, I), or (1, I) where it says the same to everybody.

        network: what the network says, (B, I).
        """
        found = dict(self.common)
        for name, source in self.sources.items():
            if source.personal:
                found[name] = self.fusion.evidence(name, source.score(histories))
        return {**found, "network": self.fusion.evidence("network", network)}

    @cached_property
    def common(self) -> dict[str, np.ndarray]:
        """What sources say that look at no history, (1, I) each."""
        somebody = no_history(1)
        told = {name: source.score(somebody) for name, source in self.sources.items() if not source.personal}
        return {name: self.fusion.evidence(name, scores) for name, scores in told.items()}

    def score(self, histories: Histories) -> np.ndarray:
        """Fused scores of the catalogue, float32 (B, I)."""
        return in_batches(lambda some: self._fuse(some, self.network.score(some)), histories, self.network.num_items)

    def score_with_extra(self, histories: Histories) -> np.ndarray:
        """Fused scores of the catalogue and of the raw items that came along, float32 (B, I + E).

        Nobody has met a raw item, so the network alone can speak for it: it stands where the catalogue's items with about
        the same network score stand on average.
        """
        return in_batches(self._with_extra, histories, self.network.num_items)

    def _with_extra(self, histories: Histories) -> np.ndarray:
        network = self.network.score(histories)
        return self.with_raw(self._fuse(histories, network), network)

    def with_raw(self, fused: np.ndarray, network: np.ndarray) -> np.ndarray:
        """Fused scores of the catalogue (B, I), and behind them of raw items: (B, I + E), by what the network says of all."""
        if network.shape[1] == fused.shape[1]:
            return fused
        known, new = np.split(network, [fused.shape[1]], axis=1)
        z = normal_scores(known)
        slope = (z * fused).mean(axis=1, keepdims=True) / np.maximum((z * z).mean(axis=1, keepdims=True), 1e-9)
        extra = fused.mean(axis=1, keepdims=True) + slope * among(known, new)
        return np.concatenate([fused, extra.astype(np.float32)], axis=1)

    def predict(
        self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray, states: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Calibrated values of every pair head for M pairs, each float64 (M,), in the user's own units.

        states: `NetworkSource.states` of the histories, where they are known.
        """
        outputs = self.network.predict(histories, owners, item_rows, states=states)
        return self._calibrated(outputs, self.network.pair_offsets(histories, owners, item_rows))

    def people(self, histories: Histories) -> dict[str, np.ndarray]:
        """Calibrated values of every head that looks at the person alone, each float64 (B,) or (B, O), likewise."""
        return self._calibrated(self.network.people(histories), {})

    def texts(self, text_vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Calibrated values of every head that looks at a text alone: vectors (Q, T) -> each float64 (Q,) or (Q, O)."""
        return self._calibrated(self.network.texts(text_vectors), {})

    def calibrated(self, name: str, outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Outputs of a head as values in the user's own units."""
        return self.calibrations[name].in_units(self.calibrations[name](outputs, offsets))

    def _calibrated(self, outputs: dict[str, np.ndarray], offsets: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        values = {}
        for name, given in outputs.items():
            nothing = np.zeros((len(given), 3), np.float32)
            values[name] = self.calibrated(name, given, offsets.get(name, nothing))
        return values

    def recommend(self, histories: Histories, k: int) -> Ranked:
        """The k best items that each person has not met."""
        return self.ask(histories, Wishes(k=k)).ranked

    def ask(self, histories: Histories, wishes: Wishes, scores: np.ndarray | None = None) -> Listed:
        """The lists that somebody wants, of the catalogue and of the raw items that came along.

        scores: `score_with_extra` of the histories, where they are known; they are written over.
        Raises: ConfigError for a value of a task that the model does not have.
        """
        if scores is None:
            scores = self.score_with_extra(histories)
        pull(scores, wishes)
        bar(scores, histories, wishes)
        if wishes.takes_the_best:
            return Listed(ranked=top_k(scores, wishes.k), notes=[""] * len(scores))
        candidates = make_candidates(scores, histories, wishes)
        if wishes.value is not None:
            chances = log_chances(candidates, scores)
            candidates = by_value(candidates, self._values(candidates, chances, histories, wishes.value))
        return relisted(candidates, wishes) if wishes.draw is None else drawn(candidates, histories, wishes)

    @property
    def valued_tasks(self) -> list[str]:
        """The tasks with one value for a person and an item."""
        pairs = [head for head in self.network.network.heads if head.reads == "pair"]
        return [head.name for head in pairs if one_number(self.calibrations[head.name].link, len(head.prior))]

    def _values(self, candidates: Candidates, chances: np.ndarray, histories: Histories, value: Value) -> np.ndarray:
        """Logarithms of what candidates are worth, float64 (B, C); chances likewise."""
        value.formula.check(self.valued_tasks)
        given = {name: numbers[candidates.rows] for name, numbers in value.numbers.items()}
        if value.formula.tasks:
            shape = candidates.rows.shape
            owners = np.repeat(np.arange(len(candidates)), shape[1])
            predicted = self.predict(histories, owners, candidates.rows.ravel())
            given |= {name: predicted[name].reshape(shape) for name in value.formula.tasks}
        return value.formula.log_values(chances, given)

    def _fuse(self, histories: Histories, network: np.ndarray) -> np.ndarray:
        """network: (B, I + E)."""
        return self.fusion.add(histories, self.evidence(histories, network[:, : self.network.num_items]))
