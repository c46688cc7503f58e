"""What is told of the run behind the model: files of a real run, made by the commands themselves."""

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

import penchant as pn
from penchant.evaluation.schema import check_metrics
from penchant.records.data import Data
from penchant.serving.api import create_app
from penchant.serving.panel import flattened, item_map
from penchant.serving.workspace import ALONE, Workspace
from penchant.stages.encode import encode
from penchant.stages.evaluate import evaluate_encoded


@pytest.fixture(scope="module")
def folder(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("panel") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(run.parent / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256).save(run)
    return run


@pytest.fixture(scope="module")
def client(folder: Path) -> TestClient:
    return TestClient(create_app({ALONE: Workspace(pn.load(folder, frame="records"), folder)}))


@pytest.mark.parametrize(
    ("part", "command"),
    [("quality", "prepare"), ("training", "evaluate"), ("evaluation", "evaluate"), ("twins", "twins")],
)
def test_a_part_that_is_not_there_names_the_command_that_makes_it(client: TestClient, part: str, command: str) -> None:
    said = client.get(f"/v1/panel/{part}").json()
    assert said["found"] is None
    assert said["command"].startswith(f"penchant {command} RUN")


def test_only_the_named_parts_of_a_run_can_be_read(client: TestClient) -> None:
    assert client.get("/v1/panel/config").status_code == 422
    assert client.get("/v1/panel/..%2Fconfig.json").status_code == 404


def test_what_evaluation_wrote(shop: Data, client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from penchant.stages.config import resolve_config

    monkeypatch.setenv("PENCHANT_CACHE", str(folder.parent / "cache"))
    config = resolve_config("tiny", 0, epochs=1, num_positions=256)
    written, _ = evaluate_encoded(encode(shop, "hashing"), config, folder / "report", protocol="leave-last-out", k=10)
    check_metrics(written)
    training = client.get("/v1/panel/training").json()["found"]
    evaluation = client.get("/v1/panel/evaluation").json()["found"]
    assert training == json.loads(json.dumps({"run": written["run"], "training": written["training"]}))
    assert evaluation["ranking"] == written["ranking"]
    assert "training" not in evaluation


def test_a_damaged_file_is_told(client: TestClient, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "quality.json").write_text("{")
    answer = client.get("/v1/panel/quality")
    assert answer.status_code == 500
    assert answer.json()["error"]["message"].endswith("Make it again: penchant prepare RUN --events FILE")
    (folder / "data" / "quality.json").write_text('{"num_events": 3}')
    assert client.get("/v1/panel/quality").json()["found"] == {"num_events": 3}


def test_the_map_shows_items_with_titles_and_groups(client: TestClient) -> None:
    said = client.get("/v1/panel/map").json()
    assert said["total"] == 40 == len(said["items"])
    assert {item["group"] for item in said["items"]} == {"space", "garden", "kitchen", "jazz"}
    assert said["items"][0]["title"] == "space number 0"
    assert 0 < sum(said["explained"]) <= 1
    assert said["explained"][0] >= said["explained"][1]


def test_the_map_of_a_large_catalogue_is_drawn(folder: Path) -> None:
    model = pn.load(folder, frame="records")
    said, again, other = item_map(model, most=7), item_map(model, most=7), item_map(model, most=7, seed=1)
    assert (len(said["items"]), said["total"]) == (7, 40)
    assert said == again
    assert said["items"] != other["items"]


def test_principal_directions_ignore_where_the_middle_is() -> None:
    points = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    here, explained = flattened(points)
    there, _ = flattened(points + 3)
    np.testing.assert_allclose(here, there, atol=1e-4)
    np.testing.assert_allclose(np.cov(here.T)[0, 1], 0, atol=1e-12)
    assert explained[0] > explained[1]
    assert flattened(np.ones((3, 4)))[0].tolist() == [[0, 0]] * 3


def test_about_the_model(client: TestClient) -> None:
    said = client.get("/v1/panel/model").json()
    assert said["num_items"] == 40
    assert "next_item" in said["tasks"]


def test_the_newest_events_come_first(client: TestClient) -> None:
    assert client.get("/v1/panel/events").json() == {"events": []}
    given = [{"user_id": "eve", "item_id": f"i{place}", "kind": "like"} for place in range(3)]
    client.post("/v1/events", json={"events": given})
    said = client.get("/v1/panel/events", params={"limit": 2}).json()["events"]
    assert [row["event"]["item_id"] for row in said] == ["i2", "i1"]
    assert said[0]["event"]["user_id"] == "eve"
    assert said[0]["sequence"] == said[1]["sequence"] + 1
    assert said[0]["received_at"].endswith("+00:00")
    assert client.get("/v1/panel/events", params={"limit": 0}).status_code == 422
