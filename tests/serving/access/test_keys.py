"""Keys: told once, kept as hashes, good for a scope and a time."""

import hashlib
import json
import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest

from penchant.records.errors import ArtifactError, ConfigError
from penchant.serving.access.keys import Keys, Scope


def test_scopes_include_those_before() -> None:
    assert Scope.READ < Scope.WRITE < Scope.ADMIN
    with pytest.raises(ConfigError, match=r"found 'reed'\. Did you mean 'read'"):
        Scope.of("reed")


def test_a_key_is_found_by_itself_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    key, record = keys.create(Scope.WRITE, tenant="shop-1")
    assert re.fullmatch(r"pn_shop-1_[0-9a-f]{64}", key)
    assert keys.find(key) == record
    assert (record.tenant, record.scope) == ("shop-1", Scope.WRITE)
    last = "0" if key[-1] != "0" else "1"
    for wrong in ("", key[:-1], key[:-1] + last, key.upper(), key.replace("shop-1", "shop-2"), key + "\n", "pn_\ud800"):
        assert keys.find(wrong) is None
    assert keys.create()[0] != keys.create()[0]


def test_only_the_hash_is_kept_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    key, record = Keys(tmp_path).create()
    (file,) = (tmp_path / "access").iterdir()
    secret = key.rpartition("_")[2]
    assert secret not in file.read_text()
    assert json.loads(file.read_text())["keys"][0]["digest"] == hashlib.sha256(key.encode()).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert record.digest not in repr(record)


def test_a_key_ends_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    key, record = keys.create(seconds=60)
    assert record.expires_at == record.created_at + 60
    assert keys.find(key)
    monkeypatch.setattr(time, "time", lambda: record.created_at + 60)
    assert keys.find(key) is None
    with pytest.raises(ConfigError, match="at least a second, found 0"):
        keys.create(seconds=0)


def test_a_key_revoked_by_another_process_is_refused_here_and_its_twin_is_not(tmp_path: Path) -> None:
    here, there = Keys(tmp_path), Keys(tmp_path)
    (old, record), (new, _) = here.create(Scope.ADMIN), there.create(Scope.ADMIN)
    assert here.find(old)
    assert here.find(new)
    revoked = there.revoke(record.key_id)
    assert revoked.revoked_at is not None
    assert here.find(old) is None
    assert here.find(new)
    assert len(here.all()) == 2
    assert there.revoke(record.key_id) == revoked


def test_what_cannot_be_revoked_or_named(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    with pytest.raises(ConfigError, match="No key has the id 'abc'"):
        keys.revoke("abc")
    for tenant in ("", "a_b", "../x", "A", "-a", "a" * 33):
        with pytest.raises(ConfigError, match="A tenant is named by"):
            keys.create(tenant=tenant)
    assert keys.all() == []


@pytest.mark.parametrize("damage", ["", "{}", '{"keys": [{"scope": "root"}]}', '{"keys": [{"key_id": "x"}]}'])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, damage: str) -> None:
    keys = Keys(tmp_path)
    key, _ = keys.create()
    (tmp_path / "access" / "keys.json").write_text(damage)
    with pytest.raises(ArtifactError, match=r"keys\.json"):
        keys.find(key)


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    threads = [threading.Thread(target=lambda: Keys(tmp_path).create()) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(Keys(tmp_path).all()) == 16


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    key, _ = keys.create()

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        keys.create()
    assert len(Keys(tmp_path).all()) == 1
    assert keys.find(key)
