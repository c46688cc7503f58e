import numpy as np
import pytest

from contracts.source_contract import SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.recent_popularity import RecentPopularity

NOBODY = histories_with([[]])


class TestContract(SourceContract):
    source_class = RecentPopularity
    personal = False


def test_events_halve_with_every_half_life() -> None:
    # Four events of one person; half of all events = two events is the half-life.
    source = RecentPopularity.fit(events_of({0: [0, 1, 2, 0]}), 3, half_life=0.5, user_damping=0)
    expected = [[0.5 ** (3 / 2) + 1, 0.5 ** (2 / 2), 0.5 ** (1 / 2)]]
    np.testing.assert_allclose(source.score(NOBODY), expected, rtol=1e-6)


def test_a_very_long_half_life_is_popularity() -> None:
    source = RecentPopularity.fit(events_of({0: [0, 1, 0], 1: [2]}), 3, half_life=1e9, user_damping=0)
    np.testing.assert_allclose(source.score(NOBODY), [[2, 1, 1]], rtol=1e-6)


@pytest.mark.parametrize(("damping", "weight"), [(0.0, 1.0), (0.5, 4**-0.5), (1.0, 1 / 4)])
def test_each_event_of_somebody_with_four_weighs_less(damping: float, weight: float) -> None:
    source = RecentPopularity.fit(events_of({0: [0, 0, 0, 0], 1: [1]}), 2, half_life=1e9, user_damping=damping)
    np.testing.assert_allclose(source.score(NOBODY), [[4 * weight, 1]], rtol=1e-6)


@pytest.mark.parametrize("settings", [{"half_life": 0.0}, {"half_life": -1.0}, {"user_damping": -0.5}])
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        RecentPopularity.fit(events_of({0: [0]}), 1, **settings)
