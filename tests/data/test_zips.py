import io
import stat
import zipfile

import pytest

from penchant.data.zips import DIRECTORY_BYTES, members, only_table, opened
from penchant.records.errors import DataError


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, content in files:
            packed.writestr(name, content)
    stream.seek(0)
    return stream


def read(stream: io.BytesIO) -> bytes:
    info = only_table(members(stream, "a.zip"), [".csv"], "a.zip")
    with opened(stream, info, "a.zip") as member:
        return member.read()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_the_one_table_is_read_wherever_it_lies(method: int) -> None:
    stream = archive(
        ("data/", b""), ("data/a.CSV", b"u,i\n"), ("README.md", b"x"), ("__MACOSX/._a.csv", b"x"), method=method
    )
    assert read(stream) == b"u,i\n"


def test_none_or_several_tables_are_refused_with_what_there_is() -> None:
    with pytest.raises(DataError, match=r"one table, but a\.zip holds 0 \(in it: 'readme'\)"):
        read(archive(("readme", b"")))
    with pytest.raises(DataError, match=r"holds 2 \(in it: 'a\.csv', 'b\.csv'\)\. Unpack it"):
        read(archive(("a.csv", b""), ("b.csv", b"")))


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="leads out of the archive"):
        read(archive((name, b"u,i\n")))


def test_links_are_refused() -> None:
    stream = io.BytesIO()
    link = zipfile.ZipInfo("a.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        read(stream)


def test_locked_and_strangely_packed_members_are_refused() -> None:
    with pytest.raises(DataError, match="packed by method 14"):
        read(archive(("a.csv", b"u,i\n"), method=zipfile.ZIP_LZMA))
    content = bytearray(archive(("a.csv", b"u,i\n")).getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption
    with pytest.raises(DataError, match="locked by a password"):
        read(io.BytesIO(bytes(content)))


def test_damaged_archives_are_refused() -> None:
    whole = archive(("a.csv", bytes(range(256)) * 40)).getvalue()
    with pytest.raises(DataError, match="no zip archive, or damaged"):
        read(io.BytesIO(whole[:-40]))
    middle = whole[:60] + b"\xff\xff\xff" + whole[63:]
    with pytest.raises(DataError, match="damaged"):
        read(io.BytesIO(middle))


def test_a_member_without_a_name_is_damage() -> None:
    content = archive(("a.csv", b"u,i\n")).getvalue()
    at = content.index(b"PK\x01\x02")
    nameless = bytearray(content[: at + 46] + content[at + 51 :])
    nameless[at + 28] = 0  # the length of the name in the list of members
    end = nameless.rindex(b"PK\x05\x06") + 12
    nameless[end] -= 5
    with pytest.raises(DataError, match="no zip archive, or damaged"):
        read(io.BytesIO(bytes(nameless)))


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    with pytest.raises(DataError, match="made to fill a machine"):
        members(archive(("a.csv", bytes(64 << 20))), "a.zip")


def test_a_list_of_members_beyond_use_is_refused_before_it_is_read() -> None:
    content = bytearray(archive(("a.csv", b"u,i\n")).getvalue())
    at = content.rindex(b"PK\x05\x06") + 12
    content[at : at + 4] = (DIRECTORY_BYTES + 1).to_bytes(4, "little")
    with pytest.raises(DataError, match=r"far too many files for one table \(4,194,305 bytes"):
        members(io.BytesIO(bytes(content)), "a.zip")
