import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli import app


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("cache")
class TestDoctor:
    def test_an_empty_machine_is_well(self) -> None:
        result = CliRunner().invoke(app, ["doctor", "--json"])
        assert result.exit_code == 0
        areas = {finding["area"] for finding in json.loads(result.stdout)}
        assert areas == {"environment", "assets"}

    def test_a_table_is_looked_at_before_anything_is_made_of_it(self, tmp_path: Path) -> None:
        events = tmp_path / "events.csv"
        events.write_text("user,item,stars\n" + "".join(f"u{row % 7},i{row % 11},{row % 5 + 1}\n" for row in range(50)))
        result = CliRunner().invoke(app, ["doctor", "--events", str(events)])
        assert result.exit_code == 0
        assert "note times: only an order" in result.stdout
        assert "of 7 people on 11 items" in result.stdout

    def test_a_table_that_cannot_be_read_is_bad(self, tmp_path: Path) -> None:
        events = tmp_path / "events.csv"
        events.write_text("a,b\n1,2\n")
        result = CliRunner().invoke(app, ["doctor", "--events", str(events)])
        assert result.exit_code == 1
        assert "BAD" in result.stdout
        assert "user_id" in result.stdout

    def test_items_alone_are_a_mistake_of_usage(self) -> None:
        assert CliRunner().invoke(app, ["doctor", "--items", "x.csv"]).exit_code == 2
