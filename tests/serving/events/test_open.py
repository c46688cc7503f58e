from contextlib import closing
from pathlib import Path

import pytest

from contracts.event_log_contract import view
from penchant.records.errors import ArtifactError, ConfigError, MissingExtraError, StoreUnavailableError
from penchant.serving.events.open import open_log, open_snapshot


def test_a_folder_is_made_and_its_snapshot_stays_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no event log in"), open_snapshot(tmp_path / "a" / "b"):
        pass
    with closing(open_log(str(tmp_path / "a" / "b"))) as log:
        log.append("shop", [view("u", "i")], [None]).result()
        with open_snapshot(tmp_path / "a" / "b") as tables:
            assert tables.heads() == {"shop": 1}
            log.append("shop", [view("u", "i")], [None]).result()
            assert tables.heads() == {"shop": 1}


def test_urls_without_a_server_behind_them_keep_their_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[str, type[Exception]] = {
        f"postgresql://me:hunter2@/db?host={tmp_path}": StoreUnavailableError,
        "postgresql://me:hunter2@host:port/db": StoreUnavailableError,
        "redis://me:hunter2@host": ConfigError,
    }
    for url, kind in wrong.items():
        with pytest.raises(kind) as error:
            open_log(url)
        assert "hunter2" not in str(error.value)
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(sys.modules, "psycopg.conninfo", None)
    with pytest.raises(MissingExtraError, match=r"`psycopg.*penchant\[postgres\]"):
        open_log("postgresql://host/db")
