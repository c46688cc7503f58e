import contextlib

import numpy as np
import pytest

from evaluation.off_policy.world import ACTIONS, VISITS, World, a_world
from penchant.evaluation.off_policy.estimate import Estimates, estimate
from penchant.evaluation.off_policy.log import Log
from penchant.records.errors import DataError, SupportError

WORLD = a_world()
ROUNDS = 200


def crude(world: World) -> np.ndarray:
    """A model that knows about half of what there is to know, and is too high: (kinds, actions)."""
    return 0.2 + 0.5 * world.chances


@pytest.fixture(scope="module")
def rounds() -> list[Estimates]:
    """Many logs of 300 people of one world, each with its estimates."""
    found = []
    for seed in range(ROUNDS):
        log, kind = WORLD.log(300, np.random.default_rng(seed))
        target, predicted = WORLD.target[kind], crude(WORLD)[kind]
        found.append(estimate(log, target, predicted, num_resamples=300, seed=seed))
    return found


def values(rounds: list[Estimates], name: str) -> np.ndarray:
    return np.array([found.rows[name].value for found in rounds])


@pytest.mark.parametrize("name", ["ips", "clipped ips", "snips", "dr", "sndr"])
def test_intervals_cover_the_truth_about_as_often_as_they_say(rounds: list[Estimates], name: str) -> None:
    rows = [found.rows[name] for found in rounds]
    covered = np.mean([row.low <= WORLD.truth <= row.high for row in rows])
    assert 0.90 <= covered <= 0.99  # 95% meant; 3 standard errors of 200 rounds are .046
    gain = WORLD.truth - WORLD.logged_truth
    assert 0.90 <= np.mean([row.gain.low <= gain <= row.gain.high for row in rows]) <= 0.99


@pytest.mark.parametrize("name", ["ips", "snips", "dr", "sndr"])
def test_no_bias_beyond_noise(rounds: list[Estimates], name: str) -> None:
    drawn = values(rounds, name)
    assert abs(drawn.mean() - WORLD.truth) < 4 * drawn.std() / ROUNDS**0.5


@pytest.mark.parametrize("name", ["logged", "direct"])
def test_what_is_biased_says_so_against_the_truth(rounds: list[Estimates], name: str) -> None:
    assert abs(values(rounds, name).mean() - WORLD.truth) > 0.05
    covered = np.mean([found.rows[name].low <= WORLD.truth <= found.rows[name].high for found in rounds])
    assert covered < 0.2


def test_the_mean_of_the_log_is_right_for_the_policy_that_wrote_it(rounds: list[Estimates]) -> None:
    covered = np.mean([row.low <= WORLD.logged_truth <= row.high for row in (f.rows["logged"] for f in rounds)])
    assert 0.90 <= covered <= 0.99
    assert all(found.rows["logged"].gain.value == 0 for found in rounds)


def test_order_of_variances(rounds: list[Estimates]) -> None:
    spread = {name: values(rounds, name).std() for name in rounds[0].rows}
    assert spread["direct"] < min(spread["dr"], spread["snips"]) < max(spread["dr"], spread["snips"]) < spread["ips"]
    assert spread["sndr"] < spread["ips"]


def test_the_better_the_model_the_less_noisy_dr(rounds: list[Estimates]) -> None:
    good = []
    for seed in range(ROUNDS):
        log, kind = WORLD.log(300, np.random.default_rng(seed))
        good.append(estimate(log, WORLD.target[kind], WORLD.chances[kind], num_resamples=2))
    spread = values(good, "dr").std()
    assert spread < values(rounds, "dr").std()
    assert spread < values(rounds, "snips").std()


def test_the_policy_of_the_log_gets_the_mean_of_the_log() -> None:
    log, kind = WORLD.log(300, np.random.default_rng(0))
    found = estimate(log, WORLD.logging[kind], crude(WORLD)[kind], num_resamples=50)
    assert found.rows["ips"].value == pytest.approx(log.rewards.mean())
    assert found.rows["snips"].value == pytest.approx(log.rewards.mean())
    assert found.trust.effective_people == pytest.approx(300)


def by_hand() -> tuple[Log, np.ndarray, np.ndarray]:
    """400 people, one event each; 190 of them saw action 0, 210 by chance action 1, which alone earns something."""
    shown = (np.arange(400) >= 190).astype(int)
    log = Log(user_rows=np.arange(400), actions=shown, rewards=3.0 * shown, propensities=np.full(400, 0.5))
    return log, np.tile([0.25, 0.75], (400, 1)), np.tile([1.0, 2.0], (400, 1))


def test_by_hand() -> None:
    found = {name: row.value for name, row in estimate(*by_hand(), clip=1.2, num_resamples=10).rows.items()}
    direct, weight = 0.25 * 1 + 0.75 * 2, 190 * 0.5 + 210 * 1.5
    errors = 190 * 0.5 * (0 - 1) + 210 * 1.5 * (3 - 2)
    assert found == pytest.approx(
        {
            "logged": 210 * 3 / 400,
            "ips": 210 * 1.5 * 3 / 400,
            "clipped ips": 210 * 1.2 * 3 / 400,
            "snips": 210 * 1.5 * 3 / weight,
            "direct": direct,
            "dr": direct + errors / 400,
            "sndr": direct + errors / weight,
        }
    )


def test_a_constant_that_all_rewards_share_does_not_move_the_gain_of_snips_and_sndr() -> None:
    log, kind = WORLD.log(300, np.random.default_rng(1))
    more = Log(user_rows=log.user_rows, actions=log.actions, rewards=log.rewards + 10, propensities=log.propensities)
    here = estimate(log, WORLD.target[kind], crude(WORLD)[kind], num_resamples=20).rows
    there = estimate(more, WORLD.target[kind], crude(WORLD)[kind] + 10, num_resamples=20).rows
    for name in ("snips", "sndr", "dr"):
        assert there[name].gain.value == pytest.approx(here[name].gain.value, abs=1e-9)
    assert abs(there["ips"].gain.value - here["ips"].gain.value) > 0.01


def test_a_perfect_model_leaves_dr_nothing_to_correct() -> None:
    log, target, _ = by_hand()
    found = estimate(log, target, np.tile([0.0, 3.0], (400, 1)), num_resamples=50).rows
    assert (found["dr"].value, found["dr"].low, found["dr"].high) == pytest.approx((2.25, 2.25, 2.25))
    assert found["ips"].high - found["ips"].low > 0.1


def test_dr_forgives_wrong_propensities_where_the_model_is_right() -> None:
    found = []
    for seed in range(100):
        log, kind = WORLD.log(300, np.random.default_rng(seed))
        with contextlib.suppress(SupportError):
            found.append(estimate(wrong(log, 0.3), WORLD.target[kind], WORLD.chances[kind], num_resamples=2))
    assert len(found) > 50
    for name, holds in (("dr", True), ("sndr", True), ("ips", False)):
        drawn = values(found, name)
        assert (abs(drawn.mean() - WORLD.truth) < 4 * drawn.std() / len(found) ** 0.5) == holds


def wrong(log: Log, mix: float) -> Log:
    """Propensities that somebody wrote down who believes the choice to be more even than it was."""
    told = (1 - mix) * log.propensities + mix / ACTIONS
    return Log(user_rows=log.user_rows, actions=log.actions, rewards=log.rewards, propensities=told)


def test_wrong_propensities_are_found_out() -> None:
    log, kind = WORLD.log(4000, np.random.default_rng(3))
    found = estimate(log, WORLD.target[kind], num_resamples=50)
    assert abs(found.trust.mean_weight - 1) < 3 * found.trust.mean_weight_error
    with pytest.raises(SupportError, match="1 on average where propensities are right"):
        estimate(wrong(log, 1.0), WORLD.target[kind], num_resamples=50)


def test_wrong_propensities_that_pass_bias_the_answer() -> None:
    """The control: with few people nothing may be noticed, and intervals miss the truth far too often."""
    missed = refused = 0
    for seed in range(100):
        log, kind = WORLD.log(300, np.random.default_rng(seed))
        try:
            row = estimate(wrong(log, 0.5), WORLD.target[kind], num_resamples=100).rows["ips"]
        except SupportError:
            refused += 1
            continue
        missed += not row.low <= WORLD.truth <= row.high
    assert missed + refused > 50


def test_what_the_log_never_shows_cannot_be_valued() -> None:
    log, kind = WORLD.log(2000, np.random.default_rng(4))
    kept = log.actions != int(WORLD.target[0].argmax())
    partial = Log(
        user_rows=log.user_rows[kept],
        actions=log.actions[kept],
        rewards=log.rewards[kept],
        propensities=log.propensities[kept],
    )
    with pytest.raises(SupportError, match="the policy shows what the log never could"):
        estimate(partial, WORLD.target[kind[kept]])


def test_too_few_people() -> None:
    log, kind = WORLD.log(60, np.random.default_rng(5))
    assert len(log) == 60 * VISITS
    with pytest.raises(SupportError, match="of 60 people amount to"):
        estimate(log, WORLD.target[kind])


def test_visits_of_one_person_are_not_independent() -> None:
    log, target, _ = by_hand()
    copies = np.arange(400).repeat(9)
    often = Log(
        user_rows=copies,
        actions=log.actions[copies],
        rewards=log.rewards[copies],
        propensities=log.propensities[copies],
    )
    once, again = estimate(log, target).rows["ips"], estimate(often, target[copies]).rows["ips"]
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high))


def test_options_matter() -> None:
    log, kind = WORLD.log(300, np.random.default_rng(6))
    target = WORLD.target[kind]
    first = estimate(log, target).rows["ips"]
    assert estimate(log, target).rows["ips"] == first
    assert estimate(log, target, seed=1).rows["ips"] != first
    assert estimate(log, target, confidence=0.5).rows["ips"].low > first.low
    assert estimate(log, target, clip=1.0).rows["clipped ips"].value < first.value
    assert list(estimate(log, target).rows) == ["logged", "ips", "clipped ips", "snips"]


def test_prints_a_table() -> None:
    told = str(estimate(*by_hand(), num_resamples=10)).splitlines()
    assert [line.split("  ")[0] for line in told[1:4]] == ["logged", "ips", "clipped ips"]
    assert told[-1].startswith("400 events of 400 people that amount to 323")


def test_a_model_has_to_know_every_action() -> None:
    log, target, predicted = by_hand()
    with pytest.raises(DataError, match=r"are \(400,\) and `predicted` is \(400, 2\)"):
        estimate(log, log.of_shown(target), predicted)
    with pytest.raises(DataError, match="with 400 not finite"):
        estimate(log, target, np.tile([np.nan, 1], (400, 1)))
    with pytest.raises(DataError, match="`clip` is 0"):
        estimate(log, target, clip=0)
