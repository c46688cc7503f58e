"""What every candidate source can do: score the whole catalogue, retrieve, save and load. Knows none by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from penchant.records.artifacts import read_json, write_json
from penchant.records.errors import ArtifactError
from penchant.records.events import Histories
from penchant.records.ranked import Ranked, mask_seen, top_k

Settings = dict[str, float | int]

ARRAYS_FILE = "arrays.safetensors"
SETTINGS_FILE = "source.json"


class CandidateSource(ABC):
    """Scores a catalogue of I items for B people from their histories alone: there is no user table.

    `settings` are the numbers it was fitted with, `arrays` all that it learned; together they are the whole source.
    """

    GRID: ClassVar[tuple[Settings, ...]] = ({},)
    """Settings worth trying on a validation slice, the default first."""

    SCORING: ClassVar[frozenset[str]] = frozenset()
    """The settings that `score` alone looks at: another value costs no new fit."""

    MOST_REFITTED: ClassVar[int] = 20_000
    """Items up to which a fit is cheap enough to be repeated for every entry of GRID."""

    by_rank: ClassVar[bool] = False
    """Whether only the order of its scores should count beside other sources. For evidence about a person's own items how
    much there is matters; counts that are the same for everybody are told apart by a few huge ones."""

    personal: ClassVar[bool] = True
    """Whether its scores depend on the history at all; those that don't are made once for everybody."""

    fit: ClassVar[Callable[..., Any]]
    """The classmethod `fit(events, num_items, **settings) -> Self` of each source; text-kNN takes item vectors too."""

    def __init__(self, num_items: int, settings: Mapping[str, float | int], arrays: Mapping[str, np.ndarray]) -> None:
        self.num_items = num_items
        self.settings = dict(settings)
        self.arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}

    def scoring_with(self, settings: Mapping[str, float | int]) -> Self:
        """What this one has learned, scored with other values of the settings in SCORING, which must be in their range."""
        assert settings.keys() <= self.SCORING
        return type(self)(self.num_items, {**self.settings, **settings}, self.arrays)

    @abstractmethod
    def score(self, histories: Histories) -> np.ndarray:
        """Scores of the whole catalogue, float32 (B, I); higher is better, 0 = no evidence.

        Rows of a history that are -1 or past the catalogue are ignored, unless the source can use their vectors.
        """

    def retrieve(self, histories: Histories, k: int) -> Ranked:
        """The k best items that a person has not met; what has no evidence is no candidate, so lists may be shorter."""
        scores = self.score(histories)
        scores[scores == 0] = -np.inf
        mask_seen(scores, histories)
        return top_k(scores, k)

    def save(self, folder: Path) -> None:
        """Writes `source.json` and `arrays.safetensors` into `folder`, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.arrays, folder / ARRAYS_FILE)
        head = {"source": type(self).__name__, "num_items": self.num_items, "settings": self.settings}
        write_json(folder / SETTINGS_FILE, head)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The source that `save` wrote. Raises ArtifactError when it is missing, damaged or of another kind."""
        head = read_json(folder / SETTINGS_FILE)
        if not isinstance(head, dict) or head.get("source") != cls.__name__:
            found = head.get("source") if isinstance(head, dict) else head
            raise ArtifactError(
                f"{folder} must hold a {cls.__name__}, found {found!r}. Name the folder that it was saved to."
            )
        try:
            arrays = load_file(folder / ARRAYS_FILE)
            return cls(head["num_items"], head["settings"], arrays)
        except (OSError, KeyError, SafetensorError) as error:
            raise ArtifactError(
                f"{folder} cannot be read as a {cls.__name__} ({error!r}). Fit and save it again."
            ) from error
