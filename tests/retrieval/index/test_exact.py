import numpy as np
import pytest

from contracts.index_contract import IndexContract, asked, brute_force, clustered
from penchant.retrieval.index import exact
from penchant.retrieval.index.exact import ExactIndex


class TestExactIndex(IndexContract):
    index_class = ExactIndex

    @pytest.mark.parametrize("scores", [640, 6400, 1 << 20])
    def test_blocks_change_nothing(self, monkeypatch: pytest.MonkeyPatch, scores: int) -> None:
        vectors = clustered(1000, 8)
        queries = asked(vectors, 70)
        allowed = np.arange(1000) % 7 > 4
        monkeypatch.setattr(exact, "SCORES", scores)
        index = ExactIndex.build(vectors)
        np.testing.assert_array_equal(index.search(queries, 20)[0], brute_force(vectors, queries, 20))
        np.testing.assert_array_equal(index.search(queries, 20, allowed)[0], brute_force(vectors, queries, 20, allowed))

    def test_what_is_allowed_is_copied_out_where_it_is_little(self, monkeypatch: pytest.MonkeyPatch) -> None:
        vectors = clustered(1000, 8)
        allowed = np.arange(1000) % 7 > 4
        found = []
        for gather in (0.0, 1.0):
            monkeypatch.setattr(exact, "GATHER", gather)
            found.append(ExactIndex.build(vectors).search(vectors[:30], 10, allowed)[0])
        np.testing.assert_array_equal(found[0], found[1])
