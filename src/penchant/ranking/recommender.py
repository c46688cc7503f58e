"""The whole recommender: candidate sources and the network, fused; predictions of the task heads beside them."""

from dataclasses import dataclass

import numpy as np

from penchant.ranking.calibrate import Calibration
from penchant.ranking.fuse import Fusion
from penchant.ranking.lists import bar, make_candidates, relisted
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.normal_scores import among, normal_scores
from penchant.ranking.wishes import Wishes
from penchant.records.events import Histories
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

    def score(self, histories: Histories) -> np.ndarray:
        """Fused scores of the catalogue, float32 (B, I)."""
        return self._fuse(histories, self.scores(histories))

    def score_with_extra(self, histories: Histories) -> np.ndarray:
        """Fused scores of the catalogue and of the raw items that came along, float32 (B, I + E).

        Nobody has met a raw item, so the network alone can speak for it: it stands where the catalogue's items with about
        the same network score stand on average.
        """
        scores = self.scores(histories)
        fused = self._fuse(histories, scores)
        if histories.extra_vectors is None:
            return fused
        known, new = np.split(scores["network"], [fused.shape[1]], axis=1)
        z = normal_scores(known)
        slope = (z * fused).mean(axis=1, keepdims=True) / np.maximum((z * z).mean(axis=1, keepdims=True), 1e-9)
        extra = fused.mean(axis=1, keepdims=True) + slope * among(known, new)
        return np.concatenate([fused, extra.astype(np.float32)], axis=1)

    def predict(self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray) -> dict[str, np.ndarray]:
        """Calibrated values of every pair head for M pairs, each float64 (M,), in the user's own units."""
        outputs = self.network.predict(histories, owners, item_rows)
        return self._calibrated(outputs, self.network.pair_offsets(histories, owners, item_rows))

    def people(self, histories: Histories) -> dict[str, np.ndarray]:
        """Calibrated values of every head that looks at the person alone, each float64 (B,) or (B, O), likewise."""
        return self._calibrated(self.network.people(histories), None)

    def texts(self, text_vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Calibrated values of every head that looks at a text alone: vectors (Q, T) -> each float64 (Q,) or (Q, O)."""
        return self._calibrated(self.network.texts(text_vectors), None)

    def calibrated(self, name: str, outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Outputs of a head as values in the user's own units."""
        return self.calibrations[name].in_units(self.calibrations[name](outputs, offsets))

    def _calibrated(self, outputs: dict[str, np.ndarray], offsets: np.ndarray | None) -> dict[str, np.ndarray]:
        values = {}
        for name, given in outputs.items():
            nothing = np.zeros((len(given), 3), np.float32)
            told = offsets if offsets is not None and self.network.told_offsets(name) else nothing
            values[name] = self.calibrated(name, given, told)
        return values

    def recommend(self, histories: Histories, k: int) -> Ranked:
        """The k best items that each person has not met."""
        return self.ask(histories, Wishes(k=k))

    def ask(self, histories: Histories, wishes: Wishes) -> Ranked:
        """The lists that somebody wants, of the catalogue and of the raw items that came along."""
        scores = self.score_with_extra(histories)
        bar(scores, histories, wishes)
        if wishes.takes_the_best:
            return top_k(scores, wishes.k)
        return relisted(make_candidates(scores, histories, wishes), scores, histories, wishes)

    def _fuse(self, histories: Histories, scores: dict[str, np.ndarray]) -> np.ndarray:
        num_items = len(self.network.offsets.sums)
        return self.fusion.score(histories, {name: values[:, :num_items] for name, values in scores.items()})
