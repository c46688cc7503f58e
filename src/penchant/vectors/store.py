"""The vector store: content hash -> vector, append-only, in two flat files that survive a crash at any moment.

`keys.bin` holds 32 bytes a row and `vectors.f16` one half-precision vector a row; a row exists once both files hold
it whole. Appending is serialised by a file lock; reading needs none, for rows that exist never change.
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from penchant.records.artifacts import read_json, write_json
from penchant.records.errors import ArtifactError, DataError

KEY_BYTES = 32
SCHEMA_VERSION = 1


def key_of(model_id: str, text: str) -> bytes:
    """32 bytes that stand for this text as read by this model.

    >>> len(key_of("m", "text")), key_of("m", "text") == key_of("n", "text")
    (32, False)
    """
    content = f"{model_id}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=KEY_BYTES).digest()


class VectorStore:
    """The vectors of one model, in a folder of its own. Any number of processes and threads may use it at once.

    Raises ArtifactError for a folder that holds vectors of another dimension.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = Path(folder)
        self.dimension = dimension
        self._row_of: dict[bytes, int] = {}
        self._vectors = np.empty((0, dimension), np.float16)
        self._looking = threading.Lock()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._check_dimension()
            self._heal()

    def __len__(self) -> int:
        return len(self._vectors)

    def missing(self, keys: Sequence[bytes]) -> np.ndarray:
        """Positions, int64, of the keys that have no vector yet; a key that stands twice is named once."""
        self._refresh()
        first = {key: position for position, key in reversed(list(enumerate(keys))) if key not in self._row_of}
        return np.sort(np.fromiter(first.values(), np.int64))

    def append(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Adds vectors, float (n, dimension), and has them on the disk when it returns.

        Keys that are known already, perhaps from another process, keep the vector that they have.
        Raises DataError for vectors of another shape, or that half precision cannot hold.
        """
        halves = self._as_halves(len(keys), vectors)
        with self._locked():
            self._heal()
            new = self._new_positions(keys)
            # Vectors first: a key is never there before its vector is.
            _append(self._vectors_path, halves[new].tobytes())
            _append(self._keys_path, b"".join(keys[position] for position in new))
            self._refresh()

    def read(self, keys: Sequence[bytes]) -> np.ndarray:
        """The vectors of the keys, float32 (n, dimension). Raises ArtifactError for a key without a vector."""
        absent = len(self.missing(keys))
        if absent:
            raise ArtifactError(f"{self.folder} lacks the vectors of {absent} texts. Encode them first.")
        rows = np.fromiter((self._row_of[key] for key in keys), np.int64)
        return np.asarray(self._vectors[rows], np.float32)

    @property
    def _keys_path(self) -> Path:
        return self.folder / "keys.bin"

    @property
    def _vectors_path(self) -> Path:
        return self.folder / "vectors.f16"

    @property
    def _row_bytes(self) -> int:
        return self.dimension * np.dtype(np.float16).itemsize

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Holds the store for this process alone; the system lets go of it when the process dies."""
        with (self.folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check_dimension(self) -> None:
        path = self.folder / "store.json"
        wanted = {"schema_version": SCHEMA_VERSION, "dimension": self.dimension}
        if not path.exists():
            write_json(path, wanted)
        held = read_json(path)
        if held != wanted:
            raise ArtifactError(f"{self.folder} was made for {held}, not for {wanted}. Use one folder per model.")

    def _whole_rows(self) -> int:
        if not (self._keys_path.exists() and self._vectors_path.exists()):
            return 0
        keys, vectors = self._keys_path.stat().st_size, self._vectors_path.stat().st_size
        return min(keys // KEY_BYTES, vectors // self._row_bytes)

    def _heal(self) -> None:
        """Cuts off what a crash left half-written. Only under the lock: it could be somebody's append."""
        rows = self._whole_rows()
        for path, row_bytes in ((self._keys_path, KEY_BYTES), (self._vectors_path, self._row_bytes)):
            path.touch()
            if path.stat().st_size != rows * row_bytes:
                os.truncate(path, rows * row_bytes)
        self._refresh()

    def _refresh(self) -> None:
        """Takes in the rows that were added, by whichever process, since the last look."""
        with self._looking:
            known, rows = len(self), self._whole_rows()
            if rows < known:
                raise ArtifactError(f"{self.folder} lost vectors while it was in use. Open it again.")
            if rows > known:
                added = np.fromfile(self._keys_path, f"V{KEY_BYTES}", count=rows - known, offset=known * KEY_BYTES)
                self._vectors = np.memmap(self._vectors_path, np.float16, mode="r", shape=(rows, self.dimension))
                self._row_of.update((key.tobytes(), known + position) for position, key in enumerate(added))

    def _as_halves(self, num_keys: int, vectors: np.ndarray) -> np.ndarray:
        if vectors.shape != (num_keys, self.dimension):
            raise DataError(
                f"{num_keys} keys need vectors of shape {(num_keys, self.dimension)}, found {vectors.shape}. "
                "Check the encoder."
            )
        with np.errstate(over="ignore"):
            halves = vectors.astype(np.float16)
        if not np.isfinite(halves).all():
            raise DataError("Vectors must be finite and within +-65504, found others. Check or normalise the encoder.")
        return halves

    def _new_positions(self, keys: Sequence[bytes]) -> list[int]:
        positions = {key: position for position, key in enumerate(keys) if key not in self._row_of}
        return sorted(positions.values())


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
