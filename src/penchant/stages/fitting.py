"""Learning in two steps: choose the settings on a validation slice, then fit everything anew on all that may be used."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from penchant.data.item_numbers import NumberScales
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.models.heads import Head
from penchant.models.item_tower import Content
from penchant.models.network import Catalogue
from penchant.models.trends import Trends
from penchant.ranking.calibrate import Calibration, as_it_is, fit_calibration
from penchant.ranking.fuse import Fusion
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.recommender import FusedRecommender
from penchant.records.errors import ConfigError
from penchant.records.events import Events
from penchant.retrieval.source import Settings
from penchant.stages.balancers import FIXED, make_balancer
from penchant.stages.build import build_network
from penchant.stages.candidates import believed_once, choose_sources, fit_sources, settings_of
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.fine_tuning import as_read_now, make_live, retold, settled
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.label_coverage import labels_of
from penchant.stages.later import later_answers, score_of
from penchant.stages.learning import OPTIMIZERS, make_schedule
from penchant.stages.tasks import TASKS, make_task
from penchant.stages.telling import tell
from penchant.tasks.tables import TABLES, Asked
from penchant.tasks.task import Task
from penchant.training.balancing.balancer import Balancer
from penchant.training.batches import Table, TrainingSet
from penchant.training.callbacks import Callback, EarlyStopping
from penchant.training.learning import Trained
from penchant.training.loop import train


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the validation slice decided."""

    epochs: int
    fusion: Fusion
    calibrations: dict[str, Calibration]
    settings: dict[str, Settings]  # of each candidate source, by name
    trained: Trained
    cases: Cases
    """Those that it was chosen on, with texts as the network of then read them."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A recommender with what it took. `fit_seconds`: wall clock of each source, by name, the network among them."""

    recommender: FusedRecommender
    trained: Trained
    tasks: list[Task]
    fit_seconds: dict[str, float]
    encoded: Encoded  # as for `FittedNetwork`


def make_tasks(chosen: Sequence[str | Task] | None, encoded: Encoded, events: Events | None = None) -> list[Task]:
    """The named or given tasks, or all that have labels that differ.

    A name may carry options: "rating:loss=huber,weight=0.5". events: those that are learned from first, default all: what the
    newest events alone have labels for cannot be chosen for.
    Raises: ConfigError for an unknown task or option, two tasks of one name, or a task that has nothing to learn.
    """
    if chosen is None:
        tasks = [kind() for kind in TASKS.values() if kind.by_default]
        return [task for task in tasks if not _lack(task, encoded, events)]
    tasks = [task if isinstance(task, Task) else make_task(task) for task in chosen]
    names = [task.name for task in tasks]
    if len(set(names)) < len(names) or not names:
        raise ConfigError(f"Tasks have different names, and there is at least one, found {names}. Name each once.")
    for task in tasks:
        if reason := _lack(task, encoded, events):
            needs = f"{task.needs}." if task.needs else "Add what it needs."
            raise ConfigError(f"The task {task.name} cannot be learned: {reason}. {needs} Else leave it out.")
    return tasks


def _lack(task: Task, encoded: Encoded, events: Events | None) -> str:
    """Why, in words, if the events hold no label, or the same one everywhere."""
    where = "the data hold" if events is None else "the events to learn from, without those that are held out, hold"
    asked = TABLES[task.table](encoded.events if events is None else events)
    lacks = labels_of(task, asked, encoded.facts).lacks
    return f"{where} {lacks}" if lacks.startswith("no ") else lacks


@dataclass(frozen=True, kw_only=True)
class FittedNetwork:
    """A network with the tasks as they were fitted to its training rows, in the order of `Head`s."""

    source: NetworkSource
    trained: Trained
    tasks: list[Task]
    encoded: Encoded
    """Read by what the language model has become; as it was where it is frozen."""


def fit_network(
    events: Events,
    encoded: Encoded,
    tasks: Sequence[Task],
    config: Config,
    *,
    validate: Callable[[NetworkSource, Sequence[Task]], dict[str, float]] | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
    known_scores: Sequence[float | None] = (),
) -> FittedNetwork:
    """The network, learned from scratch on the given events.

    known_scores: of each epoch of an earlier training of the same settings, for a schedule that looks at them.
    """
    torch.manual_seed(config.training.seed)
    num_items = len(encoded.items)
    asked = {name: TABLES[name](events) for name in dict.fromkeys(task.table for task in tasks)}
    fitted = [task.fitted(asked[task.table], encoded.facts) for task in tasks]
    labels = {task.name: task.labels(asked[task.table], encoded.facts) for task in fitted}
    known = {name: values[_labelled(values)] for name, values in labels.items()}
    units = {task.name: task.constant_loss(known[task.name], num_items) for task in fitted}
    told, rows_told = tell(fitted, asked, labels, events, encoded)
    heads = [_head(task, known[task.name], told=task.name in told) for task in fitted if task.reads != "catalogue"]
    numbers = encoded.item_numbers.fit(events.item_rows[events.item_rows >= 0])
    catalogue = _catalogue(events, encoded, numbers)
    network = build_network(config.network, heads, catalogue)
    if encoded.text_vectors is not None:
        told_texts = events.text_rows[events.text_rows >= 0]
        network.centre_texts(torch.from_numpy(encoded.text_vectors[told_texts]))
    network.live = make_live(encoded, config.training)
    source = NetworkSource(network, told, encoded.facts.rating_scale, numbers)
    tables: dict[str, Table] = {
        name: _table(rows, [task for task in fitted if task.table == name], labels, rows_told)
        for name, rows in asked.items()
    }
    text = None if encoded.text_vectors is None else torch.from_numpy(encoded.text_vectors)
    trained = train(
        network,
        fitted,
        units,
        _balancer(fitted, config),
        TrainingSet(events, len(encoded.users), tables, encoded.facts.rating_scale, catalogue.trends),
        config.training,
        optimizer=OPTIMIZERS[config.training.optimizer],
        schedule=make_schedule(config.training, known_scores),
        validate=None if validate is None else lambda: validate(source, fitted),
        text_vectors=text,
        callbacks=[*callbacks, EarlyStopping(config.patience)],
        checkpoint=checkpoint,
        title="refit" if validate is None else "choose",
    )
    return FittedNetwork(source=source, trained=trained, tasks=fitted, encoded=settled(encoded, network))


def _balancer(tasks: Sequence[Task], config: Config) -> Balancer:
    """Default weights are for fixed ones alone; those that somebody asked for contradict any other balancer."""
    weights = {task.name: task.weight for task in tasks if config.balancer == FIXED or task.weight_is_given}
    names = [task.name for task in tasks]
    return make_balancer(config.balancer, names, weights | config.weights, exact=config.exact_gradients)


def _head(task: Task, labels: np.ndarray, *, told: bool) -> Head:
    prior = tuple(float(value) for value in task.constant(labels))
    return Head(name=task.name, reads=task.reads, prior=prior, offsets=told)


def _catalogue(events: Events, encoded: Encoded, numbers: NumberScales) -> Catalogue:
    num_items = len(encoded.items)
    met = events.item_rows[events.item_rows >= 0]
    believed = believed_once(events)
    return Catalogue(
        content=Content.of(encoded.item_vectors, numbers(encoded.item_numbers)),
        counts=np.bincount(met, minlength=num_items),
        trends=Trends.fit(events.take(events.speak_for_items & believed), num_items),
        domains=encoded.item_domains,
    )


def _table(
    asked: Asked, tasks: Sequence[Task], labels: Mapping[str, np.ndarray], told: Mapping[str, np.ndarray]
) -> Table:
    return Table(
        asked=asked,
        labels={task.name: labels[task.name] for task in tasks},
        rates={task.name: task.rate for task in tasks},
        of_people=any(task.reads != "text" for task in tasks),
        told={task.name: told[task.name] for task in tasks if task.name in told},
    )


def choose(
    events: Events,
    later: Events,
    cases: Cases,
    encoded: Encoded,
    tasks: Sequence[Task],
    config: Config,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
) -> tuple[Choice, FusedRecommender]:
    """Fits on `events`; chooses epochs, fusion weights and calibration on `later` events and the `cases` made of them."""
    found = fit_network(
        events,
        encoded,
        tasks,
        config,
        validate=lambda source, fitted: validation_scores(source, fitted, events, later, cases, encoded),
        callbacks=callbacks,
        checkpoint=checkpoint,
    )
    network, encoded, cases = found.source, found.encoded, retold(cases, found.encoded)
    sources = choose_sources(events, encoded, cases)
    ranks = network if any(task.reads == "catalogue" for task in tasks) else None
    fusion = fuse(sources, ranks, cases, time_scale(events))
    calibrations = calibrate(network, found.tasks, events, later, encoded)
    recommender = FusedRecommender(sources=sources, network=network, fusion=fusion, calibrations=calibrations)
    epochs = best_epoch(found.trained)
    choice = Choice(
        epochs=epochs,
        fusion=fusion,
        calibrations=calibrations,
        settings=settings_of(sources),
        trained=found.trained,
        cases=cases,
    )
    return choice, recommender


def validation_scores(
    source: NetworkSource, tasks: Sequence[Task], past: Events, later: Events, cases: Cases, encoded: Encoded
) -> dict[str, float]:
    """A score of each task, higher is better: NDCG@10 of the cases for the catalogue, its first metric for the others."""
    encoded, cases = as_read_now(source.network, encoded, cases)
    answers = later_answers(source, tasks, past, later, encoded)
    scores = {}
    for task in tasks:
        if task.reads == "catalogue":
            scores[task.name] = float(rank_cases(_of_catalogue(source, len(encoded.items)), cases).ndcg.mean())
        else:
            scores[task.name] = score_of(task, answers[task.name]) if task.name in answers else 0.0
    return scores


def best_epoch(trained: Trained) -> int:
    """How long to learn anew, counted from 1: the epoch with the best mean validation score of itself and its neighbours.

    A single score moves by .01 from epoch to epoch, and the highest of them is often an early accident.
    """
    scores = steady_scores(trained)
    return 1 + int(np.argmax(scores)) if scores else trained.best_epoch


def steady_scores(trained: Trained) -> list[float]:
    """The mean validation score of each epoch and its neighbours; none without validation."""
    scores = [score for score in trained.scores if score is not None]
    around = [scores[max(0, epoch - 1) : epoch + 2] for epoch in range(len(scores))]
    return [sum(some) / len(some) for some in around]


def refit(
    events: Events,
    encoded: Encoded,
    tasks: Sequence[Task],
    config: Config,
    choice: Choice,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
) -> Fitted:
    """Everything anew on `events`, with what was chosen; the learning rate falls within the chosen epochs."""
    config = replace(config, training=replace(config.training, epochs=choice.epochs))
    began = time.perf_counter()
    known = choice.trained.scores
    found = fit_network(events, encoded, tasks, config, callbacks=callbacks, checkpoint=checkpoint, known_scores=known)
    seconds = {"network": time.perf_counter() - began}
    sources = fit_sources(events, found.encoded, choice.settings, seconds)
    recommender = FusedRecommender(
        sources=sources,
        network=found.source,
        fusion=choice.fusion,
        calibrations=refitted(choice.calibrations, found.source, found.tasks),
    )
    return Fitted(
        recommender=recommender,
        trained=found.trained,
        tasks=found.tasks,
        fit_seconds=seconds,
        encoded=found.encoded,
    )


def refitted(
    calibrations: Mapping[str, Calibration], network: NetworkSource, tasks: Sequence[Task]
) -> dict[str, Calibration]:
    """Calibrations that were chosen before, with the units and priors of now."""
    units = {task.name: task.numbers for task in tasks}
    return {
        name: replace(calibration, numbers=units[name], prior=network.prior(name))
        for name, calibration in calibrations.items()
    }


def calibrate(
    network: NetworkSource, tasks: Sequence[Task], past: Events, later: Events, encoded: Encoded
) -> dict[str, Calibration]:
    """A calibration for every head, learned on the later rows that carry its label; as it is where there are none."""
    answers = later_answers(network, tasks, past, later, encoded)
    found = {}
    for task in (task for task in tasks if task.reads != "catalogue"):
        calibration = as_it_is(task.link, task.numbers, network.prior(task.name))
        if task.name in answers and task.link != "classes":
            given = answers[task.name]
            labels = task.targets(given.labels)
            calibration = fit_calibration(calibration, given.outputs, given.offsets, labels, given.user_rows)
        found[task.name] = calibration
    return found


def _of_catalogue(source: NetworkSource, num_items: int) -> Callable[..., np.ndarray]:
    return lambda histories: source.score(histories)[:, :num_items]


def _labelled(labels: np.ndarray) -> np.ndarray:
    return np.asarray(~np.isnan(labels).any(axis=1))
