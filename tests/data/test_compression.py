import bz2
import gzip
import io
import lzma
import zlib

import pyarrow
import pytest

from penchant.data.compression import FREE_BYTES, MAX_RATIO, check_ratio, unpacked
from penchant.records.errors import DataError

PACKERS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda text: bytes(pyarrow.compress(text, "zstd")),
}
TEXT = b"user_id,item_id\n" + b"".join(b"u%d,i%d\n" % (n, n * 7919 % 1000) for n in range(5000))


def opened(content: bytes, packing: str) -> bytes:
    with unpacked(io.BytesIO(content), packing, f"a.csv{packing}") as stream:
        return stream.read()


@pytest.mark.parametrize("packing", PACKERS)
def test_what_was_packed_comes_out(packing: str) -> None:
    assert opened(PACKERS[packing](TEXT), packing) == TEXT


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz"])
def test_files_joined_as_they_are_packed_come_out_joined(packing: str) -> None:
    pack = PACKERS[packing]
    assert opened(pack(TEXT) + pack(b"more"), packing) == TEXT + b"more"


@pytest.mark.parametrize("packing", PACKERS)
def test_a_file_cut_off_or_of_another_kind_is_refused(packing: str) -> None:
    whole = PACKERS[packing](TEXT)
    for content in (whole[: len(whole) // 2], b"no such packing at all"):
        with pytest.raises(DataError, match=rf"a\.csv{packing} is damaged or cut off"):
            opened(content, packing)


@pytest.mark.parametrize("packing", PACKERS)
def test_a_bomb_is_refused_after_a_harmless_amount(packing: str) -> None:
    bomb = PACKERS[packing](bytes(64 << 20))
    given = []
    with (
        unpacked(io.BytesIO(bomb), packing, "bomb") as stream,
        pytest.raises(DataError, match="made to fill a machine"),
    ):
        given.extend(len(piece) for piece in iter(lambda: stream.read(1 << 20), b""))
    assert sum(given) <= max(FREE_BYTES, MAX_RATIO * len(bomb)) < 64 << 20


def test_an_xz_stream_that_asks_for_gigabytes_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(b"x", filters=filters, check=lzma.CHECK_NONE))
    properties = packed.index(bytes([0x21, 0x01])) + 2  # LZMA2, one byte of properties: the size of the dictionary
    packed[properties] = 39  # 3 GiB
    header = bytes(packed[12 : 12 + (packed[12] + 1) * 4 - 4])

    packed[12 + len(header) : 16 + len(header)] = zlib.crc32(header).to_bytes(4, "little")
    with pytest.raises(DataError, match=r"[Mm]emory"):
        opened(bytes(packed), ".xz")


def test_ratios_count_only_beyond_what_hurts_nobody() -> None:
    check_ratio(FREE_BYTES, 1, "a")
    check_ratio(MAX_RATIO * FREE_BYTES, FREE_BYTES, "a")
    with pytest.raises(DataError, match=rf"more than {MAX_RATIO} times its size"):
        check_ratio(MAX_RATIO * FREE_BYTES + 1, FREE_BYTES, "a")
