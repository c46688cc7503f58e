import numpy as np
import pytest

from contracts.index_contract import clustered
from penchant.records.errors import DataError
from penchant.retrieval.index import choose as choosing
from penchant.retrieval.index.choose import EXACT_NUMBERS, build_index, choose
from penchant.retrieval.index.clusters import ClusterIndex
from penchant.retrieval.index.exact import ExactIndex


def test_few_numbers_are_looked_at_whole() -> None:
    assert choose(EXACT_NUMBERS // 128, 128) is ExactIndex
    assert choose(EXACT_NUMBERS // 128 + 1, 128) is ClusterIndex
    assert choose(EXACT_NUMBERS // 128, 384) is ClusterIndex


def test_what_is_built_is_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clustered(200, 8)
    assert isinstance(build_index(vectors), ExactIndex)
    monkeypatch.setattr(choosing, "EXACT_NUMBERS", 1000)
    assert isinstance(build_index(vectors), ClusterIndex)


def test_what_is_no_table_of_vectors_is_refused() -> None:
    with pytest.raises(DataError, match="Vectors are floats of shape"):
        build_index(np.ones(3))
