import math

import numpy as np
import pytest

from penchant.models.tastes import LEAST, MOST, SHARPNESS, SHRINKAGE, item_tastes, near


def test_products_are_cosines_drawn_to_zero() -> None:
    """Items 0 and 1 were left the same by two people, item 2 the contrary by one of them, item 3 by nobody."""
    left, users, items = np.array([0.5, -0.5, 0.5, -0.5, -0.5]), np.array([0, 1, 0, 1, 0]), np.array([0, 0, 1, 1, 2])
    users, items, left = np.append(users, 2), np.append(items, 2), np.append(left, 0.0)
    tastes = item_tastes(left, users, items, 4)
    both, one = 0.5 + LEAST, math.sqrt((0.5 + LEAST) * (0.25 + LEAST))
    products = tastes @ tastes.T
    assert products[0, 1] == pytest.approx(0.5 / both, abs=1e-5)
    assert products[0, 2] == pytest.approx(-0.25 / one, abs=1e-5)
    assert (tastes[3] == 0).all()


def test_a_rating_counts_by_how_near_its_item_is() -> None:
    tastes = np.array([[0.2, 0], [0, 0.2], [0.2, 0]], np.float32)
    found = near(tastes, np.array([0.4, -0.2]), np.array([0, 1]), np.array([2, 9]))
    weight = math.exp(SHARPNESS * 0.04)
    assert found == pytest.approx([(0.4 * weight - 0.2) / (weight + 1 + SHRINKAGE), 0.2 / (2 + SHRINKAGE)])


def test_a_double_does_not_drown_the_others() -> None:
    found = near(np.ones((2, 1), np.float32), np.array([0.4]), np.array([0]), np.array([1]))
    assert found == pytest.approx([0.4 * math.exp(MOST) / (math.exp(MOST) + SHRINKAGE)])


def test_without_ratings_nothing_is_near() -> None:
    tastes = item_tastes(np.zeros(0), np.zeros(0, int), np.zeros(0, int), 3)
    assert tastes.shape == (3, 0)
    assert near(tastes, np.zeros(0), np.zeros(0, int), np.array([1, 2])).tolist() == [0, 0]
    assert near(tastes, np.array([0.5]), np.array([0]), np.array([1])) == pytest.approx([0.5 / (1 + SHRINKAGE)])


def test_many_pairs_are_answered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    tastes, left, rated = rng.normal(size=(9, 3)).astype(np.float32) / 5, rng.normal(size=4), np.arange(4)
    whole = near(tastes, left, rated, np.arange(9))
    monkeypatch.setattr("penchant.models.tastes.MAX_CELLS", 8)
    assert near(tastes, left, rated, np.arange(9)) == pytest.approx(whole)
