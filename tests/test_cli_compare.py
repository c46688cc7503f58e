"""`penchant compare` from a terminal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from penchant.records.data import Data
from penchant.stages.prepare import write_data


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("runs") / "shop"
    write_data(folder, shop)
    return str(folder)


def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "penchant", "compare", *arguments, "--encoder", "hashing"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_rows_by_commas_and_a_folder_of_choice(run: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = compare(
        run, "--rows", "popularity, Transitions", "--protocol", "leave-last-out", "--out", str(out), "--json"
    )
    assert told.returncode == 0, told.stderr
    assert {row["row"] for row in json.loads(told.stdout)["rows"]} == {"popularity", "transitions"}
    assert f"Report: {out / 'compare.html'}" in told.stderr.replace("\n", "")


def test_the_split_alone(run: str, tmp_path: Path) -> None:
    told = compare(run, "--export", str(tmp_path / "split"))
    assert told.returncode == 0, told.stderr
    assert told.stdout == ""
    assert (tmp_path / "split" / "cases.parquet").exists()
    refused = compare(run, "--export", str(tmp_path / "split"), "--rows", "EASE")
    assert refused.returncode == 2
    assert "--export only writes the split" in refused.stderr


def test_an_unknown_row_is_one_line(run: str) -> None:
    told = compare(run, "--rows", "popular")
    assert told.returncode == 1
    assert told.stderr.startswith("error: Unknown row 'popular'. Did you mean 'popularity'?")
