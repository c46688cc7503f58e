"""`pn.fit` and `pn.load`: from tables, or from a folder, to a model that answers."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import penchant
from penchant.data.leaks import check, leaks_in
from penchant.data.split import global_time, leave_last_out
from penchant.records.data import Data, FrameKind
from penchant.records.errors import DataError
from penchant.stages.config import Config, resolve_config
from penchant.stages.doubt import doubted
from penchant.stages.encode import Encoded, encode
from penchant.stages.encoders import AUTO
from penchant.stages.fitting import Choice, choose, make_tasks, refit
from penchant.stages.model import Model
from penchant.stages.protocols import make_cases
from penchant.tasks.task import Task
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script
from penchant.training.callbacks import Callback


def fit(
    data: Data,
    tasks: Sequence[str | Task] | None = None,
    size: str = "small",
    seed: int = 0,
    *,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    words: str | Path | None = None,
    stop_words: str | None = None,
    spam: bool | None = None,
    allow_leaks: bool = False,
    callbacks: Sequence[Callback] = (),
    **options: Any,
) -> Model:
    """Learns from every event of `data`: settings are chosen on a slice inside it, then everything is fitted anew.

    tasks: words of docs/tasks.md, or tasks of your own; default the usual ones that have labels. size: tiny or small.
    encoder: who reads the texts, by a word (docs/encoders.md); "auto" takes MiniLM for English and a multilingual model for
        all else.
    scrub: personal data is replaced before a model reads it.
    join: how the texts of an item become one vector: concat, mean or attention.
    script: keep, simplified or traditional: what Chinese is read in.
    words, stop_words: files of your own words, for encoders that are fitted to your texts; or "common" stop words.
    spam: whether events with signs of spam count for less; default where events have texts.
    allow_leaks: go on although the tables tell what will be asked.
    callbacks: yours; they hear of two trainings, "choose" and "refit" (docs/training.md).
    options: single settings, such as epochs or learning_rate; docs/training.md has them all.

    Raises: ConfigError for unknown words, DataError for data that cannot be learned from, LeakError for leaks.
    """
    config = resolve_config(size, seed, **options)
    check(leaks_in(data), allow_leaks=allow_leaks)
    cutting = Cutting.read(None if words is None else Path(words), stop_words)
    encoded = encode(doubted(data, spam), encoder, scrub, join, script=script, cutting=cutting)
    return fit_encoded(encoded, config, tasks, callbacks=callbacks)


def fit_encoded(
    encoded: Encoded,
    config: Config,
    tasks: Sequence[str | Task] | None = None,
    choice: Choice | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoints: Path | None = None,
) -> Model:
    """`fit` on tables that are encoded already, with settings that were chosen already where there are any.

    checkpoints: a folder; what is found there is gone on from.
    """
    target = held_out(encoded)
    chosen_tasks = make_tasks(tasks, encoded, encoded.events.take(~target) if choice is None else None)
    if choice is None:
        first = None if checkpoints is None else checkpoints / "choose"
        choice = choose_inside(encoded, target, config, chosen_tasks, callbacks, first)
    second = None if checkpoints is None else checkpoints / "refit"
    fitted = refit(encoded.events, encoded, chosen_tasks, config, choice, callbacks, second)
    about = {
        "name": "penchant",
        "version": penchant.__version__,
        "size": config.size,
        "tasks": [task.name for task in chosen_tasks],
        "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "columns": {task.name: list(task.columns) for task in fitted.tasks if task.columns},
        "has_clock": encoded.data.has_clock,
        "frame": encoded.data.frame,
        "config": config.to_dict(),
    }
    return Model(
        recommender=fitted.recommender,
        items=encoded.data.items,
        events=encoded.data.events,
        reader=fitted.encoded.reader,
        about=about,
        frame=encoded.data.frame,
    )


def held_out(encoded: Encoded) -> np.ndarray:
    """The newest tenth of the events, or everybody's last event where times are only an order; bool (N,)."""
    if encoded.data.has_clock:
        return global_time(encoded.events, (0.9, 0.1, 0.0)).valid
    return leave_last_out(encoded.events).test


def choose_inside(
    encoded: Encoded,
    target: np.ndarray,
    config: Config,
    tasks: Sequence[Task],
    callbacks: Sequence[Callback],
    checkpoint: Path | None,
) -> Choice:
    """Choice on the events `target`, by those before them."""
    protocol = "global-time" if encoded.data.has_clock else "leave-last-out"
    cases = make_cases(encoded, protocol, ~target, target)
    if not len(cases):
        raise DataError(
            "Nobody has new items in the validation slice, so nothing can be chosen. More events are needed."
        )
    past, later = encoded.events.take(~target), encoded.events.take(target)
    return choose(past, later, cases, encoded, tasks, config, callbacks, checkpoint)[0]


def load(path: str | Path, frame: FrameKind | None = None) -> Model:
    """The model in a folder that `save` or `penchant train` wrote; `frame` overrides the kind of its answers."""
    return Model.load(path, frame)
