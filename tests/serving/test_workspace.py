"""A tenant's model and log, without HTTP."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.errors import ConflictError, DataError, StoreUnavailableError
from penchant.serving.events.log import EventLog, Logged
from penchant.serving.events.open import open_log
from penchant.serving.workspace import LIVE, Workspace
from penchant.stages.model import Model


def like(person: str, item: str) -> dict[str, Any]:
    return {"user_id": person, "item_id": item, "kind": "like"}


def scores(space: Workspace, person: str) -> list[tuple[str, float]]:
    with space.model() as model:
        return [(row["item_id"], row["score"]) for row in model.recommend(person, k=40)]


def test_what_is_kept_is_known_and_only_once(small_model: Model) -> None:
    space = Workspace(small_model)
    assert space.add([like("new", "i1"), like("new", "i2")], ["a", None]) == [1, 2]
    assert space.add([like("new", "i1")], ["a"]) == [1]
    with space.model() as model:
        assert [event["item_id"] for event in model.history("new")] == ["i2", "i1"]
    with pytest.raises(ConflictError):
        space.add([like("new", "i3")], ["a"])
    space.close()


def test_nothing_of_a_batch_with_a_mistake_is_kept(small_model: Model) -> None:
    space = Workspace(small_model)
    with pytest.raises(DataError):
        space.add([like("new", "i1"), {"user_id": "new", "kind": "view"}], [None, None])
    assert space.log.last("default") == 0
    space.close()


def test_the_state_after_many_writers_is_that_of_a_replay(small_run: Path, small_model: Model, tmp_path: Path) -> None:
    log = open_log(tmp_path)
    space = Workspace(small_model, log=log)
    rng = np.random.default_rng(0)
    work = [[like(f"u{rng.integers(8)}", f"i{rng.integers(40)}") for _ in range(3)] for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda events: space.add(events, [None] * 3), work))
    replayed = Workspace(pn.load(small_run, frame="records"), log=log)
    for person in (f"u{number}" for number in range(8)):
        ours, theirs = scores(space, person), scores(replayed, person)
        assert [item for item, _ in ours] == [item for item, _ in theirs]
        assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], abs=1e-6)
    with space.model() as one, replayed.model() as other:
        assert one.events.equals(other.events)
    log.close()


class Restarting(EventLog):
    """A real log that takes what is given and cannot be read for a while, as while its database starts again."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.away = False

    def append(self, tenant: str, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]) -> Future[list[int]]:
        return self.log.append(tenant, events, keys)

    def read(self, tenant: str, after: int = 0, limit: int | None = None) -> Iterator[Logged]:
        if self.away:
            raise StoreUnavailableError("It starts again.")
        return self.log.read(tenant, after, limit)

    def last(self, tenant: str) -> int:
        return self.log.last(tenant)

    def counted(self, at_least: int = 0) -> int:
        return self.log.counted(at_least)

    def tenants(self) -> list[str]:
        return self.log.tenants()

    def erase(self, tenant: str, user_id: str) -> int:
        return self.log.erase(tenant, user_id)

    def backup(self, path: Path) -> None:
        self.log.backup(path)

    def close(self) -> None:
        self.log.close()


def test_what_was_kept_while_the_log_could_not_be_read_comes_with_the_next_event(
    small_model: Model, tmp_path: Path
) -> None:
    log = Restarting(open_log(tmp_path))
    space = Workspace(small_model, log=log)
    log.away = True
    assert space.add([like("new", "i1")], [None]) == [1]
    log.away = False
    space.add([like("new", "i2")], [None])
    with space.model() as model:
        assert [event["item_id"] for event in model.history("new")] == ["i2", "i1"]
    space.close()


def test_tenants_share_a_log_and_nothing_else(small_run: Path, small_model: Model, tmp_path: Path) -> None:
    log = open_log(tmp_path)
    ours = Workspace(small_model, log=log, tenant="ours")
    theirs = Workspace(pn.load(small_run, frame="records"), log=log, tenant="theirs")
    before = scores(theirs, "u1")
    with theirs.model() as model:
        past = model.history("u1")
    ours.add([like("u1", "i9")], ["a"])
    assert theirs.add([like("other", "i2")], ["a"]) == [2]
    with theirs.model() as model:
        assert model.history("u1") == past
    assert [item for item, _ in scores(theirs, "u1")] == [item for item, _ in before]
    log.close()


@pytest.fixture
def run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    return Path(shutil.copytree(small_run, tmp_path / "run"))


def test_who_is_forgotten_after_the_newest_events_were_erased_stays_so(run: Path) -> None:
    space = Workspace.open(run, open_log(run / LIVE))
    space.add([like("u1", "i1"), like("u2", "i2"), like("u2", "i3")], [None] * 3)
    space.forget("u2")  # the log ends at 1 now, a version that was learned before knows it up to 3
    space.forget("u1")
    assert space.forgotten is not None
    assert space.forgotten.left(pl.DataFrame({"user_id": ["u1", "u2"]}), log_sequence=3).is_empty()
    space.close()


class Overtaken(Restarting):
    """A real log; right after somebody is erased, another request of theirs is kept."""

    space: Workspace

    def erase(self, tenant: str, user_id: str) -> int:
        num_erased = self.log.erase(tenant, user_id)
        self.space.add([like(user_id, "i3")], [None])
        return num_erased


def test_what_comes_in_while_somebody_is_forgotten_is_in_log_and_model(small_model: Model, tmp_path: Path) -> None:
    log = Overtaken(open_log(tmp_path))
    space = log.space = Workspace(small_model, log=log)
    space.add([like("new", "i1")], [None])
    assert space.forget("new") == 1
    assert [row.event["item_id"] for row in log.read("default")] == ["i3"]
    with space.model() as model:
        assert [event["item_id"] for event in model.history("new")] == ["i3"]
    space.close()


def test_clients_whose_clocks_are_ahead_do_not_carry_the_time_away(small_model: Model) -> None:
    space = Workspace(small_model)
    ahead = [{**like("new", "i1"), "timestamp": int(time.time()) + days * 86_400} for days in (1, 2)]
    space.add(ahead[:1], [None])
    with pytest.raises(DataError, match="until tomorrow"):
        space.add([{**ahead[1], "timestamp": ahead[1]["timestamp"] - 60}], [None])
    space.close()


class Traced(Restarting):
    """A real log that erases, and cannot rewrite its file, as while somebody reads it for a minute."""

    def erase(self, tenant: str, user_id: str) -> int:
        self.log.erase(tenant, user_id)
        raise StoreUnavailableError("Traces are left. Erase again.")


def test_whose_rows_are_gone_is_a_stranger_even_if_traces_are_left(small_model: Model, tmp_path: Path) -> None:
    space = Workspace(small_model, log=Traced(open_log(tmp_path)))
    space.add([like("new", "i1")], [None])
    with pytest.raises(StoreUnavailableError, match="Erase again"):
        space.forget("new")
    with space.model() as model:
        assert model.history("new") == []
    space.close()
