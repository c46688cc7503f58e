import numpy as np
import pytest

from contracts.source_contract import SourceContract, events_of, histories_with, some_events
from penchant.records.errors import ConfigError
from penchant.retrieval.counting import interactions
from penchant.retrieval.sources.ease import EASE, MAX_ITEMS


class TestContract(SourceContract):
    source_class = EASE


def test_two_items_by_hand() -> None:
    # X'X + l2 I = [[3, 1], [1, 2]], its inverse is [[2, -1], [-1, 3]] / 5, so B = [[0, 1/3], [1/2, 0]].
    source = EASE.fit(events_of({0: [0, 1], 1: [0]}), 2, l2=1.0)
    np.testing.assert_allclose(source.score(histories_with([[0], [1]])), [[0, 1 / 3], [1 / 2, 0]], rtol=1e-6)


def test_agrees_with_a_plain_inverse_in_float64() -> None:
    met = interactions(some_events(), 12).toarray().astype(np.float64)
    inverse = np.linalg.inv(met.T @ met + 0.5 * np.eye(12))
    expected = np.eye(12) - inverse / np.diag(inverse)
    np.testing.assert_allclose(EASE.fit(some_events(), 12, l2=0.5).arrays["weights"], expected, atol=1e-5)


def test_the_weights_solve_the_regression_of_each_item_on_the_others() -> None:
    met = interactions(some_events(), 12).toarray()
    weights = EASE.fit(some_events(), 12, l2=2.0).arrays["weights"]
    slope = met.T @ (met @ weights - met) + 2 * weights
    np.testing.assert_allclose(slope[~np.eye(12, dtype=bool)], 0, atol=1e-5)


def test_stronger_regularisation_gives_smaller_weights() -> None:
    weak, strong = (np.abs(EASE.fit(some_events(), 12, l2=l2).arrays["weights"]).sum() for l2 in (1.0, 100.0))
    assert strong < weak


def test_recent_events_weigh_more() -> None:
    scores = EASE.fit(events_of({0: [0, 1], 1: [0]}), 2, l2=1.0, decay=0.25).score(histories_with([[0, 1]]))
    np.testing.assert_allclose(scores, [[1 / 2, 0.25 / 3]], rtol=1e-6)


def test_too_many_items_name_the_way_out() -> None:
    with pytest.raises(ConfigError, match=f"up to {MAX_ITEMS} items, found {MAX_ITEMS + 1}. Use item-kNN"):
        EASE.fit(events_of({}), MAX_ITEMS + 1)


@pytest.mark.parametrize("settings", [{"l2": 0.0}, {"decay": 0.0}, {"decay": 1.5}])
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        EASE.fit(some_events(), 12, **settings)
