"""Packed streams (gz, bz2, xz, zst) -> plain bytes, stopped before they fill the machine. Not what the bytes mean."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO, cast

from penchant.records.errors import DataError

FREE_BYTES = 16 << 20
"""So much may come out of any file: it hurts nobody, and tiny tables of equal rows pack extremely well."""
MAX_RATIO = 100
"""Beyond that, bytes out per byte in. Real tables pack 3 to 30 times; bombs 1,000 times."""
XZ_MEMORY = 128 << 20
"""Of one xz stream. `xz -9` needs 65 MiB; a header may ask for 4 GiB."""
PACKINGS = (".gz", ".bz2", ".xz", ".zst")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class Bounded(io.RawIOBase):
    """A stream that raises DataError once it gave more than `MAX_RATIO` times what it took in, or broke off."""

    def __init__(self, source: Any, taken: Callable[[], int], name: str) -> None:
        self.source, self.taken, self.name, self.given = source, taken, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self.source.read(len(buffer))
        except DAMAGE as error:
            raise DataError(f"{self.name} is damaged or cut off: {error}. Pack or download it again.") from error
        buffer[: len(piece)] = piece
        self.given += len(piece)
        check_ratio(self.given, self.taken(), self.name)
        return len(piece)


class Xz(io.RawIOBase):
    """Python's own LZMAFile, but with a limit of memory."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.decoder = source, lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = b""
        while not piece:
            if self.decoder.eof:
                rest = self.decoder.unused_data or self.source.read(1 << 16)
                if not rest.strip(b"\0"):
                    return b""
                self.decoder = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
            else:
                rest = self.source.read(1 << 16) if self.decoder.needs_input else b""
                if self.decoder.needs_input and not rest:
                    raise EOFError("the file ends before the stream does")
            piece = self.decoder.decompress(rest, size)
        return piece


def check_ratio(given: int, taken: int, name: str) -> None:
    """Raises DataError where so many bytes out of so many bytes in are a bomb."""
    if given > FREE_BYTES and given > MAX_RATIO * taken:
        raise DataError(
            f"{name} unpacks to more than {MAX_RATIO} times its size ({given:,} bytes and more from {taken:,}), as only "
            "archives do that are made to fill a machine. If it is a real table, unpack it yourself and name that file."
        )


def unpacked(raw: BinaryIO, packing: str, name: str) -> BinaryIO:
    """A stream of what a stream packed as ".gz", ".bz2", ".xz" or ".zst" holds.

    Reading raises DataError where it is damaged, cut off or a bomb.
    """
    return cast(BinaryIO, io.BufferedReader(Bounded(_opened(raw, packing), raw.tell, name), 1 << 18))


def _opened(raw: BinaryIO, packing: str) -> Any:
    if packing == ".gz":
        return gzip.GzipFile(fileobj=raw)
    if packing == ".bz2":
        return bz2.BZ2File(raw)
    if packing == ".xz":
        return Xz(raw)
    return import_module("pyarrow").CompressedInputStream(raw, "zstd")
