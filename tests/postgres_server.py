"""A PostgreSQL server of its own, on a socket in a temporary folder: to be started, stopped and killed by tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

SECRET = "s3cret#/pass word"
TOLD = "NO POSTGRESQL SERVER: run scripts/install-test-tools.sh to have PostgreSQL tested for real"


class Server:
    """The user is postgres, the password `SECRET`; synced like any server unless told otherwise."""

    def __init__(self, home: Path, options: str) -> None:
        self.home, self._options = home, options
        self.url = f"postgresql://postgres:{quote(SECRET, safe='')}@/postgres?host={home}"
        (home / "password").write_text(SECRET)
        if self._as_user:
            shutil.chown(home, "postgres")
            shutil.chown(home / "password", "postgres")
        self._run("initdb", "-A", "scram-sha-256", "-U", "postgres", "-E", "UTF8", "--locale=C",
                  f"--pwfile={home / 'password'}")  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.home} {self._options}"
        self._run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", options, "start")

    def stop(self) -> None:
        """At once, like a crash: the next start recovers."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    @property
    def _as_user(self) -> list[str]:
        return ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as_user, str(binary(name)), "-D", str(self.home / "data"), *arguments]
        subprocess.run(command, check=True, cwd=self.home, stdout=subprocess.DEVNULL)


def binary(name: str) -> str | None:
    found = [shutil.which(name), *map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True))]
    return next((path for path in found if path), None)


@contextmanager
def running_server(options: str = "") -> Iterator[Server]:
    """Skips loudly where there is no PostgreSQL; with CI=true that is a failure."""
    if not binary("initdb") or not binary("pg_ctl"):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(TOLD)
    home = Path(tempfile.mkdtemp(prefix="penchant-pg-", dir="/tmp"))
    try:
        server = Server(home, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)
