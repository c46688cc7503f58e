"""Shops whose items look alike to a model that has learned nothing: one word among many says what comes next."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from typer.testing import CliRunner

import penchant as pn
from penchant.cli import app
from penchant.data.split import leave_last_out
from penchant.evaluation.cases import Cases
from penchant.ranking.network_source import NetworkSource
from penchant.records.data import Data
from penchant.records.errors import ArtifactError, ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fine_tuning import as_read_now
from penchant.stages.fitting import FittedNetwork, fit_network, make_tasks
from penchant.stages.protocols import make_cases
from penchant.stages.reader import TextReader
from penchant.training.callbacks import Callback, EpochEnd
from text.tiny_models import tiny_bert

pytest.importorskip("peft", reason="LoRA is trained by peft, which is in [nlp]")

NOISE, PLACES = [f"n{number}" for number in range(40)], ["sea", "hill", "wood", "town"]
NUM_ITEMS, NUM_USERS, NUM_STEPS = 48, 40, 8
QUICK: dict[str, Any] = {
    "embedding_size": 16,
    "expert_size": 8,
    "num_positions": 96,
    "learning_rate": 0.01,
    "epochs": 10,
    "dropout": 0.0,
    "id_dropout": 0.95,
}
FULL: dict[str, Any] = {"fine_tune": "full", "fine_tune_rate": 1e-3}
LORA: dict[str, Any] = {"fine_tune": "lora", "fine_tune_rate": 1e-2}


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("bert") / "blind", [*NOISE, *PLACES], positions=128)


@pytest.fixture(scope="module")
def shop() -> Data:
    """People go from the sea to the hill to the wood to the town, whatever else is said of what they meet."""
    rng = np.random.default_rng(0)
    titles = [" ".join(rng.permutation([*rng.choice(NOISE, 8), PLACES[item % 4]])) for item in range(NUM_ITEMS)]
    rows = [
        (f"u{user}", f"i{4 * rng.integers(NUM_ITEMS // 4) + (user + step) % 4}", step)
        for step in range(NUM_STEPS)
        for user in range(NUM_USERS)
    ]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row")
    return pn.read(events, items=[{"item_id": f"i{row}", "title": title} for row, title in enumerate(titles)])


@pytest.fixture(scope="module")
def rated(encoded: Encoded, blind: Path, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    """The same walks with ratings, and here and there a word on what is to come."""
    events = encoded.data.events.with_row_index("row").select(
        "user_id",
        "item_id",
        "timestamp",
        rating=1 + pl.col("row") % 5,
        text=pl.when(pl.col("row") % 7 == 0).then(pl.format("n{} sea", pl.col("row") % 40)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return encode(pn.read(events, items=encoded.data.items.select("item_id", "title")), str(blind))


@pytest.fixture(scope="module")
def encoded(shop: Data, blind: Path, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return encode(shop, str(blind))


def learn(encoded: Encoded, tasks: tuple[str, ...] = ("next_item",), **options: Any) -> FittedNetwork:
    config = resolve_config("tiny", 0, **{**QUICK, **options})
    return fit_network(encoded.events, encoded, make_tasks(tasks, encoded), config)


def last_loss(found: FittedNetwork) -> float:
    return found.trained.curves[-1].losses["next_item"]


def told_apart(vectors: np.ndarray) -> float:
    """How much nearer items of one place are than others, as cosines about their mean."""
    centred = vectors - vectors.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    cosines, places = centred @ centred.T, np.arange(len(vectors)) % 4
    same = places[:, None] == places
    return float(cosines[same & ~np.eye(len(vectors), dtype=bool)].mean() - cosines[~same].mean())


def test_it_learns_to_read_what_the_frozen_one_does_not_see(encoded: Encoded) -> None:
    frozen, full = learn(encoded), learn(encoded, **FULL)
    assert last_loss(full) < last_loss(frozen) - 0.02
    assert told_apart(full.encoded.item_vectors) > told_apart(encoded.item_vectors) + 0.05
    assert frozen.encoded is encoded


def test_a_rate_of_next_to_nothing_is_the_frozen_model(encoded: Encoded) -> None:
    frozen, still = learn(encoded), learn(encoded, fine_tune="full", fine_tune_rate=1e-9)
    assert last_loss(still) == pytest.approx(last_loss(frozen), abs=0.02)


@pytest.mark.parametrize("options", [FULL, LORA], ids=["full", "lora"])
@pytest.mark.parametrize(
    ("balancer", "exact"), [("sum", False), ("famo", False), ("upgrad", False), ("upgrad", True), ("nash-mtl", False)]
)
def test_it_learns_under_every_kind_of_balancer(
    rated: Encoded, options: dict[str, Any], balancer: str, exact: bool
) -> None:
    tasks = ("next_item", "rating", "like")
    found = learn(rated, tasks, **options, balancer=balancer, exact_gradients=exact, epochs=2)
    first, last = (end.losses for end in found.trained.curves)
    assert sum(last.values()) < sum(first.values())
    assert np.abs(found.encoded.item_vectors - rated.item_vectors).max() > 0.01


@pytest.mark.parametrize(
    "more", [{"fine_tune_items": 8}, {"fine_tune_rate": 1e-2}, {"ema": 0.9}, {"precision": "bfloat16"}], ids=str
)
def test_each_option_changes_what_is_learned(encoded: Encoded, more: dict[str, Any]) -> None:
    plain, other = (learn(encoded, **{**FULL, "epochs": 2, **some}) for some in ({}, more))
    assert np.abs(plain.encoded.item_vectors - other.encoded.item_vectors).max() > 1e-4


def test_the_rate_is_that_of_the_word_where_none_is_given(encoded: Encoded) -> None:
    options = {"fine_tune": "full", "epochs": 1}
    plain, named = (learn(encoded, **options, **some).encoded.item_vectors for some in ({}, {"fine_tune_rate": 2e-5}))
    assert (plain == named).all()


def test_what_people_say_is_read_by_what_the_model_became(rated: Encoded) -> None:
    found = learn(rated, **FULL, epochs=2)
    assert rated.text_vectors is not None
    assert found.encoded.text_vectors is not None
    encoder = found.encoded.reader.chosen.encoder
    said = [text for text in rated.data.events["text"].to_list() if text]
    assert np.allclose(found.encoded.text_vectors[0], encoder.encode([said[0]])[0], atol=1e-5)
    assert np.abs(found.encoded.text_vectors - rated.text_vectors).max() > 0.01


@pytest.mark.parametrize("options", [FULL, LORA], ids=["full", "lora"])
def test_validation_sees_the_readings_of_the_moment_and_the_best_come_back(
    rated: Encoded, options: dict[str, Any]
) -> None:
    """The second epoch scores best; what is kept is what validation saw then."""
    seen: list[np.ndarray] = []

    def scores(source: NetworkSource, _: Any) -> dict[str, float]:
        seen.append(source.network.items.content.numpy().copy())
        now, _ = as_read_now(source.network, rated, cases_of(rated))
        assert now.text_vectors is not None
        assert now.text_vectors is not rated.text_vectors
        return {"next_item": [0.0, 1.0, 0.5][len(seen) - 1]}

    config = resolve_config("tiny", 0, **{**QUICK, **options, "epochs": 3})
    found = fit_network(rated.events, rated, make_tasks(["next_item"], rated), config, validate=scores)
    content = found.source.network.items.content.numpy()
    assert found.trained.best_epoch == 2
    assert np.allclose(content, seen[1], atol=1e-3)
    assert np.abs(content - seen[2]).max() > 1e-2
    assert np.abs(seen[0] - seen[1]).max() > 1e-2


@pytest.mark.parametrize("options", [{**FULL, "ema": 0.9}, LORA], ids=["full", "lora"])
def test_a_killed_run_ends_with_the_same_bits(rated: Encoded, tmp_path: Path, options: dict[str, Any]) -> None:
    config = resolve_config("tiny", 0, **{**QUICK, **options, "epochs": 3, "fine_tune_items": 16})
    tasks = make_tasks(["next_item", "rating"], rated)

    class Killed(Callback):
        def on_epoch(self, end: EpochEnd) -> bool:
            if end.epoch == 1:
                raise KeyboardInterrupt
            return False

    whole = fit_network(rated.events, rated, tasks, config)
    with pytest.raises(KeyboardInterrupt):
        fit_network(rated.events, rated, tasks, config, callbacks=[Killed()], checkpoint=tmp_path / "here")
    found = fit_network(rated.events, rated, tasks, config, checkpoint=tmp_path / "here")
    assert (found.encoded.item_vectors == whole.encoded.item_vectors).all()
    weights, own = (one.source.network.state_dict() for one in (found, whole))
    assert weights.keys() == own.keys()
    assert all((weights[name] == own[name]).all() for name in own)


@pytest.mark.parametrize("options", [FULL, LORA], ids=["full", "lora"])
def test_a_saved_model_answers_as_before_with_the_tuned_encoder(
    shop: Data, blind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    model = pn.fit(shop, ["next_item"], "tiny", encoder=str(blind), **{**QUICK, **options, "epochs": 2})
    model.save(tmp_path / "run")
    copy = tmp_path / "elsewhere"
    pn.load(tmp_path / "run").save(copy)  # saved again from what was loaded
    loaded = pn.load(copy)
    assert (copy / "model" / "encoder" / "model.safetensors").is_file()
    assert "-tuned@" in loaded.reader.chosen.encoder.model_id
    assert loaded.reader.chosen.encoder.model_id == model.reader.chosen.encoder.model_id
    new = [{"item_id": "new", "title": "n1 sea n2"}]
    asked: list[dict[str, Any]] = [
        {"user_ids": ["u0", "u1"]},
        {"history": [{"text": "sea n3 n4", "kind": "search"}]},
        {"history": [{"item_id": "i1"}], "items": new, "k": 49},
    ]
    for question in asked:
        assert rows(loaded.recommend(**question)) == rows(model.recommend(**question))
    row = NUM_ITEMS // 2
    read = loaded.reader.read_items(shop.items.to_dicts()[row : row + 1])
    tower = loaded.recommender.network.network.items
    whitened = (read - tower.mean.numpy()) @ tower.projection.numpy()
    assert np.allclose(whitened, tower.content[row], atol=0.02)  # the store keeps half precision
    damaged = copy / "model" / "encoder" / "model.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactError, match=r"model\.safetensors"):
        pn.load(copy)


def test_the_command_line_trains_evaluates_and_recommends(
    shop: Data, blind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    shop.events.select("user_id", "item_id", "timestamp").write_csv(tmp_path / "events.csv")
    shop.items.select("item_id", "title").write_csv(tmp_path / "items.csv")
    run = str(tmp_path / "run")
    told = ["--encoder", str(blind), "--size", "tiny", "--set", "epochs=1"]
    for words in (
        ["prepare", run, "--events", str(tmp_path / "events.csv"), "--items", str(tmp_path / "items.csv")],
        ["train", run, *told, "--fine-tune", "lora"],
        ["recommend", run, "--text", "sea n1"],
        ["evaluate", run, *told, "--fine-tune", "full", "--protocol", "leave-last-out"],
    ):
        found = CliRunner().invoke(app, words)
        assert found.exit_code == 0, found.output
    assert json.loads((tmp_path / "run" / "config.json").read_text())["training"]["fine_tune"] == "lora"
    report = json.loads((tmp_path / "run" / "report" / "metrics.json").read_text())
    assert report["run"]["config"]["training"]["fine_tune"] == "full"


def test_what_cannot_be_tuned_is_refused(encoded: Encoded) -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'lora'\? Known: frozen, full, lora"):
        resolve_config("tiny", 0, fine_tune="lorra")
    with pytest.raises(ConfigError, match="fine_tune_items has no effect on a frozen language model"):
        resolve_config("tiny", 0, fine_tune_items=3)
    with pytest.raises(ConfigError, match="fine_tune_rate must be a number above 0, found -1"):
        resolve_config("tiny", 0, fine_tune="full", fine_tune_rate=-1)
    wordless = encode(encoded.data, "hashing")
    with pytest.raises(ConfigError, match="Only transformers can be fine-tuned, and 'hashing' is none"):
        learn(wordless, **FULL)
    parted = replace(encoded, reader=TextReader(encoded.reader.chosen, join="mean"))
    with pytest.raises(ConfigError, match="reads an item as one text, found join 'mean'"):
        learn(parted, **FULL)


def rows(table: Any) -> list[tuple[str, float]]:
    return [(row["item_id"], round(row["score"], 4)) for row in table.to_dicts()]


def cases_of(encoded: Encoded) -> Cases:
    split = leave_last_out(encoded.events)
    return make_cases(encoded, "leave-last-out", split.train, split.test)


@pytest.mark.slow
@pytest.mark.assets
@pytest.mark.parametrize(("word", "most"), [("minilm", 32), ("smollm2", 8)])
@pytest.mark.parametrize("kind", ["lora", "full"])
def test_real_models_learn_for_a_few_steps(shop: Data, word: str, most: int, kind: str) -> None:
    read = encode(shop, word)
    events = replace(read, events=read.events.take(np.arange(96)))
    found = learn(events, fine_tune=kind, fine_tune_items=most, num_positions=48, epochs=2, fine_tune_rate=1e-4)
    first, last = (end.losses["next_item"] for end in found.trained.curves)
    assert last < first
    moved = np.abs(found.encoded.item_vectors - read.item_vectors).max()
    assert 1e-3 < moved < 1
    assert "-tuned@" in found.encoded.reader.chosen.encoder.model_id
