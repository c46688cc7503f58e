"""What one serving process answers per second, as a ratio to its own /healthz in the same run, and what overload does to it.

    python benchmarks/serve.py RUN [--seconds 5] [--rounds 3] [--at-once 8]

RUN is a trained run folder; it is copied first. The server is `penchant serve` as it is, with its event log, its layers and its
log to a file; the load is `wrk` (scripts/install-test-tools.sh), one thread, closed loop. "known" asks for ten places for one
known person after another of 20, whose states are kept after the first time; "stranger" brings 20 events of its own, one of 200
histories after another. Overload: 200 connections. CPU is the server's, all threads, per request, so that it says something on
a shared machine too. Fresh: a known person likes the first of the list, and the list is asked for again, without it.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

LUA = """
local bodies = {{{bodies}}}
local at = 0
request = function()
  at = at % #bodies + 1
  return wrk.format("POST", "/v1/recommend", {{["Content-Type"] = "application/json"}}, bodies[at])
end
done = function(summary, latency)
  io.write(string.format("P %f %f\\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000))
  local e = summary.errors
  io.write(string.format("N %d %d %d\\n", summary.requests, e.status, e.connect + e.read + e.write + e.timeout))
end
"""
PLAIN = LUA[LUA.index("done") :].replace("{{", "{").replace("}}", "}")
MANY = "1000000"
NUM_KNOWN = 20


Server = tuple[subprocess.Popen, int]
"""The process and its port."""


def bodies(run: Path, seed: int = 0, num: int = 200) -> dict[str, list[str]]:
    """Requests of each kind, as JSON."""
    rng = np.random.default_rng(seed)
    events, items = pl.read_parquet(run / "data" / "events.parquet"), pl.read_parquet(run / "data" / "items.parquet")
    people = rng.permutation(events["user_id"].unique(maintain_order=True).to_list())[:num]
    ids = items["item_id"].to_list()
    histories = [[{"item_id": ids[row]} for row in rng.integers(len(ids), size=20)] for _ in range(num)]
    return {
        "known": [json.dumps({"user_id": str(person)}) for person in people[:NUM_KNOWN]],
        "stranger": [json.dumps({"history": history}) for history in histories],
    }


def cpu_seconds(pid: int) -> float:
    """Of a process until now, in itself and in the kernel."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def load(server: Server, script: Path, path: str, seconds: int, at_once: int) -> dict[str, float]:
    """Requests per second, p50 and p99 in milliseconds, CPU of one in milliseconds, and how many answers were no 2xx."""
    process, port = server
    before = cpu_seconds(process.pid)
    command = ["wrk", "-t1", f"-c{at_once}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    p50, p99 = map(float, re.search(r"^P (\S+) (\S+)", said, re.M).groups())  # type: ignore[union-attr]
    total, refused, broken = map(int, re.search(r"^N (\d+) (\d+) (\d+)", said, re.M).groups())  # type: ignore[union-attr]
    rate = float(re.search(r"Requests/sec:\s+(\S+)", said)[1])  # type: ignore[index]
    cpu = 1000 * (cpu_seconds(process.pid) - before) / max(total, 1)
    return {"rate": rate, "cpu": cpu, "p50": p50, "p99": p99, "total": total, "refused": refused, "broken": broken}


def start(run: Path, log: Any) -> Server:
    """The process and its port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = ["--limit", f"requests_per_minute={MANY}"]
    command = [sys.executable, "-m", "penchant", "serve", str(run), "--port", str(port), *limits]
    process = subprocess.Popen(command, stderr=log, stdout=log)
    for _ in range(600):
        time.sleep(0.1)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")
            return process, port
        except OSError:
            continue
    raise SystemExit("The server did not start.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        run = shutil.copytree(asked.run, folder / "run", ignore=shutil.ignore_patterns("live", "checkpoints"))
        scripts = {"healthz": folder / "healthz.lua"}
        scripts["healthz"].write_text(PLAIN, encoding="utf-8")
        for name, given in bodies(run).items():
            scripts[name] = folder / f"{name}.lua"
            scripts[name].write_text(
                LUA.format(bodies=", ".join(f"[==[{body}]==]" for body in given)), encoding="utf-8"
            )
        with (folder / "log").open("w") as log:
            server = start(run, log)
            try:
                measure(server, scripts, asked)
                fresh(server[1], [json.loads(body)["user_id"] for body in bodies(run)["known"]])
            finally:
                server[0].terminate()
                server[0].wait()


def measure(server: Server, scripts: dict[str, Path], asked: argparse.Namespace) -> None:
    """Rounds of all three kinds, so that what else the machine does falls on each alike; then overload, then again."""
    paths = {"healthz": "/healthz", "known": "/v1/recommend", "stranger": "/v1/recommend"}
    for name, path in paths.items():
        load(server, scripts[name], path, 2, asked.at_once)  # warm
    print(
        "| round | kind | requests/s | of /healthz | CPU ms | p50 ms | p99 ms | not 2xx |\n|---|---|---|---|---|---|---|---|"
    )
    for number in range(asked.rounds):
        found = {name: load(server, scripts[name], path, asked.seconds, asked.at_once) for name, path in paths.items()}
        for name, one in found.items():
            told(f"{number + 1} | {name}", one, found["healthz"]["rate"])
    told("overload, 200 connections | known", load(server, scripts["known"], "/v1/recommend", asked.seconds, 200), 0)
    time.sleep(5)
    told("5 s later | known", load(server, scripts["known"], "/v1/recommend", asked.seconds, asked.at_once), 0)


def post(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer of one request."""
    head = {"Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), head)) as answer:
        return json.load(answer)


def fresh(port: int, people: list[str], num: int = 100) -> None:
    """Milliseconds from sending an event to having a list that knows it, one after another."""
    waits, changed = [], 0
    for each in range(num):
        asked = {"user_id": people[each % len(people)]}
        best = post(port, "/v1/recommend", asked)["items"][0]["item_id"]
        began = time.perf_counter()
        post(port, "/v1/events", {"events": [{**asked, "item_id": best, "kind": "like"}]})
        items = post(port, "/v1/recommend", asked)["items"]
        waits.append(1000 * (time.perf_counter() - began))
        changed += best not in [item["item_id"] for item in items]
    middle, late = np.percentile(waits, [50, 99])
    print(f"fresh: {changed} of {num} lists changed, median {middle:.1f} ms, p99 {late:.1f} ms")


def told(name: str, one: dict[str, float], health: float) -> None:
    """A row of the table."""
    share = f"{one['rate'] / health:.3f}" if health else ""
    refused = f"{one['refused']:.0f} of {one['total']:.0f}, {one['broken']:.0f} broken"
    print(
        f"| {name} | {one['rate']:.0f} | {share} | {one['cpu']:.2f} | {one['p50']:.1f} | {one['p99']:.1f} | {refused} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
