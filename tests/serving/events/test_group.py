import threading
from collections.abc import Sequence

import pytest

from penchant.records.errors import QueueFullError, StoreUnavailableError
from penchant.serving.events.group import GroupCommit
from penchant.serving.events.plan import Append, Outcome
from penchant.serving.events.rows import Draft


class Commit:
    """Stands for a store that is as slow as the test wants, and keeps what it was given."""

    def __init__(self) -> None:
        self.go, self.entered = threading.Event(), threading.Event()
        self.groups: list[list[str]] = []

    def __call__(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        self.entered.set()
        assert self.go.wait(10)
        self.groups.append([append.tenant for append in appends])
        if "broken" in self.groups[-1]:
            raise StoreUnavailableError("away")
        return [KeyError("no") if append.tenant == "refused" else [len(self.groups)] for append in appends]


def append(tenant: str, rows: int = 1) -> Append:
    return Append(tenant=tenant, drafts=[Draft(None, None, "{}")] * rows, received_at=0)


def submit(group: GroupCommit, *tenants: str) -> list[Append]:
    appends = [append(tenant) for tenant in tenants]
    for each in appends:
        group.submit(each)
    return appends


def test_what_came_during_a_commit_goes_in_one_group_and_nobody_is_told_before() -> None:
    commit = Commit()
    group = GroupCommit(commit)
    first = submit(group, "a")
    assert commit.entered.wait(10)
    later = submit(group, "b", "refused", "c")
    assert not any(each.future.done() or each.future.cancel() for each in first + later)
    commit.go.set()
    group.close()
    assert commit.groups == [["a"], ["b", "refused", "c"]]
    assert [each.future.result() for each in (first[0], later[0], later[2])] == [[1], [2], [2]]
    with pytest.raises(KeyError):
        later[1].future.result()


def test_a_failed_group_is_told_so_and_the_next_has_its_own_chance() -> None:
    commit = Commit()
    group = GroupCommit(commit)
    first = submit(group, "broken")
    assert commit.entered.wait(10)
    commit.go.set()
    with pytest.raises(StoreUnavailableError, match="away"):
        first[0].future.result(10)
    assert submit(group, "a")[0].future.result(10) == [2]
    group.close()


@pytest.mark.parametrize("bounds", [{"max_rows": 3}, {"max_bytes": 6}])
def test_the_bound_counts_what_is_being_committed_too(bounds: dict[str, int]) -> None:
    commit = Commit()
    group = GroupCommit(commit, **bounds)
    group.submit(append("a", 2))
    assert commit.entered.wait(10)
    group.submit(append("b", 1))
    with pytest.raises(QueueFullError, match="3 events wait to be written already"):
        group.submit(append("c", 1))
    group.submit(append("barrier", 0))
    commit.go.set()
    group.close()
    assert commit.groups == [["a"], ["b", "barrier"]]
    with pytest.raises(StoreUnavailableError, match="closed"):
        group.submit(append("d", 1))


def test_room_comes_back() -> None:
    commit = Commit()
    commit.go.set()
    group = GroupCommit(commit, max_rows=1)
    for number in range(50):
        each = append(f"t{number}", 1 + number % 3)
        while True:
            try:
                group.submit(each)
                break
            except QueueFullError:
                pass  # the last one is told, and counted out a moment later
        each.future.result(10)
    group.close()
    assert len(commit.groups) == 50
