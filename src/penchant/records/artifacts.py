"""Folders that can be trusted: written whole or not at all, with the hash of every file checked at load."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from penchant.records.errors import ArtifactError

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


def hash_file(path: Path) -> str:
    """BLAKE2b of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Readable JSON, replaced in one step: a crash leaves the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ArtifactError(f"{path} cannot be read as JSON ({error}). Make the artifact again.") from error


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to write into; it takes the place of `target`, with its manifest, when the block ends well."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
        seal(draft)
        draft.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            target.rename(old / "old")
            draft.rename(target)
            shutil.rmtree(old)
        else:
            draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def seal(folder: Path) -> None:
    """Writes the manifest: schema version and the hash of every file below `folder`."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    hashes = {p.relative_to(folder).as_posix(): hash_file(p) for p in files}
    write_json(folder / MANIFEST, {"schema_version": SCHEMA_VERSION, "files": hashes})


def check_folder(folder: Path) -> None:
    """Raises ArtifactError unless every file is there, unchanged, and of a version that this code reads."""
    if not (folder / MANIFEST).is_file():
        raise ArtifactError(
            f"{folder} holds no {MANIFEST}, so it is no saved Penchant model or data. "
            "Name a folder that `penchant prepare`, `penchant train` or `save` wrote."
        )
    manifest = read_json(folder / MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{folder / MANIFEST} is damaged. Make the artifact again.")
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise ArtifactError(
            f"{folder} has schema version {manifest.get('schema_version')}, this Penchant reads {SCHEMA_VERSION}. "
            "Train again, or install the version that wrote it."
        )
    root = folder.resolve()
    for name, expected in manifest["files"].items():
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise ArtifactError(f"{folder} lacks the file {name!r} of its manifest. Make the artifact again.")
        if hash_file(path) != expected:
            raise ArtifactError(
                f"{path} does not match the hash in {MANIFEST}: it is damaged or was changed. Make the artifact again."
            )
