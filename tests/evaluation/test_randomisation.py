"""P-values against what can be counted by hand."""

from itertools import product

import numpy as np
import pytest

from penchant.evaluation.randomisation import holm, sign_flip_p
from penchant.records.errors import DataError


def test_it_is_the_share_of_all_signs_that_reach_so_far() -> None:
    differences = np.array([0.5, 0.25, 0.25, -0.125, 1.0, 0.75])
    sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=6)])
    exact = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-9)
    assert sign_flip_p(differences) == pytest.approx(exact, abs=0.015)  # 3 deviations of 9,999 draws


def test_cases_without_a_difference_change_nothing() -> None:
    differences = np.array([0.5, 0.25, -0.125])
    assert sign_flip_p(differences) == sign_flip_p(np.concatenate([np.zeros(1000), differences]))


def test_the_side_does_not_matter_and_the_seed_repeats() -> None:
    differences = np.random.default_rng(0).normal(0.1, 1, 200)
    assert sign_flip_p(differences) == sign_flip_p(-differences) == sign_flip_p(differences.copy())
    assert sign_flip_p(differences, seed=1) != sign_flip_p(differences)


def test_under_chance_alone_p_is_evenly_spread() -> None:
    rng = np.random.default_rng(0)
    found = [sign_flip_p(rng.normal(0, 1, 60), num_flips=199, seed=draw) for draw in range(400)]
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.05)


def test_nobody_is_tested_on_nothing() -> None:
    with pytest.raises(DataError, match="at least one case"):
        sign_flip_p(np.zeros(0))


def test_holm_keeps_order_and_never_passes_one() -> None:
    assert holm({"a": 0.6, "b": 0.5, "c": 0.001}) == pytest.approx({"a": 1.0, "b": 1.0, "c": 0.003})
    assert holm({"one": 0.04}) == {"one": 0.04}
    assert holm({}) == {}
