"""A run and a tiny model of its own: what is learned, from what, and what is refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.data.read import read
from penchant.records.errors import ConfigError, DataError
from penchant.stages.adapt import adapt_run
from penchant.stages.encoders import make_encoder
from penchant.stages.prepare import write_data
from text.tiny_models import tiny_bert

pytest.importorskip("peft", reason="LoRA is trained by peft, which is in [nlp]")
THINGS = ["soup", "spoon", "guitar", "song", "tent", "boot"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("model") / "tiny", [*THINGS, "nice"], layers=1, positions=160)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Everybody meets two things that belong together, one after the other, and says so."""
    rows = [
        {
            "user_id": f"u{user}",
            "item_id": thing,
            "timestamp": 1000 * user + place,
            "text": f"nice {thing}",
            "kind": "review",
        }
        for user in range(40)
        for place, thing in enumerate(THINGS[2 * (user % 3) : 2 * (user % 3) + 2])
    ]
    data = read(rows, items=[{"item_id": thing, "title": thing.capitalize()} for thing in THINGS])
    write_data(tmp_path / "run", data)
    return tmp_path / "run"


@pytest.mark.parametrize("pairs", ["next", "together", "review"])
def test_each_kind_of_pairs_makes_another_model_that_opens_as_an_encoder(
    pairs: str, run: Path, tiny: Path, tmp_path: Path
) -> None:
    found = adapt_run(run, tmp_path / "models", encoder=str(tiny), pairs=[pairs], epochs=2)
    assert found["num_events"] == 64, "the oldest 80% of 80"
    encoder = make_encoder(found["encoder"])
    assert encoder.encode(["soup"]).shape == (1, 16)
    assert encoder.model_id != make_encoder(str(tiny)).model_id


def test_settings_change_what_is_learned(run: Path, tiny: Path, tmp_path: Path) -> None:
    made = [
        adapt_run(run, tmp_path / "models", encoder=str(tiny), **settings)["encoder"]
        for settings in ({}, {"rank": 0}, {"share": 1.0}, {"most": 10}, {"epochs": 2}, {"seed": 1})  # type: ignore[arg-type]
    ]
    assert len(set(made)) == len(made)


def test_nothing_later_is_learned_from(run: Path, tiny: Path, tmp_path: Path) -> None:
    assert adapt_run(run, tmp_path / "models", encoder=str(tiny), share=0.5)["num_events"] == 40


def test_mistakes_are_told(run: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no pairs 'nxt'"):
        adapt_run(run, tmp_path, encoder=str(tiny), pairs=["nxt"])
    with pytest.raises(ConfigError, match="above 0 to 1, found 0"):
        adapt_run(run, tmp_path, encoder=str(tiny), share=0)
    with pytest.raises(DataError, match="two pairs of texts or more"):
        adapt_run(run, tmp_path, encoder=str(tiny), share=0.01)


def test_the_command_prints_the_new_word(run: Path, tiny: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["adapt", str(run), str(tmp_path / "models"), "--encoder", str(tiny), "--pairs", "review", "--json"]
    )
    assert result.exit_code == 0, result.output
    assert Path(json.loads(result.stdout)["encoder"]).is_dir()
