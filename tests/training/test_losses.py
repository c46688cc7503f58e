"""What a batch is asked, and what it is not."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from penchant.models.network import Network
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.training.batches import Batch, Rows
from penchant.training.losses import losses_of
from training.ring import NUM_ITEMS, learn_ring, ring_batch

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


def test_the_softmax_over_drawn_items_is_near_the_whole_one_and_as_many_as_there_are_is_all(network: Network) -> None:
    def loss(num_negatives: int) -> float:
        step = losses_of(network, [NextItem()], UNITS, ring_batch(), text_vectors=None, num_negatives=num_negatives)
        return step.losses["next_item"].item()

    with torch.no_grad():
        assert loss(NUM_ITEMS) == loss(0)
        drawn = [loss(2) for _ in range(20)]
    assert drawn == pytest.approx([loss(0)] * 20, rel=0.3)


def test_without_a_number_items_are_drawn_where_logits_are_many(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = []
    real = network.catalogue

    def watched(*given: Any) -> torch.Tensor:
        widths.append(real(*given).shape[1])
        return real(*given)

    monkeypatch.setattr(network, "catalogue", watched)
    rows = ring_batch().people["events"]
    some = replace(ring_batch(), people={"events": replace(rows, **few(rows, 4))})
    for most, fewest in ((10**9, 0), (0, 2)):
        monkeypatch.setattr("penchant.training.losses.MOST_LOGITS", most)
        monkeypatch.setattr("penchant.training.losses.MANY_NEGATIVES", max(1, fewest))
        told(network, some)
    assert widths[0] == NUM_ITEMS > widths[1]


def few(rows: Rows, number: int) -> dict[str, Any]:
    """The first rows alone."""
    by_name = {
        name: {task: values[:number] for task, values in getattr(rows, name).items()} for name in ("told", "labels")
    }
    tensors = ("places", "waits", "item_rows", "text_rows", "moments")
    return {**{name: getattr(rows, name)[:number] for name in tensors}, **by_name}
