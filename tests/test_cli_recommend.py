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


def test_rules_requests_and_values_arrive(run: Path) -> None:
    """Tags go around: space, garden, kitchen, jazz."""
    last = [item for item in ids(recommend(run, "--k", "40")) if int(item[1:]) % 4 == 2][-1]
    told = ["--cap", "tags=3", "--pin", f"2={last}", "--block", "tags=jazz", "--block", "item_id=i0"]
    found = ids(recommend(run, "--steer", "more space, no garden", "--strength", "2", *told))
    assert found[1] == last
    assert {int(item[1:]) % 4 for item in found} == {0, 2}
    assert len(found) == 6
    assert ids(recommend(run, "--value", "next^0 * like^2")) != ids(recommend(run))


def test_a_name_that_nobody_has_is_told(run: Path) -> None:
    found = CliRunner().invoke(app, ["recommend", str(run), "--user", "u1", "--user", "nobody"], catch_exceptions=False)
    assert found.stderr.strip() == "'nobody' is nobody that the model knows: answered as a stranger."


def test_notes_go_to_standard_error(run: Path) -> None:
    asked = ["recommend", str(run), "--user", "u1", "--cap", "tags=1", "--steer", "more space"]
    found = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert "more 'space': tags space" in found.stderr
    assert "4 of 10 places are filled" in found.stderr
    assert len(found.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        *(["--cap", "tags"], ["--cap", "tags=many"], ["--cap", "tags=1", "--cap", "tags=2"], ["--cap", "=1"]),
        *(["--pin", "top=i1"], ["--pin", "1="], ["--pin", "1=i1", "--pin", "1=i2"], ["--block", "tags"]),
    ],
)
def test_rules_have_a_form(run: Path, wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["recommend", str(run), *wrong]).exit_code == 2


def test_a_mistake_is_named(run: Path) -> None:
    with pytest.raises(PenchantError, match="Did you mean 'mmr'"):
        recommend(run, "--rerank", "mrr")


def test_lists_are_drawn_by_a_seed(run: Path) -> None:
    drawn = [recommend(run, "--explore", "epsilon:share=1,place=10", "--seed", str(seed)) for seed in (1, 1, 2, 3)]
    assert drawn[0] == drawn[1]
    assert len({rows[9]["item_id"] for rows in drawn}) > 1
    assert {rows[0]["propensity"] for rows in drawn} == {1.0}
