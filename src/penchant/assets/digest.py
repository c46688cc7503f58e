"""Are these the files that were named? SHA-256, the digest that publishers state."""

import hashlib
from pathlib import Path

from penchant.assets.asset import Files
from penchant.records.errors import AssetError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_digest(path: Path, expected: str) -> None:
    """Raises AssetError unless the file's content has the expected SHA-256."""
    found = sha256_of(path)
    if found != expected:
        raise AssetError(f"wrong content of {path.name}: expected SHA-256 {expected}, found {found}")


def check_files(folder: Path, files: Files) -> None:
    """Raises AssetError unless every file lies in `folder` with its expected content."""
    for name, expected in files.items():
        if not (folder / name).is_file():
            raise AssetError(f"{name} is missing")
        check_digest(folder / name, expected)
