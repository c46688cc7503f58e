"""One dial first: a size names everything else. The resolved configuration is written into every run."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from penchant.models.network import NetworkConfig
from penchant.records.errors import ConfigError, suggestion
from penchant.retrieval.source import CandidateSource
from penchant.retrieval.sources.ease import EASE
from penchant.retrieval.sources.item_knn import ItemKNN
from penchant.retrieval.sources.nearby import Nearby
from penchant.retrieval.sources.popularity import Popularity
from penchant.retrieval.sources.recent_popularity import RecentPopularity
from penchant.retrieval.sources.text_knn import TextKNN
from penchant.retrieval.sources.transitions import Transitions
from penchant.tasks.like import Like
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.tasks.tags import Tags
from penchant.tasks.task import Task
from penchant.training.loop import TrainingConfig

TASKS: dict[str, type[Task]] = {"next_item": NextItem, "rating": Rating, "like": Like, "tags": Tags}
SOURCES: dict[str, type[CandidateSource]] = {
    "popularity": Popularity,
    "recent popularity": RecentPopularity,
    "item-kNN": ItemKNN,
    "EASE": EASE,
    "transitions": Transitions,
    "nearby": Nearby,
    "text-kNN": TextKNN,
}
MAX_EASE_ITEMS = 20_000
"""Above this the closed form of EASE is left out: its dense inverse no longer fits."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a run is made of, before the data. `patience`: epochs without a better validation score."""

    size: str
    network: NetworkConfig
    training: TrainingConfig
    patience: int = 4

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
    """The configuration of a size, with single settings of the network or the training replaced.

    >>> resolve_config("tiny", 1, epochs=3).training.epochs
    3

    Raises: ConfigError for an unknown size or option.
    """
    if size not in SIZES:
        raise ConfigError(f"Unknown size {size!r}. {suggestion(size, SIZES)}")
    config = SIZES[size]
    network, training = asdict(config.network), asdict(config.training)
    for name, value in options.items():
        if name in network:
            network[name] = value
        elif name in training:
            training[name] = value
        else:
            raise ConfigError(f"Unknown option {name!r}. {suggestion(name, [*network, *training])}")
    training["seed"] = seed
    return replace(config, network=NetworkConfig(**network), training=TrainingConfig(**training))
