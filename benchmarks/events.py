"""The event log: acknowledged events per second, one at a time and in batches, beside inserts that nobody syncs.

    python benchmarks/events.py [--where FOLDER_OR_URL] [--seconds 5] [--rounds 3]

Clients are threads of one process; each waits for the log's word before it sends again. Every event has a key. `sync` is what one
fdatasync of a written page takes on this disk just then; `load` the machine's load. The log is made anew for each row.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from penchant.serving.events.open import open_log
from penchant.serving.events.rows import draft


def event(number: int) -> dict[str, Any]:
    """Of the size that events have."""
    return {
        "user_id": f"u{number % 5000}",
        "item_id": f"i{number % 997}",
        "kind": "view",
        "timestamp": 1_700_000_000 + number,
    }


def acknowledged(where: str, clients: int, batch: int, seconds: float) -> tuple[float, float, float]:
    """Events per second, CPU milliseconds per event, 99th percentile of the wait for one word in milliseconds."""
    waits: list[float] = []
    started = time.time_ns()  # no key of an earlier row
    with closing(open_log(where)) as log:
        end = time.perf_counter() + seconds

        def client(name: int) -> None:
            for turn in count():
                events = [event(turn * batch + n) for n in range(batch)]
                began = time.perf_counter()
                log.append("shop", events, [f"{name}-{turn}-{n}-{started}" for n in range(batch)]).result()
                waits.append(time.perf_counter() - began)
                if time.perf_counter() > end:
                    return

        cpu, began = time.process_time(), time.perf_counter()
        run_all(client, clients)
        num_events, took = len(waits) * batch, time.perf_counter() - began
        return (
            num_events / took,
            1e3 * (time.process_time() - cpu) / num_events,
            1e3 * statistics.quantiles(waits, n=100)[98],
        )


def run_all(client: Callable[[int], None], clients: int) -> None:
    threads = [threading.Thread(target=client, args=(name,)) for name in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def unsynced(folder: Path, batch: int, seconds: float) -> float:
    """Events per second of plain inserts of the same rows into one table, a transaction for each batch, with synchronous=OFF."""
    with closing(sqlite3.connect(folder / "plain.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE events (sequence INTEGER PRIMARY KEY, key TEXT, user_id TEXT, event TEXT)")
        began = time.perf_counter()
        for turn in count():
            rows = [draft(event(turn * batch + n), f"{turn}-{n}") for n in range(batch)]
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO events (key, user_id, event) VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
            if time.perf_counter() - began > seconds:
                return (turn + 1) * batch / (time.perf_counter() - began)
    raise AssertionError("count() has no end")


def sync_milliseconds(folder: Path) -> float:
    """Median of 50."""
    took = []
    with (folder / "page").open("wb", buffering=0) as page:
        for _ in range(50):
            page.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(page.fileno())
            took.append(1e3 * (time.perf_counter() - began))
    return statistics.median(took)


def measure(where: str | None, clients: int, batch: int, seconds: float) -> None:
    folder = Path(tempfile.mkdtemp(prefix="penchant-events-"))
    try:
        sync = sync_milliseconds(folder)
        rate, cpu, wait = acknowledged(where or str(folder / "log"), clients, batch, seconds)
        plain = unsynced(folder, batch, seconds / 2)
        print(
            f"{clients:>3} clients x {batch:>3}: {rate:>8,.0f} events/s, p99 {wait:.1f} ms, CPU {cpu:.4f} ms/event,"
            f" {rate / plain:.2f} of {plain:,.0f}/s unsynced; sync {sync:.2f} ms, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    finally:
        shutil.rmtree(folder)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--where", help="a folder that is new, or the URL of an empty database; default: a temporary folder"
    )
    arguments.add_argument("--seconds", type=float, default=5.0, help="of each row")
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    for _ in range(given.rounds):
        for clients, batch in ((16, 1), (4, 100)):
            measure(given.where, clients, batch, given.seconds)


if __name__ == "__main__":
    main()
