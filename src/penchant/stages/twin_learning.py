"""A network, chosen on valid and learned anew on train and valid, and what it answers to the test: every network alike.

Light beside `evaluate`: no report, and sources, which have no seed, are fitted once for all networks.
Legend: C cases, M labelled rows, T labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from penchant.data.leaks import check, leaks_across
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import Score, rank_cases
from penchant.ranking.calibrate import Calibration
from penchant.records.events import Events, Histories
from penchant.retrieval.source import CandidateSource
from penchant.stages.candidates import choose_sources, fit_sources, settings_of
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.evaluate import ALONE as NETWORK
from penchant.stages.evaluate import OURS
from penchant.stages.fine_tuning import retold
from penchant.stages.fitting import (
    FittedNetwork,
    best_epoch,
    calibrate,
    fit_network,
    refitted,
    validation_scores,
)
from penchant.stages.fusing import fuse, time_scale
from penchant.stages.later import in_units, later_answers
from penchant.stages.protocols import find_protocol, make_cases
from penchant.tasks.tables import TABLES
from penchant.tasks.task import Task
from penchant.training.callbacks import Callback
from penchant.training.learning import Trained


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all networks stand on. `k`: length of the lists.

    Sources weighed in the fusion were fitted on the past, those that answer on all that is fitted on; none if nobody ranks.
    """

    encoded: Encoded
    k: int
    leaks: list[dict[str, Any]]
    past: Events
    later: Events
    fitted: Events
    told: Events
    test: Events
    valid: Cases
    asked: Cases
    early: dict[str, CandidateSource]
    late: dict[str, CandidateSource]

    @classmethod
    def of(
        cls, encoded: Encoded, tasks: Sequence[Task], protocol: str, seed: int, k: int, allow_leaks: bool
    ) -> "Ground":
        chosen, events = find_protocol(protocol), encoded.events
        split = chosen.split(encoded, 0, seed)
        leaks = leaks_across(events, split, by_time=chosen.by_time, has_clock=encoded.data.has_clock)
        fitted = split.before_test(events)
        past, all_fitted = events.take(split.train), events.take(fitted)
        valid = make_cases(encoded, protocol, split.train, split.valid, split.told(split.train))
        early = choose_sources(past, encoded, valid) if ranks(tasks) else {}
        return cls(
            encoded=encoded,
            k=k,
            leaks=check(leaks, allow_leaks=allow_leaks),
            past=past,
            later=events.take(split.valid),
            fitted=all_fitted,
            told=events.take(split.told(fitted)),
            test=events.take(split.test),
            valid=valid,
            asked=make_cases(encoded, protocol, fitted, split.test, split.told(fitted)),
            early=early,
            late=fit_sources(all_fitted, encoded, settings_of(early)) if ranks(tasks) else {},
        )


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """Of the test rows of a task, in the user's own units; `values` calibrated."""

    labels: np.ndarray  # float64 (M,) or (M, T)
    values: np.ndarray  # the same
    user_rows: np.ndarray  # int32 (M,)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What a network answered: NDCG of the cases by row, (C,) each, if it ranks; predictions by task. `num_labels`: of the
    first task, to learn from."""

    ndcg: dict[str, np.ndarray]
    predicted: dict[str, Predicted]
    chosen: Trained
    final: Trained
    num_labels: int


def learn(ground: Ground, tasks: Sequence[Task], config: Config, callbacks: Sequence[Callback]) -> Learned:
    """Chosen on valid, learned anew on train and valid, asked about the test."""
    past, later, encoded = ground.past, ground.later, ground.encoded
    first = fit_network(
        past,
        encoded,
        tasks,
        config,
        validate=lambda source, fitted: validation_scores(source, fitted, past, later, ground.valid, encoded),
        callbacks=callbacks,
    )
    calibrations = calibrate(first.source, first.tasks, past, later, first.encoded)
    budget = replace(config, training=replace(config.training, epochs=best_epoch(first.trained)))
    known = first.trained.scores
    final = fit_network(ground.fitted, encoded, tasks, budget, callbacks=callbacks, known_scores=known)
    scores = _scores(ground, first, final) if ranks(tasks) else {}
    asked = retold(ground.asked, final.encoded)
    return Learned(
        ndcg={row: rank_cases(score, asked, ground.k).ndcg for row, score in scores.items()},
        predicted=dict(_predicted(ground, final, refitted(calibrations, final.source, final.tasks))),
        chosen=first.trained,
        final=final.trained,
        num_labels=_num_labels(final.tasks[0], ground),
    )


def ranks(tasks: Sequence[Task]) -> bool:
    """Whether a network of these tasks has learned to score the catalogue."""
    return any(task.reads == "catalogue" for task in tasks)


def _scores(ground: Ground, first: FittedNetwork, final: FittedNetwork) -> dict[str, Score]:
    """The network alone, and fused with the sources by weights that the first one chose."""
    num_items = len(ground.encoded.items)
    fusion = fuse(ground.early, first.source, retold(ground.valid, first.encoded), time_scale(ground.past))

    def alone(histories: Histories) -> np.ndarray:
        return final.source.score(histories)[:, :num_items]

    def fused(histories: Histories) -> np.ndarray:
        scores = {name: source.score(histories) for name, source in ground.late.items()}
        return fusion.score(histories, {**scores, "network": alone(histories)})

    return {NETWORK: alone, OURS: fused}


def _predicted(
    ground: Ground, final: FittedNetwork, calibrations: Mapping[str, Calibration]
) -> Iterator[tuple[str, Predicted]]:
    answers = later_answers(final.source, final.tasks, ground.told, ground.test, final.encoded)
    for task in (task for task in final.tasks if task.name in answers):
        given, calibration = answers[task.name], calibrations[task.name]
        values = calibration.in_units(calibration(given.outputs, given.offsets))
        labels = in_units(task, task.targets(given.labels)).astype(np.float64)
        yield task.name, Predicted(labels=labels, values=values, user_rows=given.user_rows)


def _num_labels(task: Task, ground: Ground) -> int:
    labels = task.labels(TABLES[task.table](ground.fitted), ground.encoded.facts)
    return int((~np.isnan(labels).any(axis=1)).sum())
