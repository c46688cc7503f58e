"""A tenant's model and log, without HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import penchant as pn
from penchant.records.errors import ConflictError, DataError, StoreUnavailableError
from penchant.serving.events.log import EventLog, Logged
from penchant.serving.events.open import open_log
from penchant.serving.workspace import Workspace
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
