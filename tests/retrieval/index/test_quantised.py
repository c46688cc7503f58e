import sys

import numpy as np
import pytest

from contracts.index_contract import IndexContract, asked, brute_force, clustered, recall
from penchant.records.errors import MissingExtraError

pytest.importorskip("numkong")

from penchant.retrieval.index import quantised
from penchant.retrieval.index.quantised import QuantisedIndex, quantise


class TestQuantisedIndex(IndexContract):
    index_class = QuantisedIndex

    @pytest.mark.parametrize("block", [640, 1 << 18])
    def test_blocks_change_nothing(self, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
        monkeypatch.setattr(quantised, "BLOCK", block)
        vectors = clustered(1000, 8)
        queries = asked(vectors, 70)
        np.testing.assert_array_equal(
            QuantisedIndex.build(vectors).search(queries, 20)[0], brute_force(vectors, queries, 20)
        )

    def test_candidates_beyond_the_list_mend_what_codes_confuse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        vectors = np.random.default_rng(0).standard_normal((4000, 24)).astype(np.float32)
        vectors = 1 + vectors / 50  # nearly the same, so that 8 bits tell them apart badly
        index, queries = QuantisedIndex.build(vectors), vectors[:50]
        best = brute_force(vectors, queries, 10)
        monkeypatch.setattr(quantised, "FEWEST", 10)
        monkeypatch.setattr(quantised, "MORE", 1)
        few = recall(index.search(queries, 10)[0], best)
        monkeypatch.setattr(quantised, "FEWEST", 400)
        assert recall(index.search(queries, 10)[0], best) > few + 0.1


def test_codes_times_steps_are_nearly_the_vectors() -> None:
    vectors = clustered(100, 32) * 7
    codes, steps = quantise(vectors)
    assert np.abs(codes * steps[:, None] - vectors).max() <= steps.max() / 2 + 1e-6


def test_without_the_library_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numkong", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'penchant\[index\]'"):
        QuantisedIndex.build(clustered(10, 4))
