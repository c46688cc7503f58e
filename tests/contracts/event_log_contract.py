"""What every event log promises. A test class inherits this, and opens logs of its kind in `where`."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from penchant.records.errors import ConflictError, DataError, QueueFullError, StoreUnavailableError
from penchant.serving.events.durable import DurableLog
from penchant.serving.events.log import EventLog
from penchant.serving.events.open import open_log

NASTY = {
    "user_id": "用户\n007' OR 1=1 --",
    "item_id": "a\u0000b\u202e\U0001f469\u200d\U0001f680",  # NUL may stand in an event, though not in whose it is
    "value": 0.1,
    "timestamp": 2**53 + 1,
    "context": {"place": [1, None, {"deep": True}], "": "empty"},
}


def view(user: str, item: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "item_id": item, "kind": "view", **more}


def kept(log: EventLog, tenant: str, **asked: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(row.sequence, row.event) for row in log.read(tenant, **asked)]


class EventLogContract:
    """Inherits with a fixture `where`: a new folder or an empty database."""

    @pytest.fixture
    def log(self, where: str | Path) -> Iterator[DurableLog]:
        with_what = open_log(where)
        yield with_what
        with_what.close()

    def test_nothing_yet(self, log: DurableLog) -> None:
        assert isinstance(log, EventLog)
        assert (list(log.read("shop")), log.last("shop"), log.tenants(), log.erase("shop", "u")) == ([], 0, [], 0)
        assert log.append("shop", [], []).result() == []

    def test_events_come_back_as_they_were_in_order_of_commit(self, log: DurableLog) -> None:
        before = time.time_ns() // 1000
        assert log.append("shop", [NASTY, view("u", "i")], [None, "k"]).result() == [1, 2]
        assert log.append("shop", [view("u", "j")], [None]).result() == [3]
        assert kept(log, "shop") == [(1, NASTY), (2, view("u", "i")), (3, view("u", "j"))]
        assert all(before <= row.received_at <= time.time_ns() // 1000 for row in log.read("shop"))
        assert log.last("shop") == 3

    def test_reading_from_a_place_and_so_many(self, log: DurableLog) -> None:
        log.append("shop", [view("u", f"i{n}") for n in range(2500)], [None] * 2500).result()
        numbers = [row.sequence for row in log.read("shop")]
        assert numbers == list(range(1, 2501))
        assert [row.sequence for row in log.read("shop", after=2000)] == numbers[2000:]
        assert [row.sequence for row in log.read("shop", after=10, limit=1700)] == numbers[10:1710]
        assert kept(log, "shop", limit=0) == kept(log, "shop", after=2500) == kept(log, "shop", after=9999) == []

    def test_a_key_counts_once(self, log: DurableLog) -> None:
        event = view("u", "i", value=1.5)
        assert log.append("shop", [event, view("u", "j")], ["k", None]).result() == [1, 2]
        same = dict(reversed(event.items()))
        assert log.append("shop", [view("u", "x"), same, same], ["new", "k", "k"]).result() == [3, 1, 1]
        assert log.append("shop", [same, same], ["twice", "twice"]).result() == [4, 4]
        assert [sequence for sequence, _ in kept(log, "shop")] == [1, 2, 3, 4]

    def test_a_key_of_another_content_is_a_conflict_and_nothing_of_the_batch_is_kept(self, log: DurableLog) -> None:
        log.append("shop", [view("u", "i")], ["k"]).result()
        for events, keys in (
            ([view("u", "new"), view("u", "other")], [None, "k"]),
            ([view("u", "a"), view("u", "b")], ["fresh", "fresh"]),
        ):
            with pytest.raises(ConflictError, match=r"The key '(k|fresh)' was used for another event"):
                log.append("shop", events, keys).result()
        assert kept(log, "shop") == [(1, view("u", "i"))]
        assert log.append("shop", [view("u", "a")], ["fresh"]).result() == [2]

    def test_tenants_share_nothing_but_the_count(self, log: DurableLog) -> None:
        assert log.append("a", [view("u", "i")], ["k"]).result() == [1]
        assert log.append("b", [view("u", "other")], ["k"]).result() == [2]
        assert log.append("a", [view("u", "j")], [None]).result() == [3]
        assert kept(log, "a") == [(1, view("u", "i")), (3, view("u", "j"))]
        assert kept(log, "b") == [(2, view("u", "other"))]
        assert (log.last("a"), log.last("b"), log.last("c"), log.tenants()) == (3, 2, 0, ["a", "b"])
        assert log.erase("b", "u") == 1
        assert (kept(log, "b"), log.last("b"), log.tenants(), len(kept(log, "a"))) == ([], 0, ["a"], 2)

    def test_what_no_store_can_keep_is_refused_at_once(self, log: DurableLog) -> None:
        wrong = [
            ("shop", view("u\0", "i"), None), ("shop", view("u", "i"), "\0"), ("s\0", view("u", "i"), None),
            ("shop", view("u", "\ud800"), None), ("shop", view("\udfff", "i"), None), ("shop", {"user_id": 7}, None),
            ("shop", view("u", "i", value=float("nan")), None), ("shop", view("u", "i", value={1}), None),
        ]  # fmt: skip
        for tenant, event, key in wrong:
            with pytest.raises(DataError, match=r"Unicode text without NUL|plain JSON"):
                log.append(tenant, [event], [key])
        with pytest.raises(ValueError, match="zip"):
            log.append("shop", [view("u", "i")], [])
        assert log.tenants() == []

    @pytest.mark.parametrize("gone", [{"u0"}, {"u1"}, {"u2"}, {"u0", "u1"}, {"u1", "u2"}, {"u0", "u2"}])
    def test_erasing_leaves_the_others_whole_and_readable_from_anywhere(self, log: DurableLog, gone: set[str]) -> None:
        events = [view(f"u{n * n % 3 if n < 9 else n % 3}", f"i{n}") for n in range(12)]
        log.append("shop", events, [f"k{n}" for n in range(12)]).result()
        for user in sorted(gone):
            assert log.erase("shop", user) == sum(event["user_id"] == user for event in events)
        left = [(n + 1, event) for n, event in enumerate(events) if event["user_id"] not in gone]
        for after in range(13):
            assert kept(log, "shop", after=after) == [pair for pair in left if pair[0] > after]
        assert log.last("shop") == max((sequence for sequence, _ in left), default=0)
        assert log.append("shop", [view("u0", "again")], [None]).result() == [13]  # no number is given twice
        assert len(kept(log, "shop")) == len(left) + 1

    def test_erasing_comes_behind_what_is_queued(self, log: DurableLog) -> None:
        futures = [log.append("shop", [view("gone", f"i{n}")], [None]) for n in range(200)]
        assert log.erase("shop", "gone") == 200
        assert all(future.done() for future in futures)

    def test_many_threads_get_numbers_of_their_own(self, log: DurableLog) -> None:
        told: list[tuple[int, str]] = []

        def client(name: int) -> None:
            for n in range(50):
                item = f"{name}-{n}"
                told.append((log.append("shop", [view("u", item)], [item]).result()[0], item))

        threads = [threading.Thread(target=client, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == [(sequence, event["item_id"]) for sequence, event in kept(log, "shop")]
        assert [sequence for sequence, _ in sorted(told)] == list(range(1, 401))

    def test_reading_goes_on_while_others_write(self, log: DurableLog) -> None:
        stop = threading.Event()

        def writer() -> None:
            while not stop.is_set():
                log.append("shop", [view("u", "i"), view("gone", "i")] * 10, [None] * 20).result()

        thread = threading.Thread(target=writer)
        thread.start()
        try:
            for _ in range(20):
                numbers = [row.sequence for row in log.read("shop")]
                assert numbers == sorted(set(numbers))
            log.erase("shop", "gone")
            list(log.read("shop"))
        finally:
            stop.set()
            thread.join()

    def test_the_queue_is_bounded_by_rows_and_by_bytes(self, where: str | Path) -> None:
        for bounds in ({"max_rows": 10}, {"max_bytes": 10 * len('{"item_id":"i","kind":"view","user_id":"u"}')}):
            log = open_log(where, **bounds)
            with paused(log):
                futures = [log.append("shop", [view("u", "i")] * 5, [None] * 5) for _ in range(2)]
                with pytest.raises(QueueFullError, match="10 events wait") as full:
                    log.append("shop", [view("u", "i")], [None])
                assert full.value.retry_after >= 1
            assert all(len(future.result()) == 5 for future in futures)
            assert len(log.append("shop", [view("u", "i")] * 30, [None] * 30).result()) == 30  # alone, anything goes
            log.close()

    def test_everything_is_there_after_closing_and_numbers_go_on(self, where: str | Path) -> None:
        log = open_log(where)
        futures: list[Future[list[int]]] = [log.append("shop", [view("u", f"i{n}")], [f"k{n}"]) for n in range(100)]
        log.close()
        log.close()
        assert [future.result() for future in futures] == [[n + 1] for n in range(100)]
        with pytest.raises(StoreUnavailableError, match="closed"):
            log.append("shop", [view("u", "i")], [None])
        again = open_log(where)
        assert again.append("shop", [view("u", "i7"), view("u", "new")], ["k7", None]).result() == [8, 101]
        again.close()

    def test_clocks_may_jump(self, log: DurableLog, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([10**18, 10**18 - 3 * 86_400 * 10**9, 10**18 + 10 * 365 * 86_400 * 10**9, 0])
        monkeypatch.setattr("penchant.serving.events.durable.time.time_ns", lambda: next(clock))
        for n in range(4):
            log.append("shop", [view("u", f"i{n}")], [None]).result()
        monkeypatch.undo()
        rows = list(log.read("shop"))
        assert [row.event["item_id"] for row in rows] == ["i0", "i1", "i2", "i3"]
        assert [row.received_at for row in rows] == [
            10**15,
            10**15 - 3 * 86_400 * 10**6,
            10**15 + 3650 * 86_400 * 10**6,
            0,
        ]


class paused:  # noqa: N801
    """While this lasts, the writer of a log waits for its turn."""

    def __init__(self, log: DurableLog) -> None:
        self._writing = log._store.writing()

    def __enter__(self) -> None:
        self._writing.__enter__()

    def __exit__(self, *_: object) -> None:
        self._writing.__exit__(None, None, None)
