"""Interest labels of a small shop, from tables to people."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.data.read import read
from penchant.evaluation.prediction import auc
from penchant.records.errors import ConfigError, DataError
from penchant.stages.encode import Encoded, encode
from penchant.stages.interests import interests_of_run, label_scores
from penchant.stages.prepare import write_data

TOPICS = ["jazz music", "garden tools", "space travel"]


def make_shop(tagged: bool) -> Encoded:
    """60 items of three topics; person k likes topic k and dislikes the next one; the fourth only searched."""
    items = pl.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(60)],
            "title": [f"{TOPICS[n % 3]} number {n}" for n in range(60)],
            "tags": [[TOPICS[n % 3].title()] if tagged else [] for n in range(60)],
        }
    )
    rows = [(f"u{u}", f"i{3 * n + u}", 10 * n, "like", None) for u in range(3) for n in range(9)]
    rows += [(f"u{u}", f"i{3 * n + (u + 1) % 3}", 10 * n + 5, "dislike", None) for u in range(3) for n in range(9)]
    rows += [("u3", None, 1, "search", "a trip to space")]
    names = ["user_id", "item_id", "timestamp", "kind", "text"]
    return encode(read(pl.DataFrame(rows, schema=names, orient="row"), items=items), "hashing")


@pytest.fixture(scope="module")
def shop() -> Encoded:
    return make_shop(tagged=True)


def is_of(topic: int) -> np.ndarray:
    return (np.arange(60) % 3 == topic).astype(float)


def test_tags_are_the_labels_by_default(shop: Encoded) -> None:
    found = label_scores(shop)
    assert sorted(found.interests.labels) == sorted(topic.title() for topic in TOPICS)
    assert found.interests.learned.all()
    column = found.interests.labels.index("Space Travel")
    assert auc(is_of(2), found.items[:, column]) == 1
    assert (found.calibration_error or 1) < 0.1


def test_labels_may_be_given_without_any_example(shop: Encoded) -> None:
    found = label_scores(shop, ["gardening tools", "travel into space"])
    assert not found.interests.learned.any()
    assert found.calibration_error is None
    assert (auc(is_of(1), found.items[:, 0]) or 0) > 0.95
    assert (auc(is_of(2), found.items[:, 1]) or 0) > 0.95


def test_people_are_told_by_what_they_like_and_write(shop: Encoded) -> None:
    told = label_scores(shop).people(shop, shop.users.rows(["u1", "u0", "u3"]))
    best = told.group_by("user_id", maintain_order=True).first()
    assert best.select("user_id", "label").rows() == [
        ("u1", "Garden Tools"),
        ("u0", "Jazz Music"),
        ("u3", "Space Travel"),
    ]
    assert told["score"].is_between(0, 1).all()
    assert len(told) == 9


def test_without_tags_keyphrases_are_the_labels() -> None:
    found = label_scores(make_shop(tagged=False))
    assert any("jazz" in label.lower() for label in found.interests.labels)
    assert found.interests.learned.any()


def test_words_of_the_user_are_phrases_where_labels_are_mined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    items = [{"item_id": str(n), "title": ("魔都夜跑团的活动", "古琴的课")[n % 2]} for n in range(20)]
    write_data(tmp_path / "run", read([{"user_id": "u", "item_id": "1", "timestamp": 1}], items=items))
    (tmp_path / "words.txt").write_text("魔都夜跑团\n", encoding="utf-8")
    asked = ["interests", str(tmp_path / "run"), "--encoder", "hashing", "--item", "0"]
    plain = CliRunner().invoke(app, asked)
    own = CliRunner().invoke(app, [*asked, "--words", str(tmp_path / "words.txt")])
    assert "魔都夜跑团" in own.stdout
    assert "魔都夜跑团" not in plain.stdout
    with pytest.raises(ConfigError, match="labels or tags are there"):
        interests_of_run(tmp_path / "run", labels=["x"], encoder="hashing", words=tmp_path / "words.txt")


def test_items_that_say_nothing_have_no_labels() -> None:
    events = [{"user_id": "u", "item_id": f"{n}", "timestamp": n} for n in range(5)]
    with pytest.raises(DataError, match="no tags and no phrases"):
        label_scores(encode(read(events), "hashing"))


def test_the_command_tells_of_people_and_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    write_data(tmp_path / "run", make_shop(tagged=True).data)
    asked = ["interests", str(tmp_path / "run"), "--encoder", "hashing", "--k", "1"]
    result = CliRunner().invoke(app, [*asked, "--user", "u1", "--item", "i2", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [(row["user_id"], row["label"]) for row in told["people"]] == [("u1", "Garden Tools")]
    assert [(row["item_id"], row["label"]) for row in told["items"]] == [("i2", "Space Travel")]
    given = CliRunner().invoke(
        app, [*asked, "--item", "i2", "--label", "travel into space", "--label", "gardening tools"]
    )
    assert "travel into space" in given.stdout
    assert CliRunner().invoke(app, asked).exit_code == 2
    with pytest.raises(DataError, match="no person 'nobody'"):
        interests_of_run(tmp_path / "run", user_ids=["nobody"], encoder="hashing")
