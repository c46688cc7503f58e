"""Candidates in the order in which they may be best: Thompson sampling (1933) on a linear last layer that learns from each event.

Weights are drawn S times; one of the S orders is shown, each alike. Its propensities are shares of the S orders: exact for the
policy that was run (a choice among these S), and near those of the whole posterior by the error that is given. None is below
1 / S, so no weight of an off-policy estimate is above S. Two candidates need no draws: their chances have a closed form.
Legend: B people, N candidates, D features, S draws, k length of the list.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from penchant.ranking.explore.explored import Explored
from penchant.ranking.explore.features import SCORE, PairFeatures
from penchant.ranking.explore.posterior import Posterior, Prior
from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError
from penchant.records.ranges import Range, check_fields
from penchant.records.ranked import Ranked

RANGES = {
    "width": Range(least=1, most=20, whole=True),
    "num_draws": Range(least=2, whole=True),
    "score_weight": Range(),
}


@dataclass(frozen=True, kw_only=True)
class ThompsonConfig:
    """`width`: directions of the vectors, which make 2 + 3 width features; `num_draws`: S; `score_weight`: what one deviation
    of the ranking's score is believed to earn before the first event; `prior`: how much is doubted, noise, forgetting."""

    width: int = 20
    num_draws: int = 256
    score_weight: float = 0.1
    prior: Prior = field(default_factory=Prior)

    def __post_init__(self) -> None:
        check_fields(self, RANGES)


@dataclass(frozen=True, kw_only=True)
class Thompson:
    """Learns in place: `posterior` changes with every event."""

    config: ThompsonConfig
    pairs: PairFeatures
    posterior: Posterior

    @classmethod
    def start(cls, item_vectors: np.ndarray, config: ThompsonConfig) -> "Thompson":
        """Nothing learned yet; item vectors (I, d) give the directions."""
        pairs = PairFeatures.fit(item_vectors, config.width)
        believed = np.zeros(pairs.num_features)
        believed[SCORE] = config.score_weight
        return cls(config=config, pairs=pairs, posterior=Posterior.start(believed, config.prior))

    def choose(
        self, candidates: Ranked, features: np.ndarray, k: int, rng: np.random.Generator, scale: float = 1.0
    ) -> Explored:
        """Lists of k out of N candidates (-1: none) with features (B, N, D), as `pairs` makes them.

        scale: how much of the doubt is acted on: 0 shows what is believed to be best, 1 is Thompson sampling.
        """
        if scale == 1 and candidates.item_rows.shape[1] == 2 and (candidates.item_rows >= 0).all():
            return self._of_two(candidates, features, k, rng)
        shape = (len(features), min(k, candidates.item_rows.shape[1]))
        order, chances = np.zeros(shape, np.int64), np.full(shape, np.nan)
        scores, num_draws = np.full(shape, -np.inf, np.float32), self.config.num_draws
        for person, drawn in enumerate(self._drawn(candidates, features, rng, scale)):
            order[person], scores[person], chances[person] = _one_of(drawn, shape[1], int(rng.integers(num_draws)))
        errors = np.sqrt(chances * (1 - chances) / num_draws)
        return _explored(candidates, features, order, scores, chances, errors)

    def chances(
        self,
        candidates: Ranked,
        features: np.ndarray,
        shown: np.ndarray,
        rng: np.random.Generator,
        scale: float = 1.0,
    ) -> np.ndarray:
        """How likely each item comes at that place of a list: shown int (B, k) -> float64 (B, k), NaN where a list ended.

        What is learned and drawn now, of lists that another policy may have shown; shares of `num_draws` orders.
        """
        found = np.full(shown.shape, np.nan)
        width = min(shown.shape[1], candidates.item_rows.shape[1])
        drawn = self._drawn(candidates, features, rng, scale)
        for person, (scores, rows) in enumerate(zip(drawn, candidates.item_rows, strict=True)):
            tops = np.full((len(scores), shown.shape[1]), -1)
            tops[:, :width] = rows[_best(scores, width)]
            found[person] = (tops == shown[person]).mean(axis=0)
        return np.where(shown >= 0, found, np.nan)

    def firsts(
        self, candidates: Ranked, features: np.ndarray, rng: np.random.Generator, scale: float = 1.0
    ) -> np.ndarray:
        """How likely each candidate comes first, float64 (B, N): shares of `num_draws` orders."""
        found = np.zeros(candidates.item_rows.shape)
        for person, drawn in enumerate(self._drawn(candidates, features, rng, scale)):
            found[person] = np.bincount(drawn.argmax(axis=1), minlength=drawn.shape[1]) / len(drawn)
        return found

    def learn(self, features: np.ndarray, reward: float) -> None:
        """What came of showing something, features (D,) as they were then; see `Posterior.learn`."""
        self.posterior.learn(features, reward)

    def save(self, folder: Path) -> None:
        """Writes thompson.json and thompson.safetensors, with a manifest; a folder that is there is replaced."""
        from safetensors.numpy import save_file

        mean, covariance, num_events = self.posterior.seen()
        with new_folder(folder) as draft:
            write_json(draft / "thompson.json", {"config": asdict(self.config), "num_events": num_events})
            save_file(
                {
                    "centre": self.pairs.centre,
                    "directions": np.ascontiguousarray(self.pairs.directions),
                    "prior_mean": self.posterior.prior_mean,
                    "mean": mean,
                    "covariance": covariance,
                },
                draft / "thompson.safetensors",
            )

    @classmethod
    def load(cls, folder: Path) -> "Thompson":
        """What `save` wrote; it goes on learning where it stopped. Raises: ArtifactError if it is damaged."""
        from safetensors.numpy import load_file

        check_folder(Path(folder))
        try:
            about = read_json(Path(folder) / "thompson.json")
            prior = Prior(**about["config"].pop("prior"))
            tensors = load_file(Path(folder) / "thompson.safetensors")
            pairs = PairFeatures(tensors.pop("centre"), tensors.pop("directions"))
            config = ThompsonConfig(**about["config"], prior=prior)
            return cls(
                config=config, pairs=pairs, posterior=Posterior(prior=prior, num_events=about["num_events"], **tensors)
            )
        except (KeyError, TypeError, FileNotFoundError) as error:
            raise ArtifactError(f"{folder} holds no Thompson sampling that this version reads ({error}).") from error

    def _drawn(
        self, candidates: Ranked, features: np.ndarray, rng: np.random.Generator, scale: float
    ) -> Iterator[np.ndarray]:
        """Rewards as they may be, of each person's candidates: (S, N), -inf where there is none."""
        weights = self.posterior.draw(self.config.num_draws, rng, scale).astype(np.float32)
        for rows, given in zip(candidates.item_rows, features, strict=True):
            yield np.where(rows >= 0, weights @ given.T, -np.inf)

    def _of_two(self, candidates: Ranked, features: np.ndarray, k: int, rng: np.random.Generator) -> Explored:
        first_wins = np.array([self.posterior.chance_above(*pair) for pair in features])
        as_given = rng.random(len(features)) < first_wins
        order = np.where(as_given[:, None], [0, 1], [1, 0])[:, :k]
        scores = np.take_along_axis(features @ self.posterior.seen()[0], order, 1).astype(np.float32)
        chances = np.where(as_given, first_wins, 1 - first_wins)[:, None].repeat(order.shape[1], axis=1)
        return _explored(candidates, features, order, scores, chances, np.zeros_like(chances))


def _explored(
    candidates: Ranked,
    features: np.ndarray,
    order: np.ndarray,
    scores: np.ndarray,
    chances: np.ndarray,
    errors: np.ndarray,
) -> Explored:
    rows = np.where(np.isfinite(scores), np.take_along_axis(candidates.item_rows, order, 1), -1).astype(np.int32)
    kept = np.take_along_axis(features, order[:, :, None], 1)
    return Explored(ranked=Ranked(rows, scores), propensities=chances, errors=errors, features=kept)


def _one_of(scores: np.ndarray, k: int, picked: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The list of one draw: places of its candidates, their scores, and the share of draws with the same one there, (k,) each.

    scores: (S, N), -inf where there is no candidate.
    """
    places = _best(scores, k)
    chosen, values = places[picked], scores[picked, places[picked]]
    return chosen, values, np.where(np.isfinite(values), (places == chosen).mean(axis=0), np.nan)


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k best of each draw, best first: int64 (S, k)."""
    # Not `top_k`: draws never tie, and there are hundreds of rows for each person.
    places = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1)
    return np.take_along_axis(places, order, 1)
