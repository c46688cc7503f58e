import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from penchant.ranking.explore.posterior import Posterior, Prior
from penchant.records.errors import ConfigError, DataError


def by_ridge(features: np.ndarray, rewards: np.ndarray, prior: Prior, believed: np.ndarray) -> tuple:
    """The posterior in closed form."""
    precision = np.eye(len(believed)) / prior.prior_scale**2 + features.T @ features / prior.noise**2
    covariance = np.linalg.inv(precision)
    return covariance @ (believed / prior.prior_scale**2 + features.T @ rewards / prior.noise**2), covariance


@pytest.mark.parametrize(("size", "num_events"), [(3, 10), (62, 20_000)])
def test_rank_1_updates_reach_the_closed_form(size: int, num_events: int) -> None:
    rng = np.random.default_rng(0)
    features, rewards = rng.normal(size=(num_events, size)), rng.normal(size=num_events)
    believed, prior = rng.normal(size=size), Prior(prior_scale=0.7, noise=0.9)
    posterior = Posterior.start(believed, prior)
    for row, reward in zip(features, rewards, strict=True):
        posterior.learn(row, reward)
    mean, covariance = by_ridge(features, rewards, prior, believed)
    assert posterior.mean == pytest.approx(mean, abs=1e-9)
    assert np.abs(posterior.covariance - covariance).max() < 1e-9
    assert np.array_equal(posterior.covariance, posterior.covariance.T)
    assert posterior.num_events == num_events


def test_late_rewards_in_any_order_teach_the_same() -> None:
    rng = np.random.default_rng(1)
    features, rewards = rng.normal(size=(200, 5)), rng.normal(size=200)
    one, other = Posterior.start(np.zeros(5), Prior()), Posterior.start(np.zeros(5), Prior())
    for place in range(200):
        one.learn(features[place], rewards[place])
    for place in rng.permutation(200):
        other.learn(features[place], rewards[place])
    assert one.mean == pytest.approx(other.mean)
    assert one.covariance.ravel() == pytest.approx(other.covariance.ravel())


def test_draws_have_the_mean_and_the_covariance() -> None:
    rng = np.random.default_rng(2)
    posterior = Posterior.start(np.array([1.0, -1.0, 0.0]), Prior(prior_scale=1))
    for row in rng.normal(size=(5, 3)):
        posterior.learn(row, 1.0)
    drawn = posterior.draw(100_000, rng)
    assert drawn.mean(axis=0) == pytest.approx(posterior.mean, abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(posterior.covariance, abs=0.01)


def test_chances_of_two_are_the_shares_of_draws() -> None:
    rng = np.random.default_rng(3)
    posterior = Posterior.start(np.zeros(4), Prior())
    for row in rng.normal(size=(10, 4)):
        posterior.learn(row, float(row[0] > 0))
    first, second = rng.normal(size=(2, 4))
    share = (posterior.draw(200_000, rng) @ (first - second) > 0).mean()
    assert posterior.chance_above(first, second) == pytest.approx(share, abs=0.005)
    assert posterior.chance_above(second, first) == pytest.approx(1 - posterior.chance_above(first, second))
    assert posterior.chance_above(first, first) == 0.5


def test_what_is_forgotten_weighs_less() -> None:
    posterior = Posterior.start(np.zeros(1), Prior(prior_scale=10, noise=1, forgetting=0.9))
    for reward in [0.0] * 100 + [1.0] * 22:
        posterior.learn(np.ones(1), reward)
    assert posterior.mean[0] == pytest.approx(1 - 0.9**22, abs=0.01)  # .9 of the past stays with each event


def test_doubt_comes_back_but_not_beyond_the_prior() -> None:
    """Of two weights only the first is ever seen after a while; forgetting alone would let the other explode."""
    prior = Prior(prior_scale=0.5, noise=0.5, forgetting=0.99)
    posterior = Posterior.start(np.array([0.0, 0.25]), prior)
    for _ in range(50):
        posterior.learn(np.array([0.0, 1.0]), 1.0)
    learned = posterior.covariance[1, 1]
    for _ in range(3000):
        posterior.learn(np.array([1.0, 0.0]), 1.0)
    assert learned < 0.02
    assert posterior.covariance[1, 1] == pytest.approx(0.5**2, rel=0.03)
    assert posterior.mean[1] == pytest.approx(0.25, abs=0.01)
    assert np.isfinite(posterior.draw(5, np.random.default_rng(0))).all()


@pytest.mark.parametrize("forgetting", [1.0, 0.999])
def test_an_event_is_learned_within_100_microseconds(forgetting: float) -> None:
    features = np.random.default_rng(4).normal(size=(50, 64))
    posterior = Posterior.start(np.zeros(64), Prior(forgetting=forgetting))
    seconds = []
    for _ in range(20):
        begin = time.process_time()
        for row in features:
            posterior.learn(row, 1.0)
        seconds.append((time.process_time() - begin) / len(features))
    assert min(seconds) < 100e-6


@pytest.mark.parametrize("given", [(np.array([np.nan, 1.0]), 1.0), (np.ones(2), np.inf), (np.ones(3), 1.0)])
def test_what_cannot_be_learned_leaves_no_trace(given: tuple[np.ndarray, float]) -> None:
    posterior = Posterior.start(np.zeros(2), Prior(forgetting=0.9))
    with pytest.raises(DataError, match="needs 2 finite features and a finite reward"):
        posterior.learn(*given)
    assert posterior.num_events == 0
    assert posterior.covariance.tolist() == Posterior.start(np.zeros(2), Prior()).covariance.tolist()


@pytest.mark.parametrize(
    ("name", "value"), [("prior_scale", 0.0), ("noise", -1.0), ("forgetting", 1.1), ("forgetting", 0)]
)
def test_ranges(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be"):
        Prior(**{name: value})


# --- A world of arms with known truth: arm a earns 1 with a chance of its own. -------------------------------------------

ARMS, STEPS, WORLDS = 8, 3000, 8
Choose = Callable[[Posterior, np.random.Generator], int]


def thompson(posterior: Posterior, rng: np.random.Generator) -> int:
    return int(posterior.draw(1, rng)[0].argmax())


def greedy(posterior: Posterior, rng: np.random.Generator) -> int:
    return int(posterior.mean.argmax())


def now_and_then(posterior: Posterior, rng: np.random.Generator) -> int:
    return int(rng.integers(ARMS)) if rng.random() < 0.1 else greedy(posterior, rng)


def regret(choose: Choose, seed: int, *, forgetting: float = 1.0, delay: int = 0, changes: bool = False) -> np.ndarray:
    """What was lost at each step against the best arm of the time, (STEPS,)."""
    rng = np.random.default_rng(seed)
    chances = rng.permutation(np.linspace(0.1, 0.8, ARMS))
    posterior = Posterior.start(np.full(ARMS, 0.5), Prior(prior_scale=0.5, noise=0.5, forgetting=forgetting))
    arms, lost, waiting = np.eye(ARMS), np.zeros(STEPS), []
    for step in range(STEPS):
        if changes and step == STEPS // 2:
            chances = 0.9 - chances  # the best becomes the worst
        arm = choose(posterior, rng)
        lost[step] = chances.max() - chances[arm]
        waiting.append((arm, float(rng.random() < chances[arm])))
        if len(waiting) > delay:
            shown, reward = waiting.pop(int(rng.integers(len(waiting))))  # late, and in no order
            posterior.learn(arms[shown], reward)
    return lost


def mean_regret(choose: Choose, **options: float) -> np.ndarray:
    return np.mean([regret(choose, seed, **options) for seed in range(WORLDS)], axis=0)


def test_regret_of_thompson_grows_slower() -> None:
    thirds = {choose: mean_regret(choose).reshape(3, -1).sum(axis=1) for choose in (thompson, now_and_then, greedy)}
    assert thirds[thompson].sum() < thirds[now_and_then].sum()
    assert thirds[thompson].sum() < thirds[greedy].sum()
    assert thirds[thompson][2] < thirds[thompson][0] / 4  # it stops paying,
    assert thirds[now_and_then][2] > thirds[thompson][2] * 2  # while a share of chance goes on for ever,
    assert thirds[greedy][2] > thirds[thompson][2] * 2  # and so does a mistake that nobody looks at again
    assert thirds[greedy][2] > thirds[greedy][0] / 2


def test_late_rewards_cost_time_but_not_the_lesson() -> None:
    late, now = mean_regret(thompson, delay=200), mean_regret(thompson)
    assert late[:300].sum() > now[:300].sum() * 1.3
    assert late[-1000:].sum() < mean_regret(now_and_then)[-1000:].sum() / 2


def test_forgetting_follows_a_world_that_changes() -> None:
    remembers = mean_regret(thompson, changes=True)
    forgets = mean_regret(thompson, changes=True, forgetting=0.99)
    assert forgets[STEPS // 2 :].sum() < remembers[STEPS // 2 :].sum() * 0.7
    assert mean_regret(thompson)[STEPS // 2 :].sum() < mean_regret(thompson, forgetting=0.99)[STEPS // 2 :].sum()


def test_threads_may_share_it() -> None:
    """Updates of many threads, with draws between them, teach the same as one after the other."""
    rng = np.random.default_rng(0)
    rows, rewards = rng.normal(size=(400, 12)), rng.normal(size=400)
    alone, shared = (Posterior.start(np.zeros(12), Prior()) for _ in range(2))
    for row, reward in zip(rows, rewards, strict=True):
        alone.learn(row, float(reward))

    def work(part: int) -> None:
        for row, reward in zip(rows[part::4], rewards[part::4], strict=True):
            shared.learn(row, float(reward))
            shared.draw(1, np.random.default_rng(part))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert shared.num_events == 400
    assert shared.mean == pytest.approx(alone.mean, abs=1e-8)
    assert shared.covariance == pytest.approx(alone.covariance, abs=1e-8)


def test_the_scale_of_draws_is_that_of_their_deviations() -> None:
    posterior = Posterior.start(np.ones(3), Prior(prior_scale=2))
    draws = {scale: posterior.draw(5, np.random.default_rng(0), scale) for scale in (0.0, 1.0, 0.5)}
    assert (draws[0.0] == 1).all()
    assert draws[0.5] - 1 == pytest.approx((draws[1.0] - 1) / 2)
