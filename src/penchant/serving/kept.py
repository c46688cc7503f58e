"""Small JSON files that say what is so: replaced in one step that survives a power cut; a checksum shows a flipped bit."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from penchant.records.artifacts import read_json
from penchant.records.errors import ArtifactError


def keep(path: Path, value: Any, mode: int = 0o666) -> None:
    """In place of what was there: after a crash it is the old or the new one, and the new one once this returns. mode: of the
    file, from its first byte on, before the umask."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"value": value, "checksum": _checksum(value)}, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def kept(path: Path) -> Any:
    """What `keep` put there. Raises: ArtifactError where it is missing, or not what it was."""
    told = read_json(path)
    if not isinstance(told, dict) or told.get("checksum") != _checksum(told.get("value")):
        raise ArtifactError(f"{path} is damaged: its checksum is another one. Restore it from a backup.")
    return told["value"]


def sync(*folders: Path) -> None:
    """Makes the names of new files as durable as what is in them."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _checksum(value: Any) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()
