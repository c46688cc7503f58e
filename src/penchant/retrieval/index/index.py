"""What every index of vectors can do: search, grow, forget, be saved and mapped into memory. Knows none by name.

Legend: I rows, D width, B queries.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError, DataError

HEAD = "index.json"


class Index(ABC):
    """Vectors in rows that keep their number for good; a row that was removed is never found, until it is replaced.

    `settings` are plain numbers, `arrays` are what is saved as it is, one file each; together they are the whole index.
    An array comes from the disk as a private map: processes share its pages, and a change stays with who makes it.
    """

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self.settings = dict(settings)
        self.arrays = dict(arrays)

    @classmethod
    @abstractmethod
    def build(cls, vectors: np.ndarray) -> Self:
        """An index of vectors, float (I, D). Raises: DataError for another shape, or values that are not finite."""

    @abstractmethod
    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """As `search`; queries are float32, k lies within 1 and the rows allowed, and `allowed` is bool (I,) or None for all."""

    @abstractmethod
    def _append(self, vectors: np.ndarray) -> None:
        """Takes in checked vectors, float32, as the rows that follow."""

    @abstractmethod
    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Gives different rows other vectors, float32."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """D."""

    def __len__(self) -> int:
        """The number of rows, removed ones too."""
        return len(self.arrays["alive"])

    def search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Rows, int64 (B, k), with the largest inner products, float32 (B, k), best first, equal ones by row.

        queries: float (B, D). allowed: bool (I,), or rows, int (n,); others are not found. -1 and -inf fill shorter lists.

        Raises: DataError for queries of another width or not finite, k below 1, or rows that do not exist.
        """
        queries = checked(queries, self.dimension, "Queries")
        if k < 1:
            raise DataError(f"A list has 1 row or more, found k={k}.")
        mask = self._mask(allowed)
        width = min(k, len(self) if mask is None else int(np.count_nonzero(mask)))
        rows, scores = np.full((len(queries), k), -1), np.full((len(queries), k), -np.inf, np.float32)
        if width and len(queries):
            rows[:, :width], scores[:, :width] = self._search(queries, width, mask)
        return rows, scores

    def add(self, vectors: np.ndarray) -> None:
        """New rows behind the others. Raises: DataError as `build`."""
        vectors = checked(vectors, self.dimension, "Vectors")
        if len(vectors):
            self._append(vectors)
            self.arrays["alive"] = np.concatenate([self.arrays["alive"], np.ones(len(vectors), bool)])

    def remove(self, rows: np.ndarray) -> None:
        """These are not found any more. Raises: DataError for rows that do not exist."""
        self.arrays["alive"][self._rows(rows)] = False

    def replace(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Rows, int (n,), each once, get other vectors, float (n, D); removed ones come back. Raises: DataError as `build`."""
        rows = self._rows(rows)
        vectors = checked(vectors, self.dimension, "Vectors")
        if len(vectors) != len(rows) or len(np.unique(rows)) != len(rows):
            raise DataError(
                f"Each row comes once, with one vector, found {len(rows)} rows, {len(np.unique(rows))} different ones, "
                f"and {len(vectors)} vectors."
            )
        if len(rows):
            self._put(rows, vectors)
            self.arrays["alive"][rows] = True

    def save(self, folder: Path) -> None:
        """Writes `folder` whole or not at all, with the hash of each file."""
        with new_folder(Path(folder)) as draft:
            write_json(draft / HEAD, {"index": type(self).__name__, "settings": self.settings})
            for name, array in self.arrays.items():
                np.save(draft / f"{name}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote, mapped into memory. Raises: ArtifactError when it is missing, damaged or of another kind."""
        folder = Path(folder)
        check_folder(folder)
        head = read_json(folder / HEAD)
        if not isinstance(head, dict) or head.get("index") != cls.__name__:
            found = head.get("index") if isinstance(head, dict) else head
            raise ArtifactError(
                f"{folder} must hold a {cls.__name__}, found {found!r}. Name the folder it was saved to."
            )
        arrays = {path.stem: _mapped(path) for path in sorted(folder.glob("*.npy"))}
        return cls(head["settings"], arrays)

    def _rows(self, rows: np.ndarray) -> np.ndarray:
        rows = np.asarray(rows)
        if not rows.size:
            return np.empty(0, np.int64)
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= len(self):
            raise DataError(
                f"Rows are whole numbers from 0 to {len(self) - 1}, found {rows.dtype} {rows.tolist()[:5]}."
            )
        return rows.astype(np.int64)

    def _mask(self, allowed: np.ndarray | None) -> np.ndarray | None:
        """Which rows may be found, bool (I,); None where all may."""
        alive = self.arrays["alive"]
        if allowed is None:
            return None if alive.all() else alive
        allowed = np.asarray(allowed)
        if allowed.dtype != bool:
            rows, allowed = self._rows(allowed), np.zeros(len(self), bool)
            allowed[rows] = True
        if allowed.shape != alive.shape:
            raise DataError(
                f"A mask says of each of the {len(self)} rows whether it is allowed, found {allowed.shape}."
            )
        return allowed & alive


def checked(vectors: np.ndarray, dimension: int | None, what: str) -> np.ndarray:
    """A copy, float32 (n, dimension). Raises: DataError for another shape or type, or values that are not finite there."""
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or dimension not in (None, vectors.shape[1]):
        wanted = f"(n, {'width' if dimension is None else dimension})"
        raise DataError(f"{what} are floats of shape {wanted}, found {vectors.dtype} {vectors.shape}.")
    with np.errstate(over="ignore"):
        vectors = np.array(vectors, np.float32, order="C")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise DataError(
            f"{what} are finite in 32 bits; that of row {int(finite.argmin())} is not ({int((~finite).sum())} in all). "
            "Check the encoder, or leave these rows out."
        )
    return vectors


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} cannot be read as an array ({error}). Build and save the index again.") from error
