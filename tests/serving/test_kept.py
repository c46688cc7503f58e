"""Small files that survive a power cut, or show what became of them."""

import os
from pathlib import Path

import pytest

from penchant.records.errors import ArtifactError
from penchant.serving import kept as module
from penchant.serving.kept import keep, kept


def test_it_is_the_old_or_the_new_one_and_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not synced is lost in a power cut: the content before its name, and the name after it."""
    path, done = tmp_path / "it.json", list[str]()
    keep(path, {"order": [1]})
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(module.os, "fsync", lambda handle: (done.append("sync"), sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda old, new: (done.append("name"), replace(old, new))[1])
    keep(path, {"order": [1, 2]})
    assert done == ["sync", "name", "sync"]
    assert kept(path) == {"order": [1, 2]}

    def torn(old: Path, new: Path) -> Path:
        raise OSError("the power went")

    monkeypatch.setattr(Path, "replace", torn)
    with pytest.raises(OSError, match="power"):
        keep(path, {"order": [3]})
    assert kept(path) == {"order": [1, 2]}


def test_every_flipped_bit_and_every_cut_shows(tmp_path: Path) -> None:
    path, value = tmp_path / "it.json", {"number": 1, "hidden": ["i1", "电影"]}
    keep(path, value)
    whole = path.read_bytes()
    for place in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        try:
            assert kept(path) == value  # a flip between the words changes nothing
        except ArtifactError:
            continue
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError):
            kept(path)


def test_the_mode_is_that_of_the_file_that_is_written_and_not_of_what_comes_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    replace = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (modes.append(self.stat().st_mode & 0o777), replace(self, to))[1]
    )
    keep(tmp_path / "key.json", {}, mode=0o600)
    assert modes == [0o600]
