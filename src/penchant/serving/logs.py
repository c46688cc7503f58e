"""The log as JSON, a line for each request and each thing that happened: no ids, no texts, no query strings, no addresses.

{"time": "2026-11-25T20:00:00.123Z", "level": "info", "event": "request", "request_id": "...", "tenant": "default",
 "method": "POST", "route": "/v1/recommend", "status": 200, "ms": 3.2, "version": 1}
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from penchant.serving.watch import Answered

LOG = logging.getLogger("penchant.serving")
FACTS = "facts"
"""The attribute of a log record that holds what stands beside the message."""


class JsonLines(logging.Formatter):
    """Control characters are escaped, so one record is one line, whatever it says. Tracebacks are left out: they may quote."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {
            "time": when.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
        return json.dumps(told, ensure_ascii=True)


def log_as_json(stream: TextIO | None = None) -> None:
    """The server's log goes to this stream, default stderr, as JSON lines, and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.INFO)


def log_request(answered: Answered) -> None:
    """A line for a request; a warning where the server failed."""
    if not LOG.isEnabledFor(logging.INFO):
        return
    facts = {
        "request_id": answered.request_id,
        "tenant": answered.tenant,
        "method": answered.method,
        "route": answered.route,
        "status": answered.status,
        "ms": round(1000 * answered.seconds, 2),
        "version": answered.version,
    }
    level = logging.WARNING if answered.status >= 500 else logging.INFO
    LOG.log(level, "request", extra={FACTS: facts})
