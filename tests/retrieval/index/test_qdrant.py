"""Against Qdrant's own stand-in within the process, which is no server, and against a real one where $QDRANT_URL names it."""

import os
import uuid
from pathlib import Path

import numpy as np
import pytest

from contracts.index_contract import asked, brute_force, clustered, recall
from penchant.records.errors import ArtifactError, ConfigError, DataError

pytest.importorskip("qdrant_client")

from penchant.retrieval.index.qdrant import QdrantIndex

SERVER = os.environ.get("QDRANT_URL")
needs_server = pytest.mark.skipif(
    SERVER is None, reason="QDRANT_URL names no server: nothing was tried on a real Qdrant"
)


def build(url: str | None, vectors: np.ndarray) -> QdrantIndex:
    assert url is not None
    return QdrantIndex.build(vectors, url=url, collection=f"test-{uuid.uuid4().hex}")


@pytest.fixture(params=[":memory:", pytest.param(SERVER, marks=needs_server)], ids=["stand-in", "server"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_finds_what_is_allowed(url: str, share: float) -> None:
    vectors = clustered(2000, 16)
    allowed = np.random.default_rng(2).random(2000) < share
    queries = asked(vectors)
    rows, scores = build(url, vectors).search(queries, 10, allowed)
    assert allowed[rows].all()
    assert recall(rows, brute_force(vectors, queries, 10, allowed)) >= 0.95
    np.testing.assert_allclose(scores, (vectors[rows] * queries[:, None]).sum(axis=2), rtol=1e-4, atol=1e-5)


def test_few_rows_none_and_longer_lists(url: str) -> None:
    index = build(url, np.empty((0, 4), np.float32))
    assert index.search(np.ones((1, 4)), 2)[0].tolist() == [[-1, -1]]
    index.add(np.eye(3, 4))
    rows, scores = index.search(np.eye(1, 4), 5)
    assert rows.tolist() == [[0, 1, 2, -1, -1]]
    assert scores.tolist() == [[1.0, 0.0, 0.0, -np.inf, -np.inf]]


def test_rows_are_added_removed_and_replaced(url: str) -> None:
    vectors = clustered(600, 16)
    index = build(url, vectors[:500])
    index.add(vectors[500:])
    index.remove(np.array([3, 7]))
    assert not np.isin(index.search(vectors[[3, 7]], 20)[0], [3, 7]).any()
    assert not np.isin(index.search(vectors[[3, 7]], 20, np.arange(50))[0], [3, 7]).any()
    index.replace(np.array([3]), -vectors[[5]])
    assert index.search(-vectors[[5]], 1)[0].tolist() == [[3]]
    assert index.search(vectors[[555]], 1)[0].tolist() == [[555]]


def test_what_is_wrong_is_refused(url: str) -> None:
    index = build(url, clustered(20, 4))
    with pytest.raises(DataError, match="Vectors are finite"):
        index.add(np.full((1, 4), np.nan))
    with pytest.raises(DataError, match="Queries are floats of shape"):
        index.search(np.ones((1, 3)), 2)


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(ConfigError, match=r"server at http://127\.0\.0\.1:9 did not do it"):
        QdrantIndex.build(clustered(20, 4), url="http://127.0.0.1:9")


@needs_server
def test_saved_and_loaded_it_asks_the_same_collection(tmp_path: Path) -> None:
    vectors = clustered(300, 8)
    index = build(SERVER, vectors)
    index.remove(np.array([2]))
    index.save(tmp_path / "index")
    loaded = QdrantIndex.load(tmp_path / "index")
    np.testing.assert_array_equal(loaded.search(vectors, 5)[0], index.search(vectors, 5)[0])
    (tmp_path / "index" / "alive.npy").write_bytes(b"")
    with pytest.raises(ArtifactError, match="does not match the hash"):
        QdrantIndex.load(tmp_path / "index")


@needs_server
def test_a_collection_that_is_there_is_left_alone() -> None:
    index = build(SERVER, clustered(20, 4))
    with pytest.raises(ConfigError, match=r"already\. Name another one"):
        QdrantIndex.build(clustered(20, 4), url=SERVER or "", collection=index.settings["collection"])
