import numpy as np
import pytest

from penchant.evaluation.off_policy.people import resampled, sums_by_person
from penchant.evaluation.significance import bootstrap_interval, percentiles


def test_ends_are_those_of_the_plain_bootstrap_where_everybody_has_one_event() -> None:
    values = np.random.default_rng(0).exponential(1, 300)
    totals = resampled(sums_by_person(np.arange(300), values[:, None]), 2000, seed=0)
    assert totals[0, 0] == pytest.approx(values.sum())
    assert percentiles(totals[1:, 0] / 300) == pytest.approx(bootstrap_interval(values, seed=1), abs=0.01)


def test_a_seed_draws_the_same_people_for_other_sums() -> None:
    sums = np.random.default_rng(1).random((50, 2))
    both, second = resampled(sums, 20, seed=3), resampled(sums[:, 1:], 20, seed=3)
    assert both[:, 1] == pytest.approx(second[:, 0])
    assert not np.allclose(resampled(sums, 20, seed=4)[1:], both[1:])
