import zipfile
from pathlib import Path

import pytest

from penchant.assets import archive
from penchant.assets.archive import extract
from penchant.records.errors import AssetError


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def test_only_the_named_members_are_taken(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {"deep/wanted.txt": b"yes", "deep/other.txt": b"no"})
    extract(source, {"deep/wanted.txt": "wanted.txt"}, tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == {"wanted.txt": b"yes"}


def test_names_inside_the_archive_never_become_a_path(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {"../../evil.txt": b"slipped", "good.txt": b"good"})
    folder = tmp_path / "deep" / "out"
    extract(source, {"../../evil.txt": "kept.txt", "good.txt": "good.txt"}, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["good.txt", "kept.txt"]
    assert not (tmp_path / "evil.txt").exists()


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {"b.txt": b""})
    with pytest.raises(AssetError, match=r"no member 'a.txt'"):
        extract(source, {"a.txt": "a.txt"}, tmp_path)


def test_a_truncated_archive_is_damaged(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {"a.txt": b"x" * 5000})
    source.write_bytes(source.read_bytes()[:-30])
    with pytest.raises(AssetError, match=r"a\.zip is damaged"):
        extract(source, {"a.txt": "a.txt"}, tmp_path)


@pytest.mark.parametrize("position", [40, 45, 60])
def test_a_flipped_byte_is_damage(tmp_path: Path, position: int) -> None:
    source = zipped(tmp_path / "a.zip", {"a.txt": bytes(range(256)) * 20})
    content = bytearray(source.read_bytes())
    content[position] ^= 0xFF
    source.write_bytes(content)
    with pytest.raises(AssetError, match=r"a\.zip is damaged"):
        extract(source, {"a.txt": "a.txt"}, tmp_path)


def test_a_member_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 99)
    source = zipped(tmp_path / "a.zip", {"bomb": b"0" * 100})
    with pytest.raises(AssetError, match="unpack to 100 bytes, at most 99"):
        extract(source, {"bomb": "bomb"}, tmp_path)
    assert not (tmp_path / "bomb").exists()
