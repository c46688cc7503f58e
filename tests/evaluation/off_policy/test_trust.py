import numpy as np
import pytest

from penchant.evaluation.off_policy.trust import require, trust
from penchant.records.errors import SupportError


def test_equal_weights_count_fully() -> None:
    found = trust(np.ones(500), np.arange(500))
    assert (found.effective_people, found.effective_events) == (500, 500)
    assert (found.largest_share, found.mean_weight, found.mean_weight_error) == (1 / 500, 1, 0)
    require(found)


def test_people_never_count_for_more_than_their_events() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        found = trust(rng.pareto(1.5, 400), rng.integers(0, rng.integers(2, 400), 400))
        assert found.effective_people <= found.effective_events * (1 + 1e-9)


def test_many_events_of_few_people_are_few() -> None:
    with pytest.raises(
        SupportError, match=r"amount to 100 people or more, but those of 99 people amount to 99\.0\. Log"
    ):
        require(trust(np.ones(9900), np.arange(9900) % 99))


def test_one_person_may_not_decide() -> None:
    weights = np.append(np.ones(900), 900 / 8)  # 1 / 9 of all
    with pytest.raises(SupportError, match=r"more than 10% of the weight, but one holds 11\.1%\. Log more people"):
        require(trust(weights, np.arange(901)))


def test_whoever_breaks_the_rule_of_shares_breaks_the_rule_of_people() -> None:
    for others in (900, 5000, 10**6):
        found = trust(np.append(np.ones(others), others / 8.9), np.arange(others + 1))
        assert found.largest_share > 0.1
        assert found.effective_people < 1 / 0.1**2


def test_nothing_in_common_is_nothing() -> None:
    found = trust(np.zeros(300), np.arange(300))
    assert (found.effective_people, found.largest_share) == (0, 1)
    with pytest.raises(SupportError, match=r"one holds 100\.0%"):
        require(found)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_mean_weight_that_is_not_1_refuses(factor: float) -> None:
    weights = np.random.default_rng(1).uniform(0, 2, 5000)  # mean 1, error .577 / 70.7 = .008
    require(trust(weights, np.arange(5000)))
    with pytest.raises(
        SupportError, match=r"1 on average where propensities are right, but these are .* at position 3\."
    ):
        require(trust(weights * factor, np.arange(5000)), " at position 3")
