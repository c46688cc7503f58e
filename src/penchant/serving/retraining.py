"""A run's model learned anew from its event log, beside the one that answers: judged, and put in charge if it is not worse.

How it is learned and judged is asked in `stages.retrain`, in a process of its own, so that those who ask don't wait for it.
"""

import datetime
import json
import logging
import re
import subprocess
import sys
import threading
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from penchant.records.errors import ConfigError, ConflictError
from penchant.records.words import EVENT_COLUMNS
from penchant.serving.events.log import MICROSECONDS
from penchant.serving.live import GONE, ITEM
from penchant.stages.asking import in_our_words

if TYPE_CHECKING:
    from penchant.serving.workspace import Workspace

LOG = logging.getLogger("penchant.serving")
CHUNK = 10_000


class Retraining:
    """Of one workspace; one training at a time. `verdict`: of the last one, None before it."""

    def __init__(self, space: "Workspace") -> None:
        self.space = space
        self.verdict: dict[str, Any] | None = None
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._busy.locked()

    def start(self) -> None:
        """Begins in the background. Raises: ConflictError while one is running, ConfigError for a server without a run."""
        if self.space.folder is None:
            raise ConfigError("This server has a model and no run, so it cannot be trained again. Serve a run folder.")
        if not self._busy.acquire(blocking=False):
            raise ConflictError("A training is running already. Wait for its verdict: GET /v1/models.")
        threading.Thread(target=self._run_held, name="retraining", daemon=True).start()

    def every(self, seconds: float) -> None:
        """Begins again and again; a turn that comes while one is running is left out."""

        def turns() -> None:
            while not self._stopped.wait(seconds):
                with suppress(ConflictError):
                    self.start()

        threading.Thread(target=turns, name="retraining-clock", daemon=True).start()

    def run(self) -> dict[str, Any]:
        """The verdict, with the `version` that is in charge now if it was accepted.

        Raises: ConflictError while one is running.
        """
        if not self._busy.acquire(blocking=False):
            raise ConflictError("A training is running already. Wait for its verdict.")
        return self._run_held()

    def stop(self) -> None:
        """A training that is running is given up."""
        self._stopped.set()
        if self._process is not None:
            self._process.kill()

    def _run_held(self) -> dict[str, Any]:
        try:
            self.verdict = self._train()
        except Exception as error:  # whatever it was, the model in charge stays, and the reason is told
            LOG.exception("a retraining failed")
            self.verdict = {"accepted": False, "reason": f"It failed: {type(error).__name__}."}
        finally:
            self._busy.release()
        return self.verdict

    def _train(self) -> dict[str, Any]:
        versions = self.space.versions
        assert versions is not None
        charge = versions.find(self.space.version)
        assert charge is not None
        with versions.draft() as draft:
            last, hidden, num_known = write_news(self.space, draft, charge.log_sequence)
            order = {"run": versions.run, "charge": versions.path(charge.number), "news": draft, "out": draft / "made"}
            told = {name: str(path.resolve()) for name, path in order.items()}
            verdict = self._ordered({**told, "num_known": num_known, "forgotten": self._forgotten(versions.run)})
            if not verdict["accepted"]:
                return verdict
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            about = {"created_at": now, "origin": "retrain", "log_sequence": last, "hidden": hidden, "verdict": verdict}
            made = versions.keep(draft / "made", **about)
        if self.space.experiment is not None:
            return {
                **verdict,
                "reason": f"An experiment is running, so version {made.number} waits to be put in charge.",
            }
        self.space.activate(made.number)
        return {**verdict, "version": made.number}

    def _ordered(self, order: dict[str, Any]) -> dict[str, Any]:
        command = [sys.executable, "-m", "penchant.stages.retrain"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        if self._stopped.is_set():  # just now, so that `stop` saw no process yet
            self._process.kill()
        out, error = self._process.communicate(json.dumps(order))
        if self._process.returncode:
            LOG.error("a retraining failed: %s", bare(error))
            return {"accepted": False, "reason": "The training failed; the server's log says why."}
        verdict: dict[str, Any] = json.loads(out)
        return verdict

    def _forgotten(self, run: Path) -> list[str]:
        events = run / "data" / "events.parquet"
        if self.space.forgotten is None or not events.exists():
            return []
        people = pl.read_parquet(events, columns=["user_id"]).unique()
        return sorted(set(people["user_id"]) - set(self.space.forgotten.left(people)["user_id"]))


def bare(traceback: str) -> str:
    """Where it was, the innermost last, and the kind of the error, without what it says: that may quote people.

    >>> bare('  File "a.py", line 3, in f\\n    f(x)\\nDataError: found u1')
    'DataError at a.py:3'
    """
    frames = re.findall(r'^  File "(?:.*site-packages/)?(.+?)", line (\d+)', traceback, re.MULTILINE)
    kinds = re.findall(r"^([A-Za-z_][\w.]*)(?::|$)", traceback, re.MULTILINE)
    kind = kinds[-1] if kinds else "no word of it"
    return f"{kind} at " + " > ".join(":".join(frame) for frame in frames[-4:])


def write_news(space: "Workspace", folder: Path, known: int) -> tuple[int, list[str], int]:
    """The log as a table, events.parquet, and what was told of items, items.json, as they stand now.

    Gives the last sequence, the items that are gone, and how many of the rows have sequences up to `known`.
    """
    last, items, gone, num_known = space.log.last(space.tenant), dict[str, Any](), set[str](), 0
    rows = (row for row in space.logged() if row.sequence <= last)
    tables = [pl.DataFrame(schema=EVENT_COLUMNS)]
    with space.model() as model:
        asking, has_clock = model.asking, model.about["has_clock"]
    while chunk := list(islice(rows, CHUNK)):
        events = []
        for row in chunk:
            kind, item = row.event.get("kind"), str(row.event.get("item_id"))
            if kind == ITEM:
                items[item] = in_our_words(pl.DataFrame([json.loads(row.event["context"])]))[0]
                gone.discard(item)
            elif kind == GONE:
                gone.add(item)
            else:
                now = {"timestamp": row.received_at // MICROSECONDS} if has_clock else {}
                events.append({**now, **row.event})
                num_known += row.sequence <= known
        tables.append(asking.raw_events(events))
    pl.concat(tables).write_parquet(folder / "events.parquet")
    (folder / "items.json").write_text(json.dumps(list(items.values()), ensure_ascii=False), encoding="utf-8")
    return last, sorted(gone), num_known
