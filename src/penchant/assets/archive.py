"""Taking named members out of a zip archive."""

import shutil
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from penchant.records.errors import AssetError

MAX_MEMBER_BYTES = 4 << 30


def extract(archive: Path, members: Mapping[str, str], folder: Path) -> None:
    """Writes each member (key) to `folder` under the file name (value); what else the archive holds stays in it.

    Names inside the archive are only looked up, never used as a path. Raises AssetError for a damaged archive, a
    member that is not there, or one larger than 4 GiB.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            for member, file_name in members.items():
                _extract_one(opened, member, folder / file_name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise AssetError(f"{archive.name} is damaged or of an unknown kind: {error}") from error


def _extract_one(opened: zipfile.ZipFile, member: str, target: Path) -> None:
    try:
        info = opened.getinfo(member)
    except KeyError:
        raise AssetError(f"the archive has no member {member!r}") from None
    if info.file_size > MAX_MEMBER_BYTES:
        raise AssetError(f"{member!r} would unpack to {info.file_size:,} bytes, at most {MAX_MEMBER_BYTES:,} are taken")
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(info) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)
