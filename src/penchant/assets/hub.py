"""The model hub as an origin."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from penchant.assets.deadline import within
from penchant.records.errors import AssetError

ANSWER_SECONDS = 4.0
MODEL_FILES = ["*.json", "*.safetensors"]


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
        if _is_offline():
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


def snapshot(repo: str, revision: str = "main") -> Path:
    """The folder of a model of the hub that is not in the catalogue: safetensors, tokenizer and settings, no code.

    It lies in the cache of the hub's own client; what is there already is taken from there, without a request. Which
    weights "main" means may change, so that only a folder's content identifies them. Raises AssetError.
    """
    from huggingface_hub import snapshot_download

    fetch = partial(snapshot_download, repo, revision=revision, allow_patterns=MODEL_FILES)
    try:
        return Path(fetch(local_files_only=True))
    except Exception as absent:
        if _is_offline():
            raise AssetError(f"{repo} is not in the hub's cache, and HF_HUB_OFFLINE is set.") from absent
    try:
        within(ANSWER_SECONDS, _ask)
        return Path(fetch())
    except Exception as error:
        raise AssetError(
            f"{repo} cannot be had from the hub ({type(error).__name__}: {error}). "
            "Check the name and the network, or give the path of a folder with its files."
        ) from error


def _is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def _ask() -> None:
    """One request without retries: the client itself spends some 23 seconds on retries before it gives up."""
    from huggingface_hub import constants, get_session

    get_session().head(constants.ENDPOINT, timeout=ANSWER_SECONDS)
