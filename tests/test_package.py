"""Light to import, polite at the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_import_loads_nothing_heavy() -> None:
    found = python(
        "-c", "import sys, penchant; print([m for m in ('torch', 'polars', 'transformers') if m in sys.modules])"
    )
    assert found.stdout.strip() == "[]"


def test_unknown_public_names_are_refused() -> None:
    import penchant

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        penchant.nothing  # noqa: B018


def test_help_lists_the_verbs_without_heavy_imports() -> None:
    code = "import sys, penchant.cli as c; sys.argv = ['penchant', '--help']\ntry: c.main()\nexcept SystemExit: pass\n"
    found = python("-c", code + "print('heavy', [m for m in ('torch', 'polars', 'numpy') if m in sys.modules])")
    for verb in ("demo", "prepare", "train", "evaluate", "recommend"):
        assert verb in found.stdout
    assert "heavy []" in found.stdout


def test_a_mistake_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    found = python("-m", "penchant", "recommend", str(tmp_path / "nothing"), "--user", "1")
    assert found.returncode == 1
    assert found.stderr.startswith("error: ")
    assert "Traceback" not in found.stderr
    assert python("-m", "penchant", "recommend").returncode == 2


def test_prepare_train_recommend(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    rows = [f"u{u},i{(u + s) % 15},{1_600_000_000 + 1000 * s},{1 + (u + s) % 5}" for s in range(8) for u in range(20)]
    events.write_text("user,item,time,rating\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run = str(tmp_path / "run")
    assert python("-m", "penchant", "prepare", run, "--events", str(events)).returncode == 0
    trained = python("-m", "penchant", "train", run, "--size", "tiny", "--encoder", "hashing")
    assert trained.returncode == 0, trained.stderr
    found = python("-m", "penchant", "recommend", run, "--user", "u1", "--k", "3", "--json")
    assert found.returncode == 0, found.stderr
    assert [row["rank"] for row in json.loads(found.stdout)] == [1, 2, 3]
