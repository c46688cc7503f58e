import pytest

from contracts.index_contract import IndexContract

pytest.importorskip("numkong")

from penchant.retrieval.index.quantised import QuantisedIndex


class TestQuantisedIndex(IndexContract):
    index_class = QuantisedIndex
