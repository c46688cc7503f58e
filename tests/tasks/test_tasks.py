import math

import numpy as np
import pytest
import torch

from penchant.records import words
from penchant.records.errors import ConfigError
from penchant.records.events import Events
from penchant.tasks.like import Like
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.tasks.tables import ask_events
from penchant.tasks.tags import Tags
from penchant.tasks.task import Facts


@pytest.fixture
def events() -> Events:
    kinds = [words.KINDS.index(kind) for kind in ("rate", "rate", "dislike", "search")]
    return Events(
        user_rows=np.zeros(4, np.int32),
        item_rows=np.array([0, 1, 0, -1], np.int32),
        timestamps=np.arange(4),
        values=np.array([1, 4, np.nan, np.nan], np.float32),
        kinds=np.array(kinds, np.int16),
        text_rows=np.full(4, -1, np.int32),
    )


FACTS = Facts(rating_scale=(1.0, 5.0), item_tags=np.array([[1, 0], [0, 0]], np.float32))


def test_labels_follow_the_events(events: Events) -> None:
    assert NextItem().labels(ask_events(events), FACTS)[:2, 0].tolist() == [0, 1]
    assert np.isnan(NextItem().labels(ask_events(events), FACTS)[2:]).all()  # a dislike, a search
    assert Rating().labels(ask_events(events), FACTS)[:2, 0].tolist() == [(1 - 1) / 4, (4 - 1) / 4]
    assert Like().labels(ask_events(events), FACTS)[:3, 0].tolist() == [0, 1, 0]  # 1 star, 4 stars (top 40%), a dislike
    assert Tags().labels(ask_events(events), FACTS)[0].tolist() == [1, 0]


def test_missing_labels_are_nan(events: Events) -> None:
    assert np.isnan(Rating().labels(ask_events(events), FACTS)[2:]).all()
    assert np.isnan(Like().labels(ask_events(events), FACTS)[3]).all()
    assert np.isnan(
        Tags().labels(ask_events(events), FACTS)[[1, 3]]
    ).all()  # an item without tags, an event without an item


def test_constant_losses_are_those_of_the_best_constant() -> None:
    labels = np.array([[0.0], [1.0], [1.0], [1.0]], np.float32)
    assert Rating().constant_loss(labels, 9) == pytest.approx(3 / 16)
    assert Like().constant_loss(labels, 9) == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert NextItem().constant_loss(labels, 9) == pytest.approx(math.log(9))


def test_losses() -> None:
    assert Rating().loss(torch.tensor([[1.0]]), torch.tensor([[0.5]])).item() == 0.25
    assert NextItem().loss(torch.zeros(1, 4), torch.tensor([[2.0]])).item() == pytest.approx(math.log(4))
    assert Like().loss(torch.zeros(1, 1), torch.ones(1, 1)).item() == pytest.approx(math.log(2))
    assert Tags().loss(torch.zeros(1, 2), torch.ones(1, 2)).item() == pytest.approx(math.log(2))


def test_a_weight_of_zero_is_refused() -> None:
    with pytest.raises(ConfigError, match="above 0, found 0"):
        Rating(weight=0)
