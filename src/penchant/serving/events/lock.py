"""One process at a time in a folder. The operating system lets go when the process dies, however it dies."""

import fcntl
import os
from pathlib import Path

from penchant.records.errors import LockedError


class FolderLock:
    """Held from its creation until `close`.

    Raises: LockedError that names the process that holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 20).decode(errors="replace") or "unknown"
            os.close(self._file)
            raise LockedError(
                f"The process {holder} has {folder} open, and one at a time may. Stop it first, or serve another folder."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Lets the next one in."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
