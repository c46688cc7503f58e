"""What a tenant's log holds, for other tools and for `penchant prepare`: one JSON object a line, in order of commit."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from penchant.records.errors import ConfigError
from penchant.serving.events.log import MICROSECONDS, OURS
from penchant.serving.events.rows import checked
from penchant.serving.events.tables import Tables


def export(tables: Tables, tenant: str, path: Path) -> int:
    """Gives the number of events. Those without a time get the one at which they came.

    Raises: ConfigError if there is something at `path`, or the tenant has no events; ArtifactError for a damaged record.
    """
    if not tables.head(tenant):
        raise ConfigError(f"{tenant!r} has no events here. Tenants that have: {', '.join(tables.heads()) or 'none'}.")
    try:
        with open(path, "x", encoding="utf-8", opener=_private) as file:
            return sum(file.write(line) > 0 for line in _lines(tables, tenant))
    except FileExistsError:
        raise ConfigError(f"There is something at {path} already. Give the file another name.") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lines(tables: Tables, tenant: str) -> Iterator[str]:
    after = 0
    for rows in tables.chunks(tenant):
        for logged in checked(rows, after, None):
            if not str(logged.event.get("kind")).startswith(OURS):
                event = {"timestamp": logged.received_at // MICROSECONDS, **logged.event}
                yield json.dumps(event, ensure_ascii=False) + "\n"
        after = rows[-1].sequence
