"""A search on real people's ratings: killed in the middle, it ends as one that was not."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import penchant as pn
from penchant.assets.resolve import resolve
from penchant.data.sources.movielens import read_movielens_100k
from penchant.records.errors import ConfigError
from penchant.stages.config import Config, resolve_config
from penchant.stages.prepare import write_data
from penchant.stages.space import Space
from penchant.stages.tune import Search, open_study, run_trials, tune_lines, write_best
from penchant.training.callbacks import Callback, EpochEnd

SETS = ["learning_rate=0.0005..0.01", "sharing=ple,mmoe", "weights.rating=0.1..1", "epochs=2", "embedding_size=16"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 120 people of MovieLens-100K."""
    folder = tmp_path_factory.mktemp("run")
    data = read_movielens_100k(resolve("ml-100k").path)
    some = data.events.filter(pl.col("user_id").cast(pl.Int64) <= 120)
    write_data(folder, pn.read(some, data.items))
    return folder


def penchant(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "penchant", *arguments], capture_output=True, text=True, check=False)


DIE = """
import os, signal, sys
from penchant.stages import tune
class Die(tune.Watch):
    def on_epoch(self, end):
        if self.trial.number == 2 and end.epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().on_epoch(end)
tune.Watch = Die
from penchant.cli import main
sys.argv = ["penchant", *sys.argv[1:]]
main()
"""


@pytest.mark.network
def test_a_killed_search_ends_as_one_that_was_not(run: Path) -> None:
    arguments = ["tune", str(run), "--size", "tiny", "--encoder", "hashing", "--trials", "4", "--json"]
    arguments += [part for pair in SETS for part in ("--set", pair)]
    killed = subprocess.run([sys.executable, "-c", DIE, *arguments], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    resumed = penchant(*arguments)
    assert resumed.returncode == 0, resumed.stderr
    assert "trial 3 of 4" in resumed.stderr
    assert "trial 2 of 4" not in resumed.stderr
    whole = penchant(*arguments, "--study", f"sqlite:///{run / 'other.db'}")
    assert whole.returncode == 0, whole.stderr

    def told(found: subprocess.CompletedProcess[str]) -> list[Any]:
        return [(row["state"], row["score"], row["options"]) for row in json.loads(found.stdout)["trials"]]

    assert told(resumed) == told(whole)
    assert len({json.dumps(options) for _, _, options in told(whole)}) == 4

    best = json.loads((run / "tune" / "best.json").read_text(encoding="utf-8"))
    assert best["found"]["score"] == max(score for state, score, _ in told(whole) if state == "complete")
    learned = penchant("train", str(run), "--config", str(run / "tune" / "best.json"), "--encoder", "hashing")
    assert learned.returncode == 0, learned.stderr
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    assert config["size"] == "tiny"
    assert config["training"]["learning_rate"] == best["options"]["learning_rate"]
    assert config["network"]["sharing"] == best["options"]["sharing"]
    assert config["weights"] == best["options"]["weights"]

    other = penchant(*arguments, "--seed", "1")
    assert other.returncode == 1
    assert "was begun with seed 0, found 1" in other.stderr


def curve(config: Config) -> list[float]:
    """A world of known truth: the best rate is 0.01, and a trial of it rises by its distance over four epochs."""
    far = abs(config.training.learning_rate - 0.01)
    return [0.1 * epoch - far for epoch in range(4)]


def learn(config: Config, callbacks: Sequence[Callback]) -> float:
    if config.training.learning_rate > 0.09:
        raise ConfigError("The loss of rating became inf.")
    for epoch, score in enumerate(curve(config)):
        end = EpochEnd(epoch=epoch, num_epochs=4, losses={}, score=score, num_positions=1, cpu_seconds=1.0)
        for callback in callbacks:
            callback.on_epoch(end)
    return curve(config)[-1]


def searched(folder: Path, trials: int, pair: str = "learning_rate=0.0001..0.1") -> dict[str, Any]:
    search = Search(space=Space.parse([pair]), size="tiny", seed=0, learn=learn)
    study = open_study(f"sqlite:///{folder / 'study.db'}", "world", {"pair": pair})
    run_trials(study, search, trials)
    return write_best(study, search, folder / "best.json")


def test_a_search_finds_what_is_good_and_gives_up_what_is_not(tmp_path: Path) -> None:
    found = searched(tmp_path, 40)
    rows = found["trials"]
    assert len(rows) == 40
    assert found["best"]["learning_rate"] == pytest.approx(0.01, abs=0.002)
    pruned = [row for row in rows if row["state"] == "pruned" and not row["error"]]
    assert pruned
    assert all(3 <= row["epochs"] < 4 for row in pruned)  # never after the first two
    assert all("became inf" in row["error"] for row in rows if row["options"]["learning_rate"] > 0.09)
    states = [row["state"] for row in rows]
    assert states == sorted(states)  # complete ones first
    lines = tune_lines(found)
    assert lines[1].split()[1] == f"{found['score']:.4f}"
    assert str(tmp_path / "best.json") in lines[-1]
    assert resolve_config("tiny", 0, **found["best"]).training.learning_rate == found["best"]["learning_rate"]


def test_more_trials_go_on_from_those_that_are_there(tmp_path: Path) -> None:
    """Twelve trials at once, or five and then seven: past ten the sampler looks at what the others found."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    searched(tmp_path / "two", 5)
    assert searched(tmp_path / "one", 12)["trials"] == searched(tmp_path / "two", 12)["trials"]


def test_a_search_that_finds_nothing_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No trial came to its end: The loss of rating became inf"):
        searched(tmp_path, 3, "learning_rate=0.091..0.1")
    with pytest.raises(
        ConfigError, match=r"was begun with pair learning_rate=0.091..0.1, found learning_rate=0.1..0.2"
    ):
        searched(tmp_path, 3, "learning_rate=0.1..0.2")


def test_a_study_that_cannot_be_opened_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        open_study("nowhere", "world", {})
