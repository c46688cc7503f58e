import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from penchant.records.artifacts import seal, write_json
from penchant.records.data import Data
from penchant.records.errors import ArtifactError, ConfigError, DataError, LeakError
from penchant.stages.model import Model

FAST = {"size": "tiny", "encoder": "hashing", "epochs": 6, "embedding_size": 32, "num_positions": 256}


@pytest.fixture(scope="module")
def model(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Model:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return pn.fit(shop, **FAST)


def test_lists_have_the_columns_and_the_kind_of_frame_that_came_in(model: Model) -> None:
    table = model.recommend(["u1", "u2"], k=5)
    assert isinstance(table, pl.DataFrame)
    assert table.columns == ["user_id", "item_id", "score", "rank"]
    assert table["rank"].to_list() == [1, 2, 3, 4, 5] * 2


def test_seen_items_are_left_out_unless_wanted(model: Model) -> None:
    seen = {event["item_id"] for event in model.history("u1")}
    assert not seen & set(model.recommend("u1", k=20)["item_id"])
    assert seen & set(model.recommend("u1", k=40, exclude_seen=False)["item_id"])


def test_the_next_item_of_the_ring_is_found(model: Model) -> None:
    """Everybody walks on by one: a recommender that learned this puts the successor near the top."""
    hits = []
    for user in model.user_ids:
        last = int(model.history(user, limit=1)[0]["item_id"][1:])
        hits.append(f"i{(last + 1) % 40}" in model.recommend(user, k=5)["item_id"].to_list())
    assert np.mean(hits) > 0.8


def test_an_event_changes_the_next_answer(shop: Data, model: Model) -> None:
    before = model.recommend("new person", k=5)["item_id"].to_list()
    model.observe([{"user_id": "new person", "item_id": "i7", "kind": "rate", "value": 5}])
    after = model.recommend("new person", k=5)["item_id"].to_list()
    assert before != after
    assert "i8" in after


def test_strangers_with_a_history_or_only_words(model: Model) -> None:
    assert "i4" in model.recommend(history=[{"item_id": "i2"}, {"item_id": "i3"}], k=5)["item_id"].to_list()
    said = model.recommend(history=[{"text": "space", "kind": "search"}], k=10)
    other = model.recommend(history=[{"text": "kitchen", "kind": "search"}], k=10)
    assert said["item_id"].to_list() != other["item_id"].to_list()
    assert said["user_id"].null_count() == 10


def test_new_items_join_the_catalogue(model: Model) -> None:
    new = [{"item_id": "brand new", "title": "space number 99", "tags": ["space"]}]
    table = model.recommend("u1", items=new, candidates=["brand new", "i1"], exclude_seen=False, k=5)
    assert set(table["item_id"]) == {"brand new", "i1"}


def test_predictions_know_the_pattern(model: Model) -> None:
    pairs = pl.DataFrame({"user_id": ["u1", "u1"], "item_id": ["i2", "i3"]})
    table = model.predict(pairs)
    assert table.columns == ["user_id", "item_id", "rating", "like"]
    assert table["rating"][0] > table["rating"][1] + 1
    assert table["like"][0] > table["like"][1] + 0.1


def test_saved_and_loaded_answers_are_equal(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "run")
    loaded = pn.load(tmp_path / "run")
    assert loaded.recommend("u3").equals(model.recommend("u3"))
    assert loaded.describe()["tasks"] == ["next_item", "rating", "like", "tags"]
    assert isinstance(pn.load(tmp_path / "run", frame="records").recommend("u3"), list)


def test_calibration_and_trends_survive_a_save(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "run")
    pairs = [{"user_id": "u3", "item_id": "i0"}, {"user_id": "nobody", "item_id": "i1"}]
    loaded = pn.load(tmp_path / "run", frame="records")
    assert loaded.predict(pairs) == model.predict(pairs)
    assert loaded.recommender.calibrations == model.recommender.calibrations
    assert set(model.recommender.calibrations) == {"rating", "like", "tags"}
    assert loaded.recommender.network.trends.values.max() > 0


def test_the_resolved_configuration_is_written_beside_the_model(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "run")
    told = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))
    assert (told["size"], told["training"]["epochs"], told["network"]["embedding_size"]) == ("tiny", 6, 32)
    assert told["training"]["seed"] == 0
    assert told["versions"]["penchant"] == pn.__version__
    assert told["inputs"] is None


def test_a_damaged_artifact_is_refused(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "run")
    weights = tmp_path / "run" / "model" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ArtifactError, match="does not match the hash"):
        pn.load(tmp_path / "run")


def test_a_model_of_another_version_is_told_from_a_damaged_one(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "run")
    schema = json.loads((tmp_path / "run" / "model" / "schema.json").read_text())
    del schema["fusion"]
    write_json(tmp_path / "run" / "model" / "schema.json", schema)
    seal(tmp_path / "run" / "model")
    with pytest.raises(ArtifactError, match=r"written by another version of Penchant \(KeyError\('fusion'\)\)\. Train"):
        pn.load(tmp_path / "run")


def test_mistakes_are_named(shop: Data, model: Model) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'tiny'"):
        pn.fit(shop, size="tinny")
    with pytest.raises(ConfigError, match="Did you mean 'epochs'"):
        pn.fit(shop, size="tiny", epoch=3)
    with pytest.raises(ConfigError, match="Did you mean 'rating'"):
        pn.fit(shop, tasks=["ratings"], size="tiny", encoder="hashing")
    with pytest.raises(DataError, match="Candidate 'nothing'"):
        model.recommend("u1", candidates=["nothing"])
    with pytest.raises(DataError, match="Unknown key 'itemid'"):
        model.recommend(history=[{"itemid": "i1"}])
    with pytest.raises(DataError, match="Events are a list of dicts, found 'jazz'"):
        model.recommend(history="jazz")
    with pytest.raises(DataError, match="Item 'nothing'"):
        model.predict([{"user_id": "u1", "item_id": "nothing"}])
    with pytest.raises(DataError, match="one of them, not both"):
        model.recommend("u1", history=[{"item_id": "i1"}])
    with pytest.raises(DataError, match="at least 1, found 0"):
        model.recommend("u1", k=0)


def topics_shop(shuffle: bool) -> Data:
    """Everybody keeps to one of four topics, which only the titles tell; shuffled, the titles tell nothing."""
    rng = np.random.default_rng(0)
    topics = ["space", "garden", "kitchen", "jazz"]
    titles = [f"{topics[item % 4]} story" for item in range(60)]
    if shuffle:
        rng.shuffle(titles)
    rows = [
        (f"u{user}", f"i{user % 4 + 4 * int(place)}", 1_600_000_000 + 1000 * step + user, 4)
        for user in range(80)
        for step, place in enumerate(rng.permutation(15)[:10])
    ]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "rating"], orient="row")
    items = pl.DataFrame({"item_id": [f"i{item}" for item in range(60)], "title": titles})
    return pn.read(events, items=items)


def share_of_right_new_items(data: Data) -> float:
    """How often the new item of a person's own topic is ranked first among four that nobody has met."""
    model = pn.fit(data, **{**FAST, "epochs": 12})
    new = [{"item_id": topic, "title": f"{topic} story"} for topic in ("space", "garden", "kitchen", "jazz")]
    names = [item["item_id"] for item in new]
    lists = model.recommend([f"u{user}" for user in range(80)], items=new, candidates=names, k=1)
    return float(np.mean([item == names[user % 4] for user, item in enumerate(lists["item_id"])]))


def test_new_items_are_read_by_their_texts_and_shuffled_texts_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path))
    assert share_of_right_new_items(topics_shop(shuffle=False)) > 0.9
    assert share_of_right_new_items(topics_shop(shuffle=True)) < 0.5  # chance: 0.25


def test_tables_that_tell_what_will_be_asked_are_refused(shop: Data) -> None:
    items = shop.items.with_columns(pl.Series("attributes", ['{"average_rating": 4.5}'] * len(shop.items)))
    leaky, quick = replace(shop, items=items), {**FAST, "epochs": 1}
    with pytest.raises(LeakError, match="average_rating"):
        pn.fit(leaky, **quick)
    assert pn.fit(leaky, allow_leaks=True, **quick).items.height == len(shop.items)


def test_own_words_and_the_script_reach_who_reads_the_texts(tmp_path: Path) -> None:
    people = [(f"u{user}", f"i{(user + step) % 4}", step) for user in range(6) for step in range(3)]
    events = pl.DataFrame(people, schema=["user_id", "item_id", "timestamp"], orient="row")
    titles = ["骨傳導耳機 黑色", "骨傳導耳機 白色", "收納盒 黑色", "收納盒 白色"]
    data = pn.read(events, items=pl.DataFrame({"item_id": ["i0", "i1", "i2", "i3"], "title": titles}))
    (tmp_path / "words.txt").write_text("骨传导耳机\n", encoding="utf-8")
    own = pn.fit(data, encoder="tfidf", script="simplified", words=tmp_path / "words.txt", size="tiny", epochs=1).reader
    plain = pn.fit(data, encoder="tfidf", size="tiny", epochs=1).reader
    assert own.script == "simplified"
    assert own.chosen.encoder.model_id != plain.chosen.encoder.model_id


def test_a_task_whose_labels_are_all_held_out_is_left_out_and_told_of_by_name() -> None:
    """Stars are in the newest tenth alone: nothing can be learned of them before."""
    rows = [
        (f"u{user}", f"i{(user + step) % 11}", 1_600_000_000 + 1000 * step + user, step)
        for user in range(20)
        for step in range(10)
    ]
    kinds = [("rate", float(1 + user % 5)) if step == 9 else ("view", None) for (_, _, user, step) in rows]
    table = pl.DataFrame(
        {
            "user_id": [row[0] for row in rows],
            "item_id": [row[1] for row in rows],
            "timestamp": [row[2] for row in rows],
            "kind": [kind for kind, _ in kinds],
            "value": [value for _, value in kinds],
        }
    )
    data = pn.read(table)
    assert "rating" not in pn.fit(data, **{**FAST, "epochs": 1}).about["tasks"]
    with pytest.raises(ConfigError, match=r"rating cannot be learned: the events to learn from.* hold no label"):
        pn.fit(data, tasks=["next_item", "rating"], **{**FAST, "epochs": 1})
