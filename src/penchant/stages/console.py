"""Progress for a person at a terminal; nothing but plain lines anywhere else. Everything goes to stderr."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from penchant.training.callbacks import Callback, EpochEnd

talk = Console(stderr=True)


def make_progress() -> Progress:
    """A bar with the time left, hidden where stderr is no terminal."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal)


class ShowTraining(Callback):
    """A bar over the steps of a training, named by what is being fitted."""

    def __init__(self, progress: Progress, title: str) -> None:
        self.progress = progress
        self.title = title
        self.bar = progress.add_task(title, total=None)

    def on_step(self, step: int, num_steps: int) -> None:
        self.progress.update(self.bar, completed=step, total=num_steps)

    def on_epoch(self, end: EpochEnd) -> bool:
        score = "" if end.score is None else f", validation NDCG@10 {end.score:.4f}"
        if not self.progress.console.is_terminal:
            talk.print(f"{self.title}: epoch {end.epoch + 1} of {end.num_epochs}{score}")
        return False
