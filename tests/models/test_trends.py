import numpy as np
import pytest
import torch

from penchant.models.item_tower import Content
from penchant.models.network import Catalogue, Network, NetworkConfig
from penchant.models.trends import BEGINNING, NUM_MOMENTS, Trends
from penchant.records import words
from penchant.records.events import Events
from penchant.stages.build import build_network


def events_of(item_rows: list[int]) -> Events:
    """One event per time unit, each by somebody else."""
    size = len(item_rows)
    return Events(
        user_rows=np.arange(size, dtype=np.int32),
        item_rows=np.array(item_rows, np.int32),
        timestamps=np.arange(size, dtype=np.int64),
        values=np.full(size, np.nan, np.float32),
        kinds=np.full(size, words.KINDS.index("view"), np.int16),
        text_rows=np.full(size, -1, np.int32),
    )


def test_counts_fade_by_half_over_a_half_life() -> None:
    trends = Trends.fit(events_of([0] * 20 + [1] * 80), num_items=2)
    short, long = np.expm1(trends.values[-1])  # shares of the mean count
    assert long[0] / long[1] == pytest.approx(0.5**4 * (1 - 0.5) / (1 - 0.5**4), rel=1e-5)  # half-life: 20 events
    assert short[0] < 1e-6 < short[1]


def test_an_event_never_sees_itself() -> None:
    events = events_of([2] * 50 + [0] * 50)
    trends = Trends.fit(events, num_items=3)
    first = trends.before(events.timestamps[[50]])
    assert not trends.values[first, :, 0].any()
    assert trends.values[trends.before(events.timestamps[[0]])].max() == 0
    assert (trends.moments[trends.before(events.timestamps)] < events.timestamps).all()


def test_now_knows_everything_and_the_past_nothing_of_it() -> None:
    trends = Trends.fit(events_of([0] * 70 + [1] * 70), num_items=2)
    assert trends.moments[0] == BEGINNING
    assert trends.at(np.array([-5, 69, 1000])).tolist() == [0, NUM_MOMENTS // 2, NUM_MOMENTS]
    past, now = trends.values[trends.at(np.array([69, 1000])), 0]
    assert past[0] > past[1]
    assert now[1] > now[0]


@pytest.mark.parametrize("rows", [[], [0], [-1, -1]])
def test_hardly_any_events(rows: list[int]) -> None:
    trends = Trends.fit(events_of(rows), num_items=2)
    assert np.isfinite(trends.values).all()
    assert trends.at(np.array([0, 10])).max() < len(trends.moments)


def network(trends: Trends) -> Network:
    torch.manual_seed(0)
    content = Content.of(np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32))
    catalogue = Catalogue(content=content, counts=np.array([5, 5, 5]), trends=trends, domains=np.zeros(3, np.int64))
    return build_network(NetworkConfig(embedding_size=8, num_blocks=1), [], catalogue).eval()


def test_the_network_follows_the_trends_and_gives_raw_items_none() -> None:
    trends = Trends.fit(events_of([0] * 50 + [1] * 50), num_items=3)
    net = network(trends)
    table = net.item_table(torch.ones(1, 4))
    states = torch.zeros(2, 8)
    then, now = net.catalogue(states, table, torch.from_numpy(trends.at(np.array([49, 99])))).detach()
    assert then[0] > now[0]
    assert now[1] > then[1]
    assert then[2] == now[2]
    assert then[3] == now[3]
    assert len(now) == 4
