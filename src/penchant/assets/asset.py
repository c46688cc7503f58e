"""What an asset is: a name, a licence, the files that make it up with their SHA-256, and where they can be had."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

Files = Mapping[str, str]
"""File name -> SHA-256 of its content, in hex."""


class Origin(Protocol):
    """A place that an asset can be fetched from. Its text form names the place for people to read."""

    @property
    def layout(self) -> str: ...

    def fetch(self, folder: Path) -> None:
        """Writes the files of the layout into `folder`. Raises AssetError, with the reason, where it cannot."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A model or a data set.

    The same content may be had in several layouts (one publisher's zip, another's tab-separated files), so `layouts`
    holds the files of each. `origins` are tried in their order, and each says which layout it brings.
    """

    name: str
    licence: str
    homepage: str
    layouts: Mapping[str, Files]
    origins: tuple[Origin, ...]

    def __post_init__(self) -> None:
        for files in self.layouts.values():
            for file_name, digest in files.items():
                path = PurePosixPath(file_name)
                if path.is_absolute() or ".." in path.parts or "\\" in file_name:
                    raise ValueError(f"A file of an asset stays inside its folder, but {file_name!r} does not.")
                if not re.fullmatch("[0-9a-f]{64}", digest):
                    raise ValueError(f"{file_name!r} needs a SHA-256 of 64 lower-case hex digits, not {digest!r}.")
        for origin in self.origins:
            if origin.layout not in self.layouts:
                raise ValueError(f"{origin} brings the layout {origin.layout!r}, which {self.name!r} does not list.")


@dataclass(frozen=True)
class Resolved:
    """Where an asset lies. `layout` tells how its files are to be read; None: a path whose layout is not known."""

    path: Path
    layout: str | None
