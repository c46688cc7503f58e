import numpy as np

from penchant.ranking.rerank.greedy import TIE, first_best, greedy


class Cover:
    """A real submodular objective: how many points a set covers."""

    def __init__(self, sets: np.ndarray) -> None:
        self.sets = sets  # bool (B, C, points)
        self.covered = np.zeros((len(sets), sets.shape[2]), bool)

    def gains(self) -> np.ndarray:
        return (self.sets & ~self.covered[:, None]).sum(axis=2).astype(np.float64)

    def add(self, picked: np.ndarray) -> None:
        self.covered |= self.sets[np.arange(len(picked)), picked]


def test_takes_what_gains_most_and_looks_again() -> None:
    sets = np.array([[[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1], [0, 1, 1, 0]]], bool)
    assert greedy(Cover(sets), np.ones((1, 4), bool), 4).tolist() == [[1, 2, 0, 3]]


def test_what_is_not_possible_is_not_taken() -> None:
    sets = np.ones((2, 3, 2), bool)
    possible = np.array([[True, False, True], [False, False, False]])
    assert greedy(Cover(sets), possible, 3).tolist() == [[0, 2, -1], [-1, -1, -1]]


def test_within_the_bound_of_the_best_set() -> None:
    from itertools import combinations

    sets = np.random.default_rng(0).random((20, 8, 15)) < 0.3
    order = greedy(Cover(sets), np.ones((20, 8), bool), 3)
    for own, picked in zip(sets, order, strict=True):
        best = max(int(own[list(some)].any(axis=0).sum()) for some in combinations(range(8), 3))
        assert own[picked].any(axis=0).sum() >= (1 - 1 / np.e) * best


def test_the_first_of_those_that_differ_by_a_rounding_error() -> None:
    left = np.ones((2, 3), bool)
    assert first_best(np.array([[1.0, 1 + TIE / 2, 0], [1.0, 1 + 2 * TIE, 0]]), left).tolist() == [0, 1]
