"""A model that is learned anew beside the one that answers."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from penchant.cli import app as cli
from penchant.records.data import Data
from penchant.records.errors import ConflictError
from penchant.serving.api import create_app
from penchant.serving.events.open import open_log
from penchant.serving.retraining import Retraining
from penchant.serving.workspace import ALONE, LIVE, Workspace
from penchant.stages.model import Model

MINUTES = 300.0


@pytest.fixture
def run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    shutil.copytree(small_run, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def space(run: Path) -> Iterator[Workspace]:
    found = Workspace.open(run, open_log(run / LIVE))
    yield found
    found.close()


def walk_on(shop: Data) -> list[dict]:
    """Everybody goes on along the ring for three items."""
    last = shop.events.group_by("user_id", maintain_order=True).last()
    return [
        {"user_id": row["user_id"], "item_id": f"i{(int(row['item_id'][1:]) + step) % 40}", "kind": "view"}
        for step in (1, 2, 3)
        for row in last.to_dicts()
    ]


def waited(space: Workspace) -> dict:
    until = time.monotonic() + MINUTES
    while space.retraining.is_running and time.monotonic() < until:
        time.sleep(0.1)
    return space.retraining.verdict or {}


def test_what_happened_since_is_learned_while_people_ask(space: Workspace, shop: Data) -> None:
    client = TestClient(create_app({ALONE: space}))
    events = walk_on(shop)
    space.add(events, [None] * len(events))
    space.put_items([{"item_id": "new", "title": "jazz number 41"}])
    space.remove_item("i5")
    space.forget("u7")
    space.forget("u8")
    space.add([{"user_id": "u8", "item_id": "i3"}], [None])  # who is back
    told = client.post("/v1/models/retrain")
    assert (told.status_code, told.json()["retraining"], told.json()["active"]) == (202, True, 1)
    assert client.post("/v1/models/retrain").status_code == 409
    with pytest.raises(ConflictError):
        space.retraining.run()
    asked = 0
    while space.retraining.is_running:
        assert client.post("/v1/recommend", json={"user_id": "u1", "k": 3}).status_code == 200
        client.post("/v1/events", json={"events": [{"user_id": "meanwhile", "item_id": f"i{asked % 40}"}]})
        asked += 1
    verdict = waited(space)
    assert verdict["accepted"], verdict
    told = client.get("/v1/models").json()
    assert (told["active"], told["retraining"]) == (2, False)
    made = told["versions"][-1]
    assert made["origin"] == "retrain"
    assert made["log_sequence"] < space.log.last(ALONE)
    assert made["verdict"]["num_people"] >= 20
    with space.model() as model:
        assert "new" in model.asking.rows
        assert "i5" in model.added.hidden
        assert model.history("u7") == []
        assert [event["item_id"] for event in model.history("u8")] == ["i3"]
        assert len(model.history("meanwhile", 10_000)) == asked
        assert len(model.history("u1", 1000)) == len(shop.events.filter(user_id="u1")) + 3
    ids = [item["item_id"] for item in client.post("/v1/recommend", json={"user_id": "u2", "k": 41}).json()["items"]]
    assert "i5" not in ids
    assert "new" in ids
    again = client.post("/v1/models/1/activate").json()
    assert again["active"] == 1
    with space.model() as model:
        assert len(model.history("meanwhile", 10_000)) == asked
        assert model.history("u7") == []


def test_what_is_refused_stays_out_and_the_reason_is_told(run: Path, space: Workspace) -> None:
    space.close()
    told = CliRunner().invoke(cli, ["retrain", str(run), "--json"])
    assert told.exit_code == 1
    assert "Nothing has happened" in told.stdout
    assert not (run / "versions" / "2").exists()


def test_a_training_that_fails_changes_nothing(run: Path, space: Workspace, shop: Data) -> None:
    (run / "data" / "events.parquet").write_bytes(b"nothing")
    space.add(walk_on(shop), [None] * 3 * 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(space, "forgotten", None)
        verdict = space.retraining.run()
    assert not verdict["accepted"]
    assert "log says why" in verdict["reason"]
    assert str(run) not in verdict["reason"]
    assert space.version == 1


def test_it_begins_by_itself(space: Workspace) -> None:
    space.retraining.every(0.2)
    until = time.monotonic() + MINUTES
    while space.retraining.verdict is None and time.monotonic() < until:
        time.sleep(0.1)
    assert "Nothing has happened" in (space.retraining.verdict or {})["reason"]


def test_without_a_run_there_is_nothing_to_learn_from(small_model: Model) -> None:
    answer = TestClient(create_app(small_model)).post("/v1/models/retrain")
    assert answer.status_code == 422
    assert "Serve a run folder" in answer.text


def test_a_server_that_stops_gives_a_training_up(serve_run: Callable, shop: Data) -> None:
    server = serve_run()
    assert server.client.post("/v1/events", json={"events": walk_on(shop)}).status_code == 202
    assert server.client.post("/v1/models/retrain").json()["retraining"]
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 10


class Overtaken(Retraining):
    """Somebody starts a training right after it was seen that none is running."""

    @property
    def is_running(self) -> bool:
        return False


def test_the_clock_goes_on_where_somebody_else_was_faster(space: Workspace) -> None:
    clocked = Overtaken(space)
    clocked._busy.acquire()
    clocked.every(0.05)
    time.sleep(0.5)
    clocked._busy.release()
    until = time.monotonic() + MINUTES
    while clocked.verdict is None and time.monotonic() < until:
        time.sleep(0.05)
    clocked.stop()
    assert clocked.verdict is not None


def test_a_training_that_begins_while_the_server_stops_is_given_up(space: Workspace, shop: Data) -> None:
    events = walk_on(shop)
    space.add(events, [None] * len(events))
    space.retraining.stop()
    began = time.monotonic()
    assert not space.retraining.run()["accepted"]
    assert time.monotonic() - began < 5
    assert space.version == 1


def test_the_log_of_another_tenant_or_another_place_is_learned_from(
    run: Path, space: Workspace, tmp_path: Path
) -> None:
    space.close()
    for name, told in {"shop": ["--tenant", "shop"], ALONE: ["--events", str(tmp_path / "elsewhere")]}.items():
        with closing(open_log(run / LIVE if name == "shop" else tmp_path / "elsewhere")) as log:
            log.append(name, [{"user_id": "u1", "item_id": "i3"}], [None]).result()
        assert "Nothing has happened" not in CliRunner().invoke(cli, ["retrain", str(run), "--json", *told]).output
