"""What happens around the loop: progress, early stopping, your own. Callbacks see the numbers, never the tensors."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """`losses`: mean training loss of each task, divided by its unit; `weights`: mean weight of each in the steps;
    `scores`: of each task on validation, higher is better; `score`: the objective over them, None without validation;
    `loads`: mean gate of each task on each expert, for each group of heads with gates; `cosines`: of the gradients of two
    tasks with respect to what they share, by "task|task"."""

    epoch: int
    num_epochs: int
    losses: dict[str, float]
    score: float | None
    num_positions: int
    cpu_seconds: float
    weights: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    loads: dict[str, list[list[float]]] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)


class Callback:
    """Override what you need. `on_epoch` returns True to stop."""

    def on_step(self, step: int, num_steps: int) -> None:
        """After each of `num_steps` steps of the whole run."""

    def on_epoch(self, end: EpochEnd) -> bool:
        """After each epoch."""
        return False


@dataclass
class EarlyStopping(Callback):
    """Stops when the validation score has not risen for `patience` epochs."""

    patience: int
    best: float = field(default=-float("inf"), init=False)
    waited: int = field(default=0, init=False)

    def on_epoch(self, end: EpochEnd) -> bool:
        if end.score is None:
            return False
        self.waited = 0 if end.score > self.best else self.waited + 1
        self.best = max(self.best, end.score)
        return self.waited >= self.patience
