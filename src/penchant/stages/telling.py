"""What each pair head is told beforehand: learned from the events, and on disk.

A task says which number of events tells about it (`evidence`); where events have none, what came of its rows (`outcomes`) does.
Legend: A rows of a table, O outputs of a head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from penchant.data.normalise import Numbers
from penchant.models.offsets import Offsets
from penchant.models.shares import Shares
from penchant.models.told import Told
from penchant.records.events import Events
from penchant.stages.encode import Encoded
from penchant.tasks.evidence import Evidence
from penchant.tasks.tables import Asked, TableName
from penchant.tasks.task import Task


def tell(
    tasks: Sequence[Task],
    asked: Mapping[TableName, Asked],
    labels: Mapping[str, np.ndarray],
    events: Events,
    encoded: Encoded,
) -> tuple[dict[str, Told], dict[str, np.ndarray]]:
    """By name of the task: what its head is told, and what it is told of each row while it learns, float32 (A, O or 1, 2).

    Tasks of the same evidence share it.
    """
    told: dict[str, Told] = {}
    rows: dict[str, np.ndarray] = {}
    known: dict[Evidence, tuple[Offsets, np.ndarray]] = {}
    for task in (task for task in tasks if task.reads == "pair"):
        own, evidence, outcomes = (
            asked[task.table].events,
            task.evidence(encoded.facts),
            task.outcomes(labels[task.name]),
        )
        if evidence is not None and task.table == "events" and not np.isnan(evidence.of(events)).all():
            if evidence not in known:
                offsets = Offsets.fit(events, len(encoded.items), evidence)
                known[evidence] = offsets, offsets.while_learning(own, len(encoded.users))
            told[task.name], rows[task.name] = known[evidence]
        elif outcomes is not None:
            shares = Shares.fit(own, outcomes, len(encoded.items))
            told[task.name], rows[task.name] = shares, shares.while_learning(own, outcomes)
    return told, rows


def write_told(path: Path, told: Mapping[str, Told]) -> dict[str, Any]:
    """Writes the arrays, gives the rest."""
    parts = list(dict.fromkeys(told.values()))
    arrays = {
        f"{place}.{name}": torch.from_numpy(value)
        for place, part in enumerate(parts)
        for name, value in vars(part).items()
        if isinstance(value, np.ndarray)
    }
    save_file(arrays, path)
    numbers = [
        {"mean": part.mean, "evidence": asdict(part.evidence)} if isinstance(part, Offsets) else {} for part in parts
    ]
    return {"tasks": {name: parts.index(part) for name, part in told.items()}, "parts": numbers}


def read_told(path: Path, kept: dict[str, Any]) -> dict[str, Told]:
    """What `write_told` wrote and gave."""
    arrays = load_file(path)
    parts = [
        _read(numbers, {name.partition(".")[2]: value.numpy() for name, value in arrays.items() if _of(name, place)})
        for place, numbers in enumerate(kept["parts"])
    ]
    return {name: parts[place] for name, place in kept["tasks"].items()}


def _of(name: str, place: int) -> bool:
    return name.startswith(f"{place}.")


def _read(numbers: dict[str, Any], arrays: dict[str, np.ndarray]) -> Told:
    if not numbers:
        return Shares(**arrays)
    about = numbers["evidence"]
    evidence = Evidence(**{**about, "numbers": Numbers(**about["numbers"]), "kinds": tuple(about["kinds"])})
    return Offsets(mean=numbers["mean"], evidence=evidence, **arrays)
