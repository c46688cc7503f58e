"""Was it worth learning the tasks together? One network learns them all, and each task's twin learns it alone.

Equal budget: the same rows, cases, sizes, batches and epochs at most; each network stops by its own validation score, is
calibrated on valid, and learns anew on train and valid for the epochs that it chose. All answer the same test rows. The twin
of a task has no other loss, head or expert; whoever balances losses has nothing to do there.
Legend: S seeds, C cases, M labelled rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from penchant.evaluation.gains import Gain, advice, delta_m, gain_by_case, gain_by_label, relative
from penchant.evaluation.prediction import DIRECTIONS
from penchant.records.errors import ConfigError, DataError
from penchant.stages.balancers import FIXED
from penchant.stages.config import Config
from penchant.stages.encode import Encoded
from penchant.stages.evaluate import ALONE as NETWORK
from penchant.stages.evaluate import OURS
from penchant.stages.fitting import make_tasks
from penchant.stages.measures import MEASURES
from penchant.stages.protocols import find_protocol
from penchant.stages.task_rows import RESAMPLES
from penchant.stages.twin_learning import Ground, Learned, learn
from penchant.tasks.task import Task
from penchant.training.callbacks import Callback
from penchant.training.learning import Trained

JOINT = "joint"


def task_twins(
    encoded: Encoded,
    config: Config,
    tasks: Sequence[str | Task] | None = None,
    *,
    protocol: str = "global-time",
    seeds: Sequence[int] = (0, 1, 2),
    k: int = 10,
    allow_leaks: bool = False,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Any]:
    """The sections `protocol`, `differences`, `verdicts`, `delta_m`, `cosines` and `budgets` of twins.json (docs/metrics.md).

    allow_leaks: go on although the split gives answers away.
    Raises: ConfigError for fewer than two tasks, seeds that don't differ or an unknown protocol; LeakError unless they
    are allowed; DataError if no task has a test row.
    """
    made = make_tasks(tasks, encoded)
    if len(made) < 2:
        raise ConfigError(f"Tasks are compared where there are two or more, found {[task.name for task in made]}.")
    if not seeds or len(set(seeds)) < len(seeds):
        raise ConfigError(f"Seeds differ, and there is at least one, found {list(seeds)}. Three show what chance does.")
    ground = Ground.of(encoded, made, protocol, seeds[0], k, allow_leaks)
    found: dict[str, list[Learned]] = {name: [] for name in (JOINT, *(task.name for task in made))}
    for seed in seeds:
        seeded = replace(config, training=replace(config.training, seed=seed))
        found[JOINT].append(learn(ground, made, seeded, callbacks))
        for task in made:
            found[task.name].append(learn(ground, [task], alone(seeded, task.name), callbacks))
    gains = [told for task in made for told in _gains(task, found[JOINT], found[task.name], k)]
    if not gains:
        raise DataError("No task has a test row for which its metric is defined. More events are needed.")
    cosines = _cosines([learned.chosen for learned in found[JOINT]], [task.name for task in made])
    firsts = list({told.task.name: told for told in reversed(gains)}.values())[::-1]
    return {
        "protocol": {
            "name": protocol,
            "description": find_protocol(protocol).description,
            "k": k,
            "seeds": list(seeds),
            "num_cases": len(ground.asked),
            "allowed_leaks": [f"{leak['rule']} ({leak['num_rows']} rows)" for leak in ground.leaks],
        },
        "differences": [told.record for told in gains],
        "verdicts": [_verdict(told, cosines, found[told.task.name][0].num_labels) for told in firsts],
        "delta_m": _delta_m([told.gain for told in firsts], len(seeds)),
        "cosines": cosines,
        "budgets": [_budget(name, seed, one) for name in found for seed, one in zip(seeds, found[name], strict=True)],
    }


def alone(config: Config, task: str) -> Config:
    """The settings of a twin: the same, but for what needs other tasks."""
    training = replace(config.training, objective={})
    return replace(config, training=training, balancer=FIXED, exact_gradients=False, weights={task: 1.0})


@dataclass(frozen=True, kw_only=True)
class _Told:
    """One line of the comparison. `num`: cases or labels that it was measured on."""

    task: Task
    row: str
    metric: str
    direction: str
    num: int
    gain: Gain

    @property
    def record(self) -> dict[str, Any]:
        about = {"task": self.task.name, "row": self.row, "metric": self.metric, "direction": self.direction}
        found = {**asdict(self.gain), "by_seed": list(self.gain.by_seed)}
        return {**about, "num": self.num, **found, "relative": relative(self.gain), "verdict": self.gain.verdict}


def _gains(task: Task, joint: Sequence[Learned], twin: Sequence[Learned], k: int) -> Iterator[_Told]:
    """The task's first metric comes first."""
    for row in (NETWORK, OURS) if task.reads == "catalogue" else ():
        ours, theirs = (np.stack([one.ndcg[row] for one in side]) for side in (joint, twin))
        gain = gain_by_case(ours, theirs)
        yield _Told(task=task, row=row, metric=f"ndcg@{k}", direction="max", num=ours.shape[1], gain=gain)
    if task.name not in joint[0].predicted:
        return
    asked = joint[0].predicted[task.name]
    ours, theirs = (np.stack([one.predicted[task.name].values for one in side]) for side in (joint, twin))
    for metric in task.metrics:
        direction, draws = DIRECTIONS[metric], RESAMPLES[asked.labels.ndim]
        found = gain_by_label(MEASURES[metric], direction, asked.labels, ours, theirs, asked.user_rows, draws)
        if found is not None:
            yield _Told(task=task, row=NETWORK, metric=metric, direction=direction, num=len(asked.labels), gain=found)


def _verdict(told: _Told, cosines: Sequence[dict[str, Any]], num_labels: int) -> dict[str, Any]:
    """By the task's first metric."""
    verdict, name = told.gain.verdict, told.task.name
    near: dict[str, list[float]] = {}
    for record in cosines:
        if name in record["tasks"]:
            (other,) = {*record["tasks"]} - {name}
            near.setdefault(other, []).append(record["value"])
    means = {other: sum(values) / len(values) for other, values in near.items()}
    text = advice(verdict, name, means, num_labels)
    return {"task": name, "metric": told.metric, "verdict": verdict, "num_labels": num_labels, "advice": text}


def _delta_m(gains: Sequence[Gain], num_seeds: int) -> dict[str, Any]:
    """By seed: that seed's differences as shares of the twins' mean metric."""
    by_seed = [delta_m([replace(gain, value=gain.by_seed[place]) for gain in gains]) for place in range(num_seeds)]
    return {"value": delta_m(gains), "by_seed": by_seed}


def _cosines(joint: Sequence[Trained], names: Sequence[str]) -> list[dict[str, Any]]:
    """Mean cosine of each pair of tasks in each epoch, over the seeds that came so far, with the least and the most."""
    records = []
    for one, other in combinations(names, 2):
        for epoch in range(max(len(trained.curves) for trained in joint)):
            curves = [trained.curves[epoch].cosines for trained in joint if epoch < len(trained.curves)]
            values = [cosines[f"{one}|{other}"] for cosines in curves if f"{one}|{other}" in cosines]
            if values:
                spread = {"value": float(np.mean(values)), "low": min(values), "high": max(values)}
                records.append({"tasks": [one, other], "epoch": epoch + 1, **spread})
    return records


def _budget(network: str, seed: int, learned: Learned) -> dict[str, Any]:
    """What one network was given, and took."""
    both = [*learned.chosen.curves, *learned.final.curves]
    return {
        "network": network,
        "seed": seed,
        "most_epochs": learned.chosen.curves[0].num_epochs,
        "epochs": len(learned.chosen.curves),
        "refit_epochs": len(learned.final.curves),
        "positions": sum(end.num_positions for end in both),
        "cpu_seconds": sum(end.cpu_seconds for end in both),
    }
