"""The client against the real application: a method for each operation, and nothing that is sent twice counts twice."""

import socket
import threading
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from penchant.records.errors import RefusedError
from penchant.serving.api import create_app
from penchant.serving.client import Client
from penchant.serving.watch import Answered, Watch
from penchant.serving.workspace import Workspace
from penchant.stages.model import Model


@pytest.fixture
def space(small_model: Model) -> Iterator[Workspace]:
    made = Workspace(small_model)
    yield made
    made.close()


def client(app: ASGIApp, **options: int) -> Client:
    return Client("http://testserver", transport=TestClient(app)._transport, **options)


def test_every_operation_has_a_method(space: Workspace) -> None:
    told: list[Answered] = []
    app = create_app({"default": space})
    shop = client(Watch(app, [told.append], lambda _: 1))
    assert shop.health().status == "ok"
    assert shop.ready().status == "ready"
    first = shop.recommend("u1", k=3, exclude_seen=False).items[0]
    assert first.rank == 1
    assert 0 <= (first.model_extra or {})["like"] <= 1
    stranger = shop.recommend(history=[{"text": "jazz"}], k=2)
    assert stranger.known is False
    assert sum(stranger.sources.values()) == pytest.approx(1, abs=1e-3)
    assert stranger.sources.keys() == shop.recommend("u1", k=1).sources.keys() >= {"network"}
    assert set(shop.recommend_many(["u1", "u2"], k=2).lists) == {"u1", "u2"}
    assert shop.similar("i3", k=2).items[0].title is not None
    assert shop.search("jazz", k=2).items[0].rank == 1
    assert shop.predict([{"user_id": "u1", "item_id": "i1"}]).pairs[0].item_id == "i1"
    assert shop.predict([{"item_id": "i1"}], history=[{"item_id": "i3"}]).pairs[0].item_id == "i1"
    assert shop.record([{"user_id": "a/b", "item_id": "i1"}]).accepted == 1
    assert shop.shown("u1", [{"item_id": "i1", "rank": 1}]).accepted == 1
    assert "u1" in shop.users("u1")
    assert shop.user("u1", limit=2).history[0].item_id
    assert shop.state_interests("u1", ["jazz", "space"]).accepted == 2
    assert set(shop.interests("u1").stated) == {"jazz", "space"}
    assert shop.interests_of(user_id="u1").labels
    assert shop.put_items([{"item_id": "new", "title": "jazz number 99"}]).accepted == 1
    assert shop.item("new").title == "jazz number 99"
    assert shop.remove_item("new").erased == 0
    assert shop.forget("u1").erased >= 3
    assert shop.models().active == 1
    with pytest.raises(RefusedError, match="No such version"):
        shop.activate(99)
    with pytest.raises(RefusedError):
        shop.retrain()
    with pytest.raises(RefusedError, match="No such version"):
        shop.begin_experiment("trial", 2)
    assert shop.experiments().running is None
    assert shop.end_experiment().running is None
    assert shop.panel("model")["tasks"]
    assert shop.panel("map")["items"]
    assert shop.panel("twins")["found"] is None
    assert shop.panel("events")["events"]
    assert "penchant_requests_total" in shop.metrics()
    called = {(each.method.lower(), each.route) for each in told}
    promised = {(verb, path) for path, verbs in app.openapi()["paths"].items() for verb in verbs}
    assert promised - called == set()


def test_what_the_server_refuses_is_an_error_with_its_reason(space: Workspace) -> None:
    shop = client(create_app({"default": space}))
    with pytest.raises(RefusedError, match="No such item") as refused:
        shop.item("nothing")
    assert (refused.value.status, refused.value.kind) == (404, "NotFound")
    with pytest.raises(RefusedError, match=r"body\.k"):
        shop.recommend("u1", k=0)


class Later:
    """Does what it is asked, and yet answers "later" so many times."""

    def __init__(self, app: ASGIApp, times: int, wait: str = "0") -> None:
        self.app, self.times, self.wait = app, times, wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.times == 0:
            await self.app(scope, receive, send)
            return
        self.times -= 1

        async def nowhere(_: object) -> None:
            """The answer is lost."""

        await self.app(scope, receive, nowhere)
        form = {"error": {"type": "Busy", "message": "Later."}}
        await JSONResponse(form, 503, {"Retry-After": self.wait})(scope, receive, send)


def test_an_event_that_is_sent_again_is_kept_once(space: Workspace) -> None:
    shop = client(Later(create_app({"default": space}), times=2))
    accepted = shop.record([{"user_id": "new", "item_id": "i1"}, {"user_id": "new", "item_id": "i2"}])
    assert accepted.sequences == [1, 2]
    shown = client(Later(create_app({"default": space}), times=1)).shown("new", [{"item_id": "i3", "rank": 1}])
    assert shown.sequences == [3]
    assert space.log.last("default") == 3
    assert len(shop.user("new").history) == 2


def test_later_is_waited_for_as_long_as_the_server_says(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("penchant.serving.sending.time.sleep", waits.append)
    client(Later(create_app({"default": space}), times=2, wait="7")).health()
    assert waits == [7, 7]
    with pytest.raises(RefusedError, match="Later"):
        client(Later(create_app({"default": space}), times=9), retries=3).health()
    assert len(waits) == 5
    assert waits[2] < waits[3] * 3 < waits[4] * 9
    with pytest.raises(RefusedError, match="Later"):
        client(Later(create_app({"default": space}), times=1, wait="3600")).health()
    assert len(waits) == 5


def test_a_cut_connection_is_tried_again_where_that_does_no_harm() -> None:
    def answer(count: int) -> int:
        """Cuts so many connections, then answers one; the port."""
        server = socket.create_server(("127.0.0.1", 0))

        def work() -> None:
            for _ in range(count):
                server.accept()[0].close()
            connection = server.accept()[0]
            connection.recv(65536)
            connection.sendall(
                b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"status":"ok"}'
            )
            connection.close()
            server.close()

        threading.Thread(target=work, daemon=True).start()
        return server.getsockname()[1]

    with Client(f"http://127.0.0.1:{answer(2)}") as shop:
        assert shop.health().status == "ok"
    with Client(f"http://127.0.0.1:{answer(1)}") as shop, pytest.raises(RefusedError, match="No answer") as refused:
        shop.send("POST", "/v1/models/retrain", twice=False)
    assert refused.value.status == 0
    with Client(f"http://127.0.0.1:{answer(3)}", retries=1) as shop, pytest.raises(RefusedError, match="No answer"):
        shop.health()


def test_the_key_is_shown_as_a_header_alone(space: Workspace) -> None:
    seen: list[Scope] = []
    app = create_app({"default": space})

    async def looked_at(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await app(scope, receive, send)

    Client("http://testserver", "pn_default_00", transport=TestClient(looked_at)._transport).users()
    assert (b"authorization", b"Bearer pn_default_00") in seen[0]["headers"]
    assert b"pn_" not in seen[0]["query_string"] + seen[0]["raw_path"]
