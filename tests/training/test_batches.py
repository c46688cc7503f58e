"""What a training set asks of each event, and how seldom of one that is doubted."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from penchant.models.offsets import Offsets
from penchant.models.trends import Trends
from penchant.records.events import Events
from penchant.tasks.evidence import ratings
from penchant.tasks.tables import ask_events
from penchant.training.batches import Table, TrainingSet
from training.ring import NUM_ITEMS, ring_events


def training_set(events: Events, rate: float = 1.0) -> TrainingSet:
    asked = ask_events(events)
    labels = {"next_item": asked.events.item_rows.astype(np.float32)[:, None]}
    table = Table(asked=asked, labels=labels, rates={"next_item": rate})
    return TrainingSet(events, 20, {"events": table}, (1.0, 5.0), Trends.fit(events, NUM_ITEMS))


def asked(data: TrainingSet, epoch: int) -> int:
    """Number of labels of an epoch."""
    batches = list(data.epoch(6, 64, 0, epoch))
    assert sum(len(batch) for batch in batches) == len(data)
    return sum(int((~batch.people["events"].labels["next_item"].isnan()).sum()) for batch in batches)


def test_every_position_is_asked_about_once_an_epoch() -> None:
    data = training_set(ring_events())
    assert [asked(data, epoch) for epoch in range(3)] == [180, 180, 180]


def test_positions_stand_in_the_order_of_their_moments_with_their_own_labels() -> None:
    data = training_set(ring_events())
    for batch in data.epoch(6, 64, 0, 0):
        rows = batch.people["events"]
        assert (rows.moments.diff() >= 0).all()
        assert torch.equal(rows.labels["next_item"][:, 0].long(), rows.item_rows)
        assert len(rows.places.unique()) == len(rows.places)


def test_a_rate_draws_its_share_of_the_rows_anew_in_each_epoch() -> None:
    data = training_set(ring_events(), rate=0.25)
    counts = [asked(data, epoch) for epoch in range(60)]
    assert abs(np.mean(counts) - 180 / 4) < 5 * np.sqrt(180 * 0.25 * 0.75 / 60)
    assert len(set(counts)) > 1
    assert asked(data, 7) == counts[7]


def test_a_doubted_event_is_asked_about_as_often_as_its_weight_says() -> None:
    events = ring_events()
    weights = np.where(events.user_rows < 10, 1, 0.25).astype(np.float32)
    data = training_set(replace(events, weights=weights))
    counts = [asked(data, epoch) for epoch in range(60)]
    # 90 sure events and 90 of weight 1/4; five deviations of the mean of 60 binomials.
    assert abs(np.mean(counts) - (90 + 22.5)) < 5 * np.sqrt(90 * 0.25 * 0.75 / 60)
    assert len(set(counts)) > 1, "each epoch draws anew"
    assert asked(data, 7) == counts[7], "but repeats itself"


def test_a_doubted_rating_moves_the_offset_of_its_item_by_its_weight() -> None:
    events = ring_events().take(np.arange(2))
    events = replace(events, item_rows=np.zeros(2, np.int32), values=np.array([5, 1], np.float32))
    believed, doubted = (
        Offsets.fit(replace(events, weights=weights), 1, ratings((1.0, 5.0)))
        for weights in (None, np.array([1.0, 0.25], np.float32))
    )
    assert believed.mean == 0.5
    assert doubted.mean == pytest.approx(1 / 1.25)
    assert doubted.counts.tolist() == [1.25]
