"""What is told before a run is what the run then does."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.data.read import read
from penchant.records.artifacts import write_json
from penchant.records.data import Data
from penchant.stages.encode import encode
from penchant.stages.estimate import estimate_data, estimate_lines, estimate_run
from penchant.stages.prepare import write_data


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def talk() -> Data:
    """Three items, one of them told in two texts, and three reviews, two of them equal but for a phone number."""
    events = [
        {"user_id": "ann", "item_id": "1", "kind": "review", "text": "A fine lamp, call 13812345678"},
        {"user_id": "bob", "item_id": "1", "kind": "review", "text": "A fine lamp, call 13912345679"},
        {"user_id": "bob", "item_id": "2", "kind": "review", "text": "Too bright"},
    ]
    items = [
        {"item_id": "1", "title": "Lamp", "description": "It shines."},
        {"item_id": "2", "title": "Torch"},
        {"item_id": "3", "title": "Candle"},
    ]
    return read(events, items=items)


@pytest.mark.parametrize(
    ("options", "num_texts"),
    [({}, 3 + 2), ({"scrub": False}, 3 + 3), ({"join": "mean"}, 4 + 2), ({"join": "attention"}, 4 + 2)],
)
def test_the_new_texts_are_those_that_encoding_encodes(talk: Data, options: dict[str, object], num_texts: int) -> None:
    told = estimate_data(talk, encoder="hashing", **options)  # type: ignore[arg-type]
    assert (told["num_texts"], told["num_new"]) == (num_texts, num_texts)
    assert told["num_tokens"] > 0
    encode(talk, "hashing", **options)  # type: ignore[arg-type]
    again = estimate_data(talk, encoder="hashing", **options)  # type: ignore[arg-type]
    assert (again["num_texts"], again["num_new"], again["minutes"]) == (num_texts, 0, 0)


def test_what_is_encoded_elsewhere_is_not_new(talk: Data) -> None:
    from penchant.stages.reader import read_texts
    from penchant.text.encoders.hashing import HashingEncoder

    read_texts(["Torch."], HashingEncoder())
    assert estimate_data(talk, encoder="hashing")["num_new"] == 4


def test_an_encoder_that_has_to_be_fitted_has_no_vectors_yet(talk: Data) -> None:
    items = talk.items.with_columns(title=pl.lit("fine bright lamp"))
    for _ in range(2):
        told = estimate_data(read(talk.events.drop("domain"), items=items), encoder="tfidf")
        assert told["num_new"] == told["num_texts"] > 0


def test_the_last_evaluation_tells_how_long_training_takes(shop: Data, tmp_path: Path) -> None:
    write_data(tmp_path / "shop", shop)
    told = estimate_run(tmp_path / "shop", encoder="hashing")
    assert told["last_evaluation"] is None
    assert "not guessed" in estimate_lines(told)[-1]
    (tmp_path / "shop" / "report").mkdir()
    write_json(tmp_path / "shop" / "report" / "metrics.json", {"run": {"size": "tiny"}, "training": {"seconds": 150}})
    told = estimate_run(tmp_path / "shop", encoder="hashing")
    assert told["last_evaluation"] == {"size": "tiny", "minutes": 2.5}
    assert estimate_lines(told)[-1].endswith("took 2.5 minutes (size tiny)")


def test_of_a_run_or_of_tables(shop: Data, tmp_path: Path) -> None:
    write_data(tmp_path / "shop", shop)
    shop.items.select("item_id", "title").write_csv(tmp_path / "items.csv")
    shop.events.select("user_id", pl.col("item_id").alias("thing")).write_csv(tmp_path / "events.csv")
    tables = [
        "--events",
        str(tmp_path / "events.csv"),
        "--items",
        str(tmp_path / "items.csv"),
        "--column",
        "item_id=thing",
    ]
    for arguments in ([str(tmp_path / "shop")], tables):
        found = CliRunner().invoke(app, ["estimate", *arguments, "--encoder", "hashing", "--json"])
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout)["num_new"] == 40
    assert CliRunner().invoke(app, ["estimate"]).exit_code == 2
    assert CliRunner().invoke(app, ["estimate", str(tmp_path / "shop"), *tables]).exit_code == 2
