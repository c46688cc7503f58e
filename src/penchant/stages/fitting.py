"""Learning in two steps: choose the settings on a validation slice, then fit everything anew on all that may be used."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import rank_cases
from penchant.models.item_tower import Content
from penchant.models.network import Head, Network
from penchant.models.offsets import RatingOffsets
from penchant.models.trends import Trends
from penchant.ranking.calibrate import Calibration, fit_calibration
from penchant.ranking.fuse import Fusion, fit_fusion
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.recommender import FusedRecommender
from penchant.records.errors import ConfigError, suggestion
from penchant.records.events import Events
from penchant.retrieval.source import CandidateSource
from penchant.stages.config import MAX_EASE_ITEMS, SOURCES, TASKS, Config
from penchant.stages.encode import Encoded
from penchant.stages.pairs import LaterPairs, later_pairs
from penchant.tasks.task import Task
from penchant.training.balancing.weights import FixedWeights
from penchant.training.batches import TrainingSet
from penchant.training.callbacks import Callback, EarlyStopping
from penchant.training.loop import Trained, train

TIME_SHARE = 0.02
"""A history is old after this share of the time that the events span."""
MAX_FUSION_CASES = 1000
SEED_OF_BELIEF = 0
"""What counts believes an event or not, once for all; the network draws anew in each epoch."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the validation slice decided."""

    epochs: int
    fusion: Fusion
    calibrations: dict[str, Calibration]
    trained: Trained


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A recommender with what it took. `fit_seconds`: wall clock of each source, by name, the network among them."""

    recommender: FusedRecommender
    trained: Trained
    fit_seconds: dict[str, float]


def make_tasks(names: Sequence[str] | None, encoded: Encoded) -> list[Task]:
    """The named tasks, or all that have labels. Raises: ConfigError for an unknown task, or one without any label."""
    for name in names or ():
        if name not in TASKS:
            raise ConfigError(f"Unknown task {name!r}. {suggestion(name, TASKS)}")
    tasks = [TASKS[name]() for name in names or TASKS]
    labelled = [task for task in tasks if _labels(task, encoded).size and _labelled(_labels(task, encoded)).any()]
    if names and len(labelled) < len(tasks):
        missing = sorted({task.name for task in tasks} - {task.name for task in labelled})
        raise ConfigError(f"The data hold no label for {', '.join(missing)}. Leave the task out, or add its column.")
    return labelled


def fit_sources(
    events: Events, encoded: Encoded, seconds: dict[str, float] | None = None
) -> dict[str, CandidateSource]:
    """Every candidate source that fits the size of the catalogue, at its default settings; `seconds` takes down the times."""
    num_items = len(encoded.items)
    events = events.take(events.speak_for_items & events.believed(np.random.default_rng(SEED_OF_BELIEF)))
    sources: dict[str, CandidateSource] = {}
    for name, kind in SOURCES.items():
        if name == "EASE" and num_items > MAX_EASE_ITEMS:
            continue
        more = (encoded.item_vectors,) if name == "text-kNN" else ()
        began = time.perf_counter()
        sources[name] = kind.fit(events, num_items, *more)
        if seconds is not None:
            seconds[name] = time.perf_counter() - began
    return sources


def fit_network(
    events: Events,
    encoded: Encoded,
    tasks: Sequence[Task],
    config: Config,
    *,
    validate: Callable[[NetworkSource], float] | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
) -> tuple[NetworkSource, Trained]:
    """The network, learned from scratch on the given events."""
    torch.manual_seed(config.training.seed)
    num_items = len(encoded.items)
    labels = {task.name: task.labels(events, encoded.facts) for task in tasks}
    units = {
        task.name: task.constant_loss(labels[task.name][_labelled(labels[task.name])], num_items) for task in tasks
    }
    heads = tuple(Head(name=t.name, reads=t.reads, num_outputs=labels[t.name].shape[1]) for t in tasks)
    met = events.item_rows[events.item_rows >= 0]
    counts = np.bincount(met, minlength=num_items)
    believed = events.believed(np.random.default_rng(SEED_OF_BELIEF))
    offsets = RatingOffsets.fit(events, num_items, encoded.facts.rating_scale)
    trends = Trends.fit(events.take(events.speak_for_items & believed), num_items)
    network = Network(config.network, heads, Content.of(encoded.item_vectors), counts, trends)
    source = NetworkSource(network, offsets)
    text = None if encoded.text_vectors is None else torch.from_numpy(encoded.text_vectors)
    trained = train(
        network,
        tasks,
        FixedWeights({task.name: task.weight for task in tasks}, units),
        TrainingSet(events, len(encoded.users), labels, offsets, trends),
        config.training,
        validate=None if validate is None else lambda: validate(source),
        text_vectors=text,
        callbacks=[*callbacks, EarlyStopping(config.patience)],
        checkpoint=checkpoint,
    )
    return source, trained


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
    network, trained = fit_network(
        events,
        encoded,
        tasks,
        config,
        validate=lambda source: float(rank_cases(_of_catalogue(source, len(encoded.items)), cases).ndcg.mean()),
        callbacks=callbacks,
        checkpoint=checkpoint,
    )
    sources = fit_sources(events, encoded)
    fusion = fuse(sources, network, cases, time_scale(events))
    calibrations = calibrate(network, later_pairs(events, later, encoded), encoded, tasks)
    recommender = FusedRecommender(sources=sources, network=network, fusion=fusion, calibrations=calibrations)
    choice = Choice(epochs=best_epoch(trained), fusion=fusion, calibrations=calibrations, trained=trained)
    return choice, recommender


def best_epoch(trained: Trained) -> int:
    """How long to learn anew, counted from 1: the epoch with the best mean validation score of itself and its neighbours.

    A single score moves by .01 from epoch to epoch, and the highest of them is often an early accident.
    """
    scores = [end.score for end in trained.curves if end.score is not None]
    if not scores:
        return trained.best_epoch
    around = [scores[max(0, epoch - 1) : epoch + 2] for epoch in range(len(scores))]
    return 1 + int(np.argmax([sum(some) / len(some) for some in around]))


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
    network, trained = fit_network(events, encoded, tasks, config, callbacks=callbacks, checkpoint=checkpoint)
    seconds = {"network": time.perf_counter() - began}
    sources = fit_sources(events, encoded, seconds)
    recommender = FusedRecommender(
        sources=sources, network=network, fusion=choice.fusion, calibrations=choice.calibrations
    )
    return Fitted(recommender=recommender, trained=trained, fit_seconds=seconds)


def fuse(
    sources: dict[str, CandidateSource],
    network: NetworkSource | None,
    cases: Cases,
    scale: float,
    leave_out: str | None = None,
) -> Fusion:
    """Fusion weights learned on the cases; `leave_out` names a source to do without."""
    rng = np.random.default_rng(0)
    if len(cases) > MAX_FUSION_CASES:
        cases = cases.select(np.sort(rng.choice(len(cases), MAX_FUSION_CASES, replace=False)))
    scores = {name: source.score(cases.histories) for name, source in sources.items()}
    if network is not None:
        scores["network"] = network.score(cases.histories)
    scores.pop(leave_out or "", None)
    relevant = np.zeros((len(cases), cases.num_items), bool)
    relevant[cases.relevant_owners, cases.relevant_rows] = True
    seen = np.zeros_like(relevant)
    met = cases.histories.item_rows >= 0
    seen[cases.histories.owners[met], cases.histories.item_rows[met]] = True
    ranked = frozenset(name for name, source in {**sources, "network": network}.items() if source and source.by_rank)
    return fit_fusion(cases.histories, scores, seen, relevant, scale, ranked=ranked)


def calibrate(
    network: NetworkSource, pairs: LaterPairs, encoded: Encoded, tasks: Sequence[Task]
) -> dict[str, Calibration]:
    """A calibration for every pair head, learned on later events that carry its label."""
    asked = (pairs.histories, pairs.owners, pairs.events.item_rows)
    outputs, offsets = network.predict(*asked), network.pair_offsets(*asked)
    found = {}
    for task in tasks:
        if task.reads == "pair":
            labels = task.labels(pairs.events, encoded.facts)[:, 0]
            rows = ~np.isnan(labels)
            found[task.name] = fit_calibration(task.link, outputs[task.name][rows], offsets[rows], labels[rows])
    return found


def time_scale(events: Events) -> float:
    """Time units after which a history is old, above 0."""
    return max(1.0, TIME_SHARE * float(np.ptp(events.timestamps)))


def _of_catalogue(source: NetworkSource, num_items: int) -> Callable[..., np.ndarray]:
    return lambda histories: source.score(histories)[:, :num_items]


def _labels(task: Task, encoded: Encoded) -> np.ndarray:
    return task.labels(encoded.events, encoded.facts)


def _labelled(labels: np.ndarray) -> np.ndarray:
    return np.asarray(~np.isnan(labels).any(axis=1))
