"""`scripts/postgres.sh`, as the docs show it."""

import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from penchant.serving.events.open import open_log
from postgres_server import TOLD, binary

SCRIPT = Path(__file__).parent.parent / "scripts" / "postgres.sh"


def script(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *words], capture_output=True, text=True, check=False)


@pytest.mark.postgres
def test_the_script_starts_a_server_once_prints_its_url_and_stops_it() -> None:
    if not binary("initdb"):
        pytest.skip(TOLD)
    home = Path(tempfile.mkdtemp(prefix="penchant-pg-", dir="/tmp"))
    home.chmod(0o755)  # who runs the server has to pass
    try:
        started = script("start", f"{home}/server")
        again = script("start", f"{home}/server")
        assert started.stdout == again.stdout, started.stderr + again.stderr
        with closing(open_log(started.stdout.strip())) as log:
            assert log.append("shop", [{"user_id": "u"}], [None]).result() == [1]
        assert script("stop", f"{home}/server").returncode == 0
    finally:
        shutil.rmtree(home)


def test_the_script_says_how_it_is_used() -> None:
    told = script("begin", "/tmp")
    assert told.returncode == 2
    assert "start FOLDER" in told.stderr
