"""The contract of a task: (head, label, mask, weight, loss, metric with its direction, source table). Nobody asks for its name.

Legend: A rows of a table, P rows that are learned from in one step, O outputs of a head, M labelled rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self, get_args

import numpy as np
import torch
from torch import Tensor

from penchant.data.normalise import Numbers
from penchant.evaluation.prediction import DIRECTIONS
from penchant.records.errors import ConfigError, DataError
from penchant.records.ranges import check_word
from penchant.tasks.evidence import Evidence
from penchant.tasks.tables import Asked, TableName

Reads = Literal["catalogue", "pair", "user", "text"]
"""What a head looks at: the user against every item, the user with the one item of the row, the user alone, or the row's text."""
Link = Literal["identity", "logistic", "ordinal", "number", "chain", "classes"]
"""How outputs become a value, see `ranking/links.py`."""
CATALOGUE_METRIC = "ndcg@10"
"""Of tasks that read the catalogue; it is measured on cases, not on rows."""


@dataclass(frozen=True, kw_only=True)
class LabelledItems:
    """How much each item has to do with each label. `scores`: float32 (I, L), 0..1."""

    names: tuple[str, ...]
    scores: np.ndarray


def no_interests(labels: Sequence[str]) -> LabelledItems:
    """Nobody is there to tell. Raises: DataError, always."""
    raise DataError(f"Nobody tells what the items have to do with {', '.join(labels) or 'interests'}. Give item texts.")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What labels may need besides the rows: the rating scale, the tags of the items (float32 (I, T), 0 or 1) and their names,
    what the events' texts are by their text rows, and who tells how much the items have to do with given interest labels, or
    with mined ones where none are given."""

    rating_scale: tuple[float, float]
    item_tags: np.ndarray
    tag_names: tuple[str, ...] = ()
    texts: Sequence[str] = ()
    interests: Callable[[tuple[str, ...]], LabelledItems] = no_interests

    def of_items(self, inside: np.ndarray) -> Self:
        """The facts of a part of the items, bool (I,): of the same labels, whatever the part."""

        def interests(labels: tuple[str, ...]) -> LabelledItems:
            found = self.interests(labels)
            return replace(found, scores=found.scores[inside])

        return replace(self, item_tags=self.item_tags[inside], interests=interests)


class Task(ABC):
    """One thing to learn. `weight` is its w_i in L = sum w_i L_i, after each loss is divided by its constant value.

    rate: share of its labelled rows that an epoch looks at, drawn anew in each, above 0 and at most 1.
    """

    name: ClassVar[str]
    reads: ClassVar[Reads]
    default_weight: ClassVar[float]
    table: ClassVar[TableName] = "events"
    by_default: ClassVar[bool] = True
    """Whether it is learned, where it has labels, when nobody says what to learn."""
    link: Link = "logistic"
    numbers: Numbers | None = None
    """How labels were made of the user's own units, such as stars or seconds; None: they are chances."""
    metrics: ClassVar[tuple[str, ...]]
    """Words of `evaluation/prediction.py`, which knows their directions; the first one chooses and compares."""
    columns: tuple[str, ...] = ()
    """What the values of a row are called where there are several, such as tags or classes."""
    needs: ClassVar[str] = ""
    """What the data must hold for a label, in a sentence without its full stop; told where there is none."""

    def __init__(self, weight: float | None = None, rate: float = 1.0) -> None:
        self._check_words()
        self.weight = self.default_weight if weight is None else weight
        self.weight_is_given = weight is not None
        self.rate = rate
        if not self.weight > 0:
            raise ConfigError(
                f"The weight of task {self.name!r} must be above 0, found {self.weight}. Leave the task out instead."
            )
        if not 0 < rate <= 1:
            raise ConfigError(
                f"The rate of task {self.name!r} is a share of its rows, above 0 and at most 1, found {rate}."
            )

    def _check_words(self) -> None:
        """Of tasks of one's own. Raises: ConfigError for a word that nobody knows."""
        known = {"reads": get_args(Reads), "table": get_args(TableName), "link": get_args(Link)}
        for attribute, words in known.items():
            check_word(f"{attribute} of the task {self.name}", getattr(self, attribute), words)
        for metric in self.metrics:
            check_word(f"metric of the task {self.name}", metric, (*DIRECTIONS, CATALOGUE_METRIC))

    def fitted(self, asked: Asked, facts: Facts) -> Self:
        """The task with what its labels need of the training rows, such as their mean and deviation; most need nothing."""
        return self

    @abstractmethod
    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        """float32 (A, labels); a row with NaN has no label and is masked."""

    @abstractmethod
    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of the labelled rows: outputs of the head (P, O), labels; for a catalogue (P, I), (P, 1)."""

    @abstractmethod
    def constant(self, labels: np.ndarray) -> np.ndarray:
        """float32 (O,): the outputs of the best predictor that knows nothing but the labels. The head starts there."""

    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """The loss of `constant`, above 0: the unit of this task."""
        outputs = torch.from_numpy(np.tile(self.constant(labels).astype(np.float32), (len(labels), 1)))
        return max(float(self.loss(outputs, torch.from_numpy(labels))), 1e-4)

    def evidence(self, facts: Facts) -> Evidence | None:
        """Of a fitted task: the number of events of which a pair head is told how far above the average the item and the
        person stand; None where there is none."""
        return None

    def outcomes(self, labels: np.ndarray) -> np.ndarray | None:
        """What came of that which each output of a pair head is the logit of, float32 (A, O), 0..1, NaN where nothing was asked.

        Without `evidence` the head is told how often it came true of the item before; None: it is told nothing.
        """
        return labels if self.link == "logistic" else None

    def targets(self, labels: np.ndarray) -> np.ndarray:
        """What one value of a row is compared with: float32 (M,), or (M, labels) of several labels at once."""
        return labels[:, 0] if labels.shape[1] == 1 else labels


def logit_of_shares(labels: np.ndarray, least: float) -> np.ndarray:
    """Logits of the mean of each column of 0..1 labels, held `least` away from both ends; float32 (labels,)."""
    share = np.clip(labels.mean(axis=0), least, 1 - least)
    return np.asarray(np.log(share / (1 - share)), np.float32)
