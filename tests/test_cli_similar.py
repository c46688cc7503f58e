"""Neighbours on the command line, from a really fitted model."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import penchant as pn
from penchant.cli import app
from penchant.records.data import Data


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("similar")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256).save(folder / "run")
    return folder / "run"


def similar(run: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["similar", str(run), *arguments])


def test_items_and_words_are_asked_about(run: Path) -> None:
    of_item = json.loads(similar(run, "--item", "i3", "--item", "i0", "--k", "4", "--json").stdout)
    assert [row["asked"] for row in of_item] == ["i3"] * 4 + ["i0"] * 4
    assert all(int(row["item_id"][1:]) % 4 == 3 for row in of_item[:4])
    of_text = json.loads(similar(run, "--text", "garden", "--k", "2", "--json").stdout)
    assert all(int(row["item_id"][1:]) % 4 == 1 for row in of_text)


def test_what_is_printed_can_be_read(run: Path) -> None:
    lines = similar(run, "--text", "jazz", "--k", "3").stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("jazz    1  0.")
    assert "jazz number" in lines[0]


def test_one_of_both_is_asked_about(run: Path) -> None:
    for arguments in ([], ["--item", "i3", "--text", "jazz"]):
        found = similar(run, *arguments)
        assert found.exit_code == 2
        assert "--item or --text" in found.output


def test_a_mistake_is_named(run: Path) -> None:
    found = similar(run, "--item", "i3", "--domain", "books")
    assert found.exit_code == 1
    assert "'books' is asked for, but no item" in str(found.exception)
