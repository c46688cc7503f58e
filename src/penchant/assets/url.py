"""A zip archive behind a URL as an origin."""

import tempfile
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, cast

from penchant.assets.archive import extract
from penchant.assets.deadline import within
from penchant.assets.digest import check_digest
from penchant.records.errors import AssetError

ANSWER_SECONDS = 10.0
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Url:
    """An archive of `num_bytes` bytes with the given SHA-256, and which of its members become which files."""

    layout: str
    url: str
    num_bytes: int
    sha256: str
    members: Mapping[str, str]

    def __str__(self) -> str:
        return self.url

    def fetch(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            archive = Path(temporary) / "archive.zip"
            self._download(archive)
            check_digest(archive, self.sha256)
            extract(archive, self.members, folder)

    def _download(self, target: Path) -> None:
        try:
            with within(ANSWER_SECONDS, self._open) as answer, target.open("wb") as sink:
                self._copy(answer, sink)
        except (OSError, HTTPException) as error:
            raise AssetError(f"{type(error).__name__}: {error}") from error

    def _open(self) -> IO[bytes]:
        return cast(IO[bytes], urllib.request.urlopen(self.url, timeout=ANSWER_SECONDS))  # noqa: S310 - from the catalogue

    def _copy(self, answer: IO[bytes], sink: IO[bytes]) -> None:
        received = 0
        while block := answer.read(BLOCK_BYTES):
            received += len(block)
            if received > self.num_bytes:
                raise AssetError(f"the answer is longer than the expected {self.num_bytes:,} bytes")
            sink.write(block)
        if received < self.num_bytes:
            raise AssetError(f"the answer ended after {received:,} of {self.num_bytes:,} bytes")
