"""What the page tells an engineer: what the commands left in the run folder, and a map of the items.

It reads files of fixed names, and no others; it knows nothing of requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from penchant.records.artifacts import read_json
from penchant.records.events import no_history
from penchant.stages.model import Model

MAP_ITEMS = 2000
"""More points than that say nothing more, and are slow to draw."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of a run, the keys of it that are told (none: all), and the command that writes it."""

    file: str
    keys: tuple[str, ...] = ()
    command: str


PARTS = {
    "quality": Part(file="data/quality.json", command="penchant prepare RUN --events FILE"),
    "training": Part(file="report/metrics.json", keys=("run", "training"), command="penchant evaluate RUN"),
    "evaluation": Part(
        file="report/metrics.json",
        keys=("run", "data", "protocol", "ranking", "coverage", "differences", "tasks", "calibration", "costs"),
        command="penchant evaluate RUN",
    ),
    "twins": Part(file="report/twins.json", command="penchant twins RUN"),
}


def read_part(folder: Path | None, name: str) -> dict[str, Any]:
    """`found`: what the file says, None where there is none yet; `command`: what makes it.

    name: one of `PARTS`. Raises: ArtifactError for a file that is damaged.
    """
    part = PARTS[name]
    path = None if folder is None else folder / part.file
    if path is None or not path.is_file():
        return {"found": None, "command": part.command}
    said = read_json(path)
    kept = {key: said[key] for key in part.keys if key in said} if part.keys else said
    return {"found": kept, "command": part.command}


def item_map(model: Model, most: int = MAP_ITEMS, seed: int = 0) -> dict[str, Any]:
    """Where items stand in the network's space, flattened to the two directions in which they differ most (PCA).

    `items`: `item_id, title, group, x, y`, at most so many, drawn with the seed; group: the domain where there are several,
    else the first tag, None where there is none. `explained`: the share of the variance that each direction holds, 0..1.
    `total`: how many items there are.
    """
    vectors = model.recommender.network.vectors(no_history(0))[1]
    total = len(vectors)
    rows = np.sort(np.random.default_rng(seed).permutation(total)[:most])
    places, explained = flattened(vectors[rows])
    kept = model.items.select("item_id", "title", "tags", "domain")[rows].to_dicts()
    by_domain = len(model.asking.domains.known) > 1
    items = [
        {
            "item_id": row["item_id"],
            "title": row["title"],
            "group": row["domain"] if by_domain else _first(row["tags"]),
            "x": round(float(x), 4),
            "y": round(float(y), 4),
        }
        for row, (x, y) in zip(kept, places, strict=True)
    ]
    return {"items": items, "explained": [round(float(share), 4) for share in explained], "total": total}


def flattened(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first two principal components, (N, 2), each with its share of the variance, (2,); zeros where there is no spread.

    Their signs are chosen: the entry that is largest in size is positive, so the same vectors give the same map.

    >>> places, explained = flattened(np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    >>> places.tolist(), explained.round(2).tolist()
    ([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]], [0.9, 0.1])
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    axes, sizes = axes[:2], sizes**2
    signs = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1))
    places = np.zeros((len(vectors), 2))
    places[:, : len(axes)] = centred @ (axes * signs).T + 0.0
    explained = np.zeros(2)
    explained[: len(axes)] = sizes[:2] / max(sizes.sum(), 1e-12)
    return places, explained


def _first(tags: Sequence[str] | None) -> str | None:
    return tags[0] if tags else None
