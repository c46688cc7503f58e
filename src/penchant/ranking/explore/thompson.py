"""Candidates in the order in which they may be best: Thompson sampling (1933) on a linear last layer that learns from each event.

Weights are drawn S times; one of the S orders is shown, each alike. Its propensities are shares of the S orders: exact for the
policy that was run (a choice among these S), and near those of the whole posterior by the error that is given. None is below
1 / S, so no weight of an off-policy estimate is above S. Two candidates need no draws: their chances have a closed form.
Legend: B people, N candidates, D features, S draws, k length of the list.
"""

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

    def choose(self, candidates: Ranked, features: np.ndarray, k: int, rng: np.random.Generator) -> Explored:
        """Lists of k out of N candidates (-1: none) with features (B, N, D), as `pairs` makes them."""
        if candidates.item_rows.shape[1] == 2 and (candidates.item_rows >= 0).all():
            return self._of_two(candidates, features, k, rng)
        shape = (len(features), min(k, candidates.item_rows.shape[1]))
        items, scores, chances = (
            np.full(shape, -1, np.int32),
            np.full(shape, -np.inf, np.float32),
            np.full(shape, np.nan),
        )
        num_draws = self.config.num_draws
        weights = self.posterior.draw(num_draws, rng).astype(np.float32)
        for person, (rows, given) in enumerate(zip(candidates.item_rows, features, strict=True)):
            drawn = np.where(rows >= 0, weights @ given.T, -np.inf)
            items[person], scores[person], chances[person] = _one_of(
                drawn, rows, shape[1], int(rng.integers(num_draws))
            )
        errors = np.sqrt(chances * (1 - chances) / num_draws)
        return Explored(ranked=Ranked(items, scores), propensities=chances, errors=errors)

    def learn(self, features: np.ndarray, reward: float) -> None:
        """What came of showing something, features (D,) as they were then; see `Posterior.learn`."""
        self.posterior.learn(features, reward)

    def save(self, folder: Path) -> None:
        """Writes thompson.json and thompson.safetensors, with a manifest; a folder that is there is replaced."""
        from safetensors.numpy import save_file

        with new_folder(folder) as draft:
            write_json(
                draft / "thompson.json", {"config": asdict(self.config), "num_events": self.posterior.num_events}
            )
            save_file(
                {
                    "centre": self.pairs.centre,
                    "directions": np.ascontiguousarray(self.pairs.directions),
                    "prior_mean": self.posterior.prior_mean,
                    "mean": self.posterior.mean,
                    "covariance": self.posterior.covariance,
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

    def _of_two(self, candidates: Ranked, features: np.ndarray, k: int, rng: np.random.Generator) -> Explored:
        first_wins = np.array([self.posterior.chance_above(*pair) for pair in features])
        as_given = rng.random(len(features)) < first_wins
        order = np.where(as_given[:, None], [0, 1], [1, 0])[:, :k]
        items = np.take_along_axis(candidates.item_rows, order, 1)
        scores = np.take_along_axis(features @ self.posterior.mean, order, 1).astype(np.float32)
        chances = np.where(as_given, first_wins, 1 - first_wins)[:, None].repeat(order.shape[1], axis=1)
        return Explored(ranked=Ranked(items, scores), propensities=chances, errors=np.zeros_like(chances))


def _one_of(
    scores: np.ndarray, item_rows: np.ndarray, k: int, picked: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The list of one draw: its items, their scores, and the share of draws with the same item at that place, (k,) each.

    scores: (S, N), -inf where there is no candidate; item_rows: (N,) of the candidates.
    """
    # Not `top_k`: draws never tie, and there are hundreds of rows for each person.
    places = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1)
    places = np.take_along_axis(places, order, 1)
    chosen, values = places[picked], scores[picked, places[picked]]
    there = np.isfinite(values)
    chances = np.where(there, (places == chosen).mean(axis=0), np.nan)
    return np.where(there, item_rows[chosen], -1).astype(np.int32), values, chances
