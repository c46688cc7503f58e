import numpy as np
import pytest

from evaluation.off_policy.world import softmax
from penchant.evaluation.off_policy.slates import SlateEstimates, estimate_slates
from penchant.records.errors import DataError, SupportError

ITEMS, POSITIONS, LISTS = 6, 3, 1500
SEEN = np.array([1.0, 0.6, 0.3])
"""How often somebody looks at a position, where positions are all that counts."""
LIKED = np.linspace(0.1, 0.9, ITEMS)
LISTS_OF_ALL = np.array(
    [(a, b, c) for a in range(ITEMS) for b in range(ITEMS) for c in range(ITEMS) if len({a, b, c}) == POSITIONS]
)


def chances_of_lists(scores: np.ndarray) -> np.ndarray:
    """Plackett and Luce: the next item by softmax of what is left, for every list (120,)."""
    strength = softmax(scores)[LISTS_OF_ALL]
    taken = np.concatenate([np.zeros((len(strength), 1)), strength.cumsum(axis=1)[:, :-1]], axis=1)
    return (strength / (1 - taken)).prod(axis=1)


LOGGING, TARGET = chances_of_lists(-0.8 * LIKED), chances_of_lists(1.2 * LIKED)


def marginals(chances: np.ndarray) -> np.ndarray:
    """How often each item is at each position, (items, positions)."""
    return np.stack([np.bincount(of_place, chances, ITEMS) for of_place in LISTS_OF_ALL.T], axis=1)


def clicks_expected(cascade: bool) -> np.ndarray:
    """For every list and position: independent of the rest, or nothing after the first click."""
    liked = LIKED[LISTS_OF_ALL]
    if not cascade:
        return liked * SEEN
    before = np.concatenate([np.ones((len(liked), 1)), (1 - liked).cumprod(axis=1)[:, :-1]], axis=1)
    return liked * before


def round_of(seed: int, cascade: bool = False) -> SlateEstimates:
    rng = np.random.default_rng(seed)
    shown = rng.choice(len(LISTS_OF_ALL), LISTS, p=LOGGING)
    clicks = rng.random((LISTS, POSITIONS)) < clicks_expected(cascade)[shown]
    if cascade:  # drawn by hand: the first that would be clicked is the only one
        wanted = rng.random((LISTS, POSITIONS)) < LIKED[LISTS_OF_ALL[shown]]
        clicks = wanted & (wanted.cumsum(axis=1) == 1)
    places = np.arange(POSITIONS)
    propensities = marginals(LOGGING)[LISTS_OF_ALL[shown], places]
    target = marginals(TARGET)[LISTS_OF_ALL[shown], places]
    return estimate_slates(np.arange(LISTS), clicks.astype(float), propensities, target, num_resamples=200, seed=seed)


def truth(cascade: bool = False) -> np.ndarray:
    return TARGET @ clicks_expected(cascade)


@pytest.fixture(scope="module")
def rounds() -> list[SlateEstimates]:
    return [round_of(seed) for seed in range(150)]


@pytest.mark.parametrize("name", ["ips", "snips"])
def test_every_position_and_the_sum_where_items_do_not_disturb_each_other(
    rounds: list[SlateEstimates], name: str
) -> None:
    for place, expected in enumerate(truth()):
        rows = [found.positions[place].rows[name] for found in rounds]
        assert 0.88 <= np.mean([row.low <= expected <= row.high for row in rows]) <= 0.995
    rows = [found.total[name] for found in rounds]
    drawn = np.array([row.value for row in rows])
    assert abs(drawn.mean() - truth().sum()) < 4 * drawn.std() / len(rounds) ** 0.5
    assert 0.88 <= np.mean([row.low <= truth().sum() <= row.high for row in rows]) <= 0.995


def test_the_log_alone_is_wrong(rounds: list[SlateEstimates]) -> None:
    assert np.mean([found.total["logged"].high < truth().sum() for found in rounds]) > 0.95


def test_position_1_needs_no_assumption_but_the_sum_does() -> None:
    """The control: people stop at their first click, so that what is further down depends on what is above."""
    rounds = [round_of(seed, cascade=True) for seed in range(60)]
    first = np.array([found.positions[0].rows["ips"].value for found in rounds])
    third = np.array([found.positions[2].rows["ips"].value for found in rounds])
    expected = truth(cascade=True)
    assert abs(first.mean() - expected[0]) < 4 * first.std() / 60**0.5
    assert third.mean() - expected[2] > 8 * third.std() / 60**0.5


def test_a_list_of_one_is_a_log_of_one_action(rounds: list[SlateEstimates]) -> None:
    rng = np.random.default_rng(0)
    rewards, target = rng.random((500, 2)), rng.uniform(0.2, 0.8, (500, 2))
    target[:, 0] = 0.5
    found = estimate_slates(np.arange(500), rewards, np.full((500, 2), 0.5), target, num_positions=1)
    assert len(found.positions) == 1
    assert found.total["ips"] == found.positions[0].rows["ips"]
    assert found.total["ips"].value == pytest.approx(rewards[:, 0].mean())


def test_the_interval_of_the_sum_knows_that_positions_belong_together() -> None:
    rewards = np.random.default_rng(1).normal(0, 1, (800, 1)) * np.array([1.0, -1.0])  # what one earns, the other loses
    even = np.full((800, 2), 0.5)
    total = estimate_slates(np.arange(800), rewards, even, even).total["ips"]
    assert total.high - total.low == pytest.approx(0, abs=1e-9)


def test_a_position_that_was_never_explored_refuses() -> None:
    target = np.full((600, 2), 1.0)
    target[:, 1] = 0.0
    with pytest.raises(SupportError, match="at position 2"):
        estimate_slates(np.arange(600), np.ones((600, 2)), np.ones((600, 2)), target)


def test_arrays_that_do_not_fit() -> None:
    with pytest.raises(DataError, match=r"\(4, 2\), \(4, 2\) and \(4,\)"):
        estimate_slates(np.arange(4), np.ones((4, 2)), np.ones((4, 2)), np.ones(4))
    with pytest.raises(DataError, match=r"positions 1\.\.2, but `num_positions` is 3"):
        estimate_slates(np.arange(4), np.ones((4, 2)), np.ones((4, 2)), np.ones((4, 2)), num_positions=3)
