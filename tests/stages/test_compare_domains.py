import json
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.stages.compare_domains import comparison_lines
from penchant.stages.domain_twins import WAYS
from penchant.stages.prepare import write_data
from stages.books_and_films import books_and_films


def test_the_verb_prints_and_writes_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    write_data(tmp_path, books_and_films())
    arguments = ["domains", str(tmp_path), "--size", "tiny", "--seeds", "2", "--epochs", "1", "--encoder", "hashing"]
    arguments += ["--task", "next_item", "--set", "embedding_size=16"]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    found = json.loads((tmp_path / "report" / "domains.json").read_text(encoding="utf-8"))
    assert found["protocol"] == "global-time"
    assert found["seeds"] == [0, 1]
    assert all(len(record["by_seed"]) == 2 for record in found["differences"])
    assert {(row["domain"], row["way"]) for row in found["rows"]} == set(product(("book", "film"), WAYS))
    assert [line for line in told.stdout.splitlines() if line.startswith(("book", "film"))] == comparison_lines(found)
