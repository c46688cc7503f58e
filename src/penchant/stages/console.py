"""Progress for a person at a terminal; nothing but plain lines anywhere else. Everything goes to stderr."""

import time

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from penchant.models.sharing.collapse import collapsed
from penchant.training.callbacks import Callback, EpochEnd

talk = Console(stderr=True)
MANY_TEXTS = 2000
"""So many new texts take long enough to be told how long."""


def make_progress() -> Progress:
    """A bar with the time left, hidden where stderr is no terminal."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal)


class ShowTraining(Callback):
    """A bar over the steps of a training, named by what is being fitted; and what an epoch's gates warn of."""

    def __init__(self, progress: Progress, title: str) -> None:
        self.progress = progress
        self.title = title
        self.bar = progress.add_task(title, total=None)

    def on_step(self, step: int, num_steps: int) -> None:
        self.progress.update(self.bar, completed=step, total=num_steps)

    def on_epoch(self, end: EpochEnd) -> bool:
        score = "" if end.score is None else f", validation score {end.score:.4f}"
        if not self.progress.console.is_terminal:
            talk.print(f"{self.title}: epoch {end.epoch + 1} of {end.num_epochs}{score}")
        for loads in end.loads.values():
            for sentence in collapsed(torch.tensor(list(loads.values())), list(loads)):
                talk.print(f"{self.title}: {sentence}", soft_wrap=True)
        return False


class ShowEncoding:
    """`OnProgress` of encoding: a bar; and where many texts are new, one line with the minutes that they will take.

    The line comes after the second batch, a few hundred texts: the first one pays for loading the model.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.bar = progress.add_task("encode", total=None)
        self._calls: list[tuple[int, int, float]] = []

    def __call__(self, done: int, total: int) -> None:
        self.progress.update(self.bar, completed=done, total=total)
        if self._calls and (total != self._calls[0][1] or done <= self._calls[-1][0]):
            self._calls = []  # other texts: the items are followed by what people wrote
        self._calls.append((done, total, time.monotonic()))
        num_new = total - self._calls[0][0]
        if len(self._calls) == 3 and num_new > MANY_TEXTS:
            (before, _, began), (after, _, now) = self._calls[1:]
            pace = (after - before) / max(now - began, 1e-9)
            new = f"{num_new:,} of {total:,} texts are new to the cache"
            told = f"encode: {new}; at {pace:,.0f} a second they take {num_new / pace / 60:.2g} minutes"
            talk.print(told, soft_wrap=True)
