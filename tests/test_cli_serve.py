"""`penchant serve` on the command line: who gets in, as processes. What is durable is tested in tests/serving/test_run.py."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2
from typer.testing import CliRunner

from penchant.cli import app
from penchant.serving.access.keys import Keys, Scope
from serving.conftest import serve_run, small_run  # noqa: F401  fixtures

ROUTE = "/v1/users"


def refused(run: Path, *arguments: str) -> str:
    found = CliRunner().invoke(app, ["serve", str(run), *arguments])
    assert found.exit_code != 0
    return f"{found.output} {found.exception}"


def test_options_that_make_no_sense_are_told_before_anything_starts(tmp_path: Path) -> None:
    assert "there is no key" in refused(tmp_path, "--host", "0.0.0.0")
    assert "--insecure would change nothing" in refused(tmp_path, "--insecure")
    assert "Did you mean 'at_once'" in refused(tmp_path, "--limit", "at_onse=3")
    assert "name=RUN" in refused(tmp_path, "--tenant", "shop")
    assert "name=RUN" in refused(tmp_path, "--tenant", "shop=a", "--tenant", "shop=b")
    assert not list(tmp_path.iterdir())


def test_keys_tenants_names_and_limits_of_a_real_server(serve_run: Callable, small_run: Path, tmp_path: Path) -> None:  # noqa: F811
    """Started without a key, shut by the first one; everything else by options."""
    shutil.copytree(small_run, tmp_path / "south")
    server = serve_run(
        "--tenant", f"south={tmp_path / 'south'}", "--allow-host", "shop.example", "--limit", "json_depth=3"
    )
    ask = server.client.get
    assert ask(ROUTE).status_code == 200
    assert ask(ROUTE, headers={"Host": "evil.example"}).status_code == 421
    assert ask(ROUTE, headers={"Host": "shop.example"}).status_code == 200
    deep = server.client.post("/v1/recommend", content="[[[[]]]]", headers={"Content-Type": "application/json"})
    assert (deep.status_code, deep.json()["error"]["type"]) == (400, "TooDeep")
    keys = Keys(tmp_path / "run")
    (reader, record), (south, _) = keys.create(), keys.create(Scope.WRITE, tenant="south")
    assert ask(ROUTE).status_code == 401
    bearer = [{"Authorization": f"Bearer {key}"} for key in (reader, south)]
    assert [ask(ROUTE, headers=one).status_code for one in bearer] == [200, 200]
    sent = {"events": [{"user_id": "new", "item_id": "i1"}]}
    posted = [server.client.post("/v1/events", json=sent, headers=one).status_code for one in bearer]
    assert posted == [403, 202]
    assert [ask(f"{ROUTE}?query=new", headers=one).json()["user_ids"] for one in bearer] == [[], ["new"]]
    keys.revoke(record.key_id)
    assert ask(ROUTE, headers=bearer[0]).status_code == 401
    assert server.stop() == 0


def test_what_is_open_to_others_is_said(tmp_path: Path) -> None:
    told = refused(tmp_path, "--host", "0.0.0.0", "--insecure")
    assert "whoever reaches 0.0.0.0" in told
    assert "No --allow-host" in told
    assert "No --allow-host" not in refused(tmp_path, "--host", "0.0.0.0", "--insecure", "--allow-host", "shop.example")


def test_another_address_is_opened_by_force(serve_run: Callable) -> None:  # noqa: F811
    forced = serve_run("--host", "0.0.0.0", "--insecure")
    assert forced.client.get(ROUTE).status_code == 200
    assert forced.stop() == 0


def test_another_address_is_opened_by_a_key_and_is_a_name_of_the_server(serve_run: Callable, tmp_path: Path) -> None:  # noqa: F811
    key, _ = Keys(tmp_path / "run").create()
    with socket.socket() as free:
        free.bind(("127.0.0.2", 0))
        port = free.getsockname()[1]
    command = ["serve", str(tmp_path / "run"), "--host", "127.0.0.2", "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "penchant", *command], stderr=subprocess.DEVNULL)
    try:
        address, until = f"http://127.0.0.2:{port}", time.monotonic() + 120
        while time.monotonic() < until and process.poll() is None:
            with suppress(httpx2.TransportError):
                httpx2.get(f"{address}/healthz")
                break
            time.sleep(0.1)
        assert httpx2.get(address + ROUTE).status_code == 401
        assert httpx2.get(address + ROUTE, headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert httpx2.get(f"{address}{ROUTE}?key={key}").json()["error"]["type"] == "KeyInUrl"
    finally:
        process.kill()
        process.wait()
