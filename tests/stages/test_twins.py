import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.records.data import Data
from penchant.stages.prepare import write_data
from penchant.stages.twins import twin_lines


@pytest.fixture
def run(shop: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    write_data(tmp_path / "run", shop)
    return tmp_path / "run"


def test_the_verb_prints_and_writes_what_it_found(run: Path) -> None:
    arguments = ["twins", str(run), "--size", "tiny", "--seeds", "3,1", "--epochs", "1", "--encoder", "hashing"]
    arguments += ["--task", "next_item", "--task", "like", "--set", "embedding_size=16"]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    found = json.loads((run / "report" / "twins.json").read_text(encoding="utf-8"))
    assert found["protocol"]["seeds"] == [3, 1]
    assert found["run"]["config"]["network"]["embedding_size"] == 16
    lines = twin_lines(found)
    assert [line for line in told.stdout.splitlines() if line in lines] == lines
    assert lines[-1].startswith("like: ")
    assert "<img" in (run / "report" / "twins.html").read_text(encoding="utf-8")


def test_seeds_are_whole_numbers(run: Path) -> None:
    told = CliRunner().invoke(app, ["twins", str(run), "--seeds", "0,one"])
    assert told.exit_code == 2
    assert "such as 0,1,2" in told.output
