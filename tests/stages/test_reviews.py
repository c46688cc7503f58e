"""`penchant reviews` end to end, on files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

from penchant.records.artifacts import read_json, seal, write_json
from penchant.records.errors import ArtifactError, DataError, LeakError
from penchant.stages.review_model import ReviewModel
from penchant.stages.reviews import evaluate_reviews, predict_reviews, train_reviews

GOOD, BAD = ["lovely", "great", "很好", "满意"], ["awful", "dirty", "很差", "失望"]
NOUNS = ["room", "bed", "screen", "phone", "早餐", "房间", "手机", "price"]


def write_reviews(path: Path, num: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    lines = ["review,label,domain"]
    for n in range(num):
        bad = n % 2
        words = (rng.choice(NOUNS), rng.choice(BAD if bad else GOOD), rng.choice(NOUNS))
        lines.append(f"{seed} the {' '.join(words)} {n},{1 - bad},shop{n % 5}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder / "reviews.csv", 200, seed=1)
    train_reviews(folder / "reviews.csv", folder / "model", encoder="hashing")
    return folder


def penchant(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "penchant", "reviews", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_train_evaluate_predict_on_the_command_line(tmp_path: Path) -> None:
    file, run = write_reviews(tmp_path / "r.csv", 200, seed=2), tmp_path / "run"
    told = penchant("train", file, "--out", run, "--encoder", "hashing")
    assert told.returncode == 0, told.stderr
    assert "rows: train 140, calibration 20, test 40" in told.stdout
    found = json.loads(penchant("evaluate", run, file, "--json").stdout)
    assert found["rows"] == {"test": 40, "learned_from": 160, "dropped": {}}
    assert found["metrics"]["accuracy"]["value"] > 0.9
    assert f"accuracy            {found['metrics']['accuracy']['value']:.3f}" in told.stdout
    new = tmp_path / "new.csv"
    new.write_text("评论,stars\n房间很差,\n,4\nlovely bed,5\n", encoding="utf-8")
    lines = penchant("predict", run, new).stdout.splitlines()
    assert lines[0] == "评论,stars,predicted_label,probability"
    assert lines[1].startswith("房间很差,,0,0."), lines
    assert lines[2] == ",4,,"
    assert lines[3].startswith("lovely bed,5,1,0.")
    assert penchant("predict", run, new, "--out", tmp_path / "out.jsonl").stdout == ""
    assert pl.read_ndjson(tmp_path / "out.jsonl")["predicted_label"].to_list() == ["0", None, "1"]


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("review,label\ngood,1\nfine,1\n", encoding="utf-8")
    found = penchant("train", file, "--out", tmp_path / "run", "--encoder", "hashing")
    assert found.returncode == 1
    assert found.stderr.splitlines() == ["error: Sentiment needs two labels or more, found 1. Add rows of another."]


def test_learned_rows_are_never_scored(folder: Path, tmp_path: Path) -> None:
    texts = pl.read_csv(folder / "reviews.csv", infer_schema=False)
    model = ReviewModel.load(folder / "model")
    told = evaluate_reviews(folder / "model", folder / "reviews.csv")
    assert told["rows"]["learned_from"] == len(model.learned) == 160
    assert told["metrics"] == model.about["metrics"]  # what was tested on is what was left
    first = texts.filter(~pl.col("review").is_in(_tested(folder)))
    first.write_csv(tmp_path / "learned.csv")
    with pytest.raises(LeakError, match=r"All 160 reviews of .* were learned from"):
        evaluate_reviews(folder / "model", tmp_path / "learned.csv")


def _tested(folder: Path) -> list[str]:
    from penchant.stages.review_rows import read_reviews, split_rows

    rows = read_reviews(folder / "reviews.csv", {})
    return [text for text, mine in zip(rows.texts, split_rows(rows, 0)[2], strict=True) if mine]


def test_the_folder_holds_no_review(folder: Path) -> None:
    for path in (folder / "model").iterdir():
        assert b"lovely" not in path.read_bytes()
        assert "很好".encode() not in path.read_bytes()


def test_grouped_tests_on_other_groups(folder: Path, tmp_path: Path) -> None:
    told = train_reviews(folder / "reviews.csv", tmp_path / "model", encoder="hashing", grouped=True)
    assert told["rows"]["test"] == 40  # one shop of five
    learned = ReviewModel.load(tmp_path / "model").learned
    plain = ReviewModel.load(folder / "model").learned
    assert learned != plain


def test_words_and_balance_arrive(folder: Path, tmp_path: Path) -> None:
    train_reviews(folder / "reviews.csv", tmp_path / "a", encoder="hashing", words=False)
    assert ReviewModel.load(tmp_path / "a").sentiment.words is None
    lines = [f"nothing {n},{int(n % 6 == 0)}" for n in range(300)]
    rare = ["review,label", *lines]
    (tmp_path / "rare.csv").write_text("\n".join(rare), encoding="utf-8")
    for balanced in (False, True):
        train_reviews(tmp_path / "rare.csv", tmp_path / str(balanced), encoder="hashing", balanced=balanced)
    plain, even = (
        ReviewModel.load(tmp_path / str(balanced)).probabilities(["nothing"])[0, 0] for balanced in (False, True)
    )
    assert plain == pytest.approx(5 / 6, abs=0.1)
    assert even < plain - 0.15


def test_an_unknown_label_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("review,label\nstrange,7\n", encoding="utf-8")
    with pytest.raises(DataError, match="knows the labels 0, 1, but the rows hold 7 too"):
        evaluate_reviews(folder / "model", tmp_path / "r.csv")


def test_a_folder_that_is_none_of_ours_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("review\nfine\n", encoding="utf-8")
    with pytest.raises(ArtifactError, match="is no saved Penchant model"):
        predict_reviews(tmp_path, tmp_path / "r.csv")
    other = tmp_path / "other"
    other.mkdir()
    write_json(other / "schema.json", {})
    seal(other)
    with pytest.raises(ArtifactError, match=r"holds no review_model\.json, so it is no model of reviews"):
        predict_reviews(other, tmp_path / "r.csv")


def test_damage_is_found(folder: Path, tmp_path: Path) -> None:
    model = ReviewModel.load(folder / "model")
    model.save(tmp_path / "model")
    weights = tmp_path / "model" / "model.safetensors"
    arrays = load_file(weights)
    arrays["vectors.bias"] = arrays["vectors.bias"] + 1
    save_file(arrays, weights)
    with pytest.raises(ArtifactError, match="does not match the hash"):
        ReviewModel.load(tmp_path / "model")
    del arrays["vectors.bias"]
    save_file(arrays, weights)
    seal(tmp_path / "model")
    with pytest.raises(ArtifactError, match=r"vectors\.bias.*Train again"):
        ReviewModel.load(tmp_path / "model")


def test_an_encoder_that_changed_is_refused(folder: Path, tmp_path: Path) -> None:
    model = ReviewModel.load(folder / "model")
    model.save(tmp_path / "model")
    told = read_json(tmp_path / "model" / "review_model.json")
    write_json(tmp_path / "model" / "review_model.json", {**told, "encoder_id": "hashing-64"})
    seal(tmp_path / "model")
    with pytest.raises(ArtifactError, match="'hashing-64', but 'hashing' is now 'hashing-256'"):
        ReviewModel.load(tmp_path / "model").probabilities(["fine"])


@pytest.mark.assets
def test_fine_tuning_is_saved_and_loaded(folder: Path, tmp_path: Path) -> None:
    arguments = (
        "train",
        folder / "reviews.csv",
        "--out",
        tmp_path / "model",
        "--no-words",
        "--fine-tune",
        "1",
        "--json",
    )
    told = json.loads(penchant(*arguments).stdout)
    assert told["settings"]["fine_tuning"]["layers"] == 1
    assert len(told["held_out_losses"]) > 1
    model = ReviewModel.load(tmp_path / "model")
    again = evaluate_reviews(tmp_path / "model", folder / "reviews.csv")["metrics"]
    assert again["confusion"] == model.about["metrics"]["confusion"]
    assert "-tuned-" in model.encoder.model_id


@pytest.mark.parametrize(
    ("layers", "message"), [("two", "a number of layers or all, not 'two'"), ("1", "'hashing' is none")]
)
def test_what_cannot_be_fine_tuned_is_refused(layers: str, message: str, folder: Path, tmp_path: Path) -> None:
    file = folder / "reviews.csv"
    found = penchant("train", file, "--out", tmp_path / "m", "--encoder", "hashing", "--fine-tune", layers)
    assert found.returncode == 1
    assert message in found.stderr
