"""One dial first: a size names everything else. The resolved configuration is written into every run."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import torch

from penchant.models.network import NetworkConfig
from penchant.records.errors import ConfigError, suggestion
from penchant.records.ranges import Range, check_word
from penchant.retrieval.source import CandidateSource
from penchant.retrieval.sources.ease import EASE
from penchant.retrieval.sources.fresh import Fresh
from penchant.retrieval.sources.item_knn import ItemKNN
from penchant.retrieval.sources.media_knn import MediaKNN
from penchant.retrieval.sources.nearby import Nearby
from penchant.retrieval.sources.popularity import Popularity
from penchant.retrieval.sources.recent_popularity import RecentPopularity
from penchant.retrieval.sources.text_knn import TextKNN
from penchant.retrieval.sources.transitions import Transitions
from penchant.stages.balancers import FIXED, check_balancer
from penchant.stages.build import AGGREGATORS, SHARING, make_trunk
from penchant.stages.fine_tuning import WORDS as FINE_TUNING
from penchant.stages.learning import OPTIMIZERS, SCHEDULES
from penchant.training.settings import TrainingConfig

SOURCES: dict[str, type[CandidateSource]] = {
    "popularity": Popularity,
    "recent popularity": RecentPopularity,
    "item-kNN": ItemKNN,
    "EASE": EASE,
    "transitions": Transitions,
    "nearby": Nearby,
    "text-kNN": TextKNN,
    "fresh": Fresh,
    "media-kNN": MediaKNN,
}
MAX_EASE_ITEMS = 20_000
"""Above this the closed form of EASE is left out: its dense inverse no longer fits."""


PATIENCE, WEIGHT = Range(least=1, whole=True), Range(above=0)


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a run is made of, before the data. `balancer`: a word of `stages/balancers.py`; `weights` of tasks by name,
    instead of their own, for the balancer `fixed` alone; `exact_gradients`: gradient balancers look at every shared weight,
    not at the shared features alone; `patience`: epochs without a better validation score."""

    size: str
    network: NetworkConfig
    training: TrainingConfig
    balancer: str = FIXED
    weights: dict[str, float] = field(default_factory=dict)
    exact_gradients: bool = False
    patience: int = 4

    def __post_init__(self) -> None:
        """Raises: ConfigError for an unknown word, a value out of its range, or options that contradict each other."""
        check_word("aggregator", self.network.aggregator, AGGREGATORS)
        check_word("sharing", self.network.sharing, SHARING)
        check_word("fine_tune", self.training.fine_tune, FINE_TUNING)
        check_word("optimizer", self.training.optimizer, OPTIMIZERS)
        check_word("schedule", self.training.schedule, SCHEDULES)
        if not isinstance(self.exact_gradients, bool):
            raise ConfigError(f"exact_gradients must be true or false, found {self.exact_gradients!r}. Leave it out.")
        PATIENCE.check("patience", self.patience, 4)
        for name, weight in self.weights.items():
            WEIGHT.check(f"The weight of {name!r}", weight, "the task's own")
        check_balancer(self.balancer, self.weights, exact=self.exact_gradients)
        with torch.device("meta"):  # sizes that don't fit each other die here, before anything is read
            make_trunk(self.network)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


SIZES: dict[str, Config] = {
    "tiny": Config(
        size="tiny",
        network=NetworkConfig(embedding_size=64, num_blocks=1),
        training=TrainingConfig(epochs=14, learning_rate=3e-3),
    ),
    "small": Config(
        size="small",
        network=NetworkConfig(embedding_size=128, num_blocks=2),
        training=TrainingConfig(epochs=14, learning_rate=2e-3),
    ),
}


def resolve_config(size: str, seed: int, **options: Any) -> Config:
    """The configuration of a size, with single settings of the network, the training or the run replaced.

    >>> resolve_config("tiny", 1, epochs=3).training.epochs
    3

    Raises: ConfigError for an unknown size or option.
    """
    if size not in SIZES:
        raise ConfigError(f"Unknown size {size!r}. {suggestion(size, SIZES)}")
    config = SIZES[size]
    network, training = asdict(config.network), asdict(config.training)
    run = {part.name: getattr(config, part.name) for part in fields(config) if part.name not in ("network", "training")}
    del run["size"]
    for name, value in options.items():
        for part in (network, training, run):
            if name in part:
                part[name] = value
                break
        else:
            raise ConfigError(f"Unknown option {name!r}. {suggestion(name, [*network, *training, *run])}")
    training["seed"] = seed
    return replace(config, network=NetworkConfig(**network), training=TrainingConfig(**training), **run)
