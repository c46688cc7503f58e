"""`penchant serve` as a process: what it acknowledged is there after whatever happens to it."""

import signal
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from penchant.serving.events.open import open_log
from penchant.serving.workspace import LIVE


def event(person: str, item: str, **more: object) -> dict[str, Any]:
    return {"events": [{"user_id": person, "item_id": item, "kind": "like", **more}]}


def test_a_killed_server_has_lost_nothing_that_it_acknowledged(serve_run: Callable, tmp_path: Path) -> None:
    """Also not what was committed and had no time to reach the model: the log says so to the next one."""
    first = serve_run()
    for step in range(5):
        assert first.client.post("/v1/events", json=event("fresh", f"i{step}", key=f"k{step}")).status_code == 202
    before = first.client.post("/v1/recommend", json={"user_id": "fresh"}).json()["items"]
    first.stop(signal.SIGKILL)
    log = open_log(tmp_path / "run" / LIVE)
    log.append("default", event("other", "i7")["events"], [None]).result()  # committed, and then the power went
    log.close()
    second = serve_run()
    after = second.client.post("/v1/recommend", json={"user_id": "fresh"}).json()["items"]
    assert [item["item_id"] for item in after] == [item["item_id"] for item in before]
    assert [item["score"] for item in after] == pytest.approx([item["score"] for item in before], abs=1e-6)
    assert second.client.get("/v1/users/other").json()["history"][0]["item_id"] == "i7"
    again = second.client.post("/v1/events", json=event("fresh", "i0", key="k0")).json()
    assert again["sequences"] == [1]
    assert len(second.client.get("/v1/users/fresh").json()["history"]) == 5
    assert second.stop() == 0


def test_told_to_stop_it_answers_what_it_accepted(serve_run: Callable, tmp_path: Path) -> None:
    """Every 202 is in the log, nobody who was accepted gets half an answer, and the exit code is 0 within ten seconds."""
    server = serve_run()
    acknowledged: list[int] = []

    def send(worker: int) -> None:
        for step in range(10_000):
            try:
                answer = server.client.post("/v1/events", json=event(f"u{worker}", f"i{step % 40}"))
            except (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError):
                return  # refused, or closed before anything of an answer came
            assert answer.status_code == 202
            acknowledged.extend(answer.json()["sequences"])

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(send, worker) for worker in range(4)]
        time.sleep(1)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10
        for worker in workers:
            worker.result()
    log = open_log(tmp_path / "run" / LIVE)
    kept = {row.sequence for row in log.read("default")}
    log.close()
    assert len(acknowledged) > 20
    assert set(acknowledged) <= kept


def test_an_acknowledged_event_is_in_the_next_answer(serve_run: Callable) -> None:
    """From sending the event to having the changed list: median at most 200 ms, 99 of 100 within a second."""
    server, took, before = serve_run(), [], None
    for step in range(100):
        began = time.perf_counter()
        item = f"i{step % 40}"
        assert server.client.post("/v1/events", json=event(f"p{step // 20}", item)).status_code == 202
        answer = server.client.post("/v1/recommend", json={"user_id": f"p{step // 20}", "k": 5}).json()
        took.append(time.perf_counter() - began)
        scores = [(each["item_id"], each["score"]) for each in answer["items"]]
        assert item not in dict(scores)
        assert scores != before
        before = scores
    assert statistics.median(took) <= 0.2
    assert sorted(took)[98] <= 1.0


def test_a_second_server_on_the_run_is_told_who_has_it(serve_run: Callable) -> None:
    first = serve_run()
    with pytest.raises(AssertionError, match=rf"The process {first.process.pid} has .*live open"):
        serve_run()
