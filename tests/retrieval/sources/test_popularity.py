import numpy as np

from contracts.source_contract import SourceContract, events_of, histories_with
from penchant.retrieval.sources.popularity import Popularity


class TestContract(SourceContract):
    source_class = Popularity
    personal = False


def test_counts_events_and_not_people() -> None:
    source = Popularity.fit(events_of({0: [0, 1, 0], 1: [1]}), 3)
    np.testing.assert_array_equal(source.score(histories_with([[], [2]])), [[2, 2, 0], [2, 2, 0]])
