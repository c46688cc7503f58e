"""What every task promises. A test class inherits this, makes the task, and says what outputs would be right."""

from abc import ABC, abstractmethod

import numpy as np
import pytest
import torch
from torch import Tensor

from penchant.evaluation.prediction import DIRECTIONS
from penchant.ranking.links import reduced, valued
from penchant.records import words
from penchant.records.errors import ConfigError
from penchant.records.events import Events
from penchant.stages.measures import MEASURES
from penchant.tasks.tables import TABLES, Asked
from penchant.tasks.task import Facts, LabelledItems, Task

NUM_USERS, NUM_ITEMS, NUM_EVENTS = 8, 6, 500
FACTS = Facts(
    rating_scale=(1.0, 5.0),
    item_tags=np.array([[1, 0], [0, 0], [1, 1], [0, 1], [1, 0], [1, 0]], np.float32),
    tag_names=("red", "blue"),
    texts=[("good", "bad", "so so")[row % 3] for row in range(NUM_EVENTS)],
    interests=lambda labels: LabelledItems(
        names=labels or ("calm", "loud", "old"),
        scores=np.random.default_rng(1).random((NUM_ITEMS, len(labels or "123"))).astype(np.float32),
    ),
)


def log(seed: int = 0) -> Events:
    """People who do everything, in order of time; ratings, amounts and texts where their kinds have them."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, len(words.KINDS), NUM_EVENTS).astype(np.int16)
    reviews = kinds == words.KINDS.index("review")
    rated = reviews | (kinds == words.KINDS.index("rate"))
    items = rng.integers(0, NUM_ITEMS, NUM_EVENTS)
    return Events(
        user_rows=rng.integers(0, NUM_USERS, NUM_EVENTS).astype(np.int32),
        item_rows=np.where(kinds == words.KINDS.index("search"), -1, items).astype(np.int32),
        timestamps=np.cumsum(rng.integers(0, 50, NUM_EVENTS)).astype(np.int64),
        values=np.where(rated, rng.integers(1, 6, NUM_EVENTS), np.nan).astype(np.float32),
        kinds=kinds,
        text_rows=np.where(reviews, np.cumsum(reviews) - 1, -1).astype(np.int32),
        amounts=np.where(rated, np.nan, rng.exponential(60, NUM_EVENTS)).astype(np.float32),
    )


class TaskContract(ABC):
    """Legend: A rows of the table, M labelled rows, O outputs."""

    @abstractmethod
    def make(self, weight: float | None = None, rate: float = 1.0) -> Task: ...

    @abstractmethod
    def perfect(self, labels: np.ndarray) -> np.ndarray:
        """(M, labels) -> outputs (M, O) of a head that knows the labels."""

    def asked(self) -> tuple[Task, Asked]:
        """The task, fitted to the rows of its table."""
        task = self.make()
        asked = TABLES[task.table](log())
        return task.fitted(asked, FACTS), asked

    def labelled(self) -> tuple[Task, np.ndarray]:
        task, asked = self.asked()
        labels = task.labels(asked, FACTS)
        return task, labels[~np.isnan(labels).any(axis=1)]

    def constant_outputs(self, task: Task, labels: np.ndarray) -> np.ndarray:
        return np.tile(task.constant(labels), (len(labels), 1))

    def test_labels_are_a_row_for_each_that_is_asked(self) -> None:
        task, asked = self.asked()
        labels = task.labels(asked, FACTS)
        assert labels.dtype == np.float32
        assert labels.shape[:1] == (len(asked),)
        assert labels.ndim == 2
        assert not np.isnan(labels).all()

    def test_labels_follow_their_rows(self) -> None:
        task, asked = self.asked()
        order = np.random.default_rng(0).permutation(len(asked))
        np.testing.assert_array_equal(task.labels(asked.take(order), FACTS), task.labels(asked, FACTS)[order])

    def test_no_rows_have_no_labels(self) -> None:
        task, asked = self.asked()
        assert len(task.labels(asked.take(np.zeros(0, np.int64)), FACTS)) == 0

    def test_the_loss_is_finite_and_knows_no_order(self) -> None:
        task, labels = self.labelled()
        outputs = np.random.default_rng(0).normal(size=self.perfect(labels).shape)
        loss = loss_of(task, outputs, labels)
        assert loss.isfinite()
        assert loss_of(task, outputs[::-1].copy(), labels[::-1].copy()).item() == pytest.approx(loss.item())

    @pytest.mark.parametrize("size", [1.0, 100.0])
    def test_the_loss_leads_down_however_sure_the_outputs_are(self, size: float) -> None:
        task, labels = self.labelled()
        start = size * np.random.default_rng(0).normal(size=self.perfect(labels).shape)
        outputs = torch.from_numpy(start).float().requires_grad_()
        before = task.loss(outputs, torch.from_numpy(labels))
        before.backward()
        assert outputs.grad is not None
        assert outputs.grad.isfinite().all()
        step = 1e-3 * outputs.grad / outputs.grad.norm()
        assert loss_of(task, (outputs - step).detach().double().numpy(), labels) < before

    def test_no_constant_is_better_than_the_constant(self) -> None:
        task, labels = self.labelled()
        best = self.constant_outputs(task, labels)
        least, rng = loss_of(task, best, labels).item(), np.random.default_rng(0)
        for size in (0.01, 0.1, 1.0):
            for way in rng.normal(size=(20, best.shape[1])):
                assert loss_of(task, best + size * way, labels).item() > least - 1e-9

    def test_the_unit_is_the_loss_of_the_constant(self) -> None:
        task, labels = self.labelled()
        unit = task.constant_loss(labels, NUM_ITEMS)
        assert unit > 0
        assert unit == pytest.approx(loss_of(task, self.constant_outputs(task, labels), labels).item(), rel=1e-4)

    def test_knowing_beats_guessing_by_the_loss_and_by_each_metric(self) -> None:
        task, labels = self.labelled()
        right, constant = self.perfect(labels), self.constant_outputs(task, labels)
        assert loss_of(task, right, labels) < loss_of(task, constant, labels)
        targets = task.targets(labels).astype(np.float64)
        for metric in (name for name in task.metrics if name != "calibration_error"):
            known, guessed = (
                MEASURES[metric](targets, valued(task.link, reduced(task.link, outputs)), np.ones(len(labels)))
                for outputs in (right, constant)
            )
            assert known is not None
            assert guessed is not None
            assert known > guessed if DIRECTIONS[metric] == "max" else known < guessed

    @pytest.mark.parametrize(("weight", "rate"), [(0, 1), (-1, 1), (1, 0), (1, 1.5)])
    def test_a_weight_or_rate_that_makes_no_sense_is_refused(self, weight: float, rate: float) -> None:
        with pytest.raises(ConfigError, match=f"of task '{self.make().name}'.*found {weight if rate == 1 else rate}"):
            self.make(weight, rate)


def loss_of(task: Task, outputs: np.ndarray, labels: np.ndarray) -> Tensor:
    """In double precision."""
    return task.loss(torch.from_numpy(outputs).double(), torch.from_numpy(labels).double())


def sure(chances: np.ndarray) -> np.ndarray:
    """Logits of chances, as sure as 1 in a million."""
    held = np.clip(chances.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(held / (1 - held)))
