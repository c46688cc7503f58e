"""SQLite for real: files on this disk."""

from pathlib import Path

import pytest

from contracts.event_log_contract import EventLogContract


class TestSqliteLog(EventLogContract):
    @pytest.fixture
    def where(self, tmp_path: Path) -> Path:
        return tmp_path / "events"
