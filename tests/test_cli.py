"""The command line itself: what it says, how fast, and how it refuses."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def penchant(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "penchant", *arguments], capture_output=True, text=True, check=False)


def test_help_is_quick() -> None:
    """Seconds of the processor: those of the clock depend on who else is busy on the machine."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert penchant("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.4


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    found = penchant("--debug", "train", str(tmp_path))
    assert found.returncode == 1
    assert "Traceback" in found.stderr
    assert "ArtifactError" in found.stderr


@pytest.mark.parametrize("pair", ["user_id", "user_id=", "=buyer"])
def test_a_column_needs_both_names(pair: str, tmp_path: Path) -> None:
    found = penchant("prepare", str(tmp_path), "--events", "events.csv", "--column", pair)
    assert found.returncode == 2
    assert f"our_word=your_column, found '{pair}'" in found.stderr.replace("\n", " ")


def test_a_column_is_read_under_our_word(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("column_7,item_id\nann,1\n", encoding="utf-8")
    run = str(tmp_path / "run")
    assert penchant("prepare", run, "--events", str(events)).returncode == 1
    assert penchant("prepare", run, "--events", str(events), "--column", "user_id=column_7").returncode == 0


def test_prepare_shows_the_columns_and_says_what_it_would_not_take(tmp_path: Path) -> None:
    events, items = tmp_path / "events.csv", tmp_path / "items.csv"
    events.write_text("user_id,item_id,stars\nann,1,4\nbob,1,5\n,2,3\nann,2,0\n", encoding="utf-8")
    items.write_text("item_id,title,average_rating\n1,Brazil,4.5\n", encoding="utf-8")
    arguments = ["prepare", str(tmp_path / "run"), "--events", str(events), "--items", str(items)]
    leaking = penchant(*arguments)
    assert leaking.returncode == 1
    assert "'average_rating'" in leaking.stderr
    assert "item 1" in leaking.stderr
    allowed = penchant(*arguments, "--allow-leaks")
    assert allowed.returncode == 0
    assert "LEAK, allowed" in allowed.stdout
    told = penchant(*arguments, "--drop", "average_rating", "--rating-scale", "1", "5")
    assert told.returncode == 0, told.stderr
    assert "events  value    stars" in told.stdout
    assert "rejected events   no user 1, rating off the scale 1 (of 4 rows)" in told.stdout


@pytest.mark.parametrize("verb", ["recommend", "evaluate", "twins", "domains"])
def test_lists_of_nothing_are_refused_before_anything_is_learned(verb: str, tmp_path: Path) -> None:
    found = penchant(verb, str(tmp_path), "--k", "-1")
    assert found.returncode == 2
    assert "than or equal to 1" in found.stderr


def test_seeds_are_counted_from_0(tmp_path: Path) -> None:
    found = penchant("train", str(tmp_path), "--seed", "-1")
    assert found.returncode == 2
    assert "than or equal to 0" in found.stderr


def test_ports_are_those_that_there_are(tmp_path: Path) -> None:
    found = penchant("serve", str(tmp_path), "--port", "99999")
    assert found.returncode == 2
    assert "65535" in found.stderr


def test_two_people_at_once_are_refused(tmp_path: Path) -> None:
    found = penchant("recommend", str(tmp_path), "--user", "1", "--text", "jazz")
    assert found.returncode == 2
    assert "--user and --text are two people" in found.stderr


def test_the_epochs_and_tasks_that_were_asked_for_arrive(tmp_path: Path) -> None:
    assert penchant("train", str(tmp_path), "--epochs", "0").returncode == 2
    rows = [f"u{u},i{(u + s) % 15},{1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    events = tmp_path / "events.csv"
    events.write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    assert penchant("prepare", str(tmp_path / "run"), "--events", str(events)).returncode == 0
    arguments = ["train", str(tmp_path / "run"), "--size", "tiny", "--encoder", "hashing", "--task", "next_item"]
    found = penchant(*arguments, "--epochs", "1")
    assert found.returncode == 0, found.stderr
    assert "tasks: ['next_item']" in found.stdout
    assert "epoch 1 of 1," in found.stderr
    assert "epoch 2 of" not in found.stderr
    inputs = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))["inputs"]
    assert "events.parquet" in inputs["files"]


def test_options_by_name_and_by_file_arrive_and_are_tracked(tmp_path: Path) -> None:
    rows = [f"u{u},i{(u + s) % 15},{1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    events, file = tmp_path / "events.csv", tmp_path / "options.json"
    events.write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    file.write_text('{"size": "tiny", "options": {"epochs": 2, "embedding_size": 16, "ema": 0.5}}', encoding="utf-8")
    run = tmp_path / "run"
    assert penchant("prepare", str(run), "--events", str(events)).returncode == 0
    options = ["--encoder", "hashing", "--config", str(file), "--set", "sharing=mmoe", "--set", "weights.like=0.2"]
    found = penchant("train", str(run), *options, "--epochs", "1", "--track", "tensorboard")
    assert found.returncode == 0, found.stderr
    assert "epoch 1 of 1," in found.stderr
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    assert (config["size"], config["weights"]) == ("tiny", {"like": 0.2})
    assert (config["network"]["embedding_size"], config["network"]["sharing"]) == (16, "mmoe")
    assert (config["training"]["epochs"], config["training"]["ema"]) == (1, 0.5)
    assert sorted(path.name for path in (run / "tensorboard").iterdir()) == ["choose", "refit"]
    scored = penchant("evaluate", str(run), *options, "--task", "next_item", "--task", "like")
    assert scored.returncode == 0, scored.stderr
    assert "epoch 2 of 2," in scored.stderr
    assert "like auc (network)" in scored.stdout
    assert "rating rmse" not in scored.stdout
    for wrong, said in [("sharing=mmeo", "Did you mean 'mmoe'"), ("weights.likes=2", "Did you mean 'like'")]:
        refused = penchant("train", str(run), *options[:4], "--set", wrong)
        assert refused.returncode == 1
        assert said in refused.stderr


def test_how_texts_are_read_is_kept_with_the_model(tmp_path: Path) -> None:
    rows = [f"u{u},i{(u + s) % 15},{1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    (tmp_path / "events.csv").write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    titles = [f"i{item},骨傳導耳機 {('紅色', '藍色')[item % 2]} 1381234567{item % 10}" for item in range(15)]
    (tmp_path / "items.csv").write_text("item_id,title\n" + "\n".join(titles), encoding="utf-8")
    (tmp_path / "words.txt").write_text("骨傳導耳機\n", encoding="utf-8")
    run, tables = str(tmp_path / "run"), ["--items", str(tmp_path / "items.csv")]
    assert penchant("prepare", run, "--events", str(tmp_path / "events.csv"), *tables).returncode == 0
    reading = ["--encoder", "tfidf", "--script", "simplified", "--words", str(tmp_path / "words.txt")]
    assert penchant("estimate", run, *reading).returncode == 0
    found = penchant("train", run, "--size", "tiny", "--epochs", "1", *reading, "--stop-words", "common")
    assert found.returncode == 0, found.stderr
    assert "replaced: {'phone': 15}" in found.stdout
    told = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))["encoder"]
    assert (told["word"], told["script"]) == ("tfidf", "simplified")
    own = json.loads((tmp_path / "run" / "model" / "cutting.json").read_text(encoding="utf-8"))
    assert own["words"] == {"骨传导耳机": None}
    assert "的" in own["stop_words"]
    learned = json.loads((tmp_path / "run" / "model" / "encoder" / "words.json").read_text(encoding="utf-8"))
    assert "骨传导耳机" in learned["words"]
    refused = penchant("train", run, "--encoder", "hashing", "--stop-words", "common")
    assert refused.returncode == 1
    assert "fitted on words, and 'hashing' is none" in refused.stderr


def test_the_reference_is_up_to_date() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / "scripts" / "cli_docs.py", "--check"], capture_output=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_a_killed_training_resumes_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    rows = [f"u{u},i{(u + s) % 15},{1_600_000_000 + 1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(150)]
    events = tmp_path / "events.csv"
    events.write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for run in (whole, killed):
        assert penchant("prepare", str(run), "--events", str(events)).returncode == 0
    arguments = ["--size", "tiny", "--encoder", "hashing", "--epochs", "8"]
    assert penchant("train", str(whole), *arguments).returncode == 0
    process = subprocess.Popen([sys.executable, "-m", "penchant", "train", str(killed), *arguments])
    while not (killed / "checkpoints" / "choose" / "manifest.json").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (killed / "model").exists()
    assert penchant("train", str(killed), *arguments, "--resume").returncode == 0
    weights = [(run / "model" / "model.safetensors").read_bytes() for run in (whole, killed)]
    assert weights[0] == weights[1]
    assert not (killed / "checkpoints").exists()
