"""Heads, numbers at once, and time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI

from penchant.serving.access.limits import Limits
from penchant.serving.access.overload import Overload
from serving.access.walking import HERE, client


def slow(gate: threading.Event, **limits: Any) -> Overload:
    app = FastAPI()

    @app.get("/wait")
    def wait() -> str:
        assert gate.wait(20)
        return "done"

    @app.get("/quick")
    def quick() -> str:
        return "done"

    return Overload(app, Limits(**limits))


def test_a_large_head_is_refused() -> None:
    asking = client(slow(threading.Event(), head_bytes=2048, num_headers=20), where=HERE)
    assert asking.get("/quick", headers={"X": "a" * 1000}).status_code == 200
    assert asking.get("/quick", headers={"X": "a" * 3000}).status_code == 431
    assert asking.get("/quick?" + "a" * 3000).status_code == 431
    assert asking.get("/quick", headers={f"X-{n}": "a" for n in range(21)}).status_code == 431


def test_only_so_many_are_answered_at_once_and_then_again() -> None:
    gate = threading.Event()
    app = slow(gate, at_once=3)
    asking = client(app, where=HERE)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(client(app, where=HERE).get, "/wait") for _ in range(3)]
        while app.running < 3:
            time.sleep(0.01)
        refused = asking.get("/quick")
        gate.set()
        assert [answer.result().status_code for answer in waiting] == [200] * 3
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert asking.get("/quick").status_code == 200
    assert app.running == 0


def test_an_answer_that_takes_too_long_counts_until_it_has_ended() -> None:
    gate = threading.Event()
    app = slow(gate, answer_seconds=0.2, at_once=1)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client(app, where=HERE).get, "/wait")
        time.sleep(0.6)
        assert client(app, where=HERE).get("/quick").status_code == 503
        gate.set()
        assert late.result().status_code == 504
    assert late.result().json()["error"]["type"] == "TooSlow"
    assert client(app, where=HERE).get("/quick").status_code == 200


def test_a_failure_passes_and_frees_its_place() -> None:
    app = FastAPI()

    @app.get("/")
    def fail() -> str:
        raise RuntimeError("inside")

    guarded = Overload(app, Limits())
    assert client(guarded, where=HERE).get("/").status_code == 500
    assert guarded.running == 0


@pytest.mark.parametrize("wrong", [{"at_once": 0}, {"answer_seconds": 0}, {"json_depth": 10_000}, {"body": 3}])
def test_limits_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)
