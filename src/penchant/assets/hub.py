"""The model hub as an origin."""

import os
from dataclasses import dataclass
from pathlib import Path

from penchant.assets.deadline import within
from penchant.records.errors import AssetError

ANSWER_SECONDS = 4.0


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Files of a repository on the Hugging Face hub, or the mirror that HF_ENDPOINT names, at a fixed revision."""

    layout: str
    repo: str
    revision: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"hub {self.repo}"

    def fetch(self, folder: Path) -> None:
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
            raise AssetError("HF_HUB_OFFLINE is set")
        try:
            within(ANSWER_SECONDS, _ask)
            for name in self.names:
                self._download(name, folder)
        except Exception as error:  # the client's error classes come from its HTTP library and change with it
            raise AssetError(f"{type(error).__name__}: {error}") from error

    def _download(self, name: str, folder: Path) -> None:
        from huggingface_hub import hf_hub_download

        hf_hub_download(self.repo, name, revision=self.revision, local_dir=folder)


def _ask() -> None:
    """One request without retries: the client itself spends some 23 seconds on retries before it gives up."""
    from huggingface_hub import constants, get_session

    get_session().head(constants.ENDPOINT, timeout=ANSWER_SECONDS)
