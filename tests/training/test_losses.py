"""What a batch is asked, and what it is not."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from penchant.models.network import Network
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.training.batches import Batch
from penchant.training.losses import losses_of
from training.ring import learn_ring, ring_batch

UNITS = {"next_item": 2.0, "rating": 0.5}


@pytest.fixture(scope="module")
def network() -> Network:
    return learn_ring(epochs=1)[0]


def told(network: Network, batch: Batch, units: dict[str, float] = UNITS) -> dict[str, float]:
    look = partial(losses_of, network, [NextItem(), Rating()], units, text_vectors=None)
    with torch.no_grad():
        return {name: loss.item() for name, loss in look(batch).losses.items()}


def with_labels(batch: Batch, name: str, keep: np.ndarray) -> Batch:
    rows = batch.people["events"]
    labels = rows.labels[name].clone()
    labels[torch.from_numpy(~keep)] = torch.nan
    return replace(batch, people={"events": replace(rows, labels={**rows.labels, name: labels})})


def test_a_loss_is_divided_by_its_unit(network: Network) -> None:
    whole, halved = told(network, ring_batch()), told(network, ring_batch(), {"next_item": 4.0, "rating": 1.0})
    assert halved == pytest.approx({name: value / 2 for name, value in whole.items()})


def test_a_missing_label_is_left_out_of_the_mean(network: Network) -> None:
    batch = ring_batch()
    keep = np.arange(len(batch)) % 3 == 0
    some, rest = (told(network, with_labels(batch, "rating", part))["rating"] for part in (keep, ~keep))
    whole = told(network, batch)
    assert (keep.sum() * some + (~keep).sum() * rest) / len(batch) == pytest.approx(whole["rating"], rel=1e-5)
    assert told(network, with_labels(batch, "rating", keep))["next_item"] == whole["next_item"]


def test_a_task_without_a_label_is_not_there(network: Network) -> None:
    assert set(told(network, with_labels(ring_batch(), "rating", np.zeros(len(ring_batch()), bool)))) == {"next_item"}
