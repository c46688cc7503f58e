import numpy as np
import pytest

from penchant.ranking.explore.epsilon import Epsilon
from penchant.ranking.explore.policy import ByDoubt, BySlot, Policy
from penchant.ranking.explore.thompson import Thompson, ThompsonConfig
from penchant.records.events import no_history
from penchant.records.ranked import Ranked

PEOPLE, ITEMS = 3, 20
VECTORS = np.random.default_rng(0).normal(size=(ITEMS, 8)).astype(np.float32)
WHO = np.random.default_rng(1).normal(size=(PEOPLE, 8)).astype(np.float32)
GIVEN = Ranked(np.tile(np.arange(ITEMS)[::-1], (PEOPLE, 1)), np.tile(np.arange(ITEMS, 0.0, -1), (PEOPLE, 1)))
NOBODY = no_history(PEOPLE)


def policies(**options: object) -> list[Policy]:
    about = {"k": 3, "num_best": 6, **options}
    thompson = Thompson.start(VECTORS, ThompsonConfig(width=4, num_draws=2048))
    return [
        BySlot(epsilon=Epsilon(share=0.5), **about),
        ByDoubt(thompson=thompson, vectors=lambda _: (WHO, VECTORS), **about),
    ]


@pytest.mark.parametrize("policy", policies())
def test_it_draws_among_the_best_and_states_the_chances(policy: Policy) -> None:
    found = policy.draw(GIVEN, NOBODY, np.random.default_rng(0))
    assert found.ranked.item_rows.min() >= ITEMS - 6
    told = policy.chances(GIVEN, NOBODY, found.ranked.item_rows)
    assert np.abs(told - found.propensities).max() <= 6 * found.errors.max() + 1e-9


@pytest.mark.parametrize("policy", policies())
def test_chances_of_who_comes_first_add_up_and_are_those_of_lists(policy: Policy) -> None:
    firsts, rows = policy.firsts(GIVEN, NOBODY), policy.may_draw(GIVEN).item_rows
    assert firsts.sum(axis=1) == pytest.approx(1)
    for column in range(rows.shape[1]):
        shown = np.column_stack([rows[:, column], rows[:, :2]])
        assert firsts[:, column] == pytest.approx(policy.chances(GIVEN, NOBODY, shown)[:, 0])


@pytest.mark.parametrize("policy", policies(fresh=np.arange(ITEMS) < 2))
def test_fresh_ones_may_come(policy: Policy) -> None:
    drawn = [policy.draw(GIVEN, NOBODY, np.random.default_rng(seed)).ranked.item_rows for seed in range(60)]
    assert {0, 1} < set(np.unique(drawn).tolist()) <= {0, 1, *range(ITEMS - 6, ITEMS)}


@pytest.mark.parametrize("policy", policies(k=8, num_best=2))
def test_a_list_is_filled_even_if_few_are_to_be_drawn_and_ends_where_none_is_left(policy: Policy) -> None:
    assert (policy.draw(GIVEN, NOBODY, np.random.default_rng(0)).ranked.item_rows >= 0).all()
    few = Ranked(GIVEN.item_rows[:, :3], GIVEN.scores[:, :3])
    rows = policy.draw(few, NOBODY, np.random.default_rng(0)).ranked.item_rows
    assert rows.shape == (PEOPLE, 8)
    assert ((rows >= 0).sum(axis=1) == 3).all()


def test_the_scale_of_doubt_and_the_seed_of_chances() -> None:
    doubt = policies()[1]
    assert isinstance(doubt, ByDoubt)
    calm = ByDoubt(**{**vars(doubt), "scale": 0.0})
    assert set(np.unique(calm.firsts(GIVEN, NOBODY))) == {0.0, 1.0}
    other = ByDoubt(**{**vars(doubt), "seed": 1})
    assert not np.array_equal(other.firsts(GIVEN, NOBODY), doubt.firsts(GIVEN, NOBODY))
