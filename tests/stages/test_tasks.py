"""Tasks from words, and each of them from a table to what a loaded model says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from torch import Tensor
from torch.nn import functional

import penchant as pn
from penchant.models.trends import Trends
from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.stages.tasks import TASKS, make_task
from penchant.tasks.return_gap import ReturnGap
from penchant.tasks.tables import TABLES, Asked
from penchant.tasks.task import Facts, Task, logit_of_shares
from penchant.training.batches import Table, TrainingSet

SMALL = {"embedding_size": 16, "expert_size": 8, "num_blocks": 1, "num_positions": 128, "learning_rate": 0.02}
DAY = 86_400


@pytest.fixture(scope="module")
def bazaar() -> Data:
    """People who see, click, play, buy and review what one half of them likes: loud items, the other half quiet ones."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(40):
        time = 1_600_000_000 + 1000 * user
        for step in range(24):
            item = int(rng.integers(12))
            liked = item % 2 == user % 2
            time += DAY * (1 + 6 * (user % 2))
            at = {"user_id": f"u{user}", "item_id": f"i{item}"}
            rows.append({**at, "timestamp": time, "kind": "impression"})
            if rng.random() < (0.8 if liked else 0.2):
                rows.append({**at, "timestamp": time + 60, "kind": "click"})
                rows.append({**at, "timestamp": time + 90, "kind": "play", "value": 900.0 if liked else 30.0})
                if rng.random() < (0.6 if liked else 0.1):
                    rows.append({**at, "timestamp": time + 99, "kind": "purchase"})
            if step % 4 == 0:
                text = f"{'wonderful, will come again' if liked else 'awful and broken'} {step}"
                stars = 5.0 if liked else 1.0
                rows.append({**at, "timestamp": time + 120, "kind": "review", "value": stars, "text": text})
    sounds = ["loud brass", "quiet strings"]
    items = [
        {"item_id": f"i{item}", "title": f"{sounds[item % 2]} {item}", "tags": sounds[item % 2]} for item in range(12)
    ]
    return pn.read(pl.DataFrame(rows), items=pl.DataFrame(items))


@pytest.fixture(scope="module")
def encoded(bazaar: Data) -> Encoded:
    return encode(bazaar, "hashing")


def test_words_take_options() -> None:
    task = make_task("interests:words=loud|quiet,weight=0.5,rate=0.25")
    assert (task.weight, task.rate) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("clicks", r"Unknown task 'clicks'\. Did you mean 'click'\?"),
        ("click:speed=2", r"'click' has no option 'speed=2'\. Known: rate, weight"),
        ("click:weight=heavy", r"'weight' in 'click:weight=heavy' is a number"),
        ("click:weight=1,weight=2", r"'weight' stands twice in"),
        ("dwell:rate=2", r"The rate of task 'dwell' is a share of its rows"),
    ],
)
def test_bad_words_are_told_of_good_ones(word: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_task(word)


def test_names_are_the_words() -> None:
    assert {name: kind.name for name, kind in TASKS.items()} == {name: name for name in TASKS}


def test_what_has_labels_is_learned_by_default(encoded: Encoded) -> None:
    usual = ["next_item", "rating", "like", "tags", "click", "purchase", "dwell"]
    assert [task.name for task in make_tasks(None, encoded)] == usual


@pytest.fixture(scope="module")
def loaded(bazaar: Data, tmp_path_factory: pytest.TempPathFactory) -> pn.Model:
    """Everything at once, through a folder."""
    folder = tmp_path_factory.mktemp("bazaar")
    model = pn.fit(
        bazaar, list(TASKS), size="tiny", encoder="hashing", spam=False, epochs=25, objective={"click": 1.0}, **SMALL
    )
    model.save(folder)
    return pn.load(folder)


def test_pairs_are_told_in_the_users_own_units(loaded: pn.Model) -> None:
    told = loaded.predict(pl.DataFrame({"user_id": ["u0", "u0"], "item_id": ["i0", "i1"]}))  # u0 likes even ones
    assert told.columns[2:] == ["rating", "like", "click", "conversion", "purchase", "dwell"]
    liked, other = told.rows(named=True)
    for chance in ("like", "click", "conversion", "purchase"):
        assert 0 <= other[chance] < liked[chance] <= 1
    assert 20 <= other["dwell"] < liked["dwell"] <= 1000  # seconds, of 30 and 900
    assert liked["click"] == pytest.approx(0.8, abs=0.15)
    assert liked["conversion"] == pytest.approx(0.8 * 0.6, abs=0.2)


def test_people_are_told_of_right_after_their_last_event(loaded: pn.Model) -> None:
    told = loaded.people(["u0", "u1"])
    best = told.filter(pl.col("task") == "interests").group_by("user_id", maintain_order=True).first()
    assert best["label"].to_list() == ["loud brass", "quiet strings"]
    gaps = told.filter(task="return_gap")["value"].to_list()
    assert 0 < gaps[0] < gaps[1]  # daily, weekly
    assert told.filter(task="tags", user_id="u0")["label"].to_list()[0] == "loud brass"


def test_new_texts_are_told_by_their_feeling(loaded: pn.Model) -> None:
    told = loaded.read_texts(["wonderful, will come", "awful, broken"])
    assert told.group_by("text").agg(pl.col("value").sum())["value"].to_list() == pytest.approx([1, 1])
    assert told.group_by("text", maintain_order=True).first()["label"].to_list() == ["positive", "negative"]


class Shuffled(ReturnGap):
    def quantities(self, asked: Asked) -> np.ndarray:
        """The gaps of others."""
        found = super().quantities(asked).copy()
        known = np.flatnonzero(~np.isnan(found))
        found[known] = found[np.random.default_rng(0).permutation(known)]
        return found


def last_loss(task: Task, events: pl.DataFrame) -> float:
    """Of training, in units of the constant predictor."""
    encoded = encode(pn.read(events), "hashing")
    found = fit_network(encoded.events, encoded, [task], resolve_config("tiny", 0, epochs=15, **SMALL))
    return found.trained.curves[-1].losses[task.name]


def visits(gap: Callable[[int, int], int]) -> pl.DataFrame:
    """Of daily people to the items 0 to 6, of weekly ones to the items 7 to 13."""
    rows = []
    for user in range(40):
        time = 1_600_000_000 + 977 * user
        for step in range(20):
            rows.append({"user_id": f"u{user}", "item_id": f"i{step % 7 + 7 * (user % 2)}", "timestamp": time})
            time += gap(user, step)
    return pl.DataFrame(rows)


def test_a_gap_is_foreseen_and_not_once_the_labels_are_shuffled() -> None:
    regular = visits(lambda user, step: DAY * (1 + 6 * (user % 2)))
    assert last_loss(ReturnGap(), regular) < 0.3
    assert last_loss(Shuffled(), regular) > 0.8


def test_nothing_that_is_seen_gives_a_gap_away() -> None:
    """A gap by chance is the wait before the next event, and the difference of two times: whoever saw one would know it."""
    rng = np.random.default_rng(0)
    assert last_loss(ReturnGap(), visits(lambda user, step: int(rng.integers(60, 9 * DAY)))) > 0.8


@pytest.mark.parametrize("rate", [1.0, 0.2])
def test_an_epoch_looks_at_a_share_of_a_tasks_rows(rate: float, encoded: Encoded) -> None:
    tasks = [make_task("next_item"), make_task(f"click:rate={rate}")]
    asked = {name: TABLES[name](encoded.events) for name in ("events", "impressions")}
    tables = {
        task.table: Table(
            asked=asked[task.table],
            labels={task.name: task.labels(asked[task.table], encoded.facts)},
            rates={task.name: task.rate},
        )
        for task in tasks
    }
    trends = Trends.fit(encoded.events, len(encoded.items))
    data = TrainingSet(encoded.events, len(encoded.users), tables, encoded.facts.rating_scale, trends)
    seen = [
        sum(int((~b.people["impressions"].labels["click"].isnan()).sum()) for b in data.epoch(64, 256, 0, e))
        for e in (0, 1)
    ]
    share = np.array(seen) / len(asked["impressions"])
    assert share == pytest.approx(rate, abs=0.05)
    assert (seen[0] == seen[1]) == (rate == 1)


class FiveStars(Task):
    """Whether a rating is the highest: a task of one's own, which nothing else knows."""

    name, reads, default_weight, metrics = "five_stars", "pair", 0.3, ("auc", "log_loss")

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        values = asked.events.values
        return np.where(np.isnan(values), np.nan, values == facts.rating_scale[1]).astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        return logit_of_shares(labels, 0.01)


def test_a_task_of_ones_own_outlives_its_class(bazaar: Data, tmp_path: Path) -> None:
    pn.fit(bazaar, ["next_item", FiveStars()], size="tiny", encoder="hashing", spam=False, epochs=2, **SMALL).save(
        tmp_path
    )
    assert "FiveStars" not in "".join(path.read_text("utf-8") for path in tmp_path.rglob("*.json"))
    told = pn.load(tmp_path).predict(pl.DataFrame({"user_id": ["u0"], "item_id": ["i0"]}))
    assert 0 < told["five_stars"][0] < 1


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("reads", "pears", r"reads of the task five_stars 'pears'\. Did you mean 'pair'"),
        ("table", "event", r"table of the task five_stars 'event'\. Did you mean 'events'"),
        ("link", "logit", r"link of the task five_stars 'logit'\. Did you mean 'logistic'"),
        ("metrics", ("acu",), r"metric of the task five_stars 'acu'\. Did you mean 'auc'"),
    ],
)
def test_a_task_of_ones_own_is_told_of_the_known_words(attribute: str, value: Any, message: str) -> None:
    wrong = type("Wrong", (FiveStars,), {attribute: value})
    with pytest.raises(ConfigError, match=message):
        wrong()


def test_units_are_those_of_the_training_rows(encoded: Encoded) -> None:
    past = encoded.events.take(np.arange(len(encoded.events)) < 800)
    found = fit_network(past, encoded, [make_task("dwell")], resolve_config("tiny", 0, epochs=1, **SMALL))
    assert past.amounts is not None
    logs = np.log1p(past.amounts[~np.isnan(past.amounts)].astype(np.float64))
    assert found.tasks[0].numbers is not None
    assert found.tasks[0].numbers.mean == pytest.approx(logs.mean())


def test_texts_are_seen_beside_the_mean_of_those_that_are_learned_from(encoded: Encoded) -> None:
    """What all texts of events share, as reviews do beside titles, tells nothing."""
    assert encoded.text_vectors is not None
    config = resolve_config("tiny", 0, epochs=1, **SMALL)
    shifted = replace(encoded, text_vectors=encoded.text_vectors + np.float32(3))
    found, beside = (fit_network(some.events, some, [make_task("sentiment")], config) for some in (encoded, shifted))
    rows = encoded.events.text_rows[encoded.events.text_rows >= 0]
    np.testing.assert_allclose(
        found.source.network.text_mean.numpy(), encoded.text_vectors[rows].mean(0), rtol=1e-4, atol=1e-6
    )
    assert found.trained.curves[0].losses == pytest.approx(beside.trained.curves[0].losses, rel=0.05)


def test_where_texts_alone_are_asked_batches_are_small(encoded: Encoded) -> None:
    """A few steps over thousands of reviews would teach nothing."""
    asked = TABLES["reviews"](encoded.events)
    labels = {"sentiment": make_task("sentiment").labels(asked, encoded.facts)}
    table = Table(asked=asked, labels=labels, rates={"sentiment": 1.0}, of_people=False)
    trends = Trends.fit(encoded.events, len(encoded.items))
    data = TrainingSet(encoded.events, len(encoded.users), {"reviews": table}, encoded.facts.rating_scale, trends)
    sizes = [len(batch) for batch in data.epoch(64, 10_000, 0, 0)]
    assert sum(sizes) == len(data)
    assert len(sizes) > 1
    assert max(sizes) <= 64
