import sys

import numpy as np
import pytest

from contracts.index_contract import IndexContract, asked, brute_force, clustered, recall
from penchant.records.errors import ConfigError, MissingExtraError

pytest.importorskip("usearch")

from penchant.retrieval.index import hnsw
from penchant.retrieval.index.hnsw import HnswIndex


class TestHnswIndex(IndexContract):
    index_class = HnswIndex
    least = 0.95

    def test_the_walk_is_as_wide_as_the_share_needs(self) -> None:
        vectors = np.random.default_rng(0).standard_normal((4000, 24)).astype(np.float32)
        narrow, wide = (HnswIndex.build(vectors, recall=share) for share in (0.5, 0.99))
        assert narrow.settings["expansion"] < wide.settings["expansion"]
        queries = asked(vectors, 100)
        best = brute_force(vectors, queries, 10)
        assert recall(narrow.search(queries, 10)[0], best) < recall(wide.search(queries, 10)[0], best)

    def test_a_seed_tries_other_queries(self) -> None:
        vectors = np.random.default_rng(0).standard_normal((1500, 8)).astype(np.float32)
        assert HnswIndex.build(vectors, seed=4).settings["seed"] == 4

    def test_a_share_out_of_its_range_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"share above 0, up to 1, found 1\.1"):
            HnswIndex.build(clustered(20, 4), recall=1.1)

    def test_the_graph_is_made_anew_when_much_of_it_stands_for_nothing(self) -> None:
        vectors = clustered(2000, 8)
        index = HnswIndex.build(vectors)
        index.replace(np.arange(300), vectors[300:600])
        assert len(index.arrays["rows"]) == 2300
        index.replace(np.arange(300), vectors[600:900])
        assert len(index.arrays["rows"]) == 2000
        assert index.search(vectors[[600]], 2)[0].tolist() == [[0, 600]]

    def test_where_too_little_is_found_all_is_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        vectors = clustered(3000, 16)
        index, queries = HnswIndex.build(vectors), asked(vectors)
        allowed = np.random.default_rng(0).random(3000) < 0.1
        monkeypatch.setattr(hnsw, "MOST", 0.0)
        np.testing.assert_array_equal(index.search(queries, 10, allowed)[0], brute_force(vectors, queries, 10, allowed))


def test_without_the_library_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'penchant\[index\]'"):
        HnswIndex.build(clustered(10, 4))
