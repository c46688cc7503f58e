"""SIGKILL again and again on one log that keeps growing; a client remembers what it was told."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from contracts.event_log_writer import event
from penchant.serving.events.open import open_log

WRITER = Path(__file__).parents[2] / "contracts" / "event_log_writer.py"
THREADS = 8


def killed(folder: Path, cycle: int, seconds: float, *more: str) -> dict[str, int]:
    """What a writer was told until it was killed."""
    command = [sys.executable, str(WRITER), str(folder), str(THREADS), str(cycle * 1_000_000), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        lines = [first, *writer.stdout]
    return {key: int(sequence) for key, sequence in (line.split() for line in lines if line.endswith("\n"))}


def stored(folder: Path) -> dict[str, int]:
    """What is there: each key once, numbers without a gap, and a whole database."""
    with closing(open_log(folder)) as log:
        rows = [(row.event["item_id"], row.sequence) for row in log.read("shop")]
    assert [sequence for _, sequence in rows] == list(range(1, len(rows) + 1))
    assert len(dict(rows)) == len(rows)
    with closing(sqlite3.connect(folder / "events.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return dict(rows)


def cycles(folder: Path, count: int) -> None:
    told: dict[str, int] = {}
    waits = random.Random(0)
    for cycle in range(count):
        new = killed(folder, cycle, waits.uniform(0.05, 0.5))
        assert new
        told |= new
        found = stored(folder)
        lost = {key for key, sequence in told.items() if found.get(key) != sequence}
        assert not lost
        retry(folder, found, cycle)


def retry(folder: Path, found: dict[str, int], cycle: int) -> None:
    """Those who heard nothing ask again, with the same keys: what was kept is not kept twice."""
    latest = [key for key in found if int(key.split("-")[1]) >= cycle * 1_000_000][-50:]
    with closing(open_log(folder)) as log:
        assert log.append("shop", [event(key) for key in latest], latest).result() == [found[key] for key in latest]


def test_nothing_acknowledged_is_lost_over_three_kills(tmp_path: Path) -> None:
    cycles(tmp_path / "events", 3)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_twelve_kills(tmp_path: Path) -> None:
    cycles(tmp_path / "events", 12)


def test_a_writer_that_gives_its_word_before_the_commit_is_caught(tmp_path: Path) -> None:
    told: set[str] = set()
    for cycle in range(10):
        told |= set(killed(tmp_path / "events", cycle, 0.2, "--early"))
        if told - set(stored(tmp_path / "events")):
            return
    pytest.fail(f"none of {len(told)} early words was broken: this test of durability cannot fail")
