import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from penchant.assets.asset import Asset
from penchant.assets.converted import Converted
from penchant.assets.resolve import obtain
from penchant.records.errors import AssetError


@dataclass(frozen=True)
class OneFile:
    """An origin of one small file, as it might lie in a wheel."""

    content: bytes
    layout: str = "raw"

    def fetch(self, folder: Path) -> None:
        (folder / "in.txt").write_bytes(self.content)


def upper(fetched: Path, folder: Path) -> None:
    content = (fetched / "in.txt").read_bytes()
    (folder / "out.txt").write_bytes(bytes(content.upper()))
    content.decode("ascii").index("a")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def origin(content: bytes, expected: bytes) -> Converted:
    files = {"in.txt": sha256(expected)}
    return Converted(layout="upper", source=OneFile(content), source_files=files, convert=upper)


def test_the_cache_holds_what_became_of_the_files(tmp_path: Path) -> None:
    asset = Asset(
        name="words",
        licence="MIT",
        homepage="https://w",
        layouts={"upper": {"out.txt": sha256(b"ABC")}},
        origins=(origin(b"abc", b"abc"),),
    )
    found = obtain(asset, tmp_path)
    assert {p.name: p.read_bytes() for p in found.path.iterdir()} == {"out.txt": b"ABC"}


def test_files_of_other_content_are_not_converted(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"wrong content of in\.txt"):
        origin(b"abd", b"abc").fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_converted_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="cannot be converted: ValueError: substring not found"):
        origin(b"xyz", b"xyz").fetch(tmp_path)
