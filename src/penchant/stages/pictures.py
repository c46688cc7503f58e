"""Content of items with pictures: what is said and what is seen, side by side. Knows no file format and no network.

content(i) = [text of i, scale * unit(axes (picture of i - mean))]. The scale makes what is seen as loud as what is said, and what
is missing is the mean of its kind: a search without a picture, or an item without a text, points nowhere in that part.
Where an items table has hardly a picture there is no such part, and everything is as for texts alone.
Legend: n rows, T text width, P width of what is seen.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from penchant.assets.resolve import default_cache
from penchant.media.pictures import UNREADABLE, NoPictureError, Picture, find, pixels
from penchant.records.data import Data

FEWEST = 8
"""With fewer pictures in the catalogue there is nothing to compare."""
WIDTH = 64
"""Most axes that are kept of the 1280 of the encoder (docs/experiments.md)."""
MOST_TOLD = 20
logger = logging.getLogger(__name__)
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """How a catalogue's pictures are read. `folder`: below it lie the files, None: only `data:` addresses are read."""

    folder: Path | None
    mean: np.ndarray  # float32 (1280,)
    axes: np.ndarray  # float32 (P, 1280)
    scale: float
    said: np.ndarray  # float32 (T,), the mean of the texts

    @classmethod
    def fit(cls, rows: Rows, texts: np.ndarray, folder: Path | None) -> "Pictures | None":
        """Axes of the pictures of a catalogue; None where fewer than FEWEST can be read. texts: float32 (n, T) of its rows."""
        seen, lacking = _features(rows, folder)
        known = seen.any(axis=1)
        if lacking:
            reasons = ", ".join(f"{count} {reason}" for reason, count in lacking.items())
            logger.warning(
                "%d of %d pictures are left out: %s", lacking.total(), lacking.total() + known.sum(), reasons
            )
        if known.sum() < FEWEST:
            return None
        mean = seen[known].mean(axis=0)
        axes = _axes(seen[known] - mean)
        said = texts.mean(axis=0)
        scale = float(np.sqrt(np.square(texts - said).sum(axis=1).mean())) or 1.0
        return cls(folder=folder, mean=mean, axes=axes, scale=scale, said=said)

    @property
    def width(self) -> int:
        return len(self.axes)

    def beside(self, texts: np.ndarray, rows: Rows, silent: np.ndarray) -> np.ndarray:
        """Vectors of items with what they look like, float32 (n, T + P). silent: bool (n,), items that say nothing."""
        seen, _ = _features(rows, self.folder)
        known = seen.any(axis=1)
        parts = (seen - self.mean) @ self.axes.T
        norms = np.linalg.norm(parts, axis=1, keepdims=True)
        parts *= known.reshape(-1, 1) * self.scale / np.where(norms > 0, norms, 1)
        told = np.where((silent & known).reshape(-1, 1), self.said, texts)
        return np.hstack([told, parts]).astype(np.float32)

    def unseen(self, texts: np.ndarray) -> np.ndarray:
        """Vectors of what has no looks, such as searches: float32 (n, T + P)."""
        return np.pad(texts, ((0, 0), (0, self.width)))

    def about(self) -> dict[str, Any]:
        """What is not in the arrays of `save`."""
        return {"folder": None if self.folder is None else str(self.folder), "scale": self.scale}

    def save(self, path: Path) -> None:
        save_file({"mean": self.mean, "axes": np.ascontiguousarray(self.axes), "said": self.said}, path)

    @classmethod
    def load(cls, path: Path, about: Mapping[str, Any]) -> "Pictures":
        folder = about["folder"]
        found = load_file(path)
        return cls(
            folder=None if folder is None else Path(folder),
            mean=found["mean"],
            axes=found["axes"],
            scale=about["scale"],
            said=found["said"],
        )


def named(rows: Rows) -> bool:
    """Whether any row names a picture."""
    return any(row.get("image") for row in rows)


def survey(data: Data) -> dict[str, Any] | None:
    """What the quality report tells of the pictures that items name; each is opened. None: no item names one.

    `not_read`: how many, by reason; `examples`: the first of those items, with what they name and the reason.
    """
    rows = data.items.filter(data.items["image"].is_not_null()).select("item_id", "image").to_dicts()
    if not rows:
        return None
    wrong = [
        (row["item_id"], row["image"][:100], reason) for row in rows if (reason := _wrong(row["image"], data.folder))
    ]
    return {
        "folder": None if data.folder is None else str(data.folder),
        "named": len(rows),
        "read": len(rows) - len(wrong),
        "not_read": dict(Counter(reason for *_, reason in wrong)),
        "examples": [dict(zip(("item_id", "image", "reason"), each, strict=True)) for each in wrong[:MOST_TOLD]],
    }


def _wrong(said: str, folder: Path | None) -> str | None:
    """Why a picture cannot be read."""
    try:
        pixels(find(said, folder).content())
    except NoPictureError as reason:
        return str(reason)
    return None


def _features(rows: Rows, folder: Path | None) -> tuple[np.ndarray, Counter[str]]:
    """float32 (n, 1280), zeros without a picture that can be read; and why pictures can't be, how often."""
    from penchant.media.encoder import PictureEncoder, encode_pictures  # it brings torch

    lacking: Counter[str] = Counter()
    places: list[int] = []
    found: list[Picture] = []
    for place, row in enumerate(rows):
        if not row.get("image"):
            continue
        try:
            found.append(find(str(row["image"]), folder))
            places.append(place)
        except NoPictureError as reason:
            lacking[str(reason)] += 1
    features = np.zeros((len(rows), PictureEncoder.dimension), np.float32)
    if found:
        features[places] = encode_pictures(found, default_cache() / "vectors")
    if broken := len(found) - int(features.any(axis=1).sum()):
        lacking[UNREADABLE] += broken
    return features, lacking


def _axes(centred: np.ndarray) -> np.ndarray:
    """The directions in which rows (n, d) differ most, float32 (P, d), P at most WIDTH."""
    variances, directions = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    count = min(WIDTH, int((variances > 1e-6 * max(variances[-1], 1e-12)).sum()))
    return np.asarray(directions[:, ::-1][:, : max(count, 1)].T, np.float32)
