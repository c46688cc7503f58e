import numpy as np
import pytest

from penchant.evaluation.off_policy.slates import estimate_slates
from penchant.ranking.explore.epsilon import Epsilon
from penchant.records.errors import ConfigError, SupportError
from penchant.records.ranked import Ranked

MANY = 40_000


def candidates(num_people: int, rows: list[int]) -> Ranked:
    scores = np.where(np.array(rows) >= 0, -np.arange(len(rows), dtype=np.float32), -np.inf)
    return Ranked(
        np.tile(np.array(rows, np.int32), (num_people, 1)), np.tile(scores.astype(np.float32), (num_people, 1))
    )


@pytest.mark.parametrize("slot", [None, 0, 1])
def test_propensities_are_the_frequencies(slot: int | None) -> None:
    best, policy = candidates(MANY, [10, 11, 12, 13, 14]), Epsilon(share=0.4, slot=slot)
    shown = policy.choose(best, 2, np.random.default_rng(0))
    for place in range(2):
        for item in range(10, 15):
            there = shown.ranked.item_rows[:, place] == item
            if there.any():
                (stated,) = set(shown.propensities[there, place])
                assert there.mean() == pytest.approx(stated, abs=4 * (stated * (1 - stated) / MANY) ** 0.5)
    assert (shown.errors == 0).all()


def test_propensities_by_hand() -> None:
    best = candidates(1, [10, 11, 12, 13, 14])
    first, second = Epsilon(share=0.4, slot=1), Epsilon(share=0.4)
    assert first.chances(best, np.array([[10, 11]])).ravel() == pytest.approx([1, 0.6 + 0.4 / 4])
    assert first.chances(best, np.array([[10, 14]])).ravel() == pytest.approx([1, 0.4 / 4])
    assert first.chances(best, np.array([[14, 11]])).ravel() == pytest.approx([0, 0.7])
    assert second.chances(best, np.array([[14, 11]])).ravel() == pytest.approx([0.2 / 4, 0.8 + 0.2 / 4])


@pytest.mark.parametrize("slot", [None, 0, 2])
def test_chances_of_a_place_add_up_to_1(slot: int | None) -> None:
    best = candidates(7, [3, 1, 4, 5, 9, 2, 6])
    every = [3, 1, 4, 5, 9, 2, 6]
    shown = np.stack([np.array(every), np.array(every), np.array(every)], axis=1)
    assert Epsilon(share=0.3, slot=slot).chances(best, shown).sum(axis=0) == pytest.approx([1, 1, 1])


def test_no_item_twice_and_one_change_at_most() -> None:
    best = candidates(2000, list(range(8)))
    rows = Epsilon(share=1.0).choose(best, 4, np.random.default_rng(1)).ranked.item_rows
    assert all(len(set(row)) == 4 for row in rows.tolist())
    changes = (rows != np.arange(4)).sum(axis=1)
    assert set(changes) == {0, 1}
    assert changes.mean() == pytest.approx(4 / 5, abs=0.04)


def test_scores_go_with_their_items() -> None:
    shown = Epsilon(share=1.0).choose(candidates(50, [5, 6, 7, 8]), 2, np.random.default_rng(2)).ranked
    assert np.array_equal(shown.scores, 5.0 - shown.item_rows)


def test_no_share_is_the_ranking() -> None:
    shown = Epsilon(share=0.0).choose(candidates(50, [5, 6, 7]), 2, np.random.default_rng(3))
    assert (shown.ranked.item_rows == [5, 6]).all()
    assert (shown.propensities == 1).all()


def test_lists_that_end_early() -> None:
    shown = Epsilon(share=1.0, slot=1).choose(candidates(500, [5, -1, -1]), 2, np.random.default_rng(4))
    assert (shown.ranked.item_rows == [5, -1]).all()
    assert (shown.propensities[:, 0] == 1).all()
    assert np.isnan(shown.propensities[:, 1]).all()
    nothing = Epsilon().choose(candidates(3, [-1, -1]), 2, np.random.default_rng(4))
    assert np.isnan(nothing.propensities).all()
    assert Epsilon().choose(candidates(0, [1, 2]), 2, np.random.default_rng(4)).propensities.shape == (0, 2)


def test_repeats_under_a_seed() -> None:
    best = candidates(100, list(range(6)))
    first, again, other = (Epsilon(share=0.5).choose(best, 3, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first.ranked.item_rows, again.ranked.item_rows)
    assert not np.array_equal(first.ranked.item_rows, other.ranked.item_rows)


def test_what_the_ranking_itself_earns_can_be_told_from_an_exploring_log() -> None:
    liked = np.linspace(0.2, 0.7, 6)  # the ranking is upside down
    best, exploring = candidates(20_000, list(range(6))), Epsilon(share=0.5)
    rng = np.random.default_rng(7)
    shown = exploring.choose(best, 3, rng)
    clicks = (rng.random((20_000, 3)) < liked[shown.ranked.item_rows]).astype(float)
    target = Epsilon(share=0.0).chances(best, shown.ranked.item_rows)
    total = estimate_slates(np.arange(20_000), clicks, shown.propensities, target, num_resamples=200).total
    assert total["ips"].low < liked[:3].sum() < total["ips"].high
    assert total["logged"].low > liked[:3].sum()
    wrong = np.ones_like(shown.propensities)  # as if nothing had been explored
    with pytest.raises(SupportError, match="at position 1"):
        estimate_slates(np.arange(20_000), clicks, wrong, target)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 1.5}, r"share must be a number .* found 1\.5"),
        ({"slot": -1}, "slot must be a whole number of at least 0, found -1"),
    ],
)
def test_ranges(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Epsilon(**options)


def test_a_slot_past_the_list() -> None:
    with pytest.raises(ConfigError, match=r"a place of the list, 0\.\.1, found 2"):
        Epsilon(slot=2).choose(candidates(1, [1, 2, 3]), 2, np.random.default_rng(0))
