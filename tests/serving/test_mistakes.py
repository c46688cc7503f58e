"""Every failure has one form, and the status that fits."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from penchant.records import errors
from penchant.serving.mistakes import STATUSES, answer_mistakes
from penchant.serving.wire import Ask

RAISED = {kind.__name__: kind for kind in STATUSES}


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    answer_mistakes(app)

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise RAISED[name]("half a letter: \ud800")

    @app.put("/ask")
    def put() -> None:
        """The same path has another method."""

    @app.post("/ask")
    def ask(_: Ask) -> None:
        """Takes what has the form."""

    return TestClient(app)


@pytest.mark.parametrize(("name", "kind"), RAISED.items())
def test_our_own_errors(client: TestClient, name: str, kind: type[errors.PenchantError]) -> None:
    found = client.get(f"/raise/{name}")
    assert found.status_code == STATUSES[kind]
    assert found.json() == {"error": {"type": name, "message": "half a letter: ?"}}
    assert ("retry-after" in found.headers) == (found.status_code in (429, 503, 507) and name != "LockedError")


def test_what_is_damaged_is_our_own_failure_and_told_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    answer_mistakes(app)

    @app.get("/damaged")
    def damaged() -> None:
        raise errors.ArtifactError("/srv/run/live/events.db is damaged. Restore a backup.")

    found = TestClient(app).get("/damaged")
    assert (found.status_code, found.json()["error"]["type"]) == (500, "InternalError")
    assert "/srv" not in found.text
    assert "ArtifactError: /srv/run/live/events.db is damaged. Restore a backup." in caplog.text


def test_wrong_forms_are_told_by_place_and_never_quoted(client: TestClient) -> None:
    found = client.post("/ask", json={"k": "very-secret", "user_id": 1})
    assert found.status_code == 422
    error = found.json()["error"]
    assert error["type"] == "WrongForm"
    assert "body.user_id: Input should be a valid string" in error["message"]
    assert "very-secret" not in found.text


def test_of_many_wrong_places_the_first_are_named(client: TestClient) -> None:
    found = client.post("/ask", json={f"key{place}": 1 for place in range(8)})
    assert found.json()["error"]["message"].endswith("And 3 more.")


def test_what_there_is_not_and_what_is_not_done(client: TestClient) -> None:
    assert client.get("/nothing").json() == {"error": {"type": "NotFound", "message": "Not Found"}}
    found = client.get("/ask")
    assert (found.status_code, found.headers["allow"]) == (405, "PUT, POST")
    assert found.json()["error"]["type"] == "MethodNotAllowed"
