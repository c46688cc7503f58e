from pathlib import Path

import numpy as np
import pytest

from penchant.evaluation.off_policy.estimate import estimate
from penchant.evaluation.off_policy.log import Log
from penchant.ranking.explore.posterior import Prior
from penchant.ranking.explore.thompson import Thompson, ThompsonConfig
from penchant.records.errors import ArtifactError, ConfigError
from penchant.records.ranked import Ranked

ITEMS = np.random.default_rng(0).normal(size=(60, 16))
PEOPLE = np.random.default_rng(1).normal(size=(40, 16))


def started(**options: object) -> Thompson:
    return Thompson.start(ITEMS, ThompsonConfig(**{"width": 4, **options}))


def asked(thompson: Thompson, rows: np.ndarray, people: np.ndarray) -> tuple[Ranked, np.ndarray]:
    """Candidates whose scores fall with their place, and their features."""
    scores = np.where(rows >= 0, -np.arange(rows.shape[1], dtype=np.float32), -np.inf).astype(np.float32)
    return Ranked(rows.astype(np.int32), scores), thompson.pairs(people, ITEMS[rows], scores)


def rows_for(num_people: int, num_candidates: int) -> np.ndarray:
    return np.tile(np.arange(num_candidates), (num_people, 1))


def test_lists_hold_candidates_once_each_with_their_chances() -> None:
    thompson = started()
    shown = thompson.choose(*asked(thompson, rows_for(40, 9), PEOPLE), 4, np.random.default_rng(2))
    assert all(len(set(row)) == 4 and max(row) < 9 for row in shown.ranked.item_rows.tolist())
    assert (np.diff(shown.ranked.scores, axis=1) <= 0).all()
    assert shown.propensities.min() >= 1 / 256
    assert shown.propensities.max() <= 1
    expected = np.sqrt(shown.propensities * (1 - shown.propensities) / 256)
    assert shown.errors == pytest.approx(expected)


def test_more_draws_less_error() -> None:
    few, many = started(num_draws=64), started(num_draws=4096)
    given = asked(few, rows_for(40, 9), PEOPLE)
    coarse, fine = (t.choose(*given, 1, np.random.default_rng(3)).errors.mean() for t in (few, many))
    assert fine < coarse / 4


def test_two_candidates_are_exact_and_drawn_as_often_as_they_say() -> None:
    thompson = started()
    person = np.repeat(PEOPLE[:1], 20_000, axis=0)
    shown = thompson.choose(*asked(thompson, rows_for(20_000, 2), person), 2, np.random.default_rng(4))
    first = shown.ranked.item_rows[:, 0] == 0
    (stated,) = set(shown.propensities[first, 0])
    assert first.mean() == pytest.approx(stated, abs=0.015)
    assert 0.5 < stated < 1  # its score is the better one
    assert shown.propensities[~first, 0] == pytest.approx(1 - stated)
    assert (shown.errors == 0).all()


def test_chances_of_every_place_are_exact_for_what_was_done() -> None:
    thompson = started(num_draws=32)
    person = np.repeat(PEOPLE[:1], 20_000, axis=0)  # all of one request choose among the same 32 orders
    shown = thompson.choose(*asked(thompson, rows_for(20_000, 5), person), 3, np.random.default_rng(13))
    for place in range(3):
        for item in range(5):
            there = shown.ranked.item_rows[:, place] == item
            if there.any():
                (stated,) = set(shown.propensities[there, place])
                assert there.mean() == pytest.approx(stated, abs=4 * (stated * (1 - stated) / 20_000) ** 0.5)


def test_drawn_chances_are_off_the_exact_ones_by_the_error_that_they_state() -> None:
    thompson = started()
    exact = thompson.choose(*asked(thompson, rows_for(40, 2), PEOPLE), 1, np.random.default_rng(5))
    chance = np.where(exact.ranked.item_rows[:, 0] == 0, exact.propensities[:, 0], 1 - exact.propensities[:, 0])
    rows = np.concatenate([rows_for(40, 2), np.full((40, 1), -1)], axis=1)  # a third that is none: these are drawn
    candidates, features = asked(thompson, rows, PEOPLE)
    away = []
    for seed in range(30):
        shown = thompson.choose(candidates, features, 1, np.random.default_rng(seed))
        own = shown.propensities[:, 0]
        drawn = np.where(shown.ranked.item_rows[:, 0] == 0, own, 1 - own)
        away.append((drawn - chance) / np.sqrt(chance * (1 - chance) / 256))
    assert 0.8 < np.std(away) < 1.2
    assert abs(np.mean(away)) < 0.5  # one set of draws serves all people of a request, so means move together


def test_short_lists_end_without_a_chance() -> None:
    thompson = started()
    rows = np.array([[3, 4, -1, -1], [-1, -1, -1, -1]])
    shown = thompson.choose(*asked(thompson, rows, PEOPLE[:2]), 3, np.random.default_rng(6))
    assert set(shown.ranked.item_rows[0, :2]) == {3, 4}
    assert (shown.ranked.item_rows[0, 2], *shown.ranked.item_rows[1]) == (-1, -1, -1, -1)
    assert np.isnan(shown.propensities).tolist() == [[False, False, True], [True, True, True]]


@pytest.mark.parametrize("num_candidates", [2, 5])
def test_nobody_gets_no_list(num_candidates: int) -> None:
    thompson = started()
    shown = thompson.choose(*asked(thompson, rows_for(0, num_candidates), PEOPLE[:0]), 2, np.random.default_rng(6))
    assert shown.ranked.item_rows.shape == shown.propensities.shape == (0, 2)


def test_without_doubt_it_is_the_ranking_and_without_belief_it_is_not() -> None:
    sure = started(prior=Prior(prior_scale=1e-6))
    shown = sure.choose(*asked(sure, rows_for(40, 9), PEOPLE), 3, np.random.default_rng(7))
    assert (shown.ranked.item_rows == [0, 1, 2]).all()
    assert (shown.propensities == 1).all()
    open_minded = started(score_weight=0.0)
    rows = open_minded.choose(
        *asked(open_minded, rows_for(40, 9), PEOPLE), 3, np.random.default_rng(7)
    ).ranked.item_rows
    assert (rows[:, 0] == 0).mean() < 0.5


def test_what_is_to_be_learned_later_comes_with_the_list() -> None:
    thompson = started()
    candidates, features = asked(thompson, rows_for(3, 9), PEOPLE[:3])
    shown = thompson.choose(candidates, features, 4, np.random.default_rng(0))
    assert shown.features is not None
    assert shown.features.shape == (3, 4, thompson.pairs.num_features)
    for person, rows in enumerate(shown.ranked.item_rows):
        assert np.array_equal(shown.features[person], features[person, rows])


def test_without_a_scale_the_best_that_is_believed_is_shown_for_certain() -> None:
    thompson = started()
    candidates, features = asked(thompson, rows_for(3, 9), PEOPLE[:3])
    thompson.learn(features[0, 7], 5.0)
    shown = thompson.choose(candidates, features, 4, np.random.default_rng(0), scale=0)
    best = np.argsort(-(features @ thompson.posterior.mean), axis=1)[:, :4]
    assert shown.ranked.item_rows.tolist() == best.tolist()
    assert (shown.propensities == 1).all()
    pair = asked(thompson, rows_for(1, 2), PEOPLE[:1])
    assert (thompson.choose(*pair, 1, np.random.default_rng(0), scale=0).propensities == 1).all()


def test_chances_of_lists_that_somebody_else_showed() -> None:
    """They are those that the policy states of its own lists, within the error of its draws; what it would not show has none."""
    thompson = started(num_draws=4096)
    candidates, features = asked(thompson, rows_for(3, 9), PEOPLE[:3])
    own = thompson.choose(candidates, features, 4, np.random.default_rng(0))
    told = thompson.chances(candidates, features, own.ranked.item_rows, np.random.default_rng(1))
    assert (np.abs(told - own.propensities) <= 6 * own.errors + 1e-9).all()
    others = np.tile([50, 51, -1, 52], (3, 1))
    told = thompson.chances(candidates, features, others, np.random.default_rng(1))
    assert np.array_equal(told, np.tile([0, 0, np.nan, 0], (3, 1)), equal_nan=True)


def test_seeds() -> None:
    thompson = started()
    given = asked(thompson, rows_for(40, 9), PEOPLE)
    first, again, other = (thompson.choose(*given, 3, np.random.default_rng(seed)) for seed in (8, 8, 9))
    assert np.array_equal(first.ranked.item_rows, again.ranked.item_rows)
    assert np.array_equal(first.propensities, again.propensities)
    assert not np.array_equal(first.ranked.item_rows, other.ranked.item_rows)


def likes(people: np.ndarray, items: np.ndarray) -> np.ndarray:
    """The truth: chances (B, N) by a taste that the ranking knows nothing of."""
    return 1 / (1 + np.exp(-1.5 * people[:, :3] @ items[:, :3].T))


def test_it_learns_whom_to_show_what() -> None:
    thompson, rng = started(width=15), np.random.default_rng(10)
    chances, rows = likes(PEOPLE, ITEMS[:10]), rows_for(40, 10)
    earned = np.zeros(3000)
    for step in range(3000):
        who = step % 40
        candidates, features = asked(thompson, rows[who : who + 1], PEOPLE[who : who + 1])
        item = int(thompson.choose(candidates, features, 1, rng).ranked.item_rows[0, 0])
        earned[step] = chances[who, item]
        thompson.learn(features[0, item], float(rng.random() < chances[who, item]))
    best, of_ranking, by_chance = chances.max(axis=1).mean(), chances[:, 0].mean(), chances.mean()
    assert earned[-800:].mean() > max(of_ranking, by_chance) + 0.6 * (best - max(of_ranking, by_chance))


def test_saved_and_loaded_it_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    thompson = started(prior=Prior(forgetting=0.98), num_draws=32)
    candidates, features = asked(thompson, rows_for(40, 9), PEOPLE)
    for row in features[:, 0]:
        thompson.learn(row, 1.0)
    thompson.save(tmp_path / "explore")
    loaded = Thompson.load(tmp_path / "explore")
    assert loaded.config == thompson.config
    for of in (thompson, loaded):
        of.learn(features[3, 2], 0.0)
    one, other = (of.choose(candidates, features, 3, np.random.default_rng(11)) for of in (thompson, loaded))
    assert np.array_equal(one.ranked.item_rows, other.ranked.item_rows)
    assert np.array_equal(one.propensities, other.propensities)
    assert loaded.posterior.num_events == 41
    assert np.array_equal(loaded.pairs(PEOPLE, ITEMS[rows_for(40, 9)], candidates.scores), features)


def test_a_damaged_folder(tmp_path: Path) -> None:
    started().save(tmp_path / "explore")
    file = tmp_path / "explore" / "thompson.json"
    file.write_text(file.read_text("utf-8").replace("256", "257"), encoding="utf-8")
    with pytest.raises(ArtifactError, match="does not match the hash"):
        Thompson.load(tmp_path / "explore")


def test_a_log_of_thompson_sampling_tells_what_another_policy_earns() -> None:
    """From showing to the estimate: 1 of 6 is shown, the chance logged, and a softmax of the scores asked about."""
    thompson, rng = started(), np.random.default_rng(12)
    people = rng.normal(size=(1500, 16))
    chances, rows = likes(people, ITEMS[:6]), rows_for(1500, 6)
    candidates, features = asked(thompson, rows, people)
    shown = thompson.choose(candidates, features, 1, rng)
    actions = shown.ranked.item_rows[:, 0].astype(np.int64)
    clicks = (rng.random(1500) < chances[np.arange(1500), actions]).astype(float)
    log = Log(user_rows=np.arange(1500), actions=actions, rewards=clicks, propensities=shown.propensities[:, 0])
    target = np.tile(np.arange(1, 7) / 21, (1500, 1))
    rows_of_estimate = estimate(log, target, num_resamples=500).rows
    truth = float((target * chances).sum(axis=1).mean())
    assert rows_of_estimate["snips"].low < truth < rows_of_estimate["snips"].high


@pytest.mark.parametrize(("name", "value"), [("width", 0), ("width", 21), ("num_draws", 1), ("score_weight", np.nan)])
def test_ranges(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be"):
        ThompsonConfig(**{name: value})
