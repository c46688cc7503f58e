"""What happens around the loop: progress, early stopping, kept checkpoints, your own. Callbacks see numbers, never tensors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from penchant.records.errors import ConfigError, suggestion


@dataclass(frozen=True, kw_only=True)
class Start:
    """`title`: which training this is; `options`: its settings by name; `save`: writes a checkpoint of the moment into a
    folder, to be called from `on_epoch`."""

    title: str
    tasks: tuple[str, ...]
    num_epochs: int
    options: Mapping[str, object]
    save: Callable[[Path], None]


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """`losses`: mean training loss of each task, divided by its unit; `weights`: mean weight of each in the steps;
    `scores`: of each task on validation, higher is better; `score`: the objective over them, None without validation;
    `loads`: mean gate of each task on each expert, by task, for each group of heads with gates; `cosines`: of the gradients
    of two tasks with respect to what they share, by "task|task"; `norms`: of these gradients, before weights."""

    epoch: int
    num_epochs: int
    losses: dict[str, float]
    score: float | None
    num_positions: int
    cpu_seconds: float
    weights: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    loads: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)
    norms: dict[str, float] = field(default_factory=dict)


class Callback:
    """Override what you need. One object may hear of several trainings, one after the other."""

    def on_start(self, start: Start) -> None:
        """Before the first batch."""

    def on_resume(self, past: Sequence[EpochEnd]) -> bool:
        """A killed training goes on after these epochs, at least one; True if it had been stopped. Hears of each anew."""
        return [self.on_epoch(end) for end in past][-1]

    def on_step(self, step: int, num_steps: int) -> None:
        """After each of `num_steps` batches of the whole training."""

    def on_epoch(self, end: EpochEnd) -> bool:
        """After each epoch; True to stop."""
        return False

    def on_end(self, *, well: bool) -> None:
        """After everything; not `well` where an error ended it."""


def objective_over(scores: Mapping[str, float], objective: Mapping[str, float]) -> float:
    """The weighted sum of the scores that the objective names.

    >>> objective_over({"next_item": 0.25, "rating": -1.0, "like": 0.75}, {"next_item": 1.0, "rating": 0.5})
    -0.25

    Raises: ConfigError for a task that has no score.
    """
    for name in objective:
        if name not in scores:
            raise ConfigError(f"The objective names {name!r}, which is no task here. {suggestion(name, scores)}")
    return sum(share * scores[name] for name, share in objective.items())


@dataclass
class EarlyStopping(Callback):
    """Stops when the score has not risen for `patience` epochs.

    objective: how much the score of each task counts, such as {"rating": 1}; empty: the training's own objective.
    """

    patience: int
    objective: Mapping[str, float] = field(default_factory=dict)
    best: float = field(default=-float("inf"), init=False)
    waited: int = field(default=0, init=False)

    def on_start(self, start: Start) -> None:
        self.best, self.waited = -float("inf"), 0

    def on_epoch(self, end: EpochEnd) -> bool:
        score = objective_over(end.scores, self.objective) if self.objective and end.scores else end.score
        if score is None:
            return False
        self.waited = 0 if score > self.best else self.waited + 1
        self.best = max(self.best, score)
        return self.waited >= self.patience


@dataclass
class KeepCheckpoints(Callback):
    """Keeps a checkpoint after every `every` epochs, `folder/TITLE/epoch-005` and so on: training can go on from each."""

    folder: Path
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ConfigError(f"Checkpoints are kept every 1 or more epochs, found {self.every}. The default is 1.")

    def on_start(self, start: Start) -> None:
        self._start = start

    def on_resume(self, past: Sequence[EpochEnd]) -> bool:
        """They are there already."""
        return False

    def on_epoch(self, end: EpochEnd) -> bool:
        if (end.epoch + 1) % self.every == 0:
            self._start.save(self.folder / self._start.title / f"epoch-{end.epoch + 1:03}")
        return False
