"""Another origin's files, rewritten once into a format that is read without running anybody's code."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from penchant.assets.asset import Files, Origin
from penchant.assets.digest import check_files
from penchant.records.errors import AssetError


@dataclass(frozen=True, kw_only=True)
class Converted:
    """`source` brings files with these SHA-256; `convert(fetched, folder)` makes the files of the layout of them.

    A conversion is exact: the same files in give the same bytes out, for the result has a SHA-256 in the catalogue
    as well. A file that the conversion cannot make sense of is an AssetError.
    """

    layout: str
    source: Origin
    source_files: Files
    convert: Callable[[Path, Path], None]

    def __str__(self) -> str:
        return f"{self.source}, converted"

    def fetch(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            self.source.fetch(Path(temporary))
            check_files(Path(temporary), self.source_files)
            try:
                self.convert(Path(temporary), folder)
            except (ValueError, KeyError, IndexError) as error:
                raise AssetError(f"what it brought cannot be converted: {type(error).__name__}: {error}") from error
