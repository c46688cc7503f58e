import numpy as np
import pytest

from penchant.ranking.explore.features import SCORE, PairFeatures
from penchant.records.errors import DataError

RNG = np.random.default_rng(0)
ITEMS = RNG.normal(size=(500, 32)) * np.linspace(3, 0.1, 32)


def test_parts() -> None:
    pairs = PairFeatures.fit(ITEMS, 20)
    people, items = RNG.normal(size=(4, 32)), ITEMS[:12].reshape(4, 3, 32)
    features = pairs(people, items, RNG.normal(size=(4, 3)))
    assert features.shape == (4, 3, pairs.num_features)
    assert pairs.num_features == 62
    assert (features[..., 0] == 1).all()
    assert features[..., SCORE].mean(axis=1) == pytest.approx(np.zeros(4), abs=1e-6)
    assert features[..., SCORE].std(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    person, item, both = features[..., 2:22], features[..., 22:42], features[..., 42:]
    assert (person == person[:, :1]).all()
    assert both == pytest.approx(person * item * 20**0.5, abs=1e-6)


def test_directions_spread_items_alike() -> None:
    features = PairFeatures.fit(ITEMS, 10)(ITEMS[:1], ITEMS[None], np.zeros((1, 500)))
    item = features[0, :, 12:22]
    assert item.mean(axis=0) == pytest.approx(np.zeros(10), abs=1e-5)
    assert np.cov(item.T, bias=True) == pytest.approx(np.eye(10) / 10, abs=1e-4)


def test_lengths_of_vectors_do_not_matter() -> None:
    pairs = PairFeatures.fit(ITEMS, 5)
    assert pairs(ITEMS[:2], ITEMS[None, :3].repeat(2, 0), np.zeros((2, 3))) == pytest.approx(
        pairs(7 * ITEMS[:2], 0.1 * ITEMS[None, :3].repeat(2, 0), np.zeros((2, 3))), abs=1e-5
    )


def test_scores_of_what_is_no_candidate_do_not_count() -> None:
    pairs = PairFeatures.fit(ITEMS, 5)
    scores = np.array([[2.0, 1.0, -np.inf], [3.0, 3.0, 3.0]])
    features = pairs(ITEMS[:2], ITEMS[None, :3].repeat(2, 0), scores)
    assert features[..., SCORE].tolist() == [[1, -1, 0], [0, 0, 0]]


def test_fewer_directions_than_asked_for() -> None:
    assert PairFeatures.fit(ITEMS[:3], 20).num_features == 2 + 3 * 2  # three points lie on a plane


@pytest.mark.parametrize("items", [np.zeros((0, 4)), np.ones((5, 4))])
def test_items_that_do_not_differ(items: np.ndarray) -> None:
    with pytest.raises(DataError, match=f"the {len(items)} item vectors don't"):
        PairFeatures.fit(items, 3)
