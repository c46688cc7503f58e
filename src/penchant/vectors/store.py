"""The vector store: content hash -> vector, append-only, in three flat files that survive a crash at any moment.

`vectors.f16` holds one half-precision vector a row, `sums.bin` a checksum of 4 bytes and `keys.bin` the key of 32;
a row exists once all three hold it whole. Appending is serialised by a file lock; reading needs none, for rows that
exist never change. A row whose checksum is wrong counts as absent: it is encoded again, and the later row counts.
"""

import fcntl
import hashlib
import logging
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from penchant.records.artifacts import read_json, write_json
from penchant.records.errors import ArtifactError, DataError
from penchant.vectors.index import KEY_BYTES, KeyIndex

SCHEMA_VERSION = 1
SUM_BYTES = 4
BLOCK_ROWS = 4096
logger = logging.getLogger(__name__)


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
        self._index = KeyIndex()
        self._vectors = np.empty((0, dimension), np.float16)
        self._checked: dict[int, int] = {}
        self._damaged: set[int] = set()
        self._looking = threading.RLock()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._check_dimension()
            self._sum_up_old_rows()
            self._heal()

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def vectors(self) -> np.ndarray:
        """All rows, float16 (rows, dimension), mapped into memory: only what is looked at is read from the disk."""
        return self._vectors

    def rows(self, keys: Sequence[bytes]) -> np.ndarray:
        """Where in `vectors` each key stands, int64. Raises ArtifactError for a key without a sound vector."""
        with self._looking:
            found = self._sound_rows(keys)
        absent = len({key for key, row in zip(keys, found, strict=True) if row < 0}) if (found < 0).any() else 0
        if absent:
            raise ArtifactError(f"{self.folder} lacks the vectors of {absent} texts. Encode them first.")
        return found

    def read(self, keys: Sequence[bytes]) -> np.ndarray:
        """The vectors of the keys, float32 (n, dimension). Raises ArtifactError for a key without a sound vector."""
        return np.asarray(self._vectors[self.rows(keys)], np.float32)

    def missing(self, keys: Sequence[bytes]) -> np.ndarray:
        """Positions, int64, of the keys that have no sound vector yet; a key that stands twice is named once."""
        with self._looking:
            absent = np.flatnonzero(self._sound_rows(keys) < 0)
        first = {keys[position]: position for position in absent[::-1]}
        return np.sort(np.fromiter(first.values(), np.int64, len(first)))

    def append(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Adds vectors, float (n, dimension), and has them on the disk when it returns.

        Keys that are known already, perhaps from another process, keep the vector that they have.
        Raises DataError for vectors of another shape, or that half precision cannot hold.
        """
        halves = self._as_halves(len(keys), vectors)
        with self._locked(), self._looking:
            self._heal()
            new = self.missing(keys)
            added = [keys[position] for position in new]
            # The key comes last: it is never there before its vector is.
            _append(self._path("vectors.f16"), halves[new].tobytes())
            _append(self._path("sums.bin"), _sums(added, halves[new]).tobytes())
            _append(self._path("keys.bin"), b"".join(added))
            self._refresh()

    @contextmanager
    def turn(self, wait: bool = True) -> Iterator[None]:
        """While it lasts, no other process is inside a turn: so that two runs never encode the same text.

        Without `wait`, it goes on without the turn where another process has it.
        """
        with self._path(".turn").open("ab") as lock:
            with nullcontext() if wait else suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def damaged(self) -> int:
        """How many rows have a wrong checksum; reads all files."""
        with self._looking:
            self._refresh()
            self._check(np.arange(len(self)))
            return len(self._damaged)

    def _path(self, name: str) -> Path:
        return self.folder / name

    @property
    def _row_bytes(self) -> dict[str, int]:
        """Size of a row in each file."""
        return {"vectors.f16": 2 * self.dimension, "sums.bin": SUM_BYTES, "keys.bin": KEY_BYTES}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Holds the store for this process alone; the system lets go of it when the process dies."""
        with self._path(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _check_dimension(self) -> None:
        path = self._path("store.json")
        wanted = {"schema_version": SCHEMA_VERSION, "dimension": self.dimension}
        if not path.exists():
            write_json(path, wanted)
        held = read_json(path)
        if held != wanted:
            raise ArtifactError(f"{self.folder} was made for {held}, not for {wanted}. Use one folder per model.")

    def _whole_rows(self) -> int:
        sizes = ((self._path(name), row_bytes) for name, row_bytes in self._row_bytes.items())
        return min(path.stat().st_size // row_bytes if path.exists() else 0 for path, row_bytes in sizes)

    def _sum_up_old_rows(self) -> None:
        """Stores had no checksums at first."""
        if self._path("sums.bin").exists() or not self._path("keys.bin").exists():
            return
        count = min(self._path(name).stat().st_size // self._row_bytes[name] for name in ("keys.bin", "vectors.f16"))
        for start in range(0, count, BLOCK_ROWS):
            _append(self._path("sums.bin"), _sums(*self._content(start, min(BLOCK_ROWS, count - start))).tobytes())

    def _heal(self) -> None:
        """Cuts off what a crash left half-written. Only under the lock: it could be somebody's append."""
        rows = self._whole_rows()
        for name, row_bytes in self._row_bytes.items():
            path = self._path(name)
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
            for start in range(known, rows, BLOCK_ROWS):
                self._index.add(self._keys(start, min(BLOCK_ROWS, rows - start)), start)
            if rows > known:
                self._vectors = np.memmap(self._path("vectors.f16"), np.float16, mode="r", shape=(rows, self.dimension))

    def _keys(self, start: int, count: int) -> list[bytes]:
        content = np.fromfile(self._path("keys.bin"), f"V{KEY_BYTES}", count, offset=start * KEY_BYTES)
        return [key.tobytes() for key in content]

    def _sound_rows(self, keys: Sequence[bytes]) -> np.ndarray:
        """Row of each key, -1 where there is none or its checksum is wrong."""
        self._refresh()
        rows = self._index.find(keys)
        self._check(rows[rows >= 0])
        if self._damaged:
            rows = np.where(np.isin(rows, list(self._damaged)), -1, rows)
        return rows

    def _check(self, rows: np.ndarray) -> None:
        """Compares checksums, a block of rows at a time, each row once."""
        for block in np.unique(rows // BLOCK_ROWS).tolist():
            start = block * BLOCK_ROWS + self._checked.get(block, 0)
            count = min((block + 1) * BLOCK_ROWS, len(self)) - start
            if count == 0:
                continue
            wrong = start + np.flatnonzero(self._stored_sums(start, count) != _sums(*self._content(start, count)))
            if len(wrong):
                logger.warning("%s: %d damaged vectors; they are encoded again", self.folder, len(wrong))
            self._damaged.update(wrong.tolist())
            self._checked[block] = start + count - block * BLOCK_ROWS

    def _stored_sums(self, start: int, count: int) -> np.ndarray:
        return np.fromfile(self._path("sums.bin"), np.uint32, count, offset=start * SUM_BYTES)

    def _content(self, start: int, count: int) -> tuple[list[bytes], np.ndarray]:
        """Keys and vectors of rows. Read, not mapped, so that a look at all of them takes no memory."""
        offset = start * 2 * self.dimension
        halves = np.fromfile(self._path("vectors.f16"), np.float16, count * self.dimension, offset=offset)
        return self._keys(start, count), halves.reshape(count, self.dimension)

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


def _sums(keys: Sequence[bytes], halves: np.ndarray) -> np.ndarray:
    """CRC-32 of key and vector of each row, uint32."""
    rows = (zlib.crc32(row.tobytes(), zlib.crc32(key)) for key, row in zip(keys, halves, strict=True))
    return np.fromiter(rows, np.uint32, len(keys))


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
