"""A process that appends from several threads and says what was acknowledged: `writer.py WHERE THREADS START [--early]`.

Each line "key sequence" is written only after the log's word for it. With --early it is the mutant that gives its word before
the commit: a test of durability that does not catch it proves nothing.
"""

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from penchant.records.errors import StoreUnavailableError
from penchant.serving.events.durable import DurableLog
from penchant.serving.events.open import open_log


def event(key: str) -> dict[str, Any]:
    return {"user_id": f"u{len(key)}", "item_id": key, "kind": "view"}


class EarlyLog(DurableLog):
    def append(
        self, tenant: str, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]
    ) -> "Future[list[int]]":
        super().append(tenant, events, keys)
        told: Future[list[int]] = Future()
        told.set_result([0] * len(events))
        time.sleep(0.0005)
        return told


def client(log: DurableLog, name: int, start: int) -> None:
    number = start
    while True:
        key = f"{name}-{number}"
        try:
            sequence = log.append("shop", [event(key)], [key]).result()[0]
        except StoreUnavailableError:
            time.sleep(0.05)
            continue
        os.write(1, f"{key} {sequence}\n".encode())  # one write of a short line is whole
        number += 1


def main() -> None:
    where, threads, start = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    log = open_log(where)
    if "--early" in sys.argv:
        log.__class__ = EarlyLog
    clients = [threading.Thread(target=client, args=(log, name, start)) for name in range(threads)]
    for each in clients:
        each.start()


if __name__ == "__main__":
    main()
