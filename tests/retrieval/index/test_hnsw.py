import pytest

from contracts.index_contract import IndexContract

pytest.importorskip("usearch")

from penchant.retrieval.index.hnsw import HnswIndex


class TestHnswIndex(IndexContract):
    index_class = HnswIndex
    least = 0.95
