"""Callbacks on a training that is real."""

from pathlib import Path

import pytest

from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.training.callbacks import Callback, EarlyStopping, EpochEnd, KeepCheckpoints, Start
from training.ring import fingerprint, learn_ring


def end(epoch: int, **scores: float) -> EpochEnd:
    return EpochEnd(
        epoch=epoch, num_epochs=9, losses={}, score=scores["a"], num_positions=1, cpu_seconds=1.0, scores=scores
    )


def stopped_after(stopping: EarlyStopping, told: list[EpochEnd]) -> int:
    return next(number for number, epoch in enumerate(told, start=1) if stopping.on_epoch(epoch))


def test_early_stopping_looks_at_whom_it_was_told() -> None:
    a, b = [1, 2, 1, 1, 1, 1, 1], [1, 1, 1, 5, 1, 1, 1]
    told = [end(epoch, a=a[epoch], b=b[epoch]) for epoch in range(7)]
    assert stopped_after(EarlyStopping(2), told) == 4  # 2, then 1, 1
    assert stopped_after(EarlyStopping(2, {"b": 1.0}), told) == 3  # 1, then 1, 1
    assert stopped_after(EarlyStopping(3, {"a": 1.0, "b": 0.5}), told) == 7  # 1.5, 2.5, 1.5, 3.5, then 1.5 thrice


def test_early_stopping_begins_anew_with_each_training() -> None:
    stopping = EarlyStopping(1)
    start = Start(title="choose", tasks=("a",), num_epochs=9, options={}, save=lambda _: None)
    assert stopped_after(stopping, [end(0, a=5.0), end(1, a=4.0)]) == 2
    stopping.on_start(start)
    assert not stopping.on_epoch(end(0, a=1.0))


def test_without_a_score_nothing_stops() -> None:
    silent = EpochEnd(epoch=0, num_epochs=9, losses={}, score=None, num_positions=1, cpu_seconds=1.0)
    assert not any(EarlyStopping(1, {"b": 1.0}).on_epoch(silent) for _ in range(5))


def test_an_objective_names_tasks() -> None:
    with pytest.raises(ConfigError, match=r"'bb', which is no task here. Known: a, ccc."):
        EarlyStopping(1, {"bb": 1.0}).on_epoch(end(0, a=1.0, ccc=2.0))


def test_training_can_go_on_from_each_kept_checkpoint(tmp_path: Path) -> None:
    whole, _ = learn_ring(callbacks=[KeepCheckpoints(tmp_path, every=3)])
    kept = tmp_path / "train"
    assert sorted(path.name for path in kept.iterdir()) == ["epoch-003", "epoch-006"]
    for folder in kept.iterdir():
        assert fingerprint(learn_ring(folder)[0]) == fingerprint(whole)


def test_going_on_leaves_kept_checkpoints_as_they_are(tmp_path: Path) -> None:
    learn_ring(tmp_path / "own", [KeepCheckpoints(tmp_path / "kept")], epochs=2)
    manifest = tmp_path / "kept" / "train" / "epoch-001" / "manifest.json"
    before = manifest.read_bytes(), manifest.stat().st_mtime_ns
    learn_ring(tmp_path / "own", [KeepCheckpoints(tmp_path / "kept")], epochs=2)
    assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == before


def test_checkpoints_are_kept_every_one_or_more_epochs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every 1 or more epochs, found 0"):
        KeepCheckpoints(tmp_path, every=0)


class Diary(Callback):
    """Your own: what was called, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_start(self, start: Start) -> None:
        self.lines.append(f"{start.title} {'+'.join(start.tasks)} for {start.num_epochs}, ema {start.options['ema']}")

    def on_step(self, step: int, num_steps: int) -> None:
        if step == num_steps:
            self.lines.append("last step")

    def on_epoch(self, end: EpochEnd) -> bool:
        self.lines.append(f"epoch {end.epoch}")
        return False

    def on_end(self, *, well: bool) -> None:
        self.lines.append("well" if well else "badly")


def test_everything_is_heard_in_order() -> None:
    diary = Diary()
    learn_ring(callbacks=[diary], epochs=2, ema=0.5)
    assert diary.lines == ["train next_item+rating for 2, ema 0.5", "epoch 0", "last step", "epoch 1", "well"]


def test_the_end_is_heard_after_an_error_too() -> None:
    def fail(_: Network) -> dict[str, float]:
        raise ValueError("your own mistake")

    diary = Diary()
    with pytest.raises(ValueError, match="your own mistake"):
        learn_ring(callbacks=[diary], epochs=2, validate=fail)
    assert diary.lines[-1] == "badly"
