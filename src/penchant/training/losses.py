"""The losses of a batch: every task that has a label in it, divided by its unit. Knows no optimiser and no balancer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from penchant.models.catalogue import Among
from penchant.models.network import Network
from penchant.tasks.task import Task
from penchant.training.batches import Batch, Rows

MOST_LOGITS = 20_000_000
"""Of a step, before items are drawn for the softmax over the catalogue (docs/experiments.md)."""
MANY_NEGATIVES = 2048


@dataclass(frozen=True, kw_only=True)
class Step:
    """The losses of the tasks that have a label in a batch, each divided by its unit, and what they read: `features` are
    the tensors through which alone they reach the shared parameters."""

    losses: dict[str, Tensor]
    features: list[Tensor]


def losses_of(
    network: Network,
    tasks: Sequence[Task],
    units: Mapping[str, float],
    batch: Batch,
    text_vectors: Tensor | None,
    num_negatives: int | None = None,
) -> Step:
    """The loss of every task that has a label in the batch. num_negatives: see `TrainingConfig`."""
    fresh = None
    if network.live is not None:
        fresh = network.live.fresh_items(batch.item_rows)
        text_vectors = network.live.fresh_texts(batch.text_rows)
    table = network.item_table(fresh=fresh)
    read = table.view_as(table)  # what heads read of it, apart from what the trunk reads
    features, losses = [read], dict[str, Tensor]()
    if batch.sequences is not None:
        states = network.states(batch.sequences, table, text_vectors).flatten(0, 1)
        features.append(states)
        for name, rows in batch.people.items():
            own = [task for task in tasks if task.table == name]
            asked = network.asked(states.index_select(0, rows.places), rows.waits)
            losses |= _of_people(network, own, asked, read, rows, num_negatives)
    for name, rows in batch.texts.items():
        assert text_vectors is not None
        vectors = text_vectors[rows.text_rows]
        alone = vectors.view_as(vectors)
        features += [network.read(vectors), alone]
        outputs = network.texts(features[-2], alone)
        losses |= _labelled_losses([task for task in tasks if task.table == name], outputs, rows.labels)
    order = {task.name: losses[task.name] / units[task.name] for task in tasks if task.name in losses}
    return Step(losses=order, features=features)


def _of_people(
    network: Network, tasks: Sequence[Task], states_PS: Tensor, table_ID: Tensor, rows: Rows, num_negatives: int | None
) -> dict[str, Tensor]:
    """Losses of the tasks of one table, whose rows are put to the states of people."""
    outputs, labels = dict[str, Tensor](), dict(rows.labels)
    read = {task.reads for task in tasks}
    has_item = rows.item_rows >= 0
    if "pair" in read:
        met = torch.nn.functional.embedding(rows.item_rows.clamp(min=0), table_ID)
        outputs |= network.pairs(states_PS, met, rows.item_rows, rows.told)
    if "user" in read:
        outputs |= network.people(states_PS)
    losses = {}
    for task in (task for task in tasks if task.reads == "catalogue"):
        chosen = ~labels[task.name].isnan().any(dim=1) & has_item
        if chosen.any():
            sought = labels[task.name][chosen]
            among = _among(sought, len(table_ID), num_negatives)
            logits = network.catalogue(states_PS[chosen], table_ID, rows.moments[chosen], among)
            losses[task.name] = task.loss(logits, sought if among is None else among.places(sought.long()).float())
    for task in (task for task in tasks if task.reads == "pair" and not has_item.all()):
        labels[task.name] = labels[task.name].masked_fill(~has_item[:, None], torch.nan)
    rest = [task for task in tasks if task.reads != "catalogue"]
    return losses | _labelled_losses(rest, outputs, labels)


def _among(sought: Tensor, num_items: int, num_negatives: int | None) -> Among | None:
    """The items that a softmax goes over; None: all."""
    if num_negatives is None:
        num_negatives = MANY_NEGATIVES if len(sought) * num_items > MOST_LOGITS else 0
    if not 0 < num_negatives < num_items:
        return None
    return Among.draw(sought.long().flatten(), num_items, num_negatives)


def _labelled_losses(
    tasks: Sequence[Task], outputs: Mapping[str, Tensor], labels: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    losses = {}
    for task in tasks:
        labelled = ~labels[task.name].isnan().any(dim=1)
        if labelled.all() and len(labelled):
            losses[task.name] = task.loss(outputs[task.name], labels[task.name])
        elif labelled.any():
            losses[task.name] = task.loss(outputs[task.name][labelled], labels[task.name][labelled])
    return losses
