"""What README and docs show is run, block by block and in order, in an empty folder."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```(python|bash)\n(.*?)```", re.DOTALL)


def run(name: str) -> None:
    """Python blocks share their names; of shell blocks the lines that call `penchant` are run."""
    names: dict[str, object] = {}
    for language, block in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(block, name, "exec"), names)
            continue
        for line in block.splitlines():
            assert line.startswith("penchant "), line
            told = subprocess.run(
                [sys.executable, "-m", *shlex.split(line)], capture_output=True, text=True, check=False
            )
            assert told.returncode == 0, f"{line}\n{told.stdout}\n{told.stderr}"


def in_both_languages(name: str) -> list[Any]:
    """Pages of which the Chinese one runs with the slow tests: its blocks are those of the English one, with other words."""
    return [f"docs/{name}.md", pytest.param(f"docs/{name}.zh.md", marks=pytest.mark.slow)]


@pytest.mark.assets
@pytest.mark.parametrize("name", in_both_languages("your-data"))
def test_your_own_data_in_ten_minutes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "shop" / "report" / "report.html").exists()


@pytest.mark.assets
@pytest.mark.parametrize("name", in_both_languages("reviews"))
def test_what_reviews_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "models" / "feeling" / "manifest.json").exists()


@pytest.mark.assets
@pytest.mark.parametrize("name", in_both_languages("domains"))
def test_books_and_films_in_one_model(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "both" / "report" / "domains.json").exists()


@pytest.mark.parametrize("name", in_both_languages("tasks"))
def test_tasks_and_one_of_ones_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "stars" / "model" / "manifest.json").exists()


@pytest.mark.parametrize("name", in_both_languages("multi-task"))
def test_many_tasks_and_their_twins(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "shop" / "report" / "twins.html").exists()


@pytest.mark.parametrize("name", in_both_languages("neighbours"))
def test_similar_items(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "index" / "manifest.json").exists()


@pytest.mark.parametrize("name", in_both_languages("compare"))
def test_rows_on_one_split(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert "their counts" in (tmp_path / "runs/shop/report/compare/leave-last-out/compare.json").read_text("utf-8")


@pytest.mark.assets
def test_encoders_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("docs/encoders.md")


@pytest.mark.parametrize("name", in_both_languages("lists"))
def test_lists_in_your_hands(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "lists" / "report" / "report.html").exists()


@pytest.mark.parametrize("name", in_both_languages("exploration"))
def test_lists_that_explore(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "explored" / "state" / "explore.parquet").exists()


@pytest.mark.parametrize("name", in_both_languages("training"))
def test_training_by_options_and_callbacks(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "kept" / "choose" / "epoch-004").exists()


@pytest.mark.parametrize("name", in_both_languages("event-log"))
def test_the_event_log(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["user_id"] for line in lines] == ["u42"]


@pytest.mark.parametrize("name", in_both_languages("serving"))
def test_a_server_that_learns(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "runs" / "shop" / "versions" / "2" / "version.json").exists()


@pytest.mark.parametrize("name", in_both_languages("off-policy"))
def test_what_another_policy_would_have_earned(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run(name)
    assert (tmp_path / "explore" / "manifest.json").exists()
    told = capsys.readouterr().out
    assert f"the truth: {(0.7 * 0.2 + 0.06 * (0.5 + 0.6 + 0.7)) / (0.7 + 3 * 0.06):.4f} inside" in told
    assert "refused: " in told


@pytest.mark.assets
@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_python_blocks_of_the_readme(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [block for language, block in BLOCK.findall((ROOT / name).read_text("utf-8")) if language == "python"]
    assert blocks
    rows = [f"u{u},i{(u + s) % 15},{1_600_000_000 + 1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    (tmp_path / "events.csv").write_text("user_id,item_id,timestamp,rating\n" + "\n".join(rows), encoding="utf-8")
    items = [f"i{item},Title {item},{'quiet' if item % 2 else 'loud'}" for item in range(15)]
    (tmp_path / "items.csv").write_text("item_id,title,tags\n" + "\n".join(items), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, name, "exec"), names)
    assert (tmp_path / "runs" / "shop" / "model" / "manifest.json").exists()
