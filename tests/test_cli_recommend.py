"""Lists on the command line, from a really fitted model."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import penchant as pn
from penchant.cli import app
from penchant.records.data import Data
from penchant.records.errors import PenchantError


@pytest.fixture(scope="module")
def run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=3, num_positions=256).save(folder / "run")
    return folder / "run"


def recommend(run: Path, *arguments: str) -> list[dict[str, Any]]:
    found = CliRunner().invoke(
        app, ["recommend", str(run), "--user", "u1", "--json", *arguments], catch_exceptions=False
    )
    assert found.exit_code == 0, found.stderr
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["item_id"] for row in rows]


def test_re_rankers_arrive_in_their_order(run: Path) -> None:
    plain = ids(recommend(run))
    assert ids(recommend(run, "--rerank", "mmr:weight=0")) == plain
    both = ["--rerank", "mmr:weight=0.9", "--rerank", "damped:weight=2"]
    assert ids(recommend(run, *both)) not in (plain, ids(recommend(run, *both[2:], *both[:2])))


def test_a_mistake_is_named(run: Path) -> None:
    with pytest.raises(PenchantError, match="Did you mean 'mmr'"):
        recommend(run, "--rerank", "mrr")
